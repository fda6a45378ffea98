/**
 * The recovery key: each epoch's root is sealed to it as well, for a person who has no device left. It comes from the seed that the recovery code
 * or the PIN gives back, the account's root key has signed its public half, and revoking a device replaces it by the next number.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { concat } from "../../bytes/concat.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { Secret } from "../../bytes/secret.ts";
import { bytes as aBytes, having, hook, is, options as optionsOf, uint32 } from "../../bytes/takes.ts";
import { utf8 } from "../../bytes/text.ts";
import { encode, fixed, opaque, struct, u16, u32, u64, u8, type Codec } from "../../codec/codec.ts";
import { decryptWithLabel, encryptWithLabel, signWithLabel, verifyWithLabel } from "../../crypto/labels.ts";
import type { CipherSuite, Random, Signer } from "../../crypto/provider.ts";
import { checkedRandom, platformRandom } from "../../crypto/random.ts";
import { CopseError } from "../../errors.ts";
import { componentLabel } from "../../wire/component-label.ts";
import { decoded } from "../decoded.ts";
import { VaultError } from "../errors.ts";
import { anEpoch, rootLength, type VaultEpoch } from "./epoch.ts";

/** The vault's number among components, in the range for private use: it sets its signatures and ciphertexts apart from all others. */
export const vaultComponentId = 0xf0af;
const keyVersion = 1;
const sealVersion = 1;

/** The private half of a recovery key. */
export interface RecoveryKey {
  readonly number: number;
  readonly publicKey: Bytes;
  readonly privateKey: Secret<"vault_recovery_key">;
}

interface RecoveryKeyTbs {
  readonly version: number;
  readonly account: Uint8Array;
  readonly cipherSuite: number;
  readonly number: number;
  readonly publicKey: Uint8Array;
}
const tbsFields = { version: u8, account: opaque, cipherSuite: u16, number: u32, publicKey: opaque } as const;
const RecoveryKeyTbs: Codec<RecoveryKeyTbs> = struct<RecoveryKeyTbs>(tbsFields);
type SignedKey = RecoveryKeyTbs & { readonly signature: Uint8Array };
const SignedKey: Codec<SignedKey> = struct<SignedKey>({ ...tbsFields, signature: opaque });

interface SealedRoot {
  readonly version: number;
  readonly number: number;
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}
const SealedRoot: Codec<SealedRoot> = struct<SealedRoot>({
  version: u8,
  number: u32,
  kemOutput: opaque,
  ciphertext: opaque,
});

interface Inside {
  readonly epoch: bigint;
  readonly authenticator: Uint8Array;
  readonly root: Uint8Array;
}
const Inside: Codec<Inside> = struct<Inside>({ epoch: u64, authenticator: opaque, root: fixed(rootLength) });

const signLabel = /* @__PURE__ */ componentLabel(vaultComponentId, "VaultRecoveryKeyTBS");
const sealLabel = /* @__PURE__ */ componentLabel(vaultComponentId, "VaultRoot");
const aSeed = /* @__PURE__ */ is(
  "a Secret of 16 bytes or more",
  (value) => value instanceof Secret && value.length >= 16,
);
const aSuite = /* @__PURE__ */ having("a cipher suite", "verify", "deriveKeyPair", "extract", "expand");
const takesDerive = /* @__PURE__ */ optionsOf(
  { suite: aSuite, seed: aSeed, number: uint32 },
  "suite",
  "seed",
  "number",
);
const takesSign = /* @__PURE__ */ optionsOf(
  { suite: aSuite, signer: having("a signer", "sign"), account: aBytes, key: having("a recovery key") },
  "suite",
  "signer",
  "account",
  "key",
);
const takesSeal = /* @__PURE__ */ optionsOf(
  { suite: aSuite, rootKey: aBytes, account: aBytes, recoveryKey: aBytes, least: uint32, epoch: anEpoch, random: hook },
  "suite",
  "rootKey",
  "account",
  "recoveryKey",
  "epoch",
);

/** The recovery key of a seed and a number: the same one each time, so that a seed gives all of them. */
export async function deriveRecoveryKey(options: {
  readonly suite: CipherSuite;
  readonly seed: Secret<string>;
  /** From 1 on; revoking a device takes the next one. */
  readonly number: number;
}): Promise<RecoveryKey> {
  takesDerive("deriveRecoveryKey", options);
  const { suite, seed, number } = options;
  const prk = seed.use((bytes) => suite.extract(utf8("copse vault recovery"), bytes));
  const info = concat(utf8("recovery key"), encode(u16, suite.id), encode(u32, number));
  const ikm = suite.expand(prk, info, suite.hashLength);
  prk.fill(0);
  const { privateKey, publicKey } = await suite.deriveKeyPair(ikm);
  ikm.fill(0);
  return {
    number,
    publicKey: copyBytes(publicKey),
    privateKey: Secret.of("vault_recovery_key", copyBytes(privateKey)),
  };
}

