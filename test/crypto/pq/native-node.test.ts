/**
 * What is asked of a runtime's ML-KEM and ML-DSA before they do the work: `node:crypto` as Node 24.7 has it, played by noble,
 * right and with one thing wrong at a time.
 */

import { beforeEach, describe, expect, test, vi } from "vitest";
import type * as NodeCrypto from "node:crypto";
import { shake256 } from "@noble/hashes/sha3.js";
import { concat } from "../../../src/bytes/concat.ts";
import { bytesEqual } from "../../../src/bytes/compare.ts";
import { fromHex, hex } from "../../../src/bytes/text.ts";
import { nativeOr } from "../../../src/crypto/pq/native-node.ts";
import { mlDsas, type MlDsaName, type MlKemName } from "../../../src/crypto/pq/names.ts";
import { loadNoble } from "../../../src/crypto/pq/noble.ts";
import type { Primitives } from "../../../src/crypto/pq/primitives.ts";
import { platformRandom } from "../../../src/crypto/random.ts";

type Fault =
  | "no encapsulate"
  | "no decapsulate"
  | "unknown"
  | "public key"
  | "encapsulates"
  | "opens"
  | "rejects"
  | "throws at what it rejects"
  | "signs"
  | "verifies nothing"
  | "verifies everything";

/** What is wrong with the runtime, and the functions that it has beside its own. */
const runtime = vi.hoisted((): { fault: Fault | undefined; plays: Record<string, unknown> } => ({
  fault: undefined,
  plays: {},
}));

vi.mock("node:crypto", async (original) => {
  const actual = await original<typeof NodeCrypto>();
  const played = (name: string): object => ({ get: () => runtime.plays[name], enumerable: true });
  const names = ["encapsulate", "decapsulate", "createPrivateKey", "createPublicKey", "sign", "verify"];
  const descriptors = Object.fromEntries(names.map((name) => [name, played(name)]));
  return Object.defineProperties({ ...actual }, descriptors);
});

const noble = await loadNoble();

const names: Readonly<Record<string, MlKemName | MlDsaName>> = {
  "0401": "ML-KEM-512",
  "0402": "ML-KEM-768",
  "0403": "ML-KEM-1024",
  "0311": "ML-DSA-44",
  "0312": "ML-DSA-65",
  "0313": "ML-DSA-87",
};
const isDsa = (name: MlKemName | MlDsaName): name is MlDsaName => Object.hasOwn(mlDsas, name);

interface Key {
  readonly name: MlKemName | MlDsaName;
  readonly seed?: Uint8Array;
  readonly publicKey?: Uint8Array;
  readonly export?: () => Uint8Array;
}

/** The parts of a key in DER, as OpenSSL reads them. */
function parsed(key: Uint8Array, form: RegExp): { name: MlKemName | MlDsaName; bytes: Uint8Array } {
  const [, arc, bytes] = form.exec(hex(key)) ?? [];
  const name = names[arc ?? ""];
  if (runtime.fault === "unknown" || name === undefined || bytes === undefined) throw new Error("unsupported");
  return { name, bytes: fromHex(bytes) };
}

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
}

const oid = "300b060960864801650304";
runtime.plays = {
  get encapsulate() {
    return runtime.fault === "no encapsulate" ? undefined : encapsulate;
  },
  get decapsulate() {
    return runtime.fault === "no decapsulate" ? undefined : decapsulate;
  },
  createPrivateKey({ key }: { key: Uint8Array }): Key {
    const { name, bytes } = parsed(key, new RegExp(`^30..020100${oid}(....)04..80..(.*)$`));
    return { name, seed: bytes };
  },
  createPublicKey(from: Key | { key: Uint8Array }): Key {
    if ("key" in from) {
      const { name, bytes } = parsed(from.key, new RegExp(`^3082....${oid}(....)0382....00(.*)$`));
      return { name, publicKey: bytes };
    }
    const { name, seed } = from;
    const of = isDsa(name) ? noble.mlDsa(name) : noble.mlKem(name);
    const publicKey = of.publicKey(seed!) as Uint8Array;
    const said = runtime.fault === "public key" ? flipped(publicKey) : publicKey;
    return { name, export: () => concat(fromHex("3082"), said) };
  },
  sign(_: null, message: Uint8Array, { name, seed }: Key): Uint8Array {
    const signer = noble.mlDsa(name as MlDsaName).signer(seed!) as { sign: (of: Uint8Array) => Uint8Array };
    return runtime.fault === "signs" ? flipped(signer.sign(message)) : signer.sign(message);
  },
  verify(...[, message, { name, publicKey }, signature, done]: VerifyArguments): boolean {
    const verdict = noble.mlDsa(name as MlDsaName).verify({ publicKey: publicKey!, message, signature }) as boolean;
    const said = runtime.fault === "verifies everything" || (verdict && runtime.fault !== "verifies nothing");
    done?.(null, said);
    return said;
  },
};
type VerifyArguments = [null, Uint8Array, Key, Uint8Array, ((error: null, verdict: boolean) => void)?];

