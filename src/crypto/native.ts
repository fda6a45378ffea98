/**
 * Native where the runtime has a primitive, and has it right; @noble/curves where not. Bun has no X448 and Ed448, Deno
 * no P-521 key agreement, and browsers differ. Each primitive is tried once, when it is first needed, and noble is
 * loaded only where it is.
 */

import { fromHex } from "../bytes/text.ts";
import type { DhName, SignatureName } from "./suites/cipher-suites.ts";
import { dhLengths } from "./hpke/dh.ts";
import type { Awaitable, Dh, Verification } from "./provider.ts";
import { privateKeyLength, type RawSignatures } from "./signatures.ts";

/** A native group, or noble's where the native one does not work here. */
export function dhOrNoble(native: Dh): Dh {
  return lazyDh(native.name, async () => ((await dhWorks(native).catch(() => false)) ? native : nobleDh(native.name)));
}

/** noble's group, loaded when it is first needed. */
export function lazyNobleDh(name: DhName): Dh {
  return lazyDh(name, () => nobleDh(name));
}

/** A native signature scheme, or noble's where the native one does not work here. */
export function signaturesOrNoble(name: SignatureName, native: RawSignatures): RawSignatures {
  return lazySignatures(async () =>
    (await signaturesWork(name, native).catch(() => false)) ? native : nobleSignatures(name),
  );
}

/** noble's signature scheme, loaded when it is first needed. */
export function lazyNobleSignatures(name: SignatureName): RawSignatures {
  return lazySignatures(() => nobleSignatures(name));
}

async function nobleDh(name: DhName): Promise<Dh> {
  return (await import("./noble/dh.ts")).nobleDh(name);
}

async function nobleSignatures(name: SignatureName): Promise<RawSignatures> {
  return (await import("./noble/signatures.ts")).nobleSignatures(name);
}

function lazyDh(name: DhName, choose: () => Promise<Dh>): Dh {
  const use = lazy(choose);
  return { name, load: (privateKey, publicKey) => use((dh) => dh.load(privateKey, publicKey)) };
}

function lazySignatures(choose: () => Promise<RawSignatures>): RawSignatures {
  const use = lazy(choose);
  return {
    publicKey: (privateKey) => use((scheme) => scheme.publicKey(privateKey)),
    signer: (privateKey) => use((scheme) => scheme.signer(privateKey)),
    verify: (verification) => use((scheme) => scheme.verify(verification)),
    verifyAll: (verifications) => use((scheme) => scheme.verifyAll(verifications)),
  };
}

/** Runs functions on what `choose` gives: after a promise the first time, without one later. */
function lazy<T>(choose: () => Promise<T>): <R>(use: (chosen: T) => Awaitable<R>) => Awaitable<R> {
  let chosen: T | undefined;
  let choosing: Promise<T> | undefined;
  const chooseOnce = async (): Promise<T> => {
    try {
      return (chosen = await choose());
    } finally {
      choosing = undefined; // noble may have failed to load: try again next time
    }
  };
  return (use) => (chosen === undefined ? (choosing ??= chooseOnce()).then(use) : use(chosen));
}

/** Whether a key agrees with itself. */
async function dhWorks(dh: Dh): Promise<boolean> {
  const key = await dh.load(samplePrivateKey(dhLengths[dh.name].privateKey, 3));
  return (await key.agree(key.publicKey)).some((byte) => byte !== 0);
}

/** Whether a signature verifies, another does not, and the cofactor is treated as everywhere. */
async function signaturesWork(name: SignatureName, scheme: RawSignatures): Promise<boolean> {
  const privateKey = samplePrivateKey(privateKeyLength(name), 7);
  const message = samplePrivateKey(32, 1);
  const publicKey = await scheme.publicKey(privateKey);
  const signature = await (await scheme.signer(privateKey)).sign(message);
  const tried = [
    { publicKey, message, signature, verdict: true },
    { publicKey, message: privateKey, signature, verdict: false },
    ...mixedOrderSamples(name),
  ];
  const verdicts = await scheme.verifyAll(tried);
  return tried.every(({ verdict }, i) => verdicts[i] === verdict);
}

/**
 * Signatures under keys of mixed order, made for this. All of them satisfy the equation times the cofactor, which is
 * what Ed448 asks for, and the first one satisfies it without, which is what Ed25519 asks for: see edwards.ts.
 */
const mixedOrder = {
  Ed25519: {
    publicKey: "99555efe5dbf5b50b6fb4d8c38ee05c4ea8a97011c08e11366e8c8c00e8ce5d5",
    samples: [
      {
        message: "0d",
        signature:
          "c073bc7834c8abe0fe5060cf24afa770e7d62befb0626345d8909c3eba1113d1" +
          "9e4dbdfa627e1ddad91567667b27f78adc204a355ae4b1fa4c2497e6fd8d930d",
        verdict: true,
      },
      {
        message: "00",
        signature:
          "7ece59a33ccf515942eba87f9f77fc9ed88962bb3fdb89957395d8c1c510eaeb" +
          "0b38b9afa0b54338e9f552f10b0a675dd6f39278a04beb56983b6ddac87a4e0d",
        verdict: false,
      },
    ],
  },
  Ed448: {
    publicKey:
      "39469ff491890ac91cfd9307e5c1828171aa5ae6be409a2dc4dc2cd3ab46e50d43384a0c734adb503a02e46675f24a726c0be233b9119edf00",
    samples: [
      {
        message: "00",
        signature:
          "2e8cef3573fd05148bc5f35dab110dd88cdf1223e5bc786ca0419d719557a74e75798d16291b9053443677e65fd1958ef67cff5a3737701e80" +
          "72b9868ba9c2c7e9784fab3f2eb72fe8457295abe9298f3779ba591e57b85383c30bfbe60234600786d2ce163f0026b2f5c97b6d04a0e61e00",
        verdict: true,
      },
    ],
  },
} as const;

function mixedOrderSamples(name: SignatureName): readonly (Verification & { readonly verdict: boolean })[] {
  if (name !== "Ed25519" && name !== "Ed448") return [];
  const { publicKey, samples } = mixedOrder[name];
  return samples.map(({ message, signature, verdict }) => ({
    publicKey: fromHex(publicKey),
    message: fromHex(message),
    signature: fromHex(signature),
    verdict,
  }));
}

/** A private key that is valid in every group, and that nobody uses. */
function samplePrivateKey(length: number, value: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes[0] = length === 66 ? 0 : 0x40; // below the order of each NIST curve
  bytes[length - 1] = value;
  return bytes;
}
