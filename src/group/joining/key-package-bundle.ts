/**
 * Key packages: what others need to add this client, and the private half that waits for the Welcome. RFC 9420 section 10.
 */

import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import "../../public-group/explained.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { nothing } from "../../bytes/nothing.ts";
import { Secret } from "../../bytes/secret.ts";
import { bytes as someBytes, flag, hook, options as optionsOf, uint64, type Shape } from "../../bytes/takes.ts";
import { decode, decodeCopy, encode, opaque, struct, u8, type Codec } from "../../codec/codec.ts";
import { defaultLimits, type Limits } from "../../codec/limits.ts";
import { encodingOf } from "../../codec/retained.ts";
import { makeKeyPackageRef, signWithLabel } from "../../crypto/labels.ts";
import type { Awaitable, CipherSuite, Random } from "../../crypto/provider.ts";
import { checkedRandom, platformRandom } from "../../crypto/random.ts";
import { CopseError } from "../../errors.ts";
import { checkExtensions } from "../../rules/extensions.ts";
import { checkKeyPackageExtensionsListed, checkKeyPackageSuite } from "../../rules/key-package.ts";
import { completed, prepareRegistry, registryTakes, type ExtensionRegistry } from "../../rules/registry.ts";
import type { NodePrivateKey } from "../../tree/treekem.ts";
import { someExtensions, type Extension } from "../../wire/extension.ts";
import { KeyPackage, keyPackageTbs } from "../../wire/key-package.ts";
import type { Lifetime } from "../../wire/leaf-node.ts";
import { encodeMessage } from "../../wire/message.ts";
import { mls10 } from "../../wire/registries.ts";
import { decodeKeyPackage } from "../../public-group/proposals/changes.ts";
import { lifetimeOf } from "../../public-group/unverified/read-key-package.ts";
import { greaseOf, withGreaseExtension, type GreaseChoice } from "../../public-group/options/grease.ts";
import type { Identity } from "../../public-group/identity.ts";
import { leafContents, signLeaf, type LeafContents, type LeafOptions } from "../../public-group/leaf.ts";
import { checkedClock, type Clock } from "../../bytes/clock.ts";
import { keyPackageName } from "../../public-group/records/names.ts";
import {
  writeError,
  type KeyPackageChanges,
  type KeyPackageEvent,
  type PersistKeyPackage,
} from "../../public-group/records/persist.ts";
import { checkSendable } from "../../public-group/options/sendable.ts";
import { defaultLifetime, withDefaults } from "../../public-group/options/settings-of.ts";
import {
  grease as aGrease,
  identity as anIdentity,
  leafShape,
  limits as someLimits,
  suite as aSuite,
} from "../../public-group/options/takes.ts";

/** A key package and its private keys, to be kept until the Welcome comes. */
export interface KeyPackageBundle {
  /** The MLSMessage to publish. */
  readonly keyPackage: Bytes;
  /** The KeyPackageRef. */
  readonly ref: Bytes;
  /** When others may use it, in seconds since the Unix epoch: make another before it is over. */
  readonly lifetime: Lifetime;
  /** Whether it serves any number of joins (section 16.8). */
  readonly lastResort: boolean;
  /** Both halves, to be stored: secret. */
  toBytes(): Bytes;
  /**
   * End the private keys, when the key package has expired. A join does it by itself, unless it is a last resort. A promise
   * where `persist` is told; where it fails, call it again.
   */
  wipe(): Awaitable<void>;
}

/** Where a client's key packages are looked up: a list, or a function by KeyPackageRef. */
export type KeyPackageSource =
  | readonly KeyPackageBundle[]
  | ((ref: Uint8Array) => KeyPackageBundle | undefined | Promise<KeyPackageBundle | undefined>);

/** What a client decides about a key package. */
export interface KeyPackageOptions extends LeafOptions {
  readonly identity: Identity;
  /** Seconds since the Unix epoch. Default: from an hour ago, for 90 days. */
  readonly lifetime?: { readonly notBefore: bigint; readonly notAfter: bigint };
  /** Extensions of the key package itself. */
  readonly keyPackageExtensions?: readonly Extension[];
  readonly registry?: ExtensionRegistry;
  /**
   * Whether it serves any number of joins, when the others are used up (section 16.8): `createAppData`'s registry marks it. Default
   * false.
   */
  readonly lastResort?: boolean;
  /** Whether GREASE values are included, as section 13.5 asks. Default true: in the lists of capabilities. */
  readonly grease?: GreaseChoice;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Stores the bundle before the key package leaves. Default: nothing is stored, and `toBytes` is there. */
  readonly persist?: PersistKeyPackage;
  /** The limits of the groups that it is for: a key package beyond them is not made. */
  readonly limits?: Partial<Limits>;
}

