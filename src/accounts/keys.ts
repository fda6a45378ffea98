/**
 * The root key and the account keys. The root is derived from a recovery code and signs account keys, and nothing else; the account
 * key is on all of a user's devices and signs lists of them.
 *
 *     recovery code -> seed -> root key -> account key n -> list of devices, number v
 */

import { copyBytes } from "../bytes/copy.ts";
import type { Bytes } from "../bytes/bytes.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { concat } from "../bytes/concat.ts";
import { Secret } from "../bytes/secret.ts";
import { bytes as aBytes, having, hook, is, options as optionsOf, thing, uint32, type Takes } from "../bytes/takes.ts";
import { utf8 } from "../bytes/text.ts";
import { decode, encode, opaque, struct, u16, u32, u8, type Codec } from "../codec/codec.ts";
import type { CipherSuite, Random, Signer } from "../crypto/provider.ts";
import { checkedRandom, platformRandom } from "../crypto/random.ts";
import { suite as aSuite } from "../public-group/options/takes.ts";
import { isUri } from "../rooms/uri.ts";
import { isSigned, platformSuites, sign, suiteFor, type Suites } from "./component.ts";
import { AccountError } from "./errors.ts";
import { seedLength, type RecoverySeed } from "./recovery-code.ts";

/** The root of an account: wipe it when it has signed. */
export interface RootKey {
  readonly suite: CipherSuite;
  readonly publicKey: Bytes;
  readonly privateKey: Secret<"root_private_key">;
}

/** What the root signs: that a key is its account's, and which one in their order. */
export interface AccountKeyTbs {
  /** mimi://host/u/name */
  readonly user: Uint8Array;
  /** Of the root key and of the account key. */
  readonly cipherSuite: number;
  readonly rootKey: Uint8Array;
  /** From 1 on: a greater one is later, and those before it are retired. */
  readonly number: number;
  readonly accountKey: Uint8Array;
}
const AccountKeyTbs: Codec<AccountKeyTbs> = struct<AccountKeyTbs>({
  user: opaque,
  cipherSuite: u16,
  rootKey: opaque,
  number: u32,
  accountKey: opaque,
});

/** An account key with the root's signature: it stands in every list and in every leaf, so that each is checked by itself. */
export interface AccountCertificate extends AccountKeyTbs {
  readonly signature: Uint8Array;
}
/** A certificate's encoding: what the root signs, and the signature behind it. */
export const AccountCertificate: Codec<AccountCertificate> = struct<AccountCertificate>({
  user: opaque,
  cipherSuite: u16,
  rootKey: opaque,
  number: u32,
  accountKey: opaque,
  signature: opaque,
});

/** An account key on a device. */
export interface AccountKey {
  readonly suite: CipherSuite;
  readonly certificate: AccountCertificate;
  readonly privateKey: Secret<"account_private_key">;
}

interface StoredKey {
  readonly version: number;
  readonly certificate: AccountCertificate;
  readonly privateKey: Uint8Array;
}
const StoredKey: Codec<StoredKey> = struct<StoredKey>({
  version: u8,
  certificate: AccountCertificate,
  privateKey: opaque,
});
const storedVersion = 1;

const aSeed = /* @__PURE__ */ is(
  "a recovery seed: a Secret of 16 bytes",
  (value) => value instanceof Secret && value.length === seedLength,
);
const aSecret = /* @__PURE__ */ is("a Secret", (value) => value instanceof Secret);
const aRoot: Takes = /* @__PURE__ */ thing("a root key", { suite: aSuite, publicKey: aBytes, privateKey: aSecret }, [
  "suite",
  "publicKey",
  "privateKey",
]);
export const anAccountKey: Takes = /* @__PURE__ */ thing(
  "an account key",
  { suite: aSuite, certificate: having("a certificate"), privateKey: aSecret },
  ["suite", "certificate", "privateKey"],
);
export const aUser: Takes = /* @__PURE__ */ is(
  "a user's URI, such as mimi://example.org/u/alice",
  (value) => typeof value === "string" && isUri(value, "user"),
);

/**
 * The root key of a recovery seed: always the same one for a seed and a cipher suite.
 *
 *     const root = await rootKeyOf(suite, readRecoveryCode(text).seed);
 */
