/**
 * What a message says of an attachment, each part of it spoiled by itself.
 */

import { expect, test } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { prepareAttachment } from "../../../src/content/attachments/encrypt.ts";
import { openFile, writeHeader, type EncryptedFile } from "../../../src/content/attachments/format.ts";
import { ContentError } from "../../../src/content/errors.ts";

const { file } = await prepareAttachment(new Uint8Array(20_000), { chunkSize: 4096 });
const header = {
  chunkBits: 12,
  plaintextSize: 20_000n,
  plaintextHash: file.aad.slice(10, 42),
  commitment: file.aad.slice(42),
};
const withHeader = (change: object): EncryptedFile => ({ ...file, aad: writeHeader({ ...header, ...change }) });

test.each<[string, EncryptedFile, string]>([
  ["nothing", withHeader({}), "none"],
  ["the algorithm", { ...file, encAlg: 1 }, "attachment-unsupported"],
  ["the key's length", { ...file, key: file.key.subarray(1) }, "attachment-unsupported"],
  ["the nonce's length", { ...file, nonce: concat(file.nonce, file.nonce) }, "attachment-unsupported"],
  ["the hash's name", { ...file, hashAlg: 1 }, "attachment-unsupported"],
  ["the header's length", { ...file, aad: concat(file.aad, Uint8Array.of(0)) }, "attachment-unsupported"],
  ["the header's version", { ...file, aad: concat(Uint8Array.of(2), file.aad.subarray(1)) }, "attachment-unsupported"],
  ["the chunk, too short", withHeader({ chunkBits: 11 }), "attachment-unsupported"],
  ["the chunk, too long", withHeader({ chunkBits: 21 }), "attachment-unsupported"],
  ["the length, beyond the limit", withHeader({ plaintextSize: 30_001n }), "attachment-limit"],
  ["the size", { ...file, size: file.size + 1 }, "attachment-mismatch"],
  ["the commitment", withHeader({ commitment: new Uint8Array(32) }), "attachment-mismatch"],
])("%s", (_what, spoiled, code) => {
  let refused = "none";
  try {
    openFile(spoiled, 30_000);
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    refused = error.code;
  }
  expect(refused).toBe(code);
});
