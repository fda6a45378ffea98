/**
 * HPKE in the base mode: the examples of RFC 9180, and round trips in all suites under all providers.
 */

import { describe, expect, test } from "vitest";
import { fromHex, hex, utf8 } from "../../../src/bytes/text.ts";
import { cipherSuite } from "../../../src/crypto/choose.ts";
import { hpkeExportReceive, hpkeExportSend, hpkeOpen, hpkeSeal } from "../../../src/crypto/hpke/hpke.ts";
import { platformRandom } from "../../../src/crypto/random.ts";
import { providers } from "../providers.ts";

/** RFC 9180 appendices A.1.1, A.3.1 and A.6.1: the first encryption, and an export. */
const examples = [
  {
    suite: 1,
    ikmE: "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234",
    enc: "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
    ikmR: "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
    privateKey: "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
    sharedSecret: "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc",
    ciphertext: "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
    exported: "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931",
  },
  {
    suite: 2,
    ikmE: "4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e",
    enc: "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
    ikmR: "668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550",
    privateKey: "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
    sharedSecret: "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8",
    ciphertext: "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",
    exported: "d8f1ea7942adbba7412c6d431c62d01371ea476b823eb697e1f6e6cae1dab85a",
  },
  {
    suite: 5,
    ikmE: "7f06ab8215105fc46aceeb2e3dc5028b44364f960426eb0d8e4026c2f8b5d7e7a986688f1591abf5ab753c357a5d6f0440414b4ed4ede71317772ac98d9239f70904",
    ikmR: "2ad954bbe39b7122529f7dde780bff626cd97f850d0784a432784e69d86eccaade43b6c10a8ffdb94bf943c6da479db137914ec835a7e715e36e45e29b587bab3bf1",
    ciphertext: "170f8beddfe949b75ef9c387e201baf4132fa7374593dfafa90768788b7b2b200aafcc6d80ea4c795a7c5b841a",
  },
];

const info = fromHex("4f6465206f6e2061204772656369616e2055726e");
const plaintext = utf8("Beauty is truth, truth beauty");
const associatedData = utf8("Count-0");

describe.each(providers)("$name", (provider) => {
  test.each(examples)("the example of RFC 9180 for suite $suite", async (example) => {
    const suite = cipherSuite(example.suite, provider);
    const random = (length: number): Uint8Array => {
      const ikm = fromHex(example.ikmE);
      expect(ikm.length).toBe(length);
      return ikm;
    };
    const { privateKey, publicKey } = await suite.deriveKeyPair(fromHex(example.ikmR));
    if (example.privateKey !== undefined) expect(hex(privateKey)).toBe(example.privateKey);

    const sealed = await hpkeSeal(suite, { publicKey, info, associatedData, plaintext, random });
    expect(hex(sealed.ciphertext)).toBe(example.ciphertext);
    if (example.enc !== undefined) expect(hex(sealed.enc)).toBe(example.enc);
    expect(await hpkeOpen(suite, { privateKey, info, associatedData, ...sealed })).toEqual(plaintext);

    if (example.sharedSecret !== undefined) {
      expect(hex((await suite.encap(publicKey, random)).sharedSecret)).toBe(example.sharedSecret);
    }
    if (example.exported !== undefined) {
      const exporterContext = utf8("TestContext");
      const sent = await hpkeExportSend(suite, { publicKey, info, exporterContext, length: 32, random });
      expect(hex(sent.exported)).toBe(example.exported);
      const { enc } = sent;
      const received = await hpkeExportReceive(suite, { privateKey, enc, info, exporterContext, length: 32 });
      expect(hex(received)).toBe(example.exported);
    }
  });

  test.each(provider.suites)("suite %i: what is sealed opens, and nothing else does", async (id) => {
    const suite = cipherSuite(id, provider);
    const { privateKey, publicKey } = await suite.deriveKeyPair(platformRandom(suite.hashLength));
    const other = await suite.deriveKeyPair(platformRandom(suite.hashLength));
    const random = platformRandom;
    const sealed = await hpkeSeal(suite, { publicKey, info, associatedData, plaintext, random });
    expect(sealed.ciphertext.length).toBe(plaintext.length + suite.tagLength);
    const good = { privateKey, info, associatedData, ...sealed };
    expect(await hpkeOpen(suite, good)).toEqual(plaintext);
    const again = await hpkeSeal(suite, { publicKey, info, associatedData, plaintext, random });
    expect(again.enc).not.toEqual(sealed.enc);
    for (const wrong of [
      { privateKey: other.privateKey },
      { info: associatedData },
      { associatedData: info },
      { enc: other.publicKey },
      { ciphertext: sealed.ciphertext.slice(1) },
    ]) {
      await expect(hpkeOpen(suite, { ...good, ...wrong })).rejects.toMatchObject({ code: "aead-open" });
    }
    await expect(hpkeOpen(suite, { ...good, enc: sealed.enc.slice(1) })).rejects.toMatchObject({
      code: "decapsulation",
    });
    await expect(
      hpkeSeal(suite, { publicKey: publicKey.slice(1), info, associatedData, plaintext, random }),
    ).rejects.toMatchObject({ code: "key-invalid" });
  });
});
