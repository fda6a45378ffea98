/**
 * Any history of a secret tree, against a model that keeps everything and decides by section 9.2 what may be alive.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { Secret } from "../../src/bytes/secret.ts";
import { hex } from "../../src/bytes/text.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import { CopseError, type ErrorCode } from "../../src/errors.ts";
import type { RatchetWindow } from "../../src/schedule/ratchet.ts";
import type { RatchetType } from "../../src/schedule/secret-tree-parts.ts";
import { SecretTree } from "../../src/schedule/secret-tree.ts";
import { LiveSecrets } from "./live-secrets.ts";
import { naiveGeneration, naiveTree, type NaiveGeneration, type NaiveNode } from "./naive-secret-tree.ts";

const suite = nodeProvider.cipherSuite(1);
const types = ["handshake", "application"] as const;

/** What the rules say about one ratchet. */
interface ModelRatchet {
  next: number;
  readonly keptSince: Map<number, number>;
}

class Model {
  readonly #root: NaiveNode;
  readonly #window: RatchetWindow;
  readonly #ratchets = new Map<number, Record<RatchetType, ModelRatchet>>();

  constructor(root: Uint8Array, width: number, window: RatchetWindow) {
    this.#root = naiveTree(suite, root, width);
    this.#window = window;
  }

