/**
 * The peers by name, each loaded when it is first asked for: a process that measures one's memory holds no other.
 */

import type { Peer } from "./peer.ts";
import type { ScriptPeerName } from "./rows.ts";

export async function loadPeer(name: ScriptPeerName): Promise<Peer> {
  switch (name) {
    case "copse":
      return (await import("./copse-peer.ts")).copsePeer();
    case "ts-mls-1":
      return (await import("./ts-mls-1-peer.ts")).tsMls1Peer();
    case "ts-mls-2":
      return (await import("./ts-mls-2-peer.ts")).tsMls2Peer();
  }
}
