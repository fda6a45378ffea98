import nodeCrypto from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import * as noble from "../../src/crypto/symmetric-noble.ts";
import * as node from "../../src/crypto/symmetric-node.ts";

afterEach(() => {
  vi.doUnmock("node:crypto");
  vi.resetModules();
  vi.restoreAllMocks();
});

const [key, nonce, associatedData, plaintext] = [32, 12, 3, 9].map((n) => new Uint8Array(n).fill(n)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

test("ChaCha20-Poly1305 is the same where the platform has none", async () => {
  const lacking = (name: string): never => {
    throw new Error(`there is no ${name}`);
  };
  vi.resetModules();
  vi.doMock("node:crypto", () => ({
    ...nodeCrypto,
    getCiphers: () => nodeCrypto.getCiphers().filter((name) => !name.startsWith("chacha20")),
    createCipheriv: lacking,
    createDecipheriv: lacking,
  }));
  const without = await import("../../src/crypto/symmetric-node.ts");
  const sealed = without.chacha20Poly1305Seal(key, nonce, associatedData, plaintext);
  expect(sealed).toEqual(noble.chacha20Poly1305Seal(key, nonce, associatedData, plaintext));
  expect(sealed).toEqual(node.chacha20Poly1305Seal(key, nonce, associatedData, plaintext));
  expect(without.chacha20Poly1305Open(key, nonce, associatedData, sealed)).toEqual(plaintext);
});

test("a tag that is not whole is never handed to the platform, for not every one refuses it", async () => {
  const tags: number[] = [];
  vi.resetModules();
  vi.doMock("node:crypto", () => ({
    ...nodeCrypto,
    createDecipheriv: () => ({
      setAAD: () => undefined,
      setAuthTag: (tag: Uint8Array) => tags.push(tag.length),
      update: (data: Uint8Array) => data.slice(),
      final: () => new Uint8Array(0), // which believes everything
    }),
  }));
  const believing = await import("../../src/crypto/symmetric-node.ts");
  for (const open of [believing.aesGcmOpen, believing.chacha20Poly1305Open]) {
    for (const length of [0, 1, 15]) {
      const short = new Uint8Array(length);
      expect(() => open(key, nonce, associatedData, short)).toThrow(expect.objectContaining({ code: "aead-open" }));
    }
    expect(open(key, nonce, associatedData, new Uint8Array(16)).length).toBe(0);
  }
  expect(tags).toEqual([16, 16]);
});
