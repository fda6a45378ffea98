/**
 * Stretching a PIN by Argon2id, RFC 9106, under the second recommended parameters of its section 4.
 */

import { utf8 } from "../../bytes/text.ts";
import { VaultError } from "../errors.ts";

/** What Argon2id is asked for: 64 MiB, three passes, four lanes, 32 bytes. Fixed: version 1 of a record means these. */
export const argon2idParameters: Argon2idParameters = /* @__PURE__ */ Object.freeze({
  memoryKiB: 65_536,
  passes: 3,
  lanes: 4,
  length: 32,
});

/** Argon2id's parameters: memory m in KiB, passes t, lanes p, and the tag's length in bytes. RFC 9106 section 3.1. */
export interface Argon2idParameters {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly length: number;
}

/**
 * Argon2id of a platform that has one of its own: it must give the tag of RFC 9106 under these parameters, or nothing opens
 * elsewhere.
 */
export type Argon2id = (
  password: Uint8Array,
  salt: Uint8Array,
  parameters: Argon2idParameters,
) => Uint8Array | Promise<Uint8Array>;

/** Argon2id by hash-wasm, which is an optional peer. @throws VaultError "recovery-package". */
export const wasmArgon2id: Argon2id = async (password, salt, { memoryKiB, passes, lanes, length }) => {
  const module = await import("hash-wasm").catch((cause: unknown) => {
    throw new VaultError("recovery-package", { cause });
  });
  return await module.argon2id({
    password,
    salt,
    memorySize: memoryKiB,
    iterations: passes,
    parallelism: lanes,
    hashLength: length,
    outputType: "binary",
  });
};

/** The input of the oblivious function: 32 bytes. One PIN is one text, however a keyboard composes it (NFKC). */
export async function stretch(argon2id: Argon2id, pin: string, salt: Uint8Array): Promise<Uint8Array> {
  const password = utf8(pin.normalize("NFKC"));
  const tag = await argon2id(password, salt, argon2idParameters);
  password.fill(0);
  if (!(tag instanceof Uint8Array) || tag.length !== argon2idParameters.length) {
    throw new TypeError("argon2id must give a Uint8Array of 32 bytes");
  }
  return tag;
}
