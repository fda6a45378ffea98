/**
 * Decoding what others have written, under the vault's own codes.
 */

import { decode, type Codec } from "../codec/codec.ts";
import { VaultError, type VaultErrorCode } from "./errors.ts";

/** The value of bytes, which may be anybody's. @throws VaultError of the code, without a cause: it may show a part of a secret. */
export function decoded<T>(codec: Codec<T>, bytes: Uint8Array, code: VaultErrorCode): T {
  try {
    return decode(codec, bytes);
  } catch {
    throw new VaultError(code);
  }
}
