/**
 * The process whose memory is measured: a client that creates a group and adds everybody, joins a populated group, makes
 * ten commits there, and stays in both.
 */

import { readFileSync } from "node:fs";
import { argv, platform, resourceUsage } from "node:process";
import { loadPeer } from "./peers.ts";
import { scriptPeerNames } from "./rows.ts";
import { chooseSuite } from "./suite.ts";

/** What the child says: a key package to be added, then its peak resident size. */
export type FromChild =
  { readonly kind: "keyPackage"; readonly keyPackage: Uint8Array } | { readonly kind: "peak"; readonly bytes: number };

/** What it is told: key packages for its own group, and a Welcome into a populated one. */
export interface ToChild {
  readonly others: readonly Uint8Array[];
  readonly welcome: Uint8Array;
}

const name = scriptPeerNames.find((candidate) => candidate === argv[2]);
if (name === undefined) throw new TypeError("a peer's name");
await chooseSuite(argv[3] ?? "");
const peer = await loadPeer(name);
const client = await peer.client("the peer");
const keyPackage = await client.keyPackage();
const told = new Promise<ToChild>((resolve) => process.once("message", resolve));
tell({ kind: "keyPackage", keyPackage: keyPackage.message });
const { others, welcome } = await told;

const created = await client.create();
await created.commit({ add: others });
const joined = await keyPackage.join(welcome);
for (let i = 0; i < 10; i++) await joined.commit();
tell({ kind: "peak", bytes: peakResidentSize() });
// Both groups are still there.
if (created.epochAuthenticator().length !== joined.epochAuthenticator().length) throw new Error("of two suites");
process.disconnect();

function tell(message: FromChild): void {
  process.send?.(message);
}

/**
 * Linux counts what the parent had when it forked into a child's own maximum, so there the kernel is asked for this
 * process's memory alone.
 */
function peakResidentSize(): number {
  if (platform === "linux") {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (kilobytes !== undefined) return 1024 * Number(kilobytes);
  }
  return 1024 * resourceUsage().maxRSS;
}