  generation(leafIndex: number, type: RatchetType, generation: number): NaiveGeneration {
    return naiveGeneration(suite, this.#root, leafIndex, type, generation);
  }

  /** How opening this generation ends at this time. */
  outcome(leafIndex: number, type: RatchetType, generation: number, now: number): "opens" | ErrorCode {
    const ratchet = this.#ratchets.get(leafIndex)?.[type] ?? { next: 0, keptSince: new Map<number, number>() };
    if (generation >= ratchet.next) {
      return generation - ratchet.next > this.#window.generationGap ? "generation-gap" : "opens";
    }
    const since = ratchet.keptSince.get(generation);
    return since === undefined || this.#tooOld(since, now) ? "message-key-used" : "opens";
  }

  open(leafIndex: number, type: RatchetType, generation: number, now: number): void {
    const { keptSince, ...ratchet } = this.#touch(leafIndex)[type];
    keptSince.delete(generation);
    for (let skipped = ratchet.next; skipped < generation; skipped++) keptSince.set(skipped, now);
    this.#touch(leafIndex)[type].next = Math.max(ratchet.next, generation + 1);
    const generations = [...keptSince.keys()].sort((a, b) => b - a);
    for (const tooMany of generations.slice(this.#window.outOfOrderKeys)) keptSince.delete(tooMany);
    this.expire(now);
  }

  /** Pass over generations; the first of them is returned. */
  burn(leafIndex: number, type: RatchetType, count: number): number {
    const ratchet = this.#touch(leafIndex)[type];
    ratchet.next += count;
    return ratchet.next - count;
  }

  expire(now: number): void {
    for (const ratchets of this.#ratchets.values()) {
      for (const { keptSince } of Object.values<ModelRatchet>(ratchets)) {
        for (const [generation, since] of keptSince) if (this.#tooOld(since, now)) keptSince.delete(generation);
      }
    }
  }

  /** All secrets that may be alive, and that the tree needs for what is still to come. */
  alive(): string[] {
    const secrets = this.#untouched(this.#root).map(({ secret }) => secret);
    for (const [leafIndex, ratchets] of this.#ratchets) {
      for (const type of types) {
        const { next, keptSince } = ratchets[type];
        secrets.push(this.generation(leafIndex, type, next).secret);
        for (const generation of keptSince.keys()) {
          const { key, nonce } = this.generation(leafIndex, type, generation);
          secrets.push(concat(key, nonce));
        }
      }
    }
    return secrets.map(hex).sort();
  }

  #touch(leafIndex: number): Record<RatchetType, ModelRatchet> {
    let ratchets = this.#ratchets.get(leafIndex);
    if (ratchets === undefined) {
      ratchets = { handshake: { next: 0, keptSince: new Map() }, application: { next: 0, keptSince: new Map() } };
      this.#ratchets.set(leafIndex, ratchets);
    }
    return ratchets;
  }

  #tooOld(since: number, now: number): boolean {
    return this.#window.outOfOrderAge !== undefined && now - since >= this.#window.outOfOrderAge;
  }

  /** The largest subtrees that have not been used. */
  #untouched(node: NaiveNode): NaiveNode[] {
    const used = [...this.#ratchets.keys()].some(
      (leaf) => leaf >= node.firstLeaf && leaf < node.firstLeaf + node.width,
    );
    return used ? (node.children?.flatMap((child) => this.#untouched(child)) ?? []) : [node];
  }
}

type Step = { readonly leaf: number; readonly type: RatchetType } & (
  | { readonly kind: "receive" | "refuse"; readonly offset: number }
  | { readonly kind: "send" | "store" | "expire" }
  | { readonly kind: "skip"; readonly count: number }
  | { readonly kind: "wait"; readonly time: number }
);

const place = { leaf: fc.nat(15), type: fc.constantFrom(...types) };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ ...place, kind: fc.constant("receive" as const), offset: fc.integer({ min: -6, max: 6 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ ...place, kind: fc.constant("refuse" as const), offset: fc.integer({ min: -6, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ ...place, kind: fc.constant("send" as const) }) },
  fc.record({ ...place, kind: fc.constantFrom("store" as const, "expire" as const) }),
  fc.record({ ...place, kind: fc.constant("skip" as const), count: fc.nat(3) }),
  fc.record({ ...place, kind: fc.constant("wait" as const), time: fc.nat(60) }),
);
const windows: fc.Arbitrary<RatchetWindow> = fc.record(
  { generationGap: fc.nat(6), outOfOrderKeys: fc.nat(5), outOfOrderAge: fc.integer({ min: 1, max: 100 }) },
  { requiredKeys: ["generationGap", "outOfOrderKeys"] },
);

test("any history gives the keys of the whole derivation, and keeps exactly the secrets that it may", () => {
  const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const history = fc.array(step, { maxLength: 40, size: "max" });
  fc.assert(
    fc.property(secret, fc.constantFrom(1, 2, 4, 16), windows, history, (root, width, window, steps) => {
      const alive = new LiveSecrets();
      try {
        let tree = SecretTree.create(suite, Secret.of("encryption_secret", root.slice()), width, window);
        const model = new Model(root, width, window);
        const next = new Map<string, number>();
        let now = 0;
        for (const step of steps) {
          const [leaf, { type }] = [step.leaf % width, step];
          switch (step.kind) {
            case "receive":
            case "refuse": {
              const generation = Math.max(0, (next.get(`${leaf} ${type}`) ?? 0) + step.offset);
              const before = tree.state();
              const expected = model.outcome(leaf, type, generation, now);
              expect(outcome(() => tree.stage(leaf, type, generation, now).discard())).toBe(expected);
              expect(tree.state()).toEqual(before);
              if (expected !== "opens" || step.kind === "refuse") break;
              const staged = tree.stage(leaf, type, generation, now);
              const { key, nonce } = model.generation(leaf, type, generation);
              expect([staged.key, staged.nonce]).toEqual([key, nonce]);
              staged.accept(now);
              model.open(leaf, type, generation, now);
              next.set(`${leaf} ${type}`, Math.max(next.get(`${leaf} ${type}`) ?? 0, generation + 1));
              break;
            }
            case "send": {
              const generation = model.burn(leaf, type, 1);
              const { key, nonce } = model.generation(leaf, type, generation);
              expect(tree.next(leaf, type)).toEqual({ generation, key, nonce });
              next.set(`${leaf} ${type}`, generation + 1);
              break;
            }
            case "skip":
              tree.skip(leaf, type, step.count);
              // to give up nothing touches nothing: a restored group is the group that was stored
              if (step.count > 0) next.set(`${leaf} ${type}`, model.burn(leaf, type, step.count) + step.count);
              break;
            case "store": {
              const state = tree.state();
              tree.wipe();
              tree = SecretTree.restore(suite, state, window);
              expect(tree.state()).toEqual(state);
              break;
            }
            case "expire":
              tree.expire(now);
              model.expire(now);
              break;
            case "wait":
              now += step.time;
          }
          expect(alive.bytes()).toEqual(model.alive());
        }
        tree.wipe();
        expect(alive.count).toBe(0);
      } finally {
        alive.stop();
      }
    }),
    { numRuns: 150 },
  );
});

test("messages within the window open in any order, each once", () => {
  const order = fc.integer({ min: 1, max: 30 }).chain((count) =>
    fc.shuffledSubarray(
      Array.from({ length: count }, (_, i) => i),
      { minLength: count },
    ),
  );
  fc.assert(
    fc.property(order, fc.nat(7), fc.constantFrom(...types), (generations, leaf, type) => {
      const root = new Uint8Array(32).fill(9);
      const [sender, receiver] = [0, 1].map(() => {
        const window = { generationGap: generations.length, outOfOrderKeys: generations.length };
        return SecretTree.create(suite, Secret.of("encryption_secret", root.slice()), 8, window);
      }) as [SecretTree, SecretTree];
      const sent = generations.map(() => sender.next(leaf, type));
      for (const generation of generations) {
        const { key, nonce } = sent[generation]!;
        const staged = receiver.stage(leaf, type, generation);
        expect([staged.key, staged.nonce]).toEqual([key, nonce]);
        staged.accept(0);
        expect(outcome(() => receiver.stage(leaf, type, generation))).toBe("message-key-used");
      }
      expect(receiver.state()).toEqual(sender.state());
    }),
    { numRuns: 60 },
  );
});

function outcome(act: () => unknown): "opens" | ErrorCode {
  try {
    act();
    return "opens";
  } catch (error) {
    if (error instanceof CopseError) return error.code;
    throw error;
  }
}
