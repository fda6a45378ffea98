/**
 * What both devices compute of their linking: the commitment, the transcript, the digits to compare, and the key that only they have.
 */

import { concat } from "../../bytes/concat.ts";
import { utf8 } from "../../bytes/text.ts";
import { encode } from "../../codec/codec.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { Committed } from "./messages.ts";

/** The hash of what the new device will reveal. With its nonce of 32 bytes it says nothing, and fits nothing else. */
export function commitmentOf(suite: CipherSuite, committed: Committed): Uint8Array {
  return suite.hash(concat(utf8("copse link commitment"), encode(Committed, committed)));
}

/** What an offer is known by in all messages that follow it. */
export function sessionOf(suite: CipherSuite, offer: Uint8Array): Uint8Array {
  return suite.hash(concat(utf8("copse link session"), offer));
}

/** A hash over everything that the two have agreed on: the offer, the answer, and what the offer had committed to. */
export function transcriptOf(
  suite: CipherSuite,
  {
    offer,
    answer,
    committed,
  }: { readonly offer: Uint8Array; readonly answer: Uint8Array; readonly committed: Committed },
): Uint8Array {
  const parts = [offer, answer, encode(Committed, committed)].map((part) => suite.hash(part));
  return suite.hash(concat(utf8("copse link transcript"), ...parts));
}

/** Six digits, each of the million as probable as any other: to compare on both screens. */
export function digitsOf(suite: CipherSuite, transcript: Uint8Array): string {
  const bytes = suite.expand(suite.extract(utf8("copse link code"), transcript), utf8("digits"), 8);
  const number = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
  return String(number % 1_000_000n).padStart(6, "0");
}

/** The key, of a secret for each of the two keys: who has replaced one of them lacks the other's. The second secret is wiped. */
export function linkKeyOf(
  suite: CipherSuite,
  transcript: Uint8Array,
  secrets: { readonly forExisting: Uint8Array; readonly forNew: Uint8Array },
): LinkKey {
  const both = concat(secrets.forExisting, secrets.forNew);
  secrets.forNew.fill(0);
  const prk = suite.extract(transcript, both);
  both.fill(0);
  const once = <Result>(use: (key: Uint8Array, nonce: Uint8Array) => Result): Result => {
    const key = suite.expand(prk, utf8("key"), suite.keyLength);
    const nonce = suite.expand(prk, utf8("nonce"), suite.nonceLength); // one message a key
    try {
      return use(key, nonce);
    } finally {
      key.fill(0);
    }
  };
  return {
    seal: (plaintext) => once((key, nonce) => suite.seal(key, nonce, transcript, plaintext)),
    open: (ciphertext) => once((key, nonce) => suite.open(key, nonce, transcript, ciphertext)),
    tag: () => suite.mac(suite.expand(prk, utf8("done"), suite.hashLength), transcript),
    wipe: () => {
      prk.fill(0);
    },
  };
}

/** What is done with the key of a linking. */
export interface LinkKey {
  seal(plaintext: Uint8Array): Uint8Array;
  /** @throws CopseError "aead-open" */
  open(ciphertext: Uint8Array): Uint8Array;
  /** What the new device says when it has everything. */
  tag(): Uint8Array;
  wipe(): void;
}
