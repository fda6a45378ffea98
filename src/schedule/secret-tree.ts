/**
 * The secret tree: one ratchet per sender and content type, derived on demand. RFC 9420 section 9.
 *
 * A node's secret is there from the derivation of its parent's children until its own children are derived, so of the
 * path to a leaf nothing is left once the leaf has been used (section 9.2). Untouched parts of the tree cost nothing:
 * the secrets that exist are in a map, by node index (a leaf's is twice its leaf index, and each parent stands between
 * its subtrees, as in appendix C).
 */

import { Secret } from "../bytes/secret.ts";
import { deriveSecret } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import {
  checkGap,
  isGeneration,
  isRatchetState,
  Ratchet,
  wipePlan,
  wipeStep,
  type MessageKey,
  type RatchetPlan,
  type RatchetState,
  type RatchetStep,
  type RatchetWindow,
} from "./ratchet.ts";
import {
  TouchedParts,
  type RatchetType,
  type SecretTreePart,
  type SecretTreePartName,
  type SecretTreePartValue,
} from "./secret-tree-parts.ts";
import { derivePath, leavesUnder } from "./tree-path.ts";

/** A received message's key, not yet consumed. End it with exactly one of `accept` and `discard`. */
export interface StagedKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  /** The parts of the tree that its acceptance changes. A skipped generation's key is kept as from `now`. */
  changes(now: number): readonly SecretTreePart[];
  /**
   * The message was accepted: the generation is used up, and what section 9.2 calls consumed is wiped, this key and
   * nonce included. Skipped keys are kept as from `now`, and those that have grown too old at `now` are wiped.
   *
   * @throws TypeError where another acceptance has used this generation in the meantime.
   */
  accept(now: number): void;
  /** The message was refused: nothing of it stays, and nothing else changes. After `accept` it does nothing. */
  discard(): void;
}

/** A secret tree as plain data, in increasing order throughout: the same tree always gives the same state. */
export interface SecretTreeState {
  readonly width: number;
  readonly nodes: readonly (readonly [nodeIndex: number, secret: Uint8Array])[];
  readonly leaves: readonly (readonly [leafIndex: number, handshake: RatchetState, application: RatchetState])[];
}

type NodeSecret = Secret<"encryption_secret" | "tree_node_secret">;
type Ratchets = Readonly<Record<RatchetType, Ratchet>>;

/** A leaf derived ahead of the tree's own state, with the node secrets that remain beside its path. */
interface LeafPlan {
  readonly leafIndex: number;
  /** The node whose secret all of this came from. */
  readonly consumed: number;
  readonly nodes: readonly (readonly [nodeIndex: number, secret: NodeSecret])[];
  readonly ratchets: Ratchets;
}

/** A message's key derived ahead of the tree's own state; on the first use of a leaf, with the leaf. */
interface Plan {
  readonly leafIndex: number;
  readonly type: RatchetType;
  readonly leaf: LeafPlan | undefined;
  readonly ratchet: Ratchet;
  readonly message: RatchetPlan;
  /** What its acceptance makes of the ratchet, once somebody has asked. */
  step?: RatchetStep;
  /** The number of changes that the tree had seen. */
  readonly changes: number;
}

export class SecretTree {
  readonly #suite: CipherSuite;
  readonly #width: number;
  readonly #window: RatchetWindow;
  readonly #nodes = new Map<number, NodeSecret>();
  readonly #leaves = new Map<number, Ratchets>();
  /** Counts changes, so that a plan knows whether it still fits. */
  #changes = 0;
  /** No kept key is older than this. */
  #oldest = Infinity;
  /** What was changed in place and is not stored yet, where somebody stores it. */
  #touched: TouchedParts | undefined;

  /** The number of leaves, blank or not. */
  get width(): number {
    return this.#width;
  }

  private constructor(suite: CipherSuite, width: number, window: RatchetWindow) {
    this.#suite = suite;
    this.#width = width;
    this.#window = window;
  }

  /**
   * The secret tree of an epoch. The secret is the tree's from now on.
   *
   * @param width the leaves of the ratchet tree, blank ones included: a power of two
   * @throws TypeError where it is not.
   */
  static create(
    suite: CipherSuite,
    encryptionSecret: Secret<"encryption_secret">,
    width: number,
    window: RatchetWindow,
  ): SecretTree {
    if (!isWidth(width)) throw new TypeError("the width of a tree is a power of two");
    const tree = new SecretTree(suite, width, window);
    tree.#nodes.set(width - 1, encryptionSecret);
    return tree;
  }

  /** The tree of an epoch that is over: it gives no key. */
  static wiped(suite: CipherSuite, width: number, window: RatchetWindow): SecretTree {
    return new SecretTree(suite, width, window);
  }

