/**
 * The SFrame header: a config byte, then KID and CTR where they do not fit in it. RFC 9605 section 4.3.
 *
 *      0 1 2 3 4 5 6 7
 *     +-+-+-+-+-+-+-+-+------------+------------+
 *     |X|  K  |Y|  C  |   KID...   |   CTR...   |
 *     +-+-+-+-+-+-+-+-+------------+------------+
 */

import { concat } from "../bytes/concat.ts";
import { CopseError } from "../errors.ts";
import { checkUint64, uint64 } from "./arguments.ts";

/** The most bytes that a header takes. */
export const maxHeaderLength = 17;

/** What a header says. Nothing of it is confidential, and nothing is authentic before the frame opens. */
export interface SFrameHeader {
  /** The key ID, 0 to 2^64 - 1. */
  readonly kid: bigint;
  /** The counter, 0 to 2^64 - 1. */
  readonly ctr: bigint;
  /** How many bytes of the frame the header takes: 1 to 17. */
  readonly length: number;
}

/**
 * The header of a KID and a CTR, in the only form that the RFC allows for them.
 *
 * @throws TypeError where one is not a bigint of 0 to 2^64 - 1.
 */
export function writeSFrameHeader({ kid, ctr }: { readonly kid: bigint; readonly ctr: bigint }): Uint8Array {
  checkUint64("kid", kid);
  checkUint64("ctr", ctr);
  const [kidBytes, ctrBytes] = [extended(kid), extended(ctr)];
  return concat(Uint8Array.of((field(kid, kidBytes) << 4) | field(ctr, ctrBytes)), kidBytes, ctrBytes);
}

/**
 * The header that a frame begins with. Use it to learn the KID of a frame that can't be opened yet.
 *
 * A value of 0 to 7 belongs in the config byte, and "otherwise, the value MUST be encoded with the minimum number of
 * bytes required": anything else is refused, so that a (KID, CTR) has one encoding.
 *
 * @throws CopseError "sframe-header" where the bytes end too early, or a value is not in its shortest form.
 */
export function readSFrameHeader(frame: Uint8Array): SFrameHeader {
  const config = frame[0];
  if (config === undefined) throw new CopseError("sframe-header", { offset: 0 });
  const [kid, ctrOffset] = value(frame, 1, config >> 4);
  const [ctr, length] = value(frame, ctrOffset, config & 15);
  return { kid, ctr, length };
}

/** The bytes that a value takes after the config byte: none up to 7, else the fewest that hold it. */
function extended(value: bigint): Uint8Array {
  if (value < 8n) return new Uint8Array(0);
  const bytes = uint64(value);
  let first = 0;
  while (bytes[first] === 0) first++;
  return bytes.subarray(first);
}

/** A value's half of the config byte: a flag, and the value itself or its length minus one. */
function field(value: bigint, extension: Uint8Array): number {
  return extension.length === 0 ? Number(value) : 8 | (extension.length - 1);
}

/** The value of one half of the config byte, and the offset behind its extension. */
function value(frame: Uint8Array, offset: number, half: number): readonly [bigint, number] {
  if (half < 8) return [BigInt(half), offset];
  const end = offset + half - 7;
  if (end > frame.length) throw new CopseError("sframe-header", { offset: frame.length });
  const first = frame[offset]!;
  if (first < (half === 8 ? 8 : 1)) throw new CopseError("sframe-header", { offset });
  let value = 0n;
  for (let i = offset; i < end; i++) value = (value << 8n) | BigInt(frame[i]!);
  return [value, end];
}
