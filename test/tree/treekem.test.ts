import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { observeSecrets, Secret } from "../../src/bytes/secret.ts";
import { hex } from "../../src/bytes/text.ts";
import { deriveSecret } from "../../src/crypto/labels.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import { decryptPath, derivePath, encryptPath, wipePath, type FreshPath } from "../../src/tree/treekem.ts";
import { KemGroup, predictable, type Changes, type SealedPath } from "./kem-group.ts";

const suites = [1, 2].map((id) => nodeProvider.cipherSuite(id));
const shown = (secret: Secret<string>): string => secret.use(hex);

interface Commit extends Changes {
  readonly by: number;
}
const commits: fc.Arbitrary<readonly Commit[]> = fc.array(
  fc.record({
    by: fc.nat(100),
    adds: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(3)),
    removes: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(fc.nat(100), { maxLength: 3 })),
  }),
  { minLength: 3, maxLength: 7, size: "max" },
);

/** Commit, with members named by any number. */
async function perform(group: KemGroup, { by, adds = 0, removes = [] }: Commit): Promise<SealedPath> {
  const leaves = [...group.tree.leaves()].map(([leafIndex]) => leafIndex);
  const committer = leaves[by % leaves.length]!;
  const others = leaves.filter((leaf) => leaf !== committer);
  const gone = others.length === 0 ? [] : [...new Set(removes.map((number) => others[number % others.length]!))];
  return group.commit(committer, { adds: leaves.length < 10 ? adds : 0, removes: gone });
}

/** A member's private keys by level, as their public keys. */
async function heldKeys({ suite, members }: KemGroup, leafIndex: number): Promise<Record<number, string>> {
  const held: Record<number, string> = {};
  for (const [level, key] of members.get(leafIndex)!) held[level] = hex(await key.use((k) => suite.kemPublicKey(k)));
  return held;
}

/** The keys that a member should hold: its leaf's, and those of the nodes above it. Section 4.2: the tree invariant. */
function ownKeys(group: KemGroup, leafIndex: number): Record<number, string> {
  const keys: Record<number, string> = { 0: hex(group.tree.leaf(leafIndex)!.encryptionKey) };
  for (const { level, node } of group.above(leafIndex)) {
    const { parentNode } = node;
    if (parentNode?.unmergedLeaves.includes(leafIndex) === false) keys[level] = hex(parentNode.encryptionKey);
  }
  return keys;
}

describe.each(suites)("in a group of $name", (suite) => {
  test("everybody comes to the committer's secrets, and holds the keys above itself and no others", async () => {
    const run = fc.asyncProperty(commits, async (steps) => {
      const group = await KemGroup.create(suite, "history");
      for (const step of [{ by: 0, adds: 5 }, ...steps]) {
        const { fresh, learned, committer } = await perform(group, step);
        const secrets = new Map(fresh.nodes.map(({ level, pathSecret }) => [level, shown(pathSecret)]));
        expect([...learned.keys(), committer].sort()).toEqual([...group.members.keys()].sort());
        for (const [leafIndex, { nodes, commitSecret }] of learned) {
          expect(shown(commitSecret)).toBe(shown(fresh.commitSecret));
          for (const { level, pathSecret } of nodes) expect(shown(pathSecret)).toBe(secrets.get(level));
          expect(nodes.length).toBeGreaterThan(0);
          expect(await heldKeys(group, leafIndex)).toEqual(ownKeys(group, leafIndex));
        }
        expect(await heldKeys(group, committer)).toEqual(ownKeys(group, committer));
      }
    });
    await fc.assert(run, { numRuns: 4 });
  });

  test("members that were added without a path are reached by their leaves", async () => {
    const group = await KemGroup.create(suite, "unmerged");
    await group.commit(0, { adds: 4 });
    await group.commit(4);
    // Leaves 1 and 3 are replaced by new members, who are unmerged above themselves until somebody near commits.
    await group.commit(0, { removes: [1, 3] });
    await group.commit(2);
    const { context } = await group.commit(4, { adds: 2 });
    expect(context.newLeaves).toEqual([1, 3]);
    const { nodes, learned } = await group.commit(4);
    expect(nodes.map(({ encryptedPathSecret }) => encryptedPathSecret.length)).toEqual([3]);
    expect([...learned.keys()].sort()).toEqual([0, 1, 2, 3]);
  });

  test("new members are left out of what is encrypted, and can open nothing of it", async () => {
    const group = await KemGroup.create(suite, "new");
    await group.commit(0, { adds: 3 });
    await group.commit(2);
    await group.commit(0, { removes: [1] });
    const sealed = await group.commit(0, { adds: 2 });
    expect(sealed.context.newLeaves).toEqual([1, 4]);
    // Leaf 1 is the only one beside 0, and leaf 4 alone in its half: both nodes stay in the path, for nobody.
    expect(sealed.nodes.map(({ encryptedPathSecret }) => encryptedPathSecret.length)).toEqual([0, 1, 0]);
    for (const newcomer of [1, 4]) await expectCode(group.open(sealed, newcomer), "path-open");
  });

  test("the committer's own leaf is below no copath", async () => {
    const group = await KemGroup.create(suite, "own");
    const sealed = await group.commit(0, { adds: 3 });
    await expectCode(group.open(sealed, 0), "path-open");
  });
});