export async function rootKeyOf(suite: CipherSuite, seed: RecoverySeed): Promise<RootKey> {
  aSuite("suite", suite);
  aSeed("seed", seed);
  const secret = seed.use((bytes) => suite.extract(utf8("copse account root"), bytes));
  try {
    // A scheme takes as many bytes, and as often, as its private keys need: each is derived under its place and its length.
    let asked = 0;
    const derived: Random = (length) =>
      suite.expand(secret, concat(utf8("root key "), new Uint8Array([suite.id >> 8, suite.id, asked++])), length);
    const { privateKey, publicKey } = await suite.generateSignatureKeyPair(derived);
    return { suite, publicKey: copyBytes(publicKey), privateKey: Secret.of("root_private_key", privateKey) };
  } finally {
    secret.fill(0);
  }
}

const madeOptions = /* @__PURE__ */ optionsOf(
  { root: aRoot, user: aUser, after: uint32, random: hook },
  "root",
  "user",
);

/**
 * A new account key, signed by the root: the first, or the one that comes `after` another and retires it.
 *
 * @throws TypeError where `after` is a number that nothing follows.
 */
export async function createAccountKey(options: {
  readonly root: RootKey;
  readonly user: string;
  /** The number of the account key until now: `view.keyNumber`. Default 0: this is the first. */
  readonly after?: number;
  readonly random?: Random;
}): Promise<AccountKey> {
  madeOptions("createAccountKey", options);
  const { root, user, after = 0, random = platformRandom } = options;
  const { suite } = root;
  const { privateKey, publicKey } = await suite.generateSignatureKeyPair(checkedRandom(random));
  const tbs: AccountKeyTbs = {
    user: utf8(user),
    cipherSuite: suite.id,
    rootKey: root.publicKey,
    number: after + 1,
    accountKey: copyBytes(publicKey),
  };
  const signature = await sign(await signerOf(root), "AccountKeyTBS", encode(AccountKeyTbs, tbs));
  return { suite, certificate: { ...tbs, signature }, privateKey: Secret.of("account_private_key", privateKey) };
}

/** What signs with a key that is held here. */
export async function signerOf(key: {
  readonly suite: CipherSuite;
  readonly privateKey: Secret<string>;
}): Promise<Signer> {
  // A copy: a provider may keep what it is lent until it has imported it.
  const copy = key.privateKey.use(copyBytes);
  try {
    return await key.suite.signer(copy);
  } finally {
    copy.fill(0);
  }
}

/** Whether the root has signed it. */
export function isCertified(suite: CipherSuite, certificate: AccountCertificate): Promise<boolean> {
  const { rootKey, signature } = certificate;
  return isSigned(suite, "AccountKeyTBS", {
    publicKey: rootKey,
    content: encode(AccountKeyTbs, certificate),
    signature,
  });
}

/** An account key as bytes, to be stored, or handed to another device of the user: with them goes the power over the list. */
export function writeAccountKey(key: AccountKey): Secret<"account_key"> {
  anAccountKey("key", key);
  const bytes = key.privateKey.use((privateKey) =>
    encode(StoredKey, { version: storedVersion, certificate: key.certificate, privateKey }),
  );
  return Secret.of("account_key", bytes);
}

/**
 * The account key that `writeAccountKey` has written. Its certificate is verified, and that the private key is its.
 *
 * @throws AccountError "account-key" for what is none; "statement-suite".
 */
export async function readAccountKey(
  written: Uint8Array,
  { suites = platformSuites }: { readonly suites?: Suites } = {},
): Promise<AccountKey> {
  aBytes("written", written);
  hook("suites", suites);
  let stored: StoredKey;
  try {
    stored = decode(StoredKey, copyBytes(written));
  } catch {
    throw new AccountError("account-key"); // without its cause, which may show a part of the key
  }
  const { version, certificate, privateKey } = stored;
  if (version !== storedVersion) throw new AccountError("account-key", { detail: "of another version" });
  const suite = suiteFor(suites, certificate.cipherSuite);
  const publicKey = await publicKeyOf(suite, privateKey);
  if (publicKey === undefined || !bytesEqual(publicKey, certificate.accountKey)) throw new AccountError("account-key");
  if (!(await isCertified(suite, certificate))) throw new AccountError("account-key");
  return { suite, certificate, privateKey: Secret.of("account_private_key", copyBytes(privateKey)) };
}

async function publicKeyOf(suite: CipherSuite, privateKey: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await suite.signaturePublicKey(privateKey);
  } catch {
    return undefined; // no private key of the suite
  }
}
