/**
 * The SFrame header: a config byte, then KID and CTR where they do not fit in it. RFC 9605 section 4.3.
 *
 *      0 1 2 3 4 5 6 7
 *     +-+-+-+-+-+-+-+-+------------+------------+
 *     |X|  K  |Y|  C  |   KID...   |   CTR...   |
 *     +-+-+-+-+-+-+-+-+------------+------------+
 */

import type { Bytes } from "../bytes/bytes.ts";
import { nothing } from "../bytes/nothing.ts";
import { CopseError } from "../errors.ts";
import { checkBytes, checkKid, checkOptions, xorUint64 } from "./arguments.ts";
import { checkUint64 } from "../bytes/numbers.ts";

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
export function writeSFrameHeader(header: { readonly kid: bigint; readonly ctr: bigint }): Bytes {
  checkOptions(header);
  const { kid, ctr } = header;
  checkKid(kid);
  checkUint64("ctr", ctr);
  return withValue(withValue(new Uint8Array(1), kid, 4), ctr, 0);
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
  checkBytes("frame", frame);
  const config = frame[0];
  if (config === undefined) throw new CopseError("sframe-header", { offset: 0 });
  const kidEnd = 1 + extensionOf(config >> 4);
  const length = kidEnd + extensionOf(config & 15);
  return { kid: value(config >> 4, frame, 1, kidEnd), ctr: value(config & 15, frame, kidEnd, length), length };
}

/**
 * A header's beginning with one more value in it, and with further bytes behind it. A value of up to 7 takes no bytes
 * after the config byte, another the fewest that hold it.
 *
 * @param shift 4 for the KID's half of the config byte, 0 for the counter's.
 * @param used An array to be overwritten, if it has the right length.
 */
export function withValue(
  begun: Uint8Array,
  value: bigint,
  shift: number,
  behind: Uint8Array = nothing,
  used: Bytes = nothing,
): Bytes {
  const length = value < 8n ? 0 : (value.toString(16).length + 1) >> 1;
  const end = begun.length + length;
  const whole = end + behind.length;
  const bytes = used.length === whole ? used.fill(0) : new Uint8Array(whole);
  bytes.set(begun);
  bytes[0]! |= (length === 0 ? Number(value) : 7 + length) << shift;
  xorUint64(bytes, end, value, length);
  if (behind.length > 0) bytes.set(behind, end);
  return bytes;
}

/** How many bytes belong to one half of the config byte. */
function extensionOf(half: number): number {
  return half < 8 ? 0 : half - 7;
}

/** The value of one half of the config byte, with its extension from `offset` to `end`. */
function value(half: number, frame: Uint8Array, offset: number, end: number): bigint {
  if (half < 8) return BigInt(half);
  if (end > frame.length) throw new CopseError("sframe-header", { offset: frame.length });
  const first = frame[offset]!;
  if (first < (half === 8 ? 8 : 1)) throw new CopseError("sframe-header", { offset });
  for (let i = end - 8; i < end; i++) long.setUint8(8 - end + i, i < offset ? 0 : frame[i]!);
  return long.getBigUint64(0);
}

/** Where a value is put together: shifting and adding bigints would take several times as long. */
const long = new DataView(new ArrayBuffer(8));