  /**
   * A tree that goes on from a state. The state's bytes are copied.
   *
   * @throws CopseError "snapshot-damaged" where no tree of this suite has this state.
   */
  static restore(suite: CipherSuite, state: SecretTreeState, window: RatchetWindow): SecretTree {
    if (!isState(suite, state)) throw new CopseError("snapshot-damaged");
    const tree = new SecretTree(suite, state.width, window);
    for (const [nodeIndex, secret] of state.nodes) {
      const name = nodeIndex === state.width - 1 ? "encryption_secret" : "tree_node_secret";
      tree.#nodes.set(nodeIndex, Secret.of(name, secret.slice()));
    }
    for (const [leafIndex, ...states] of state.leaves) {
      const [handshake, application] = [Ratchet.restore(states[0]), Ratchet.restore(states[1])];
      tree.#leaves.set(leafIndex, { handshake, application });
      tree.#oldest = Math.min(tree.#oldest, handshake.oldest, application.oldest);
    }
    return tree;
  }

  /**
   * The next key to send with, which the tree forgets at once. The caller wipes it after the message.
   *
   * @throws CopseError "generation-overflow" after generation 2^32 - 1, "secret-wiped".
   */
  next(leafIndex: number, type: RatchetType): MessageKey {
    return this.#own(leafIndex, type).next(this.#suite);
  }

  /**
   * Give up generations unused, where some may have been used by a copy of this state that is lost.
   *
   * @throws CopseError "generation-overflow", "secret-wiped".
   */
  skip(leafIndex: number, type: RatchetType, count: number): void {
    if (!Number.isInteger(count) || count < 0) throw new TypeError("a count of generations is not negative");
    if (count === 0) return;
    this.#own(leafIndex, type).skip(this.#suite, count);
  }

  /**
   * Give up the generations up to this one, which is known to have been used, unless that is done: how many these were.
   *
   * @throws CopseError "generation-overflow", "secret-wiped".
   */
  skipPast(leafIndex: number, type: RatchetType, generation: number): number {
    if (!isGeneration(generation)) throw new TypeError("a generation is a uint32");
    return this.#own(leafIndex, type).skipTo(this.#suite, generation + 1);
  }

  /**
   * The key of a received message. The tree does not change in any way until the key is accepted.
   *
   * @param now where it is given, a kept key that has grown too old by then counts as gone
   * @throws CopseError "message-key-used", "generation-gap", "secret-wiped".
   */
  stage(leafIndex: number, type: RatchetType, generation: number, now?: number): StagedKey {
    if (!isGeneration(generation)) throw new TypeError("a generation is a uint32");
    let plan: Plan | undefined = this.#plan(leafIndex, type, generation, now);
    const { key, nonce } = plan.message;
    return {
      key,
      nonce,
      changes: (at) => {
        if (plan === undefined) throw new TypeError("a staged key is accepted or discarded once");
        plan = this.#current(plan);
        return this.#partsAfter(plan, at);
      },
      accept: (at) => {
        if (plan === undefined) throw new TypeError("a staged key is accepted or discarded once");
        const accepted = this.#current(plan);
        plan = undefined;
        this.#accept(accepted, at);
      },
      discard: () => {
        if (plan !== undefined) wipe(plan);
        plan = undefined;
      },
    };
  }