/** The public half with the signature of the account's root key: what devices seal roots to. */
export async function signRecoveryKey(options: {
  readonly suite: CipherSuite;
  /** Of the root key. */
  readonly signer: Signer;
  readonly account: Uint8Array;
  readonly key: RecoveryKey;
}): Promise<Bytes> {
  takesSign("signRecoveryKey", options);
  const { suite, signer, account, key } = options;
  const { number, publicKey } = key;
  const tbs: RecoveryKeyTbs = { version: keyVersion, account, cipherSuite: suite.id, number, publicKey };
  const signature = await signWithLabel(signer, signLabel, encode(RecoveryKeyTbs, tbs));
  return encode(SignedKey, { ...tbs, signature });
}

/**
 * An epoch's root, sealed to a recovery key.
 *
 * @throws VaultError "vault-recovery-key" where the root key has not signed it for this account, or its number is below `least`: a revoked
 * device may know what opens an older one.
 */
export async function sealRoot(options: {
  readonly suite: CipherSuite;
  /** The account's root key. */
  readonly rootKey: Uint8Array;
  readonly account: Uint8Array;
  /** As `signRecoveryKey` has written it. */
  readonly recoveryKey: Uint8Array;
  /** The least number that is taken: of the newest recovery key that is known. Default: 1 */
  readonly least?: number;
  readonly epoch: VaultEpoch;
  readonly random?: Random;
}): Promise<Bytes> {
  takesSeal("sealRoot", options);
  const { suite, rootKey, least = 1, epoch, random = platformRandom } = options;
  const account = copyBytes(options.account);
  const tbs = await checkedRecoveryKey({ suite, rootKey, account, recoveryKey: copyBytes(options.recoveryKey), least });
  const { number, authenticator, root } = epoch;
  const plaintext = root.use((bytes) => encode(Inside, { epoch: number, authenticator, root: bytes }));
  const context = contextOf(account, tbs.number);
  const to = { publicKey: tbs.publicKey, plaintext, random: checkedRandom(random) };
  const { kemOutput, ciphertext } = await encryptWithLabel(suite, { label: sealLabel, context, ...to });
  plaintext.fill(0);
  return encode(SealedRoot, { version: sealVersion, number: tbs.number, kemOutput, ciphertext });
}

/** A recovery key that the root key has signed. @throws VaultError "vault-recovery-key" as `sealRoot` */
export async function checkedRecoveryKey(options: {
  readonly suite: CipherSuite;
  readonly rootKey: Uint8Array;
  readonly account: Uint8Array;
  readonly recoveryKey: Uint8Array;
  readonly least: number;
}): Promise<{ readonly number: number; readonly publicKey: Uint8Array }> {
  const { suite, rootKey, account, recoveryKey, least } = options;
  const { signature, ...tbs } = decoded(SignedKey, recoveryKey, "vault-recovery-key");
  const isOurs = tbs.version === keyVersion && tbs.cipherSuite === suite.id && bytesEqual(tbs.account, account);
  const signed = { publicKey: rootKey, label: signLabel, content: encode(RecoveryKeyTbs, tbs), signature };
  if (!isOurs || tbs.number < least || !(await verifyWithLabel(suite, signed))) {
    throw new VaultError("vault-recovery-key");
  }
  return { number: tbs.number, publicKey: tbs.publicKey };
}

/**
 * The epoch that was sealed. Whether it is the newest one only heads say that are kept elsewhere.
 *
 * @throws VaultError "vault-format", "vault-version"; "vault-open" where it was sealed to another key or for another account, or changed.
 */
export async function openRoot(options: {
  readonly suite: CipherSuite;
  readonly account: Uint8Array;
  readonly key: RecoveryKey;
  readonly sealed: Uint8Array;
}): Promise<VaultEpoch> {
  const { suite, account, key } = options;
  const bytes = copyBytes(options.sealed);
  if (bytes[0] !== undefined && bytes[0] !== sealVersion) throw new VaultError("vault-version");
  const { number, kemOutput, ciphertext } = decoded(SealedRoot, bytes, "vault-format");
  if (number !== key.number) throw new VaultError("vault-open");
  const privateKey = key.privateKey.use(copyBytes);
  const context = contextOf(account, number);
  let opened: Uint8Array;
  try {
    opened = await decryptWithLabel(suite, { privateKey, label: sealLabel, context, kemOutput, ciphertext });
  } catch (error) {
    if (error instanceof CopseError) throw new VaultError("vault-open");
    throw error;
  } finally {
    privateKey.fill(0);
  }
  const { epoch, authenticator, root } = decoded(Inside, opened, "vault-format");
  const copied = { authenticator: copyBytes(authenticator), root: Secret.of("vault_root", copyBytes(root)) };
  opened.fill(0);
  return { number: epoch, ...copied };
}

function contextOf(account: Uint8Array, number: number): Uint8Array {
  return encode(Context, { account, number });
}
interface Context {
  readonly account: Uint8Array;
  readonly number: number;
}
const Context: Codec<Context> = struct<Context>({ account: opaque, number: u32 });