/** The bundle as the engine sees it. */
export class OwnKeyPackage implements KeyPackageBundle {
  readonly value: KeyPackage;
  readonly ref: Bytes;
  readonly initPrivateKey: Secret<"init_private_key">;
  readonly leafPrivateKey: NodePrivateKey;
  readonly lastResort: boolean;
  readonly #persist: PersistKeyPackage | undefined;
  #isTaken = false;

  constructor(
    suite: CipherSuite,
    value: KeyPackage,
    keys: { readonly init: Uint8Array; readonly leaf: Uint8Array; readonly lastResort: boolean },
    persist?: PersistKeyPackage,
  ) {
    this.value = value;
    this.ref = asBytes(makeKeyPackageRef(suite, encodingOf(KeyPackage, value)));
    this.initPrivateKey = Secret.of("init_private_key", keys.init);
    this.leafPrivateKey = Secret.of("node_private_key", keys.leaf);
    this.lastResort = keys.lastResort;
    this.#persist = persist;
  }

  get lifetime(): Lifetime {
    return lifetimeOf(this.value.leafNode);
  }

  get keyPackage(): Bytes {
    return encodeMessage({ wireFormat: "mls_key_package", keyPackage: this.value });
  }

  toBytes(): Bytes {
    return this.initPrivateKey.use((initKey) =>
      this.leafPrivateKey.use((leafKey) =>
        encode(StoredKeyPackage, {
          keyPackage: this.value,
          initKey,
          leafKey,
          lastResort: this.lastResort ? 1 : 0,
        }),
      ),
    );
  }

  /**
   * The leaf's private key for the one group that is joined with it. Unless it is a last resort, nobody else gets it before it
   * is given back.
   *
   * @throws CopseError "key-package-unknown" where another join was faster.
   */
  take(): NodePrivateKey {
    if (this.#isTaken || this.leafPrivateKey.isWiped)
      throw new CopseError("key-package-unknown", { ref: this.ref.slice() });
    const key = this.leafPrivateKey.copy();
    this.#isTaken = !this.lastResort;
    return key;
  }

  /** The join has failed after all. */
  giveBack(): void {
    this.#isTaken = false;
  }

  /** The group was joined: unless it is a last resort, nothing of the key package is left for another. */
  spend(): void {
    if (!this.lastResort) this.#end();
  }

  wipe(): Awaitable<void> {
    this.#end();
    const deletes = [keyPackageName(this.ref)];
    if (this.#persist !== undefined) {
      return this.#write(
        this.#persist,
        { puts: new Map(), deletes },
        { kind: "key-package-wiped", ref: this.ref.slice() },
      );
    }
  }

  /** Nobody has asked for it: its private keys end, and no store hears of it. */
  abandon(): void {
    this.#end();
  }

