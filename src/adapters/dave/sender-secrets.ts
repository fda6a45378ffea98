/**
 * The base secrets of an epoch's senders, on their way from the group to the engine: what a call hands over in place of an
 * SFrame base key.
 */

import { encode, fixed, struct, u32, u64, type Codec } from "../../codec/codec.ts";
import { Reader } from "../../codec/reader.ts";
import { concat } from "../../bytes/concat.ts";
import { keyLength } from "./ratchet.ts";

/** One sender's. */
export interface SenderSecret {
  readonly leafIndex: number;
  readonly userId: bigint;
  readonly secret: Uint8Array;
}
const SenderSecret: Codec<SenderSecret> = struct<SenderSecret>({
  leafIndex: u32,
  userId: u64,
  secret: fixed(keyLength),
});

/** All of them in one array. Those given are wiped. */
export function writeSenderSecrets(senders: readonly SenderSecret[]): Uint8Array {
  const parts = senders.map((sender) => encode(SenderSecret, sender));
  const bytes = concat(...parts);
  for (const part of [...parts, ...senders.map(({ secret }) => secret)]) part.fill(0);
  return bytes;
}

/** The secrets, in arrays of their own. What they are read from is wiped. @throws CopseError "decode-truncated" */
export function readSenderSecrets(bytes: Uint8Array): readonly SenderSecret[] {
  const input = new Reader(bytes);
  const senders: SenderSecret[] = [];
  while (input.remaining > 0) {
    const sender = SenderSecret.read(input);
    senders.push({ ...sender, secret: sender.secret.slice() });
  }
  bytes.fill(0);
  return senders;
}
