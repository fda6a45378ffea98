/**
 * What of ML-DSA an implementation is asked at all: keys and signatures of the lengths of FIPS 204, section 4, table 2.
 */

import { expect, test } from "vitest";
import { mlDsaScheme } from "../../../src/crypto/pq/ml-dsa.ts";
import { mlDsas, type MlDsaName } from "../../../src/crypto/pq/names.ts";
import { loadNoble } from "../../../src/crypto/pq/noble.ts";
import type { RawSignatures } from "../../../src/crypto/signatures.ts";
import { refusal } from "../../group/refusal.ts";

const noble = await loadNoble();
/** Says yes to whatever it is asked. */
const careless: RawSignatures = {
  publicKey: () => new Uint8Array(1),
  signer: () => ({ sign: (message) => message }),
  verify: () => true,
  verifyAll: (verifications) => verifications.map(() => true),
};

test.each(Object.keys(mlDsas) as MlDsaName[])("%s: other lengths are no keys and no signatures", async (name) => {
  const scheme = mlDsaScheme(name, careless);
  const lengths = mlDsas[name];
  const message = Uint8Array.of(1);
  const [publicKey, signature] = [new Uint8Array(lengths.publicKey), new Uint8Array(lengths.signature)];
  expect(scheme.isSignaturePublicKey(publicKey)).toBe(true);
  expect(await scheme.verify({ publicKey, message, signature })).toBe(true);
  for (const more of [-1, 1]) {
    const key = new Uint8Array(lengths.publicKey + more);
    const signed = new Uint8Array(lengths.signature + more);
    expect(scheme.isSignaturePublicKey(key)).toBe(false);
    const wrong = [
      { publicKey: key, message, signature },
      { publicKey, message, signature: signed },
    ];
    for (const one of wrong) expect(await scheme.verify(one)).toBe(false);
    expect(await scheme.verifyAll([...wrong, { publicKey, message, signature }])).toEqual([false, false, true]);
    expect(await refusal(() => scheme.signaturePublicKey(new Uint8Array(32 + more)))).toBe("key-invalid");
    expect(await refusal(() => scheme.signer(new Uint8Array(32 + more)))).toBe("key-invalid");
  }
});

test.each(Object.keys(mlDsas) as MlDsaName[])("%s: noble's says no where its package throws", async (name) => {
  const raw = noble.mlDsa(name);
  const signature = new Uint8Array(mlDsas[name].signature);
  const verification = { publicKey: new Uint8Array(7), message: Uint8Array.of(1), signature };
  expect(await raw.verify(verification)).toBe(false);
  expect(await raw.verifyAll([verification, verification])).toEqual([false, false]);
});
