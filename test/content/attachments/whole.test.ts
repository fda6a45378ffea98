/**
 * Attachments of other MIMI clients, as the draft's example has one.
 */

import { createCipheriv, createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import type { EncryptedFile } from "../../../src/content/attachments/format.ts";
import { decryptWhole } from "../../../src/content/attachments/whole.ts";
import { ContentError } from "../../../src/content/errors.ts";

const plaintext = new Uint8Array(1000).fill(5);
const aad = Uint8Array.of(1, 2, 3);
const none = new Uint8Array(0);

function made(name: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305", encAlg: number): [EncryptedFile, Uint8Array] {
  const key = new Uint8Array(name === "aes-128-gcm" ? 16 : 32).fill(1);
  const nonce = new Uint8Array(12).fill(2);
  const cipher = createCipheriv(name as "aes-128-gcm", key, nonce, { authTagLength: 16 });
  cipher.setAAD(aad, { plaintextLength: plaintext.length });
  const ciphertext = concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
  const contentHash = new Uint8Array(createHash("sha256").update(ciphertext).digest());
  return [{ encAlg, key, nonce, aad, hashAlg: 1, contentHash, size: 1000 }, ciphertext];
}

function refusal(file: EncryptedFile, ciphertext: Uint8Array, limit?: number): string {
  try {
    decryptWhole(file, ciphertext, limit);
    return "none";
  } catch (error) {
    if (error instanceof ContentError) return error.code;
    throw error;
  }
}

const [file, ciphertext] = made("aes-128-gcm", 1);

describe("an attachment of another client", () => {
  test.each([
    ["aes-128-gcm", 1],
    ["aes-256-gcm", 2],
    ["chacha20-poly1305", 29],
  ] as const)("under %s is opened", (name, encAlg) => {
    const [file, ciphertext] = made(name, encAlg);
    expect(decryptWhole(file, ciphertext)).toEqual(plaintext);
  });

  test.each([
    ["sha256", 1],
    ["sha384", 7],
    ["sha512", 8],
  ])("is held to its %s", (name, hashAlg) => {
    const contentHash = new Uint8Array(createHash(name).update(ciphertext).digest());
    expect(refusal({ ...file, hashAlg, contentHash }, ciphertext)).toBe("none");
    expect(refusal({ ...file, hashAlg, contentHash: contentHash.fill(0) }, ciphertext)).toBe("attachment-damaged");
  });

  test("without a hash, or in the clear, is what it is", () => {
    expect(refusal({ ...file, hashAlg: 0, contentHash: none }, ciphertext)).toBe("none");
    const clear = { ...file, encAlg: 0, key: none, nonce: none, aad: none, hashAlg: 0, contentHash: none };
    const given = decryptWhole(clear, plaintext);
    expect(given).toEqual(plaintext);
    expect(given).not.toBe(plaintext);
  });

  test.each<[string, EncryptedFile, string]>([
    ["an algorithm that copse has not", { ...file, encAlg: 3 }, "attachment-unsupported"],
    ["copse's own, which is no whole", { ...file, encAlg: 0xc0b5 }, "attachment-unsupported"],
    ["a key of another algorithm", { ...file, encAlg: 2 }, "attachment-unsupported"],
    ["a nonce of 13 bytes", { ...file, nonce: new Uint8Array(13) }, "attachment-unsupported"],
    ["a hash that copse has not", { ...file, hashAlg: 2 }, "attachment-unsupported"],
    ["another key", { ...file, key: new Uint8Array(16) }, "attachment-damaged"],
    ["other additional data", { ...file, aad: none }, "attachment-damaged"],
  ])("%s is refused", (_what, changed, code) => {
    expect(refusal(changed, ciphertext)).toBe(code);
  });

  test("is refused where it was changed or cut", () => {
    const unhashed = { ...file, hashAlg: 0 };
    for (const bytes of [
      none,
      ciphertext.subarray(1),
      ciphertext.subarray(0, 15),
      concat(ciphertext, none.slice(), aad),
    ]) {
      expect(refusal(file, bytes)).toBe("attachment-damaged");
      expect(refusal(unhashed, bytes)).toBe("attachment-damaged");
    }
  });

  test("is held in memory up to a limit", () => {
    expect(refusal(file, ciphertext, ciphertext.length)).toBe("none");
    expect(refusal(file, ciphertext, ciphertext.length - 1)).toBe("attachment-limit");
    expect(() => decryptWhole(file, ciphertext, -1)).toThrow(TypeError);
    expect(() => decryptWhole(file, "x" as never)).toThrow(TypeError);
    expect(() => decryptWhole({} as never, ciphertext)).toThrow(TypeError);
  });
});
