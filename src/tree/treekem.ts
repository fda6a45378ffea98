/**
 * TreeKEM: fresh keys along a path, and the path secrets that give them to everybody below. RFC 9420 sections 7.4 to 7.6.
 */

import { constantTimeEqual } from "../bytes/compare.ts";
import { Secret } from "../bytes/secret.ts";
import { decryptWithLabel, deriveSecret, encryptorWithLabel } from "../crypto/labels.ts";
import type { CipherSuite, KeyPair, Random } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import type { HpkeCiphertext, UpdatePathNode } from "../wire/update-path.ts";
import { covers } from "./node.ts";
import type { PathStep } from "./ratchet-tree.ts";
import { placeInResolution, resolution, type NewLeaves } from "./resolution.ts";

/** The private key of a node that a member is below, or of its leaf. */
export type NodePrivateKey = Secret<"node_private_key">;

/** A member's private keys by level: its leaf at 0, and one ancestor a level above. */
export type PrivateKeys = ReadonlyMap<number, NodePrivateKey>;

/** Fresh keys for one node of a path. The path secret lives until it has been encrypted to everybody. */
export interface FreshNode {
  readonly level: number;
  readonly pathSecret: Secret<"path_secret">;
  readonly privateKey: NodePrivateKey;
  readonly publicKey: Uint8Array;
}

/** Fresh keys for a whole path. */
export interface FreshPath {
  /** One for each step of the path, in its order. */
  readonly nodes: readonly FreshNode[];
  /** "path_secret[n+1] derived from the last path secret value" (section 12.4.1) */
  readonly commitSecret: Secret<"commit_secret">;
}

/**
 * Keys for the nodes of a path from its first path secret, which is taken over: `path_secret[n] =
 * DeriveSecret(path_secret[n-1], "path")`. RFC 9420 section 7.4
 */
export async function derivePath(
  suite: CipherSuite,
  path: readonly Pick<PathStep, "level">[],
  first: Secret<"path_secret">,
): Promise<FreshPath> {
  const nodes: FreshNode[] = [];
  let pathSecret = first;
  try {
    for (const { level } of path) {
      const { privateKey, publicKey } = await nodeKeyPair(suite, pathSecret);
      nodes.push({ level, pathSecret, privateKey: Secret.of("node_private_key", privateKey), publicKey });
      pathSecret = Secret.of(
        "path_secret",
        pathSecret.use((bytes) => deriveSecret(suite, bytes, "path")),
      );
    }
    const commitSecret = Secret.of(
      "commit_secret",
      pathSecret.use((bytes) => bytes.slice()),
    );
    return { nodes, commitSecret };
  } catch (error) {
    wipeNodes(nodes);
    throw error;
  } finally {
    pathSecret.wipe();
  }
}

/** The place on a committer's path of its lowest common ancestor with another leaf, or -1. */
export function commonAncestorOn(path: readonly PathStep[], leafIndex: number): number {
  return path.findIndex(({ copath }) => covers(copath, leafIndex));
}

/**
 * The keys of another's path from a path secret that it sent, which is taken over. RFC 9420 section 7.5: "Verify that the
 * derived public keys are the same as the corresponding public keys sent in the UpdatePath."
 *
 * @param sent the public key of each node of the path, where it has one
 * @throws CopseError "path-key-mismatch" of the given rule.
 */
export async function deriveSentPath(
  suite: CipherSuite,
  path: readonly PathStep[],
  first: Secret<"path_secret">,
  sent: readonly (Uint8Array | undefined)[],
  rule: string,
): Promise<FreshPath> {
  const derived = await derivePath(suite, path, first);
  const matches = derived.nodes.every(({ publicKey }, i) => {
    const key = sent[i];
    return key !== undefined && constantTimeEqual(publicKey, key);
  });
  if (!matches) {
    wipePath(derived);
    throw new CopseError("path-key-mismatch", { rule });
  }
  return derived;
}

/** Wipe all that is secret of a path that is not used. */
export function wipePath({ nodes, commitSecret }: FreshPath): void {
  wipeNodes(nodes);
  commitSecret.wipe();
}