function encapsulate({ name, publicKey }: Key): object {
  const made = noble.mlKem(name as MlKemName).encapsulate(publicKey!, platformRandom) as {
    enc: Uint8Array;
    sharedSecret: Uint8Array;
  };
  const sharedKey = runtime.fault === "encapsulates" ? flipped(made.sharedSecret) : made.sharedSecret;
  return { ciphertext: made.enc, sharedKey };
}

function decapsulate({ name, seed }: Key, enc: Uint8Array): Uint8Array {
  const secret = noble.mlKem(name as MlKemName).decapsulate(enc, seed!) as Uint8Array;
  // FIPS 203 section 6.3: what is rejected gives J(z || c).
  const isRejected = bytesEqual(secret, shake256(concat(seed!.subarray(32), enc), { dkLen: 32 }));
  if (isRejected && runtime.fault === "throws at what it rejects") throw new Error("no");
  return runtime.fault === (isRejected ? "rejects" : "opens") ? flipped(secret) : secret;
}

/** noble's implementation with a part of another, and which of its functions were called. */
function counted(part: object = {}): { readonly calls: string[]; readonly primitives: Primitives } {
  const calls: string[] = [];
  const counting = <T extends object>(what: T): T =>
    Object.fromEntries(
      Object.entries({ ...what, ...part }).map(([name, call]: [string, (...args: unknown[]) => unknown]) => [
        name,
        (...args: unknown[]) => {
          calls.push(name);
          return call(...args);
        },
      ]),
    ) as T;
  return {
    calls,
    primitives: { mlKem: (name) => counting(noble.mlKem(name)), mlDsa: (name) => counting(noble.mlDsa(name)) },
  };
}

const seed = new Uint8Array(64).fill(5);

/** Whose ML-KEM is used once it was tried. */
async function kemOf(primitives: Primitives, calls: string[]): Promise<"the runtime's" | "noble's"> {
  const kem = nativeOr(primitives).mlKem("ML-KEM-768");
  const publicKey = await kem.publicKey(seed);
  calls.length = 0;
  const { enc, sharedSecret } = await kem.encapsulate(publicKey, platformRandom);
  expect(await kem.decapsulate(enc, seed)).toEqual(sharedSecret);
  expect(await kem.publicKey(seed)).toEqual(await noble.mlKem("ML-KEM-768").publicKey(seed));
  return calls.length === 0 ? "the runtime's" : "noble's";
}

/** Whose ML-DSA is used once it was tried. */
async function dsaOf(primitives: Primitives, calls: string[]): Promise<"the runtime's" | "noble's"> {
  const scheme = nativeOr(primitives).mlDsa("ML-DSA-44");
  const own = seed.subarray(32);
  const publicKey = await scheme.publicKey(own);
  calls.length = 0;
  const message = seed.subarray(7);
  const signature = await (await scheme.signer(own)).sign(message);
  const verification = { publicKey, message, signature };
  const many = [verification, { ...verification, message: seed }];
  expect(await scheme.verifyAll(many)).toEqual([true, false]);
  expect(await scheme.verify(many[1]!)).toBe(false);
  return calls.length === 0 ? "the runtime's" : "noble's";
}

beforeEach(() => {
  runtime.fault = undefined;
});

describe("a runtime's ML-KEM", () => {
  test("does the work where it is right", async () => {
    const { primitives, calls } = counted();
    expect(await kemOf(primitives, calls)).toBe("the runtime's");
  });

  test.each([
    "no encapsulate",
    "no decapsulate",
    "unknown",
    "public key",
    "encapsulates",
    "opens",
    "rejects",
    "throws at what it rejects",
  ] as const)("is left alone where it has this wrong: %s", async (fault) => {
    runtime.fault = fault;
    const { primitives, calls } = counted();
    expect(await kemOf(primitives, calls)).toBe("noble's");
  });
});

describe("a runtime's ML-DSA", () => {
  test("does the work where it is right", async () => {
    const { primitives, calls } = counted();
    expect(await dsaOf(primitives, calls)).toBe("the runtime's");
  });

  test.each(["unknown", "public key", "signs", "verifies nothing", "verifies everything"] as const)(
    "is left alone where it has this wrong: %s",
    async (fault) => {
      runtime.fault = fault;
      const { primitives, calls } = counted();
      expect(await dsaOf(primitives, calls)).toBe("noble's");
    },
  );

  test("is left alone where the verdicts that it is compared with come later", async () => {
    const { primitives, calls } = counted({
      verify: (one: Parameters<ReturnType<Primitives["mlDsa"]>["verify"]>[0]) =>
        Promise.resolve(noble.mlDsa("ML-DSA-44").verify(one)),
    });
    expect(await dsaOf(primitives, calls)).toBe("noble's");
  });
});
