/**
 * The secret tree as RFC 9420 section 9 defines it, derived whole and kept whole: what the lazy one is compared with.
 */

import { utf8 } from "../../src/bytes/text.ts";
import { deriveSecret, deriveTreeSecret, expandWithLabel } from "../../src/crypto/labels.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import type { RatchetType } from "../../src/schedule/secret-tree-parts.ts";

/** A subtree: all of its secrets are there. */
export interface NaiveNode {
  readonly secret: Uint8Array;
  readonly firstLeaf: number;
  readonly width: number;
  readonly children: readonly [NaiveNode, NaiveNode] | undefined;
}

/** One step of a ratchet. */
export interface NaiveGeneration {
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

export function naiveTree(suite: CipherSuite, secret: Uint8Array, width: number, firstLeaf = 0): NaiveNode {
  if (width === 1) return { secret, firstLeaf, width, children: undefined };
  const child = (label: string, first: number): NaiveNode =>
    naiveTree(suite, expandWithLabel(suite, secret, "tree", utf8(label), suite.hashLength), width / 2, first);
  return { secret, firstLeaf, width, children: [child("left", firstLeaf), child("right", firstLeaf + width / 2)] };
}

export function naiveLeaf(node: NaiveNode, leafIndex: number): NaiveNode {
  if (node.children === undefined) return node;
  const [left, right] = node.children;
  return naiveLeaf(leafIndex < right.firstLeaf ? left : right, leafIndex);
}

export function naiveGeneration(
  suite: CipherSuite,
  tree: NaiveNode,
  leafIndex: number,
  type: RatchetType,
  generation: number,
): NaiveGeneration {
  let secret = deriveSecret(suite, naiveLeaf(tree, leafIndex).secret, type);
  for (let j = 0; j < generation; j++) secret = deriveTreeSecret(suite, secret, "secret", j, suite.hashLength);
  return {
    secret,
    key: deriveTreeSecret(suite, secret, "key", generation, suite.keyLength),
    nonce: deriveTreeSecret(suite, secret, "nonce", generation, suite.nonceLength),
  };
}