function wipeNodes(nodes: readonly FreshNode[]): void {
  for (const { pathSecret, privateKey } of nodes) {
    pathSecret.wipe();
    privateKey.wipe();
  }
}

/** `node_secret[n] = DeriveSecret(path_secret[n], "node")`, and the key pair that it gives. */
async function nodeKeyPair(suite: CipherSuite, pathSecret: Secret<"path_secret">): Promise<KeyPair> {
  const nodeSecret = pathSecret.use((bytes) => deriveSecret(suite, bytes, "node"));
  try {
    return await suite.deriveKeyPair(nodeSecret);
  } finally {
    nodeSecret.fill(0);
  }
}

/** What both sides of an UpdatePath need to know. */
export interface PathContext {
  readonly suite: CipherSuite;
  /** The committer's filtered direct path in the tree after the proposals. */
  readonly path: readonly PathStep[];
  readonly newLeaves: NewLeaves;
  /** The encoded provisional GroupContext: new epoch, tree hash and extensions, old transcript hash (section 12.4.1). */
  readonly groupContext: Uint8Array;
}

/** Encrypt each path secret to the resolution of its copath child. RFC 9420 section 7.6 */
export function encryptPath(
  { suite, path, newLeaves, groupContext }: PathContext,
  fresh: FreshPath,
  random: Random,
): Promise<readonly UpdatePathNode[]> {
  const encrypt = encryptorWithLabel(suite, "UpdatePathNode", groupContext);
  const encryptTo = (publicKey: Uint8Array, secret: Secret<"path_secret">): Promise<HpkeCiphertext> =>
    secret.use((plaintext) => encrypt({ publicKey, plaintext, random }));
  return Promise.all(
    path.map(async ({ copath }, i) => {
      const { pathSecret, publicKey } = fresh.nodes[i]!;
      const targets = [...resolution(copath, newLeaves)];
      const encryptedPathSecret = await Promise.all(
        targets.map(({ encryptionKey }) => encryptTo(encryptionKey, pathSecret)),
      );
      return { encryptionKey: publicKey, encryptedPathSecret };
    }),
  );
}

/**
 * Decrypt the path secret that is meant for a member, derive those above it, and check that each gives the public key
 * that the UpdatePath announces. RFC 9420 section 7.5
 *
 * @throws CopseError "path-open", "path-key-mismatch".
 */
export async function decryptPath(
  context: PathContext,
  nodes: readonly UpdatePathNode[],
  leafIndex: number,
  privateKeys: PrivateKeys,
): Promise<FreshPath> {
  const { suite, path, newLeaves, groupContext } = context;
  const start = commonAncestorOn(path, leafIndex);
  const step = path[start];
  if (step === undefined) throw new CopseError("path-open", { detail: "no node of the path is above this member" });
  const place = placeInResolution(step.copath, leafIndex, newLeaves);
  const ciphertext = nodes[start]?.encryptedPathSecret[place.position];
  const privateKey = privateKeys.get(place.level);
  if (ciphertext === undefined || privateKey === undefined) throw new CopseError("path-open");
  const pathSecret = await open(suite, { privateKey, publicKey: place.encryptionKey }, ciphertext, groupContext);
  const sent = nodes.slice(start).map(({ encryptionKey }) => encryptionKey);
  return deriveSentPath(suite, path.slice(start), pathSecret, sent, "section 7.5");
}

async function open(
  suite: CipherSuite,
  { privateKey, publicKey }: { readonly privateKey: NodePrivateKey; readonly publicKey: Uint8Array | undefined },
  { kemOutput, ciphertext }: HpkeCiphertext,
  groupContext: Uint8Array,
): Promise<Secret<"path_secret">> {
  try {
    const bytes = await privateKey.use((key) =>
      decryptWithLabel(suite, {
        privateKey: key,
        ...(publicKey === undefined ? {} : { publicKey }),
        label: "UpdatePathNode",
        context: groupContext,
        kemOutput,
        ciphertext,
      }),
    );
    if (bytes.length !== suite.hashLength) {
      bytes.fill(0);
      throw new CopseError("path-open", { detail: "the path secret is not of length KDF.Nh" });
    }
    return Secret.of("path_secret", bytes);
  } catch (cause) {
    throw new CopseError("path-open", { cause });
  }
}
