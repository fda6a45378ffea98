/**
 * Peak memory: one child process a peer, which holds no other. Its peak resident size counts what it has loaded, too.
 */

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { MemoryJob } from "./size.ts";
import type { FromChild, ToChild } from "./memory-child.ts";
import type { PeerName } from "./rows.ts";
import { runSuite } from "./suite.ts";

/** The peak resident size, in bytes, of a process that creates a group, joins another, and makes ten commits. */
export function peakMemory(peer: PeerName, { others, welcomeFor }: MemoryJob): Promise<number> {
  const child = fork(fileURLToPath(new URL("./memory-child.js", import.meta.url)), [peer, runSuite().name], {
    serialization: "advanced",
    execArgv: [],
  });
  return new Promise((resolve, reject) => {
    let peak: number | undefined;
    child.on("error", reject);
    child.on("message", (message: FromChild) => {
      if (message.kind === "peak") {
        peak = message.bytes;
        return;
      }
      welcomeFor(message.keyPackage).then(
        (welcome) => child.send({ others, welcome } satisfies ToChild),
        (error: unknown) => {
          child.kill();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
    child.on("exit", (code) => {
      if (peak !== undefined && code === 0) resolve(peak);
      else reject(new Error(`the process of ${peer} ended with ${String(code)}`));
    });
  });
}
