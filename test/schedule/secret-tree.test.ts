import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { Secret } from "../../src/bytes/secret.ts";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { senderDataKeyAndNonce } from "../../src/schedule/key-schedule.ts";
import type { RatchetWindow } from "../../src/schedule/ratchet.ts";
import { SecretTree, type SecretTreeState } from "../../src/schedule/secret-tree.ts";
import { providers } from "../crypto/providers.ts";
import { describePublished } from "../vectors/published.ts";
import { LiveSecrets } from "./live-secrets.ts";
import { naiveGeneration, naiveLeaf, naiveTree, type NaiveNode } from "./naive-secret-tree.ts";

const suite = nodeProvider.cipherSuite(1);
const window: RatchetWindow = { generationGap: 20, outOfOrderKeys: 10 };
const aging: RatchetWindow = { ...window, outOfOrderAge: 1000 };
const root = new Uint8Array(32).fill(7);

interface Generation {
  readonly generation: number;
  readonly handshake_key: string;
  readonly handshake_nonce: string;
  readonly application_key: string;
  readonly application_nonce: string;
}

interface SecretTreeVector {
  readonly cipher_suite: number;
  readonly encryption_secret: string;
  readonly sender_data: {
    readonly sender_data_secret: string;
    readonly ciphertext: string;
    readonly key: string;
    readonly nonce: string;
  };
  readonly leaves: readonly (readonly Generation[])[];
}

describePublished("mls", "secret-tree.json", (text) => {
  const vectors = (JSON.parse(text) as SecretTreeVector[]).map((each) => ({ ...each, width: each.leaves.length }));
  for (const provider of providers) {
    test.each(vectors)(`$width leaves, suite $cipher_suite, ${provider.name}`, (vector) => {
      const suite = provider.cipherSuite(vector.cipher_suite);
      const { sender_data_secret, ciphertext, key, nonce } = vector.sender_data;
      const senderDataSecret = Secret.of("sender_data_secret", fromHex(sender_data_secret));
      const senderData = senderDataKeyAndNonce(suite, senderDataSecret, fromHex(ciphertext));
      expect([hex(senderData.key), hex(senderData.nonce)]).toEqual([key, nonce]);

      const [sending, receiving] = [0, 1].map(() =>
        SecretTree.create(
          suite,
          Secret.of("encryption_secret", fromHex(vector.encryption_secret)),
          vector.width,
          window,
        ),
      ) as [SecretTree, SecretTree];
      for (const [leafIndex, generations] of vector.leaves.entries()) {
        for (const expected of generations) {
          for (const type of ["handshake", "application"] as const) {
            const key = [expected[`${type}_key`], expected[`${type}_nonce`]];
            const staged = receiving.stage(leafIndex, type, expected.generation);
            expect([hex(staged.key), hex(staged.nonce)]).toEqual(key);
            staged.accept(0);
            let next = sending.next(leafIndex, type);
            while (next.generation < expected.generation) next = sending.next(leafIndex, type);
            expect([hex(next.key), hex(next.nonce)]).toEqual(key);
          }
        }
      }
    });
  }
});