async function expectCode(outcome: Promise<unknown>, code: string): Promise<void> {
  await expect(outcome).rejects.toMatchObject({ name: "CopseError", code });
}

/** The value, which the list remembers. */
function keep<T>(list: T[], value: T): T {
  list.push(value);
  return value;
}

describe("a path that is not as it should be", () => {
  const suite = suites[0]!;
  const sealedPath = async (): Promise<{ readonly group: KemGroup; readonly sealed: SealedPath }> => {
    const group = await KemGroup.create(suite, "damage");
    await group.commit(0, { adds: 7 });
    for (const committer of [1, 3, 5, 7, 0, 4]) await group.commit(committer);
    return { group, sealed: await group.commit(0) };
  };

  afterEach(() => observeSecrets(undefined));

  /** The secrets that are born and not wiped meanwhile. */
  async function survivors(act: () => Promise<unknown>): Promise<string[]> {
    const alive = new Set<Secret<string>>();
    observeSecrets({ created: (secret) => alive.add(secret), wiped: (secret) => alive.delete(secret) });
    await act();
    observeSecrets(undefined);
    return [...alive].map(({ name }) => name).sort();
  }

  test("with a damaged ciphertext or KEM output does not open", async () => {
    const { group, sealed } = await sealedPath();
    for (const field of ["ciphertext", "kemOutput"] as const) {
      const nodes = sealed.nodes.map((node) => ({
        ...node,
        encryptedPathSecret: node.encryptedPathSecret.map((each) => ({
          ...each,
          [field]: each[field].with(0, each[field][0]! ^ 1),
        })),
      }));
      for (const member of [1, 2, 4, 7]) {
        const left = await survivors(() => expectCode(group.open({ ...sealed, nodes }, member), "path-open"));
        expect(left).toEqual([]);
      }
    }
  });

  test("sealed for another group context does not open", async () => {
    const { group, sealed } = await sealedPath();
    const groupContext = sealed.context.groupContext.with(0, sealed.context.groupContext[0]! ^ 1);
    const context = { ...sealed.context, groupContext };
    for (const member of [1, 2, 4]) await expectCode(group.open({ ...sealed, context }, member), "path-open");
  });

  test("without the ciphertext for a member, or without its node, does not open", async () => {
    const { group, sealed } = await sealedPath();
    const none = sealed.nodes.map((node) => ({ ...node, encryptedPathSecret: [] }));
    for (const nodes of [none, []]) await expectCode(group.open({ ...sealed, nodes }, 4), "path-open");
    group.members.get(4)!.clear();
    await expectCode(group.open(sealed, 4), "path-open");
  });

  test("that announces other keys than its secrets give is refused, and leaves no secret behind", async () => {
    const { group, sealed } = await sealedPath();
    for (const at of sealed.nodes.keys()) {
      const nodes = sealed.nodes.map((node, i) =>
        i === at ? { ...node, encryptionKey: node.encryptionKey.with(0, node.encryptionKey[0]! ^ 1) } : node,
      );
      // Leaf 1 derives the whole path; leaf 4 its root only, and can't tell about the nodes below.
      const left = await survivors(() => expectCode(group.open({ ...sealed, nodes }, 1), "path-key-mismatch"));
      expect(left).toEqual([]);
    }
  });

  test("with a path secret of another length is refused", async () => {
    const { group, sealed } = await sealedPath();
    for (const length of [0, 31, 33]) {
      const [first, ...rest] = sealed.fresh.nodes;
      const fresh: FreshPath = {
        ...sealed.fresh,
        nodes: [{ ...first!, pathSecret: Secret.of("path_secret", new Uint8Array(length).fill(7)) }, ...rest],
      };
      const nodes = await encryptPath(sealed.context, fresh, predictable("length"));
      const opened: Uint8Array[] = [];
      const watched = { ...suite, open: (...args: Parameters<typeof suite.open>) => keep(opened, suite.open(...args)) };
      const context = { ...sealed.context, suite: watched };
      const left = await survivors(() => expectCode(group.open({ ...sealed, nodes, context }, 1), "path-open"));
      expect(left).toEqual([]);
      expect(opened.map(hex)).toEqual(["00".repeat(length)]);
    }
  });

  test("opened as it should be, leaves what the member needs and no more", async () => {
    const { group, sealed } = await sealedPath();
    const { context, nodes } = sealed;
    let opened: FreshPath | undefined;
    const left = await survivors(async () => {
      opened = await decryptPath(context, nodes, 2, group.members.get(2)!);
    });
    const pair = ["node_private_key", "path_secret"];
    expect(left).toEqual(["commit_secret", ...pair, ...pair].sort());
    wipePath(opened!);
    expect(opened!.commitSecret.isWiped).toBe(true);
    expect(opened!.nodes.every(({ pathSecret, privateKey }) => pathSecret.isWiped && privateKey.isWiped)).toBe(true);
  });
});

