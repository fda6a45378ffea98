/**
 * What we make is what we would take: it is read with our own limits before it changes anything, so that nobody with the same
 * limits refuses it.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { decode, encode, type Codec } from "../../codec/codec.ts";
import type { ReadOptions } from "../../codec/reader.ts";
import { vectorHeaderSize } from "../../codec/writer.ts";
import { CopseError } from "../../errors.ts";
import { encodeMessage, type MlsMessage } from "../../wire/message.ts";
import type { PrivateMessage } from "../../wire/private-message.ts";
import type { Settings } from "./settings.ts";

/** @throws CopseError "limit-exceeded" for a value that others of these limits would not read. */
export function checkSendable<T>(codec: Codec<T>, value: T, reading: ReadOptions): void {
  const bytes = encode(codec, value);
  try {
    decode(codec, bytes, reading);
  } catch (error) {
    // What is wrong with it otherwise is for the rules to say.
    if (error instanceof CopseError && error.code === "limit-exceeded") throw error;
  }
}

/** The bytes of a message. @throws CopseError "limit-exceeded" for one that is too long to be received. */
export function encodeSendable(message: MlsMessage, { limits }: Pick<Settings, "limits">): Bytes {
  const bytes = encodeMessage(message);
  checkLength(bytes.length, limits);
  return bytes;
}

/**
 * As `encodeSendable`, for a PrivateMessage that is not encrypted yet: encrypting it uses up a key, so its length is
 * worked out before, from those of its ciphertexts.
 */
export function checkPrivateLength(
  { groupId, authenticatedData }: Pick<PrivateMessage, "groupId" | "authenticatedData">,
  ciphertexts: readonly number[],
  limits: Settings["limits"],
): void {
  const fixed = 2 + 2 + 8 + 1; // version, wire format, epoch, content type
  let length = fixed + vectorSize(groupId.length) + vectorSize(authenticatedData.length);
  for (const each of ciphertexts) length += vectorSize(each);
  checkLength(length, limits);
}

function vectorSize(length: number): number {
  return vectorHeaderSize(length) + length;
}

function checkLength(length: number, { messageBytes }: Settings["limits"]): void {
  if (length > messageBytes) throw new CopseError("limit-exceeded", { limit: "messageBytes" });
}
