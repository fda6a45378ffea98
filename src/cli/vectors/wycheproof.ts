/**
 * Project Wycheproof: cases that implementations of cryptography get wrong, for each algorithm of the cipher suites.
 *
 * A case is "valid", "invalid", or "acceptable": there the RFCs of MLS say what is right, and the case is held to them.
 */

import { fromHex, hex } from "../../bytes/text.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { Difference, holds, outcome, same, type Outcome, type SuiteFor, type Verify } from "./check.ts";

/** What every case has. */
interface Case {
  readonly tcId: number;
  readonly result: "valid" | "invalid" | "acceptable";
}

/** A file, as far as it is the same for all algorithms. */
interface WycheproofFile<Group> {
  readonly testGroups: readonly (Group & { readonly tests: readonly Case[] })[];
}

/** How many cases a file holds. */
export function countCases(file: unknown): number {
  return (file as WycheproofFile<object>).testGroups.reduce((sum, { tests }) => sum + tests.length, 0);
}

/** A case of a file, and the group that it stands in. */
interface Placed<Group, TestCase> {
  readonly group: Group;
  readonly test: TestCase & Case;
}

/** All cases of a file, in order. */
export function casesOf<Group, TestCase>(file: unknown): readonly Placed<Group, TestCase>[] {
  const { testGroups } = file as WycheproofFile<Group & { readonly tests: readonly (TestCase & Case)[] }>;
  return testGroups.flatMap((group) => group.tests.map((test) => ({ group, test })));
}

/** The name of a case in an outcome. */
export function nameOf({ tcId }: Case): string {
  return `case ${tcId}`;
}

/** The verification of a file, case by case. `check` gives the reason where a case can't be asked of a cipher suite. */
function eachCase<Group, TestCase>(
  check: (suiteFor: SuiteFor, placed: Placed<Group, TestCase>) => string | undefined,
): Verify {
  return async function* (suiteFor, files): AsyncIterable<Outcome> {
    for (const placed of files.flatMap((file) => casesOf<Group, TestCase>(file))) {
      const entry = nameOf(placed.test);
      let skipped: string | undefined;
      const result = await outcome(entry, () => {
        skipped = check(suiteFor, placed);
      });
      yield skipped === undefined ? result : { entry, skipped };
    }
  };
}

interface AeadGroup {
  /** In bits, like the others. */
  readonly keySize: number;
  readonly ivSize: number;
  readonly tagSize: number;
}

interface AeadCase {
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
}

/** AEAD encryption, of the suite that has keys of a length. */
export function verifyAead(algorithm: string, suites: Readonly<Record<number, number>>): Verify {
  return eachCase<AeadGroup, AeadCase>((suiteFor, { group, test }) => {
    const id = suites[group.keySize];
    if (id === undefined) return `no cipher suite has ${algorithm} with keys of ${group.keySize} bits`;
    const suite = suiteFor(id);
    if (group.ivSize !== 8 * suite.nonceLength) return "no cipher suite has nonces of another length than 96 bits";
    const [key, nonce, associatedData] = [fromHex(test.key), fromHex(test.iv), fromHex(test.aad)];
    const sealed = fromHex(test.ct + test.tag);
    const opened = openedBy(() => suite.open(key, nonce, associatedData, sealed));
    same(`case ${test.tcId}: the plaintext`, opened, test.result === "valid" ? test.msg : "aead-open");
    if (test.result === "valid") {
      same(`case ${test.tcId}: the ciphertext`, suite.seal(key, nonce, associatedData, fromHex(test.msg)), hex(sealed));
    }
    return undefined;
  });
}

/** What opening gives: the plaintext in hex, or the code of the refusal. */
function openedBy(open: () => Uint8Array): string {
  try {
    return hex(open());
  } catch (error) {
    if (error instanceof CopseError) return error.code;
    throw error;
  }
}

interface HkdfCase {
  readonly ikm: string;
  readonly salt: string;
  readonly info: string;
  readonly size: number;
  readonly okm: string;
}

/** HKDF, with the hash of a suite. */
export function verifyHkdf(id: number): Verify {
  return eachCase<object, HkdfCase>((suiteFor, { test }) => {
    const suite = suiteFor(id);
    const okm = expanded(suite, test);
    if (test.result === "valid") same("okm", okm, test.okm);
    else holds(`${test.size} bytes of output are too many, and were given`, okm === "refused");
    return undefined;
  });
}

function expanded(suite: CipherSuite, { ikm, salt, info, size }: HkdfCase): string {
  const prk = suite.extract(fromHex(salt), fromHex(ikm));
  try {
    return hex(suite.expand(prk, fromHex(info), size));
  } catch (error) {
    if (error instanceof TypeError) return "refused";
    throw error;
  }
}

interface MacGroup {
  /** In bits. */
  readonly tagSize: number;
}

interface MacCase {
  readonly key: string;
  readonly msg: string;
  readonly tag: string;
}

/** HMAC, with the hash of a suite. */
export function verifyHmac(id: number): Verify {
  return eachCase<MacGroup, MacCase>((suiteFor, { group, test }) => {
    const tag = suiteFor(id).mac(fromHex(test.key), fromHex(test.msg));
    const ours = hex(tag.subarray(0, group.tagSize / 8));
    if (test.result === "valid") same("tag", ours, test.tag);
    else holds("a tag that is wrong is ours", ours !== test.tag);
    return undefined;
  });
}

interface SignatureGroup {
  readonly publicKey: { readonly pk?: string; readonly uncompressed?: string };
}

interface SignatureCase {
  readonly msg: string;
  readonly sig: string;
}

/** Signatures of a suite: all of a file at once, as a joiner verifies a tree, and every sixteenth by itself. */
export function verifySignatures(id: number): Verify {
  return async function* (suiteFor, files): AsyncIterable<Outcome> {
    const suite = suiteFor(id);
    const cases = files.flatMap((file) => casesOf<SignatureGroup, SignatureCase>(file));
    const verifications = cases.map(({ group: { publicKey }, test }) => {
      const key = publicKey.pk ?? publicKey.uncompressed;
      if (key === undefined) throw new Difference(`case ${test.tcId} has no public key`);
      return { publicKey: fromHex(key), message: fromHex(test.msg), signature: fromHex(test.sig) };
    });
    const verdicts = await suite.verifyAll(verifications);
    for (const [index, { test }] of cases.entries()) {
      const verification = verifications[index]!;
      yield await outcome(nameOf(test), async () => {
        same("the verdict", verdicts[index], test.result === "valid");
        holds("the public key is refused", suite.isSignaturePublicKey(verification.publicKey));
        if (index % 16 === 0) {
          same("the verdict by itself", await suite.verify(verification), test.result === "valid");
        }
      });
    }
  };
}
