/**
 * Transcript Hashes: both hashes after one commit, and the commit's confirmation tag. RFC 9420 sections 6.1, 8.2.
 */

import { Secret } from "../../bytes/secret.ts";
import { fromHex, hex } from "../../bytes/text.ts";
import { decode } from "../../codec/codec.ts";
import { confirmationTag } from "../../schedule/key-schedule.ts";
import { confirmedTranscriptHash, interimTranscriptHash } from "../../schedule/transcript.ts";
import { AuthenticatedContent } from "../../wire/framing.ts";
import { Difference, eachEntry, same, type Verify } from "./check.ts";

interface Entry {
  readonly cipher_suite: number;
  readonly confirmation_key: string;
  readonly authenticated_content: string;
  readonly interim_transcript_hash_before: string;
  readonly confirmed_transcript_hash_after: string;
  readonly interim_transcript_hash_after: string;
}

/** Hold an entry of transcript-hashes.json to the transcript. */
export const verifyTranscriptHashes: Verify = eachEntry<Entry>((entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  const commit = decode(AuthenticatedContent, fromHex(entry.authenticated_content));
  same("authenticated_content.content_type", commit.content.content.type, "commit");
  const published = commit.auth.confirmationTag;
  if (published === undefined) throw new Difference("the commit has no confirmation tag");

  const confirmed = confirmedTranscriptHash(suite, fromHex(entry.interim_transcript_hash_before), commit);
  same("confirmed_transcript_hash_after", confirmed, entry.confirmed_transcript_hash_after);
  const interim = interimTranscriptHash(suite, confirmed, published);
  same("interim_transcript_hash_after", interim, entry.interim_transcript_hash_after);

  const key = Secret.of("confirmation_key", fromHex(entry.confirmation_key));
  same("confirmation_tag", confirmationTag(suite, key, confirmed), hex(published));
});
