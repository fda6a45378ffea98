/**
 * What a key package says of itself, before anybody checks it. RFC 9420 sections 5.2, 10.
 */

import { hash } from "#symmetric";
import { cipherSuites } from "../../crypto/cipher-suites.ts";
import { makeKeyPackageRef } from "../../crypto/labels.ts";
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
  /** Its KeyPackageRef, which a Welcome names; undefined for a cipher suite that is not known. RFC 9420 section 5.2 */
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
  const keyPackage = decodeKeyPackage(bytes, { reading: readingOf(options) });
  const { cipherSuite, leafNode, extensions } = keyPackage;
  const { credential, signatureKey, capabilities, extensions: leafExtensions } = leafNode;
  const lifetime = lifetimeOf(leafNode);
  const ref = keyPackageRef(keyPackage);
  return { ref, cipherSuite, credential, signatureKey, capabilities, lifetime, extensions, leafExtensions };
}

/** The lifetime of a key package's leaf. RFC 9420 section 7.3: "verify that the leaf_node_source is set to key_package". */
export function lifetimeOf({ leafNodeSource }: LeafNode): Lifetime {
  if (leafNodeSource.type !== "key_package") throw new CopseError("leaf-source", { rule: "section 7.3" });
  return leafNodeSource.lifetime;
}

/** The KeyPackageRef: by the hash of the cipher suite that the key package names, where that is known. */
export function keyPackageRef(keyPackage: KeyPackage): Uint8Array | undefined {
  const suite = cipherSuites.find(({ id }) => id === keyPackage.cipherSuite);
  if (suite === undefined) return undefined;
  return makeKeyPackageRef({ hash: (data) => hash(suite.hash, data) }, encodingOf(KeyPackage, keyPackage));
}
