import { describe, expect, test } from "vitest";
import { createCipheriv } from "node:crypto";
import * as node from "../../src/crypto/short-gcm-node.ts";
import * as noble from "../../src/crypto/short-gcm-noble.ts";
import type { ShortGcm } from "../../src/crypto/short-gcm.ts";

const key = Uint8Array.from({ length: 16 }, (_, i) => i * 7);
const nonce = Uint8Array.from({ length: 12 }, (_, i) => 200 - i);
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
const sides: readonly (readonly [string, ShortGcm])[] = [
  ["node", node],
  ["noble", noble],
];

describe.each(sides)("AES-128-GCM with a short tag by %s", (_, gcm) => {
  test.each([0, 1, 15, 16, 17, 31, 32, 100, 1200])("%i bytes are sealed as GCM does, and opened", (length) => {
    for (const aadLength of [0, 1, 16, 33]) {
      const aad = bytes(aadLength + 3).subarray(3); // at an odd place in its buffer
      const plaintext = bytes(length);
      const cipher = createCipheriv("aes-128-gcm", key, nonce);
      cipher.setAAD(aad);
      const ciphertext = new Uint8Array([...cipher.update(plaintext), ...cipher.final()]);
      const tag = new Uint8Array(cipher.getAuthTag()).slice(0, 8);
      const sealed = gcm.shortGcmSeal(key, nonce, aad, plaintext);
      expect(new Uint8Array(sealed.ciphertext)).toEqual(ciphertext);
      expect(new Uint8Array(sealed.tag)).toEqual(tag);
      expect(gcm.shortGcmOpen(key, nonce, aad, { ciphertext, tag })).toEqual(plaintext);
    }
  });

  test("whatever is changed, nothing opens", () => {
    const [aad, plaintext] = [bytes(20), bytes(50)];
    const { ciphertext, tag } = gcm.shortGcmSeal(key, nonce, aad, plaintext);
    const flipped = (of: Uint8Array, place: number): Uint8Array =>
      Uint8Array.from(of, (byte, i) => (i === place ? byte ^ 1 : byte));
    const open = (changed: Partial<Record<"key" | "nonce" | "aad" | "ciphertext" | "tag", Uint8Array>>): unknown => {
      const all = { key, nonce, aad, ciphertext, tag, ...changed };
      return gcm.shortGcmOpen(all.key, all.nonce, all.aad, all);
    };
    expect(open({})).toEqual(plaintext);
    for (let place = 0; place < 8; place++) expect(open({ tag: flipped(tag, place) })).toBeUndefined();
    for (const place of [0, 15, 16, 49]) expect(open({ ciphertext: flipped(ciphertext, place) })).toBeUndefined();
    expect(open({ aad: flipped(aad, 3) })).toBeUndefined();
    expect(open({ aad: aad.subarray(1) })).toBeUndefined();
    expect(open({ key: flipped(key, 3) })).toBeUndefined();
    expect(open({ nonce: flipped(nonce, 11) })).toBeUndefined();
    for (const length of [0, 4, 7]) expect(open({ tag: tag.slice(0, length) })).toBeUndefined();
  });
});
