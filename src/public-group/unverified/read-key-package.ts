/**
 * What a key package says of itself, before anybody checks it. RFC 9420 sections 5.2, 10.
 */

import { hash } from "#symmetric";
import { makeKeyPackageRef } from "../../crypto/labels.ts";
import type { HashName } from "../../crypto/symmetric.ts";
import { encodingOf } from "../../codec/retained.ts";
import { CopseError } from "../../errors.ts";
import type { Credential } from "../../wire/credential.ts";
import type { Extension } from "../../wire/extension.ts";
import { KeyPackage } from "../../wire/key-package.ts";
import type { Capabilities, LeafNode, Lifetime } from "../../wire/leaf-node.ts";
import { decodeKeyPackage } from "../proposals/changes.ts";
import { readingOf, type UnverifiedOptions } from "./read.ts";

/** What a key package says of itself. Nothing of it is verified: neither its signatures nor whom its credential stands for. */
export interface UnverifiedKeyPackage {
  /** Its KeyPackageRef, which a Welcome names; undefined for a suite that is neither RFC 9420's nor `suite`. Section 5.2 */
  readonly ref: Uint8Array | undefined;
  /** The IANA number of the cipher suite. */
  readonly cipherSuite: number;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly capabilities: Capabilities;
  /** Seconds since the Unix epoch: outside of it nobody should use the key package. */
  readonly lifetime: Lifetime;
  /** The key package's own. */
  readonly extensions: readonly Extension[];
  readonly leafExtensions: readonly Extension[];
}

/**
 * What a key package says of itself: an MLSMessage, or a bare KeyPackage. Nothing of it is verified; adding it to a group
 * does that.
 *
 *     const { ref, lifetime } = readKeyPackage(bytes);
 *
 * @throws CopseError of a `decode-` code, "limit-exceeded", or "leaf-source" where its leaf is not a key package's.
 */
export function readKeyPackage(bytes: Uint8Array, options?: UnverifiedOptions): UnverifiedKeyPackage {
  const keyPackage = decodeKeyPackage(bytes, { reading: readingOf(bytes, options) });
  const { cipherSuite, leafNode, extensions } = keyPackage;
  const { credential, signatureKey, capabilities, extensions: leafExtensions } = leafNode;
  const lifetime = lifetimeOf(leafNode);
  const ref = keyPackageRef(keyPackage, options);
  return { ref, cipherSuite, credential, signatureKey, capabilities, lifetime, extensions, leafExtensions };
}

/** The lifetime of a key package's leaf. RFC 9420 section 7.3: "verify that the leaf_node_source is set to key_package". */
export function lifetimeOf({ leafNodeSource }: LeafNode): Lifetime {
  if (leafNodeSource.type !== "key_package") throw new CopseError("leaf-source", { rule: "section 7.3" });
  return leafNodeSource.lifetime;
}

/** The hashes of RFC 9420's cipher suites, by number. The whole table of the suites would be a burden to a server's bundle. */
const hashes: readonly (HashName | undefined)[] = [
  undefined,
  "sha256",
  "sha256",
  "sha256",
  "sha512",
  "sha512",
  "sha512",
  "sha384",
];

/** The KeyPackageRef: by the hash of the cipher suite that the key package names, where that is known. RFC 9420 section 5.2 */
export function keyPackageRef(keyPackage: KeyPackage, { suite }: UnverifiedOptions = {}): Uint8Array | undefined {
  const id = keyPackage.cipherSuite;
  const name = hashes[id];
  const hashing = suite?.id === id ? suite : name && { hash: (data: Uint8Array) => hash(name, data) };
  return hashing && makeKeyPackageRef(hashing, encodingOf(KeyPackage, keyPackage));
}
