/**
 * What a leaf node says that its client supports and a group context that all members must: lists of components and of wire
 * formats. Section 5 of draft-ietf-mls-extensions.
 */

import { checkUints } from "../../bytes/numbers.ts";
import { decode, encode, u16, vector, type Codec } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";

/** `ComponentsList` and `WireFormats` of section 5: a list of numbers. */
const Numbers: Codec<readonly number[]> = vector(u16, "capabilities");

/** The numbers of a list. @throws CopseError "extension-malformed" */
export function readNumbers(data: Uint8Array): readonly number[] {
  try {
    return decode(Numbers, data);
  } catch (cause) {
    throw new CopseError("extension-malformed", { cause });
  }
}

/** A list of numbers as bytes. @throws TypeError for what is no uint16. */
export function writeNumbers(name: string, numbers: readonly number[]): Uint8Array {
  checkUints(name, numbers, 16);
  return encode(Numbers, numbers);
}