describe("the deletion schedule, section 9.2", () => {
  let alive: LiveSecrets;
  beforeEach(() => {
    alive = new LiveSecrets();
  });
  afterEach(() => alive.stop());

  test("after D's message of generation 1, exactly what the RFC's example retains is alive", () => {
    const [d, tree] = [3, create(4)];
    const naive = naiveTree(suite, root, 4);
    const [e, f] = childrenOf(naive);
    const [c] = childrenOf(f);
    const ar = (generation: number) => naiveGeneration(suite, naive, d, "application", generation);
    const hr0 = naiveGeneration(suite, naive, d, "handshake", 0).secret;

    receive(tree, d, 1);
    expect(alive.bytes()).toEqual(sorted(concat(ar(0).key, ar(0).nonce), ar(2).secret, hr0, e.secret, c.secret));
    receive(tree, d, 0);
    expect(alive.bytes()).toEqual(sorted(ar(2).secret, hr0, e.secret, c.secret));
  });

  test("sending forgets the path, the key and the ratchet secret at once", () => {
    const tree = create(4);
    const naive = naiveTree(suite, root, 4);
    const [left, right] = childrenOf(naive);
    const sent = tree.next(0, "application");
    expect(sent).toEqual({ generation: 0, ...keyOf(naive, 0, 0) });
    expect(alive.bytes()).toEqual(
      sorted(
        naiveGeneration(suite, naive, 0, "application", 1).secret,
        naiveGeneration(suite, naive, 0, "handshake", 0).secret,
        naiveLeaf(left, 1).secret,
        right.secret,
      ),
    );
  });

  test("a tree of one leaf consumes the encryption secret at its first use", () => {
    const encryptionSecret = Secret.of("encryption_secret", root.slice());
    const tree = SecretTree.create(suite, encryptionSecret, 1, window);
    expect(encryptionSecret.isWiped).toBe(false);
    tree.next(0, "handshake");
    expect(encryptionSecret.isWiped).toBe(true);
    expect(alive.names()).toEqual(["ratchet_secret", "ratchet_secret"]);
  });

  test("a staged key that is discarded leaves every state and no secret behind", () => {
    const tree = create(8);
    receive(tree, 2, 3);
    const [state, secrets] = [tree.state(), alive.bytes()];
    for (const [leafIndex, generation] of [
      [2, 1],
      [2, 4],
      [2, 9],
      [5, 0],
      [5, 7],
    ] as const) {
      const staged = tree.stage(leafIndex, "application", generation);
      expect(tree.state()).toEqual(state);
      staged.discard();
      expect(tree.state()).toEqual(state);
      expect(alive.bytes()).toEqual(secrets);
      expect([...staged.key, ...staged.nonce].every((byte) => byte === 0)).toBe(true);
    }
  });

  test("an accepted key is overwritten", () => {
    const tree = create(8);
    for (const generation of [3, 1, 4]) {
      const staged = tree.stage(2, "application", generation);
      staged.accept(0);
      expect([...staged.key, ...staged.nonce].every((byte) => byte === 0)).toBe(true);
    }
  });

  test("a refused generation leaves no secret behind", () => {
    const tree = create(8);
    const secrets = alive.bytes();
    expectCode(() => tree.stage(2, "application", 21), "generation-gap");
    expect(alive.bytes()).toEqual(secrets);
  });

  test("a wiped tree holds nothing and gives nothing", () => {
    const tree = create(8);
    receive(tree, 2, 3);
    const staged = tree.stage(3, "application", 1);
    tree.wipe();
    expect(() => staged.accept(0)).toThrow(new TypeError("the secret tree has moved past a staged key"));
    expect(alive.count).toBe(0);
    expectCode(() => tree.next(0, "handshake"), "secret-wiped");
    expectCode(() => tree.stage(2, "application", 4), "secret-wiped");
  });
});

describe("the window", () => {
  test("a generation opens once", () => {
    const tree = create(4);
    receive(tree, 1, 2);
    for (const generation of [0, 1]) receive(tree, 1, generation);
    for (const generation of [0, 1, 2]) expectCode(() => tree.stage(1, "application", generation), "message-key-used");
  });

  test("a message may jump over as many generations as generationGap says, and no more", () => {
    const tree = create(4);
    expectCode(() => tree.stage(1, "application", 21), "generation-gap");
    receive(tree, 1, 20);
    expectCode(() => tree.stage(1, "application", 42), "generation-gap");
    receive(tree, 1, 41);
    const strict = create(4, { generationGap: 0, outOfOrderKeys: 10 });
    expectCode(() => strict.stage(1, "application", 1), "generation-gap");
    receive(strict, 1, 0);
  });

  test("each ratchet keeps outOfOrderKeys keys, and the oldest go first", () => {
    const tree = create(4);
    receive(tree, 1, 11); // skips 0 to 10, keeps 1 to 10
    expectCode(() => tree.stage(1, "application", 0), "message-key-used");
    receive(tree, 1, 14); // skips 12 and 13
    for (const gone of [1, 2]) expectCode(() => tree.stage(1, "application", gone), "message-key-used");
    for (const kept of [3, 10, 12, 13]) receive(tree, 1, kept);
    const none = create(4, { generationGap: 20, outOfOrderKeys: 0 });
    receive(none, 1, 1);
    expectCode(() => none.stage(1, "application", 0), "message-key-used");
  });

  test("keys that were kept for outOfOrderAge are gone", () => {
    const tree = create(4, aging);
    receive(tree, 1, 2, 5000); // keeps 0 and 1
    receive(tree, 2, 1, 5500); // keeps 0
    tree.expire(5999);
    expect(keptKeys(tree)).toBe(3);
    expectCode(() => tree.stage(1, "application", 0, 6000), "message-key-used");
    expect(keptKeys(tree)).toBe(3);
    tree.stage(1, "application", 0, 5999).accept(5999);
    tree.expire(6000);
    expect(keptKeys(tree)).toBe(1);
    receive(tree, 3, 0, 6500); // an acceptance expires too
    expect(keptKeys(tree)).toBe(0);
    expectCode(() => tree.stage(1, "application", 1), "message-key-used");
    expectCode(() => tree.stage(2, "application", 0), "message-key-used");
  });

  test("keys are kept in spite of a clock that was set back, until it has caught up", () => {
    const tree = create(4, aging);
    receive(tree, 1, 1, 9000);
    receive(tree, 1, 3, 2000);
    tree.expire(3000);
    receive(tree, 1, 0, 3000);
    expectCode(() => tree.stage(1, "application", 2), "message-key-used");
  });

  test("without an age, keys are kept as long as the tree", () => {
    const tree = create(4);
    receive(tree, 1, 1, 0);
    tree.expire(Number.MAX_SAFE_INTEGER);
    receive(tree, 1, 0, Number.MAX_SAFE_INTEGER);
  });
});

