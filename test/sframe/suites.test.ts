import { expect, test } from "vitest";
import * as node from "../../src/crypto/symmetric-node.ts";
import { syncCrypto } from "../../src/sframe/crypto.ts";
import { writeSFrameHeader } from "../../src/sframe/header.ts";
import { mlsKid } from "../../src/sframe/mls-kid.ts";
import { MlsSFrame } from "../../src/sframe/mls.ts";
import { ratchetKid } from "../../src/sframe/ratchet-kid.ts";
import { SFrameRatchetReceiver } from "../../src/sframe/ratchet-receiver.ts";
import { SFrameRatchetSender } from "../../src/sframe/ratchet-sender.ts";
import { SFrameReceiver } from "../../src/sframe/receiver.ts";
import { SFrameSender } from "../../src/sframe/sender.ts";
import { checkSuite, sframeSuite, sframeSuites } from "../../src/sframe/suites.ts";
import { webCrypto } from "../../src/sframe/web-crypto.ts";
import { allSuites, throwsCode } from "./cryptos.ts";

test("the constants are those of RFC 9605 section 4.5, and the names those of its registry", () => {
  const rows = allSuites.map(({ id, name, hashLength, aead, encryptionKeyLength, keyLength, nonceLength, tagLength }) =>
    [id, name, hashLength, aead === "gcm" ? "n/a" : encryptionKeyLength, keyLength, nonceLength, tagLength].join(" "),
  );
  expect(rows).toEqual([
    "1 AES_128_CTR_HMAC_SHA256_80 32 16 48 12 10",
    "2 AES_128_CTR_HMAC_SHA256_64 32 16 48 12 8",
    "3 AES_128_CTR_HMAC_SHA256_32 32 16 48 12 4",
    "4 AES_128_GCM_SHA256_128 32 n/a 16 12 16",
    "5 AES_256_GCM_SHA512_128 64 n/a 32 12 16",
    "6 AES_256_CTR_HMAC_SHA512_80 64 32 96 12 10",
    "7 AES_256_CTR_HMAC_SHA512_64 64 32 96 12 8",
    "8 AES_256_CTR_HMAC_SHA512_32 64 32 96 12 4",
  ]);
});

test("the suites that are not in the RFC are given only to those who ask for experimental ones", () => {
  expect(sframeSuites.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  for (const id of [6, 7, 8]) {
    throwsCode("suite-unsupported", () => sframeSuite(id));
    throwsCode("suite-unsupported", () => sframeSuite(id, { experimental: false }));
    expect(sframeSuite(id, { experimental: true }).id).toBe(id);
  }
});

test("other numbers are no suites", () => {
  for (const id of [0, 9, 0xf000]) {
    throwsCode("suite-unsupported", () => sframeSuite(id, { experimental: true }));
  }
  for (const id of [-1, 4.5, NaN, 0x1_0000, "4" as never]) expect(() => sframeSuite(id)).toThrow(/^id must /);
});

test("options have names, and cryptography is of one of two functions", () => {
  expect(() => sframeSuite(4, { experimantal: true } as object)).toThrow(/no option experimantal, but experimental/);
  expect(() => webCrypto({ subtel: 1 } as object)).toThrow(/no option subtel, but subtle symmetric/);
  const base = { suite: sframeSuite(4), kid: 1n, baseKey: new Uint8Array(16) };
  for (const crypto of [{}, 7, null, webCrypto]) {
    expect(() => new SFrameSender({ ...base, crypto: crypto as never })).toThrow(
      new TypeError("crypto must be of syncCrypto() or webCrypto()"),
    );
  }
  expect(() => new SFrameSender({ ...base, lastCounters: 7n } as never)).toThrow(/no option lastCounters/);
});

test("no option is passed over because it is misspelt, and no cryptography taken that does none", () => {
  const suite = sframeSuite(4);
  const baseKey = new Uint8Array(16);
  const makers: readonly (readonly [make: (options: never) => unknown, right: object])[] = [
    [(options) => new SFrameSender(options), { suite, kid: 1n, baseKey }],
    [(options) => new SFrameReceiver(options), { suite }],
    [(options) => new SFrameRatchetSender(options), { suite, stepBits: 4, baseKey }],
    [(options) => new SFrameRatchetReceiver(options), { suite, stepBits: 4 }],
    [(options) => new MlsSFrame(options), { suite, epochBits: 4 }],
  ];
  for (const [make, right] of makers) {
    expect(make(right as never)).toBeDefined();
    expect(() => make({ ...right, misspelt: 1 } as never)).toThrow(/^no option misspelt, but suite /);
    expect(() => make({ ...right, crypto: {} } as never)).toThrow("crypto must be of syncCrypto() or webCrypto()");
    for (const none of [undefined, null, 5]) expect(() => make(none as never)).toThrow("options must be an object");
  }
  for (const none of [undefined, null, 5] as never[])
    for (const write of [() => writeSFrameHeader(none), () => mlsKid(none), () => ratchetKid(none)])
      expect(write).toThrow("options must be an object");
});

test("cryptography that lacks a part is refused where it is handed over, and not with the first frame", () => {
  for (const part of ["aesCtr", "aesGcmOpen", "aesGcmSeal", "hmac"]) {
    const symmetric = { ...node, [part]: undefined } as never;
    expect(() => syncCrypto(symmetric)).toThrow(new TypeError(`symmetric.${part} must be a function`));
    expect(() => webCrypto({ symmetric })).toThrow(new TypeError(`symmetric.${part} must be a function`));
  }
  for (const subtle of [globalThis.crypto, {}, "subtle"]) {
    expect(() => webCrypto({ subtle: subtle as never })).toThrow(/^subtle.importKey must be a function/);
  }
});

test("a suite that the caller made up is refused", () => {
  expect(() => {
    checkSuite({ ...sframeSuite(4) });
  }).toThrow(TypeError);
});