  /** Store both halves, where that is asked for. The private keys end where it fails: nobody has seen the public ones. */
  async begin(): Promise<void> {
    if (this.#persist === undefined) return;
    const { keyPackage, lastResort } = this;
    const puts = new Map([[keyPackageName(this.ref), this.toBytes()]]);
    const event = { kind: "key-package-made", keyPackage, ref: this.ref.slice(), lastResort } as const;
    try {
      await this.#write(this.#persist, { puts, deletes: [] }, event);
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  async #write(persist: PersistKeyPackage, changes: KeyPackageChanges, event: KeyPackageEvent): Promise<void> {
    try {
      await persist(changes, event);
    } catch (cause) {
      throw writeError(cause);
    }
  }

  #end(): void {
    this.initPrivateKey.wipe();
    this.leafPrivateKey.wipe();
  }
}

/** How a bundle is stored: the key package, then the private keys of its init key and its leaf. */
export interface StoredKeyPackage {
  readonly keyPackage: KeyPackage;
  readonly initKey: Uint8Array;
  readonly leafKey: Uint8Array;
  readonly lastResort: number;
}
export const StoredKeyPackage: Codec<StoredKeyPackage> = struct<StoredKeyPackage>({
  keyPackage: KeyPackage,
  initKey: opaque,
  leafKey: opaque,
  lastResort: u8,
});

/**
 * A fresh key package.
 *
 * @throws CopseError "extension-duplicate", "extension-misplaced" or "extension-malformed" for extensions that don't
 * belong there; "state-not-written" and "state-unknown" of `persist`; "leaf-extension-unlisted" for one of the key package that the capabilities don't list. TypeError for default types in the capabilities.
 */
export async function createKeyPackage(options: KeyPackageOptions): Promise<KeyPackageBundle> {
  made("createKeyPackage", options);
  const { identity, keyPackageExtensions: given = [] } = options;
  const clock = checkedClock(options.clock);
  const random = checkedRandom(options.random ?? platformRandom);
  const { suite } = identity;
  const registry = prepareRegistry(options.registry);
  const grease = greaseOf(options.grease, random);
  const keyPackageExtensions = completed(given, "key_package", registry, {
    grease,
    lastResort: options.lastResort ?? false,
  });
  const extensions = withGreaseExtension(keyPackageExtensions, grease);
  const contents = listing(
    leafContents(options, suite, { registry, grease }),
    extensions.slice(keyPackageExtensions.length),
  );
  checkExtensions(contents.extensions, "leaf_node", registry);
  checkExtensions(keyPackageExtensions, "key_package", registry);
  checkKeyPackageExtensionsListed(keyPackageExtensions, contents.capabilities);
  const lifetime = options.lifetime ?? lifetimeFrom(clock());
  const initKeys = await suite.generateKemKeyPair(random);
  const leafKeys = await suite.generateKemKeyPair(random);
  const leafNode = await signLeaf(identity, {
    ...contents,
    encryptionKey: leafKeys.publicKey,
    leafNodeSource: { type: "key_package", lifetime },
  });
  const unsigned: KeyPackage = {
    version: mls10,
    cipherSuite: suite.id,
    initKey: initKeys.publicKey,
    leafNode,
    extensions,
    signature: nothing,
  };
  checkSendable(KeyPackage, unsigned, { limits: withDefaults(defaultLimits, options.limits) });
  const signature = await signWithLabel(identity.signer, "KeyPackageTBS", keyPackageTbs(unsigned));
  const bundle = new OwnKeyPackage(
    suite,
    { ...unsigned, signature },
    { init: initKeys.privateKey, leaf: leafKeys.privateKey, lastResort: options.lastResort ?? false },
    options.persist,
  );
  await bundle.begin();
  return bundle;
}

/** A leaf whose capabilities list these extensions, too: GREASE of the key package around it. */
function listing({ capabilities, extensions }: LeafContents, greased: readonly Extension[]): LeafContents {
  const types = new Set([...capabilities.extensions, ...greased.map(({ type }) => type)]);
  return { capabilities: { ...capabilities, extensions: [...types] }, extensions };
}

/**
 * A bundle from `toBytes`, or from the record that `persist` was given: with `persist`, its end is stored, too.
 *
 * @throws CopseError of a `decode-` code, or "suite-unsupported" where it is of another cipher suite.
 */
export function restoreKeyPackage(
  suite: CipherSuite,
  bytes: Uint8Array,
  options: Pick<KeyPackageOptions, "persist"> = {},
): KeyPackageBundle {
  aSuite("suite", suite);
  someBytes("bytes", bytes);
  restored("restoreKeyPackage", options);
  const { keyPackage, initKey, leafKey, lastResort } = decodeCopy(StoredKeyPackage, bytes);
  if (keyPackage.cipherSuite !== suite.id) {
    throw new CopseError("suite-unsupported", { got: keyPackage.cipherSuite, expected: suite.id });
  }
  const own = decode(KeyPackage, copyBytes(encodingOf(KeyPackage, keyPackage)));
  const keys = { init: copyBytes(initKey), leaf: copyBytes(leafKey), lastResort: lastResort !== 0 };
  return new OwnKeyPackage(suite, own, keys, options.persist);
}

/** A key package that was made elsewhere, and its private keys, in the format of RFC 9420's test vectors. */
export interface KeyPackageImport extends Pick<KeyPackageOptions, "persist"> {
  readonly suite: CipherSuite;
  /** An MLSMessage, or a bare KeyPackage. */
  readonly keyPackage: Bytes;
  /** The private key of `init_key`. */
  readonly initPrivateKey: Uint8Array;
  /** The private key of the leaf's `encryption_key`. */
  readonly encryptionPrivateKey: Uint8Array;
  /** Whether it serves any number of joins. Default false. */
  readonly lastResort?: boolean;
}

/**
 * A bundle from raw keys: what another implementation made, or an interop harness hands over. The keys are copied. To join with
 * it, `createIdentity` takes the signature key's private half.
 *
 * @throws CopseError of a `decode-` code; "key-package-suite" where it is of another suite, "leaf-source" where its leaf is not a
 * key package's, "key-invalid" for a private key that is none or belongs to another public key; those of `persist`.
 */
export async function importKeyPackage(options: KeyPackageImport): Promise<KeyPackageBundle> {
  imported("importKeyPackage", options);
  const { suite, keyPackage, lastResort = false, persist } = options;
  const value = decodeKeyPackage(keyPackage, { reading: {} });
  checkKeyPackageSuite(value, suite);
  lifetimeOf(value.leafNode);
  const keys = { init: copyBytes(options.initPrivateKey), leaf: copyBytes(options.encryptionPrivateKey), lastResort };
  const bundle = new OwnKeyPackage(suite, value, keys, persist);
  try {
    await checkKeyPair(suite, options.initPrivateKey, value.initKey, "initPrivateKey");
    await checkKeyPair(suite, options.encryptionPrivateKey, value.leafNode.encryptionKey, "encryptionPrivateKey");
  } catch (error) {
    bundle.abandon();
    throw error;
  }
  await bundle.begin();
  return bundle;
}

/** @throws CopseError "key-invalid" where it is not the private key of this public key. */
async function checkKeyPair(
  suite: CipherSuite,
  key: Uint8Array,
  publicKey: Uint8Array,
  detail: "initPrivateKey" | "encryptionPrivateKey",
): Promise<void> {
  let own: Uint8Array;
  try {
    own = await suite.kemPublicKey(key);
  } catch (cause) {
    throw new CopseError("key-invalid", { detail, cause });
  }
  if (!bytesEqual(own, publicKey)) throw new CopseError("key-invalid", { detail });
}

/** The bundle of a ref, where the source has it. */
export async function findKeyPackage(source: KeyPackageSource, ref: Uint8Array): Promise<OwnKeyPackage | undefined> {
  const bundle =
    typeof source === "function"
      ? await source(ref.slice())
      : source.find(
          (candidate) => candidate.ref.length === ref.length && candidate.ref.every((byte, i) => byte === ref[i]),
        );
  if (bundle === undefined) return undefined;
  if (!(bundle instanceof OwnKeyPackage)) throw new TypeError("a key package bundle comes from createKeyPackage");
  return bundle;
}

/** The lifetime of a leaf made at this time, in milliseconds. */
export function lifetimeFrom(now: number): { readonly notBefore: bigint; readonly notAfter: bigint } {
  const seconds = Math.floor(now / 1000);
  const days = 90 * 24 * 60 * 60;
  return { notBefore: BigInt(Math.max(0, seconds - defaultLifetime.clockSkew)), notAfter: BigInt(seconds + days) };
}

const madeShape: Shape<KeyPackageOptions> = {
  ...leafShape,
  identity: anIdentity,
  lifetime: optionsOf({ notBefore: uint64, notAfter: uint64 }, "notBefore", "notAfter"),
  keyPackageExtensions: someExtensions,
  registry: registryTakes,
  lastResort: flag,
  grease: aGrease,
  clock: hook,
  random: hook,
  persist: hook,
  limits: someLimits,
};
const made = optionsOf(madeShape, "identity");

const restored = optionsOf({ persist: hook });

const importedShape: Shape<KeyPackageImport> = {
  suite: aSuite,
  keyPackage: someBytes,
  initPrivateKey: someBytes,
  encryptionPrivateKey: someBytes,
  lastResort: flag,
  persist: hook,
};
const imported = optionsOf(importedShape, "suite", "keyPackage", "initPrivateKey", "encryptionPrivateKey");