describe("two staged keys of one ratchet", () => {
  test.each([[[2, 5]], [[5, 2]], [[0, 9]], [[9, 0]]])("open in the order %j", (generations) => {
    const [tree, other] = [create(4), create(4)];
    const staged = generations.toSorted((a, b) => a - b).map((each) => tree.stage(1, "application", each));
    const inOrder = generations[0]! < generations[1]! ? staged : staged.toReversed();
    for (const each of inOrder) each.accept(0);
    for (const generation of generations) receive(other, 1, generation);
    expect(tree.state()).toEqual(other.state());
  });

  test("of one generation: only one is accepted, and nothing changes by the other", () => {
    const tree = create(4);
    const [one, two] = [tree.stage(1, "application", 3), tree.stage(1, "application", 3)];
    one.accept(0);
    const state = tree.state();
    const movedPast = new TypeError("the secret tree has moved past a staged key");
    expect(() => two.changes(0)).toThrow(movedPast);
    expect(() => two.accept(0)).toThrow(movedPast);
    two.discard();
    const once = new TypeError("a staged key is accepted or discarded once");
    for (const staged of [one, two]) {
      expect(() => staged.accept(0)).toThrow(once);
      expect(() => staged.changes(0)).toThrow(once);
    }
    expect(tree.state()).toEqual(state);
  });

  test("in two leaves under one node both keep their siblings", () => {
    const [tree, other] = [create(8), create(8)];
    const staged = [0, 1, 5].map((leafIndex) => tree.stage(leafIndex, "handshake", 1));
    for (const each of staged) each.accept(0);
    for (const leafIndex of [5, 1, 0]) other.stage(leafIndex, "handshake", 1).accept(0);
    expect(tree.state()).toEqual(other.state());
  });
});

describe("sending", () => {
  test("skipped generations are never given out", () => {
    const [tree, naive] = [create(4), naiveTree(suite, root, 4)];
    tree.next(1, "application");
    tree.skip(1, "application", 3);
    expect(tree.next(1, "application")).toEqual({ generation: 4, ...keyOf(naive, 1, 4) });
    expectCode(() => tree.stage(1, "application", 2), "message-key-used");
    expect(tree.next(1, "handshake").generation).toBe(0);
    for (const count of [-1, 0.5, NaN]) expect(() => tree.skip(1, "application", count)).toThrow(TypeError);
  });

  test("ends after generation 2^32 - 1", () => {
    const last = 2 ** 32 - 1;
    const tree = atGeneration(last - 1);
    tree.skip(0, "application", 1);
    expectCode(() => tree.skip(0, "application", 2), "generation-overflow");
    expect(tree.next(0, "application").generation).toBe(last);
    expectCode(() => tree.next(0, "application"), "generation-overflow");
    expectCode(() => tree.skip(0, "application", 1), "generation-overflow");
    expectCode(() => tree.stage(0, "application", last), "message-key-used");
    tree.skip(0, "application", 0);
    expect(tree.next(0, "handshake").generation).toBe(0);
  });

  test("the last generations are received, and the state after them restored", () => {
    const last = 2 ** 32 - 1;
    const tree = atGeneration(last - 2);
    receive(tree, 0, last);
    const restored = SecretTree.restore(suite, tree.state(), window);
    expect(restored.state()).toEqual(tree.state());
    receive(restored, 0, last - 1);
    receive(restored, 0, last - 2);
    expectCode(() => restored.next(0, "application"), "generation-overflow");
  });
});

