import { expect, test } from "vitest";
import { isSingleStage, singleStageSchedule } from "../../../src/crypto/pq/single-stage.ts";

test("the KDFs of draft-ietf-hpke-pq have one stage, those of RFC 9180 and what is no number have not", () => {
  const input = { sharedSecret: new Uint8Array(32), info: new Uint8Array(3), keyLength: 16, nonceLength: 12 };
  for (const kdf of [0x10, 0x11, 0x12, 0x13]) {
    expect(isSingleStage(kdf)).toBe(true);
    const { key, baseNonce } = singleStageSchedule({ kem: 0x41, kdf, aead: 1 }, input);
    expect([key.length, baseNonce.length]).toEqual([16, 12]);
  }
  for (const kdf of [0, 1, 2, 3, 0x14, NaN, "toString" as never]) {
    expect(isSingleStage(kdf)).toBe(false);
  }
  for (const kdf of [1, 0x14]) {
    expect(() => singleStageSchedule({ kem: 0x41, kdf, aead: 1 }, input)).toThrow("no single-stage KDF of this number");
  }
});
