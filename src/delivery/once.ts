/**
 * A write of a client, as the database knows it again.
 */

import { hash } from "#symmetric";
import { hex, utf8 } from "../bytes/text.ts";
import { Writer } from "../codec/writer.ts";
import type { Once } from "./port.ts";

/** Everything that a write says, in an order of its own. */
export type Said = readonly (string | bigint | boolean | Uint8Array | undefined)[];

/** The write of a device under an id, of a kind: what differs in anything is another. */
export function once(device: string, id: Uint8Array, kind: string, said: Said): Once {
  const out = new Writer();
  out.vectorBytes(utf8(kind));
  for (const each of said) {
    // A tag before each, so that no two say the same.
    if (each === undefined) out.u8(0);
    else if (typeof each === "boolean") out.u8(each ? 2 : 1);
    else if (typeof each === "bigint") {
      out.u8(3);
      out.u64(each);
    } else {
      out.u8(typeof each === "string" ? 4 : 5);
      out.vectorBytes(typeof each === "string" ? utf8(each) : each);
    }
  }
  return { device, id: hex(id), digest: hex(hash("sha256", out.finish())) };
}
