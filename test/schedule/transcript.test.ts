import { describe, expect, test } from "vitest";
import { Secret } from "../../src/bytes/secret.ts";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { decode } from "../../src/codec/codec.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import { confirmationTag } from "../../src/schedule/key-schedule.ts";
import { confirmedTranscriptHash, emptyTranscriptHash, interimTranscriptHash } from "../../src/schedule/transcript.ts";
import { AuthenticatedContent } from "../../src/wire/framing.ts";
import { providers } from "../crypto/providers.ts";
import { describePublished } from "../vectors/published.ts";

const suite = nodeProvider.cipherSuite(1);

interface TranscriptHashes {
  readonly cipher_suite: number;
  readonly confirmation_key: string;
  readonly authenticated_content: string;
  readonly interim_transcript_hash_before: string;
  readonly confirmed_transcript_hash_after: string;
  readonly interim_transcript_hash_after: string;
}

describePublished("mls", "transcript-hashes.json", (text) => {
  const vectors = JSON.parse(text) as TranscriptHashes[];
  for (const provider of providers) {
    test.each(vectors)(`suite $cipher_suite, ${provider.name}`, (vector) => {
      const suite = provider.cipherSuite(vector.cipher_suite);
      const commit = decode(AuthenticatedContent, fromHex(vector.authenticated_content));
      const confirmed = confirmedTranscriptHash(suite, fromHex(vector.interim_transcript_hash_before), commit);
      expect(hex(confirmed)).toBe(vector.confirmed_transcript_hash_after);

      const tag = commit.auth.confirmationTag;
      if (tag === undefined) throw new Error("a commit without a confirmation tag");
      expect(hex(interimTranscriptHash(suite, confirmed, tag))).toBe(vector.interim_transcript_hash_after);
      const confirmationKey = Secret.of("confirmation_key", fromHex(vector.confirmation_key));
      expect(hex(confirmationTag(suite, confirmationKey, confirmed))).toBe(hex(tag));
    });
  }
});

describe("the transcript", () => {
  const commit: AuthenticatedContent = {
    wireFormat: "mls_private_message",
    content: {
      groupId: new Uint8Array([1]),
      epoch: 0n,
      sender: { type: "member", leafIndex: 0 },
      authenticatedData: new Uint8Array(0),
      content: { type: "commit", commit: { proposals: [], path: undefined } },
    },
    auth: { signature: new Uint8Array([2]), confirmationTag: new Uint8Array([3]) },
  };

  test("is Hash(interim || wire_format || content || signature), then Hash(confirmed || confirmation_tag)", () => {
    const before = new Uint8Array([9, 9]);
    // private message; group id, epoch, member 0, no authenticated data; commit of no proposals without a path; signature
    const input = fromHex("0909" + "0002" + "0101" + "0000000000000000" + "0100000000" + "00" + "030000" + "0102");
    const confirmed = confirmedTranscriptHash(suite, before, commit);
    expect(hex(confirmed)).toBe(hex(suite.hash(input)));
    const interim = interimTranscriptHash(suite, confirmed, new Uint8Array([3]));
    expect(hex(interim)).toBe(hex(suite.hash(Uint8Array.of(...confirmed, 1, 3))));
  });

  test("begins with nothing", () => {
    expect(emptyTranscriptHash.length).toBe(0);
  });

  test("holds commits only", () => {
    const content = {
      ...commit.content,
      content: { type: "application" as const, applicationData: new Uint8Array(0) },
    };
    expect(() => confirmedTranscriptHash(suite, emptyTranscriptHash, { ...commit, content })).toThrow(TypeError);
  });
});