  /** Wipe the kept keys of skipped generations that are older than the window allows. `now` is in milliseconds. */
  expire(now: number): void {
    const { outOfOrderAge } = this.#window;
    if (outOfOrderAge === undefined || now - this.#oldest < outOfOrderAge) return;
    this.#changes += 1;
    this.#oldest = Infinity;
    for (const [leafIndex, ratchets] of this.#leaves) {
      for (const type of ratchetTypes) {
        for (const generation of ratchets[type].expire(this.#window, now)) {
          this.#touched?.add({ kind: "key", leafIndex, type, generation });
        }
        this.#oldest = Math.min(this.#oldest, ratchets[type].oldest);
      }
    }
  }

  /** From now on note what is changed in place, for `touched`. What a staged key's `changes` tell is not noted. */
  track(): void {
    this.#touched ??= new TouchedParts();
  }

  /** The parts that were changed in place since they were last stored, as they are now. */
  touched(): readonly SecretTreePart[] {
    if (this.#touched === undefined || this.#touched.size === 0) return [];
    return Array.from(this.#touched.values(), (name) => ({ name, value: this.#valueOf(name) }));
  }

  /** The names of the parts that were changed in place: they are about to be stored. */
  takeTouched(): readonly SecretTreePartName[] {
    if (this.#touched === undefined || this.#touched.size === 0) return [];
    const names = [...this.#touched.values()];
    this.#touched.clear();
    return names;
  }

  /** These parts have not been stored after all. */
  touchAgain(names: readonly SecretTreePartName[]): void {
    for (const name of names) this.#touched?.add(name);
  }

  /** The names of all parts that there are, in increasing order: the same tree always gives the same. */
  *names(): Iterable<SecretTreePartName> {
    for (const [nodeIndex] of [...this.#nodes].sort(byIndex)) yield { kind: "node", nodeIndex };
    for (const [leafIndex, ratchets] of [...this.#leaves].sort(byIndex)) {
      for (const type of ratchetTypes) {
        yield { kind: "ratchet", leafIndex, type };
        for (const generation of ratchets[type].generations()) yield { kind: "key", leafIndex, type, generation };
      }
    }
  }

  /** The names of all parts that may be stored: those that there are, and those that are gone since they were. */
  *storedNames(): Iterable<SecretTreePartName> {
    yield* this.names();
    yield* this.#touched?.values() ?? [];
  }

  /** All parts that there are. */
  *parts(): Iterable<SecretTreePart> {
    for (const name of this.names()) yield { name, value: this.#valueOf(name) };
  }

  /** Everything that there is to know, in copies: secrets all of them. */
  state(): SecretTreeState {
    const nodes = [...this.#nodes].sort(byIndex).map(([index, secret]) => [index, bytesOf(secret)] as const);
    const leaves = [...this.#leaves].sort(byIndex);
    return {
      width: this.#width,
      nodes,
      leaves: leaves.map(([index, { handshake, application }]) => [index, handshake.state(), application.state()]),
    };
  }

  /** Wipe every secret. The tree gives no key any more. */
  wipe(): void {
    this.#changes += 1;
    for (const secret of this.#nodes.values()) secret.wipe();
    for (const { handshake, application } of this.#leaves.values()) {
      handshake.wipe();
      application.wipe();
    }
    this.#nodes.clear();
    this.#leaves.clear();
  }

  #plan(leafIndex: number, type: RatchetType, generation: number, now?: number): Plan {
    const present = this.#leaves.get(leafIndex);
    if (present === undefined) checkGap(0, generation, this.#window); // before the path is derived
    const leaf = present === undefined ? this.#planLeaf(leafIndex) : undefined;
    const ratchet = (present ?? leaf!.ratchets)[type];
    const message = ratchet.plan(this.#suite, generation, this.#window, now);
    return { leafIndex, type, leaf, ratchet, message, changes: this.#changes };
  }

  /** A plan that fits the state that the tree has now. */
  #current(plan: Plan): Plan {
    if (plan.changes === this.#changes) return plan;
    wipe(plan);
    try {
      return this.#plan(plan.leafIndex, plan.type, plan.message.generation);
    } catch (cause) {
      throw new TypeError("the secret tree has moved past a staged key", { cause });
    }
  }

  #stepOf(plan: Plan): RatchetStep {
    return (plan.step ??= plan.ratchet.step(this.#suite, plan.message, this.#window));
  }

  /** The parts that are others once a plan has been accepted. */
  #partsAfter(plan: Plan, keptAt: number): readonly SecretTreePart[] {
    const { leafIndex, type, leaf } = plan;
    const { next, kept, forgotten } = this.#stepOf(plan);
    const parts: SecretTreePart[] = [];
    if (leaf !== undefined) {
      parts.push({ name: { kind: "node", nodeIndex: leaf.consumed }, value: undefined });
      for (const [nodeIndex, secret] of leaf.nodes) {
        parts.push({ name: { kind: "node", nodeIndex }, value: { kind: "node", secret: bytesOf(secret) } });
      }
      const other = type === "handshake" ? "application" : "handshake";
      parts.push({ name: { kind: "ratchet", leafIndex, type: other }, value: ratchetValue(leaf.ratchets[other]) });
    }
    for (const generation of forgotten) {
      parts.push({ name: { kind: "key", leafIndex, type, generation }, value: undefined });
    }
    for (const [generation, secret] of kept) {
      const keyAndNonce = secret.use((bytes) => bytes.slice());
      parts.push({ name: { kind: "key", leafIndex, type, generation }, value: { kind: "key", keyAndNonce, keptAt } });
    }
    if (next !== undefined) {
      const secret = next.secret?.use((bytes) => bytes.slice()) ?? new Uint8Array(0);
      const value = { kind: "ratchet", generation: next.generation, secret } as const;
      parts.push({ name: { kind: "ratchet", leafIndex, type }, value });
    }
    return parts;
  }

  #valueOf(name: SecretTreePartName): SecretTreePartValue | undefined {
    if (name.kind === "node") {
      const secret = this.#nodes.get(name.nodeIndex);
      return secret && { kind: "node", secret: bytesOf(secret) };
    }
    const ratchet = this.#leaves.get(name.leafIndex)?.[name.type];
    if (ratchet === undefined) return undefined;
    if (name.kind === "ratchet") return ratchetValue(ratchet);
    const kept = ratchet.kept(name.generation);
    return kept && { kind: "key", ...kept };
  }

  #accept(plan: Plan, now: number): void {
    const { leaf, ratchet, message } = plan;
    const step = this.#stepOf(plan);
    this.#changes += 1;
    if (leaf !== undefined) this.#grow(leaf);
    ratchet.accept(message, step, now);
    this.#oldest = Math.min(this.#oldest, now);
    wipePlan(message);
    this.expire(now);
  }

  /** A ratchet to be changed in place: our own. */
  #own(leafIndex: number, type: RatchetType): Ratchet {
    this.#changes += 1;
    let ratchets = this.#leaves.get(leafIndex);
    if (ratchets === undefined) {
      const leaf = this.#planLeaf(leafIndex);
      ratchets = this.#grow(leaf);
      for (const nodeIndex of [leaf.consumed, ...leaf.nodes.map(([index]) => index)]) {
        this.#touched?.add({ kind: "node", nodeIndex });
      }
      for (const each of ratchetTypes) this.#touched?.add({ kind: "ratchet", leafIndex, type: each });
    }
    this.#touched?.add({ kind: "ratchet", leafIndex, type });
    return ratchets[type];
  }

  #grow({ leafIndex, consumed, nodes, ratchets }: LeafPlan): Ratchets {
    this.#nodes.get(consumed)?.wipe();
    this.#nodes.delete(consumed);
    for (const [nodeIndex, secret] of nodes) this.#nodes.set(nodeIndex, secret);
    this.#leaves.set(leafIndex, ratchets);
    return ratchets;
  }

  /** Derive a leaf that has not been used, from the lowest node above it that has a secret, and change nothing. */
  #planLeaf(leafIndex: number): LeafPlan {
    if (!Number.isInteger(leafIndex) || leafIndex < 0 || leafIndex >= this.#width) {
      throw new TypeError("a leaf index is within the tree");
    }
    const suite = this.#suite;
    const path = derivePath(suite, this.#nodes, this.#width, leafIndex);
    if (path === undefined) throw new CopseError("secret-wiped");
    const { consumed, nodes, secret } = path;
    const ratchet = (label: RatchetType): Ratchet =>
      new Ratchet(Secret.of("ratchet_secret", deriveSecret(suite, secret, label)));
    const ratchets = { handshake: ratchet("handshake"), application: ratchet("application") };
    secret.fill(0);
    return { leafIndex, consumed, nodes, ratchets };
  }
}

const ratchetTypes: readonly RatchetType[] = ["handshake", "application"];
/** Whether so many leaves fill a tree, and a uint32 counts them. */
function isWidth(width: number): boolean {
  return width >= 1 && width <= 2 ** 32 && 2 ** Math.round(Math.log2(width)) === width;
}

function bytesOf(secret: NodeSecret): Uint8Array {
  return secret.use((bytes) => bytes.slice());
}

function byIndex([a]: readonly [number, unknown], [b]: readonly [number, unknown]): number {
  return a - b;
}

function ratchetValue(ratchet: Ratchet): SecretTreePartValue {
  const [generation, secret] = ratchet.position();
  return { kind: "ratchet", generation, secret };
}

function wipe({ leaf, message, step }: Plan): void {
  wipePlan(message);
  if (step !== undefined) wipeStep(step);
  if (leaf === undefined) return;
  for (const [, secret] of leaf.nodes) secret.wipe();
  leaf.ratchets.handshake.wipe();
  leaf.ratchets.application.wipe();
}

/** Whether a tree of this suite can have this state: every leaf in use, or under exactly one node that has a secret. */
function isState(suite: CipherSuite, { width, nodes, leaves }: SecretTreeState): boolean {
  if (!isWidth(width) || nodes.some(([, secret]) => secret.length !== suite.hashLength)) return false;
  const used = leaves.map(([leafIndex]) => [leafIndex, 1] as const);
  const unused = nodes.map(([nodeIndex]) => leavesUnder(nodeIndex));
  let covered = 0;
  for (const [first, span] of [...used, ...unused].sort(byIndex)) {
    if (first !== covered) return false;
    covered += span;
  }
  return covered === width && leaves.every(([, ...states]) => states.every((state) => isRatchetState(suite, state)));
}
