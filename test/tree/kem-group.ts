/**
 * A group that knows nothing but TreeKEM: a tree, and the private keys of every member.
 */

import { Secret } from "../../src/bytes/secret.ts";
import { utf8 } from "../../src/bytes/text.ts";
import type { CipherSuite, Random } from "../../src/crypto/provider.ts";
import { covers } from "../../src/tree/node.ts";
import { RatchetTree, type PathStep } from "../../src/tree/ratchet-tree.ts";
import {
  decryptPath,
  derivePath,
  encryptPath,
  type FreshPath,
  type NodePrivateKey,
  type PathContext,
} from "../../src/tree/treekem.ts";
import type { LeafNode, LeafNodeSource } from "../../src/wire/leaf-node.ts";
import type { UpdatePathNode } from "../../src/wire/update-path.ts";
import * as encode from "../wire/naive.ts";
import { keyPackageSource, leafNode } from "./histories.ts";
import { sha256 } from "./naive-tree.ts";

/** What a commit does besides its path. */
export interface Changes {
  readonly removes?: readonly number[];
  readonly adds?: number;
}

/** A path as its maker and its readers see it. */
export interface SealedPath {
  readonly committer: number;
  readonly context: PathContext;
  readonly nodes: readonly UpdatePathNode[];
  readonly fresh: FreshPath;
  /** What each other member has made of it, by leaf index. */
  readonly learned: Map<number, FreshPath>;
}

/** The same bytes in every run. */
export function predictable(seed: string): Random {
  let count = 0;
  return (length) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, () => sha256(utf8(`${seed} ${count++}`)));
    return new Uint8Array(blocks.flatMap((block) => [...block]).slice(0, length));
  };
}

/** Members with their private keys, and a tree of public ones. */
export class KemGroup {
  readonly suite: CipherSuite;
  readonly random: Random;
  tree: RatchetTree;
  /** By leaf index: a private key by level. */
  readonly members: Map<number, Map<number, NodePrivateKey>> = new Map();
  #number = 0;

  private constructor(suite: CipherSuite, random: Random, tree: RatchetTree) {
    this.suite = suite;
    this.random = random;
    this.tree = tree;
  }

  static async create(suite: CipherSuite, seed: string): Promise<KemGroup> {
    const random = predictable(seed);
    const { privateKey, publicKey } = await suite.deriveKeyPair(random(suite.hashLength));
    const tree = RatchetTree.create(suite, leafNode(0, keyPackageSource, { encryptionKey: publicKey }));
    const group = new KemGroup(suite, random, tree);
    group.members.set(0, new Map([[0, Secret.of("node_private_key", privateKey)]]));
    return group;
  }

  /** Change the tree, and give everybody fresh keys along the committer's path. The result is what was sent. */
  async commit(committer: number, { removes = [], adds = 0 }: Changes = {}): Promise<SealedPath> {
    const tree = this.tree.fork();
    for (const leafIndex of removes) {
      tree.remove(leafIndex);
      this.members.delete(leafIndex);
    }
    tree.truncate();
    const newLeaves: number[] = [];
    for (let i = 0; i < adds; i++) newLeaves.push(await this.#add(tree));
    newLeaves.sort((a, b) => a - b);
    const sealed = await this.#seal(tree, committer, newLeaves);
    this.tree = tree;
    this.#forgetBlank();
    await this.#receive(sealed);
    return sealed;
  }

  /** What one member makes of a path. */
  open({ context, nodes }: SealedPath, leafIndex: number): Promise<FreshPath> {
    return decryptPath(context, nodes, leafIndex, this.members.get(leafIndex)!);
  }

  async #add(tree: RatchetTree): Promise<number> {
    const { leaf, privateKey } = await this.#leaf(keyPackageSource);
    const leafIndex = tree.add(leaf);
    this.members.set(leafIndex, new Map([[0, privateKey]]));
    return leafIndex;
  }

  async #seal(tree: RatchetTree, committer: number, newLeaves: readonly number[]): Promise<SealedPath> {
    const path = tree.filteredDirectPath(committer);
    const first = Secret.of("path_secret", this.random(this.suite.hashLength));
    const fresh = await derivePath(this.suite, path, first);
    const publicKeys = fresh.nodes.map(({ publicKey }) => publicKey);
    const planned = tree.planPath(path, publicKeys);
    const { leaf, privateKey } = await this.#leaf({ type: "commit", parentHash: planned.parentHash });
    tree.mergePath(committer, leaf, planned);
    const groupContext = tree.hash();
    const context = { suite: this.suite, path, newLeaves, groupContext };
    const nodes = await encryptPath(context, fresh, this.random);
    this.members.set(committer, new Map([...this.members.get(committer)!, [0, privateKey]]));
    return { committer, context, nodes, fresh, learned: new Map() };
  }

  /** Old members open the path; new ones get the path secret of the lowest node above them, as a Welcome brings it. */
  async #receive(sealed: SealedPath): Promise<void> {
    const { committer, context, fresh } = sealed;
    for (const [leafIndex, keys] of this.members) {
      if (leafIndex !== committer) {
        const isNew = context.newLeaves.includes(leafIndex);
        sealed.learned.set(leafIndex, await (isNew ? this.welcome(sealed, leafIndex) : this.open(sealed, leafIndex)));
      }
      const { nodes } = sealed.learned.get(leafIndex) ?? fresh;
      for (const { level, privateKey } of nodes) keys.set(level, privateKey);
    }
  }

  /** What a new member derives from its Welcome. */
  welcome({ context: { path }, fresh }: SealedPath, leafIndex: number): Promise<FreshPath> {
    const start = path.findIndex(({ node }) => covers(node, leafIndex));
    return derivePath(this.suite, path.slice(start), fresh.nodes[start]!.pathSecret.copy());
  }

  /** Keys of nodes that are blank by now, or whose place is gone, are nobody's any more. */
  #forgetBlank(): void {
    for (const [leafIndex, keys] of this.members) {
      const kept = new Set(this.above(leafIndex).flatMap(({ level, node }) => (node.parentNode ? [level] : [])));
      for (const level of keys.keys()) if (level > 0 && !kept.has(level)) keys.delete(level);
    }
  }

  /** The nodes above a leaf, from the root down. */
  above(leafIndex: number): Pick<PathStep, "level" | "node">[] {
    const steps: Pick<PathStep, "level" | "node">[] = [];
    for (let node = this.tree.root; !node.isLeaf; node = node.childToward(leafIndex)) {
      steps.push({ level: node.level, node });
    }
    return steps;
  }

  async #leaf(source: LeafNodeSource): Promise<{ readonly leaf: LeafNode; readonly privateKey: NodePrivateKey }> {
    const { privateKey, publicKey } = await this.suite.deriveKeyPair(this.random(this.suite.hashLength));
    const leaf = leafNode(++this.#number, source, { encryptionKey: publicKey, signature: encode.uint(2, 1) });
    return { leaf, privateKey: Secret.of("node_private_key", privateKey) };
  }
}
