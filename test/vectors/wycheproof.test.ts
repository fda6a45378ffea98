/**
 * The verification of Wycheproof's files can fail: a case whose answer is turned round is noticed, of every algorithm.
 */

import { expect, test } from "vitest";
import type { Outcome } from "../../src/cli/vectors/check.ts";
import { families, type Family } from "../../src/cli/vectors/families.ts";
import { verifyHpkePq } from "../../src/cli/vectors/hpke-pq.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import { describePublished } from "./published.ts";

interface Case {
  readonly result: string;
  readonly shared?: string;
}

interface File {
  readonly testGroups: readonly (object & { readonly tests: readonly Case[] })[];
}

for (const family of families.filter(({ name }) => name.startsWith("wycheproof-"))) {
  describePublished("wycheproof", family.files[0]!.slice("wycheproof/".length), (text) => {
    const { testGroups } = JSON.parse(text) as File;

    test.each(["valid", "invalid"])(`${family.name}: an answer of "%s" counts`, async (result) => {
      const turned = result === "valid" ? "invalid" : "valid";
      for (const { group, found } of samples(testGroups, result)) {
        const as = (answer: string): File => ({ testGroups: [{ ...group, tests: [{ ...found, result: answer }] }] });
        const [right] = await outcomes(family, as(result));
        expect(right?.error).toBeUndefined();
        const [wrong] = await outcomes(family, as(turned));
        if (right?.skipped === undefined) expect(wrong?.error).toMatch(/^case \d+: /);
      }
    });
  });
}

/** A case of each of a few groups. A result of zeros is refused, whatever the file says: it shows nothing. */
function samples(groups: File["testGroups"], result: string) {
  return groups.slice(0, 5).flatMap((group) => {
    const found = group.tests.find((one) => one.result === result && !/^0*$/.test(one.shared ?? "1"));
    return found === undefined ? [] : [{ group, found }];
  });
}

async function outcomes({ verify }: Pick<Family, "verify">, file: unknown): Promise<readonly Outcome[]> {
  const all: Outcome[] = [];
  for await (const outcome of verify((id) => nodeProvider.cipherSuite(id), [file], nodeProvider)) all.push(outcome);
  return all;
}

/** RFC 9180 appendix A.1.1: in the format of the post-quantum file, with algorithms that a cipher suite has. */
const example = {
  mode: 0,
  kem_id: 32,
  kdf_id: 1,
  aead_id: 1,
  info: "4f6465206f6e2061204772656369616e2055726e",
  ikmR: "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
  skRm: "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
  pkRm: "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
  enc: "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
  shared_secret: "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc",
  key: "4531685d41d65f03dc48f6b8302c05b0",
  base_nonce: "56d890e5accaaf011cff4b7d",
  encryptions: [
    {
      aad: "436f756e742d30",
      ct: "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
      nonce: "56d890e5accaaf011cff4b7d",
      pt: "4265617574792069732074727574682c20747275746820626561757479",
    },
    {
      aad: "436f756e742d31",
      ct: "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84",
      nonce: "56d890e5accaaf011cff4b7c",
      pt: "4265617574792069732074727574682c20747275746820626561757479",
    },
  ],
  exports: [
    {
      exporter_context: "",
      L: 32,
      exported_value: "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee",
    },
    {
      exporter_context: "54657374436f6e74657874",
      L: 32,
      exported_value: "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931",
    },
  ],
};

test("an HPKE entry whose algorithms a cipher suite has is verified, every field", async () => {
  expect(await outcomes({ verify: verifyHpkePq }, [example])).toEqual([{ entry: "entry 0" }]);
  const turned = (text: string): string => (text.startsWith("0") ? "1" : "0") + text.slice(1);
  const [encryption] = example.encryptions;
  const [exported] = example.exports;
  const changed = [
    ...(["info", "ikmR", "skRm", "pkRm", "enc", "shared_secret"] as const).map((name) => ({
      ...example,
      [name]: turned(example[name]),
    })),
    ...(["aad", "ct", "nonce", "pt"] as const).map((name) => ({
      ...example,
      encryptions: [{ ...encryption!, [name]: turned(encryption![name]) }],
    })),
    { ...example, exports: [{ ...exported!, exported_value: turned(exported!.exported_value) }] },
  ];
  for (const entry of changed) expect((await outcomes({ verify: verifyHpkePq }, [entry]))[0]?.error).toBeDefined();
});

/** A change of each field of each published entry is noticed: the fields that say which algorithms, too. */
describePublished("hpke", "test-vectors-pq.json", (text) => {
  const file = JSON.parse(text) as readonly Readonly<Record<string, unknown>>[];
  const idle = /^(mode|suite_id|exporter_secret)$/; // what follows from other fields, or is never written down

  test.each(file.map((entry, index) => [index, entry] as const))("entry %i: a change is noticed", async (_, entry) => {
    expect(await outcomes({ verify: verifyHpkePq }, [entry])).toEqual([{ entry: "entry 0" }]);
    for (const [field, value] of Object.entries(entry)) {
      if (idle.test(field) || typeof value !== "string") continue;
      const changed = (value.startsWith("0") ? "1" : "0") + value.slice(1);
      const [outcome] = await outcomes({ verify: verifyHpkePq }, [{ ...entry, [field]: changed }]);
      expect([field, outcome?.error]).toEqual([field, expect.any(String)]);
    }
  });
});

test("an HPKE entry in another mode, or of an algorithm without a name, is skipped", async () => {
  const entries = [
    { ...example, mode: 1 },
    { ...example, kem_id: 0x4242 },
  ];
  expect((await outcomes({ verify: verifyHpkePq }, entries)).map(({ skipped }) => skipped)).toEqual([
    "MLS has no use for mode 1",
    "no cipher suite has algorithm 16962 with HKDF-SHA256 with AES-128-GCM",
  ]);
});
