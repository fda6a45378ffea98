/**
 * The transcript hashes: a running hash over every commit that a group has seen. RFC 9420 section 8.2.
 */

import { concat } from "../bytes/concat.ts";
import { nothing } from "../bytes/nothing.ts";
import { encode } from "../codec/codec.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import type { AuthenticatedContent } from "../wire/framing.ts";
import { confirmedTranscriptHashInput, InterimTranscriptHashInput } from "../wire/transcript.ts";

/**
 * The confirmed transcript hash of epoch 0: "zero-length octet string". Not to be changed. The interim transcript hash
 * of a new group is `interimTranscriptHash` of it and the creator's confirmation tag, as section 11 says.
 */
export const emptyTranscriptHash: Uint8Array = nothing;

/**
 * confirmed_transcript_hash_[epoch] = Hash(interim_transcript_hash_[epoch - 1] || ConfirmedTranscriptHashInput_[epoch])
 *
 * @throws TypeError where the content is no commit.
 */
export function confirmedTranscriptHash(
  suite: CipherSuite,
  interimBefore: Uint8Array,
  commit: AuthenticatedContent,
): Uint8Array {
  if (commit.content.content.type !== "commit") throw new TypeError("only commits enter the transcript");
  return suite.hash(concat(interimBefore, confirmedTranscriptHashInput(commit)));
}

/** interim_transcript_hash_[epoch] = Hash(confirmed_transcript_hash_[epoch] || InterimTranscriptHashInput_[epoch]) */
export function interimTranscriptHash(
  suite: CipherSuite,
  confirmed: Uint8Array,
  confirmationTag: Uint8Array,
): Uint8Array {
  return suite.hash(concat(confirmed, encode(InterimTranscriptHashInput, { confirmationTag })));
}