describe("what it costs", () => {
  let expansions = 0;
  const counting: CipherSuite = {
    ...suite,
    expand: (...input) => {
      expansions += 1;
      return suite.expand(...input);
    },
  };
  const cost = (act: () => void) => {
    expansions = 0;
    act();
    return expansions;
  };

  test("a message costs three expansions, a leaf's first use 2 log2(width) + 2 more", () => {
    const tree = SecretTree.create(counting, Secret.of("encryption_secret", root.slice()), 1024, window);
    expect(cost(() => tree.next(5, "application"))).toBe(22 + 3);
    expect(cost(() => tree.next(5, "application"))).toBe(3);
    expect(cost(() => tree.next(5, "handshake"))).toBe(3);
    expect(cost(() => tree.next(4, "handshake"))).toBe(2 + 3); // its sibling's path is derived already
    expect(cost(() => tree.stage(900, "application", 0).accept(0))).toBe(20 + 3);
    expect(cost(() => tree.stage(900, "application", 1).accept(0))).toBe(3);
    expect(cost(() => tree.stage(900, "application", 2).discard())).toBe(2);
    expect(cost(() => tree.stage(900, "application", 5).accept(0))).toBe(3 * 4);
    expect(cost(() => tree.stage(900, "application", 3).accept(0))).toBe(0);
    expect(cost(() => expect(() => tree.stage(10, "application", 99)).toThrow())).toBe(0);
  });

  test("a staged key is not derived again because somebody asked what is too old, and nothing was", () => {
    const tree = SecretTree.create(counting, Secret.of("encryption_secret", root.slice()), 4, aging);
    tree.stage(1, "application", 2).accept(5000); // keeps 0 and 1
    const costAfter = (now: number) => {
      const staged = tree.stage(1, "application", 3);
      tree.expire(now);
      const expansions = cost(() => staged.changes(now));
      staged.discard();
      return expansions;
    };
    expect(costAfter(5999)).toBe(1);
    expect(costAfter(6000)).toBe(2 + 1); // 0 and 1 have gone, and the key is derived on what is there now
  });

  test("nothing is kept for what was not used", () => {
    const tree = create(2 ** 20);
    expect(tree.state().nodes.length).toBe(1);
    receive(tree, 12_345, 0);
    expect([tree.state().nodes.length, tree.state().leaves.length]).toEqual([20, 1]);
  });
});

describe("a stored tree", () => {
  const tree = create(8, aging);
  receive(tree, 6, 3, 10);
  receive(tree, 1, 2, 20);
  tree.next(4, "handshake");
  const state = tree.state();

  test("is the same state whatever the order of its uses", () => {
    const other = create(8);
    other.next(4, "handshake");
    receive(other, 1, 2, 20);
    receive(other, 6, 3, 10);
    expect(other.state()).toEqual(state);
    expect(state.nodes.map(([index]) => index)).toEqual([0, 5, 10, 14]);
    expect(state.leaves.map(([index]) => index)).toEqual([1, 4, 6]);
  });

  test("goes on as it would have", () => {
    const restored = SecretTree.restore(suite, state, aging);
    expect(restored.state()).toEqual(state);
    expect(restored.next(4, "handshake").generation).toBe(1);
    receive(restored, 6, 0, 100);
    restored.expire(1015);
    expectCode(() => restored.stage(6, "application", 1), "message-key-used");
    receive(restored, 1, 1, 1015);
    expect(tree.state()).toEqual(state);
  });

  test("shares no bytes with its state", () => {
    const copy = structuredClone(state);
    const restored = SecretTree.restore(suite, copy, window);
    restored.wipe();
    expect(copy).toEqual(state);
  });

  test.each<[string, Partial<SecretTreeState>]>([
    ["a width that is no power of two", { width: 7 }],
    ["another width", { width: 16 }],
    ["no width", { width: 0 }],
    ["a width that is no power of two, though its leaves fill it", { width: 3, nodes: [], leaves: firstLeaves(3) }],
    ["a missing node", { nodes: state.nodes.slice(1) }],
    ["a node twice", { nodes: [...state.nodes, state.nodes[0]!] }],
    ["a node above a used leaf", { nodes: [...state.nodes, [7, new Uint8Array(32)]] }],
    ["a node outside the tree", { nodes: [...state.nodes, [16, new Uint8Array(32)]] }],
    ["a node index that is none", { nodes: [...state.nodes.slice(1), [0.5, new Uint8Array(32)]] }],
    ["a short node secret", { nodes: [...state.nodes.slice(1), [0, new Uint8Array(31)]] }],
    ["a leaf twice", { leaves: [...state.leaves, state.leaves[0]!] }],
    ["a missing leaf", { leaves: state.leaves.slice(1) }],
    ["a ratchet without a secret", { leaves: replaced([3, new Uint8Array(0), []]) }],
    ["a generation out of range", { leaves: replaced([2 ** 32 + 1, new Uint8Array(32), []]) }],
    ["a kept generation that is not past", { leaves: replaced([3, new Uint8Array(32), [[3, new Uint8Array(28), 0]]]) }],
    ["a kept key of the wrong length", { leaves: replaced([3, new Uint8Array(32), [[1, new Uint8Array(27), 0]]]) }],
    [
      "a kept key without the time since when",
      { leaves: replaced([3, new Uint8Array(32), [[1, new Uint8Array(28), undefined as unknown as number]]]) },
    ],
    [
      "kept keys out of order",
      {
        leaves: replaced([
          3,
          new Uint8Array(32),
          [
            [1, new Uint8Array(28), 0],
            [0, new Uint8Array(28), 0],
          ],
        ]),
      },
    ],
  ])("is refused with %s, and leaves no secret behind", (_, change) => {
    const alive = new LiveSecrets();
    expectCode(() => SecretTree.restore(suite, { ...state, ...change }, window), "snapshot-damaged");
    expect(alive.count).toBe(0);
    alive.stop();
  });

  function replaced(application: SecretTreeState["leaves"][number][2]): SecretTreeState["leaves"] {
    const [[leafIndex, handshake], ...others] = state.leaves as [SecretTreeState["leaves"][number]];
    return [[leafIndex, handshake, application], ...others];
  }

  /** The first leaves of a tree, each of them in use. */
  function firstLeaves(count: number): SecretTreeState["leaves"] {
    const ratchet = [0, new Uint8Array(32), []] as const;
    return Array.from({ length: count }, (_, leafIndex) => [leafIndex, ratchet, ratchet]);
  }
});