describe.each(suites)("deriving a path in $name", (suite) => {
  const bytes = new Uint8Array(suite.hashLength).fill(7);

  test("follows section 7.4: path secrets from one another, key pairs from node secrets", async () => {
    const levels = [1, 2, 5].map((level) => ({ level }));
    const nodeSecrets: Uint8Array[] = [];
    const watched = { ...suite, deriveKeyPair: (ikm: Uint8Array) => suite.deriveKeyPair(keep(nodeSecrets, ikm)) };
    const { nodes, commitSecret } = await derivePath(watched, levels, Secret.of("path_secret", bytes.slice()));
    expect(nodeSecrets.map(hex)).toEqual(levels.map(() => "00".repeat(suite.hashLength)));
    let pathSecret: Uint8Array = bytes;
    for (const [i, node] of nodes.entries()) {
      const pair = await suite.deriveKeyPair(deriveSecret(suite, pathSecret, "node"));
      expect(node.level).toBe(levels[i]!.level);
      expect(shown(node.pathSecret)).toBe(hex(pathSecret));
      expect(shown(node.privateKey)).toBe(hex(pair.privateKey));
      expect(hex(node.publicKey)).toBe(hex(pair.publicKey));
      pathSecret = deriveSecret(suite, pathSecret, "path");
    }
    expect(nodes).toHaveLength(3);
    expect(shown(commitSecret)).toBe(hex(pathSecret));
  });

  test("leaves no secret behind where a key pair can't be derived", async () => {
    const alive = new Set<Secret<string>>();
    observeSecrets({ created: (secret) => alive.add(secret), wiped: (secret) => alive.delete(secret) });
    try {
      let derived = 0;
      const failing = {
        ...suite,
        deriveKeyPair: (ikm: Uint8Array) => {
          if (++derived === 3) throw new Error("no entropy");
          return suite.deriveKeyPair(ikm);
        },
      };
      const levels = [1, 2, 3].map((level) => ({ level }));
      const path = derivePath(failing, levels, Secret.of("path_secret", bytes.slice()));
      await expect(path).rejects.toThrow("no entropy");
      expect([...alive].map(({ name }) => name)).toEqual([]);
    } finally {
      observeSecrets(undefined);
    }
  });

  test("takes the first secret over: it lives in the first node, or is wiped where there is none", async () => {
    const [first, alone] = [Secret.of("path_secret", bytes.slice()), Secret.of("path_secret", bytes.slice())];
    const { nodes } = await derivePath(suite, [{ level: 1 }], first);
    expect(nodes[0]?.pathSecret).toBe(first);
    const { commitSecret } = await derivePath(suite, [], alone);
    expect(alone.isWiped).toBe(true);
    expect(shown(commitSecret)).toBe(hex(bytes));
  });
});
