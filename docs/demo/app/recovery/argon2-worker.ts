/**
 * Argon2id in a worker: it takes a second of one core, in which the page goes on, and the page's policy lets no WebAssembly in. A worker has the policy
 * of its own answer, and this one does nothing else.
 */

import { argon2id } from "hash-wasm";
import type { Argon2idParameters } from "copse/vault";

/** What the page asks for. */
export interface Stretching {
  readonly password: Uint8Array<ArrayBuffer>;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly parameters: Argon2idParameters;
}

addEventListener("message", ({ data }: MessageEvent<Stretching>) => {
  const { password, salt, parameters } = data;
  const { memoryKiB, passes, lanes, length } = parameters;
  void argon2id({
    ...{ password, salt, memorySize: memoryKiB, iterations: passes, parallelism: lanes, hashLength: length },
    outputType: "binary",
  }).then((tag) => {
    postMessage(tag);
  });
});