describe("a caller's mistake is a TypeError", () => {
  test.each([0, 0.5, 3, 1.5, -4, 2 ** 32 - 1, 2 ** 33, NaN, Infinity])("a width of %d", (width) => {
    expect(() => create(width)).toThrow(TypeError);
  });
  test.each([-1, 4, 0.5, NaN])("leaf %d of a tree of four", (leafIndex) => {
    const tree = create(4);
    expect(() => tree.next(leafIndex, "handshake")).toThrow(TypeError);
    expect(() => tree.stage(leafIndex, "handshake", 0)).toThrow(TypeError);
  });
  test.each([-1, 2 ** 32, 0.5, NaN])("generation %d", (generation) => {
    const tree = create(4);
    const state = tree.state();
    expect(() => tree.stage(0, "handshake", generation)).toThrow(new TypeError("a generation is a uint32"));
    expect(() => tree.skipPast(0, "handshake", generation)).toThrow(new TypeError("a generation is a uint32"));
    expect(tree.state()).toEqual(state);
  });
});

function create(width: number, within: RatchetWindow = window): SecretTree {
  return SecretTree.create(suite, Secret.of("encryption_secret", root.slice()), width, within);
}

/** Accept a message, whose key must be the one that a whole derivation gives. */
function receive(tree: SecretTree, leafIndex: number, generation: number, now = 0): void {
  const staged = tree.stage(leafIndex, "application", generation, now);
  if (generation < 100 && tree.state().width <= 8) {
    const expected = keyOf(naiveTree(suite, root, tree.state().width), leafIndex, generation);
    expect({ key: staged.key, nonce: staged.nonce }).toEqual(expected);
  }
  staged.accept(now);
}

/** A tree of one leaf whose application ratchet has come this far. */
function atGeneration(generation: number): SecretTree {
  const handshake = [0, new Uint8Array(32), []] as const;
  const leaves = [[0, handshake, [generation, new Uint8Array(32), []]]] as const;
  return SecretTree.restore(suite, { width: 1, nodes: [], leaves }, window);
}

function keyOf(naive: NaiveNode, leafIndex: number, generation: number): { key: Uint8Array; nonce: Uint8Array } {
  const { key, nonce } = naiveGeneration(suite, naive, leafIndex, "application", generation);
  return { key, nonce };
}

function childrenOf({ children }: NaiveNode): readonly [NaiveNode, NaiveNode] {
  if (children === undefined) throw new Error("a leaf has no children");
  return children;
}

function keptKeys(tree: SecretTree): number {
  return tree
    .state()
    .leaves.reduce((sum, [, handshake, application]) => sum + handshake[2].length + application[2].length, 0);
}

function sorted(...secrets: readonly Uint8Array[]): string[] {
  return secrets.map(hex).sort();
}

function expectCode(act: () => unknown, code: ErrorCode): void {
  expect(act).toThrow(expect.objectContaining({ code }));
}
