/**
 * Adding the post-quantum suites: their names and numbers, what is refused, and what is said where the package that they
 * need is missing.
 */

import { afterEach, expect, test, vi } from "vitest";
import { cipherSuite } from "../../../src/crypto/choose.ts";
import { nobleProvider } from "../../../src/crypto/noble.ts";
import { postQuantum, withPostQuantumSuites } from "../../../src/crypto/pq/post-quantum.ts";
import { postQuantumSuites } from "../../../src/crypto/pq/suites.ts";
import type { Provider } from "../../../src/crypto/provider.ts";
import { pseudorandom } from "../pseudorandom.ts";

/** The draft's second table, by TBD number: KEM, KDF, AEAD. */
const table = [
  [0x647a, 1, 1],
  [0x647a, 2, 2],
  [0x50, 1, 1],
  [0x50, 2, 2],
  [0x51, 2, 2],
  [0x41, 2, 2],
  [0x41, 2, 2],
  [0x42, 2, 2],
  [0x647a, 2, 3],
  [0x41, 2, 2],
  [0x42, 2, 2],
];

test("the suites have the algorithms of the draft's table, under numbers for private use", async () => {
  const provider = await withPostQuantumSuites(nobleProvider);
  expect(provider.suites).toEqual([...nobleProvider.suites, ...table.map((_, place) => 0xf701 + place)]);
  for (const [place, [kem, kdf, aead]] of table.entries()) {
    const { id, name } = postQuantumSuites[place]!;
    const suite = cipherSuite(name, provider);
    expect(suite).toBe(cipherSuite(id, provider));
    expect(suite.hpke).toEqual({ kem, kdf, aead });
    expect(name).toContain(kdf === 1 ? "SHA256" : "SHA384");
    expect(suite.hashLength).toBe(kdf === 1 ? 32 : 48);
  }
});

test("a suite has the number that it is given", async () => {
  const name = "MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519";
  const provider = await withPostQuantumSuites(nobleProvider, { [name]: 0x004d });
  expect(cipherSuite(name, provider).id).toBe(0x004d);
  expect(provider.suites).not.toContain(0xf701);
  await expect(withPostQuantumSuites(nobleProvider, { [name]: 0xf702 })).rejects.toThrow(TypeError);
  await expect(withPostQuantumSuites(nobleProvider, { [name]: 1 })).rejects.toThrow(TypeError);
  await expect(withPostQuantumSuites(nobleProvider, { MLS: 0xf7ff } as never)).rejects.toThrow(TypeError);
});

test("an algorithm that there is not is the caller's mistake", async () => {
  const { kem, signatures } = await postQuantum(nobleProvider);
  for (const name of ["ML-KEM-2048", "toString"]) expect(() => kem(name as never)).toThrow(TypeError);
  for (const name of ["ML-DSA-1", "toString"]) expect(() => signatures(name as never)).toThrow(TypeError);
});

test("a provider that has no groups of its own takes noble's", async () => {
  const own: Provider = {
    name: "own",
    suites: nobleProvider.suites,
    cipherSuite: (id) => nobleProvider.cipherSuite(id),
  };
  const [ours, theirs] = [
    (await postQuantum(own)).kem("MLKEM1024-P384"),
    (await postQuantum(nobleProvider)).kem("MLKEM1024-P384"),
  ];
  const ikm = pseudorandom(3)(32);
  expect(await ours.deriveKeyPair(ikm)).toEqual(await theirs.deriveKeyPair(ikm));
});

afterEach(() => {
  vi.doUnmock("@noble/post-quantum/ml-kem.js");
  vi.resetModules();
});

test("without its package there is one sentence, with what to do", async () => {
  vi.doMock("@noble/post-quantum/ml-kem.js", () => {
    throw new Error("Cannot find package");
  });
  vi.resetModules();
  const { withPostQuantumSuites: add } = await import("../../../src/crypto/pq/post-quantum.ts");
  const failing = add(nobleProvider);
  await expect(failing).rejects.toMatchObject({ code: "suite-unsupported" });
  await expect(failing).rejects.toThrow("npm install @noble/post-quantum@0.7.1");
});
