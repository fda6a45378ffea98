/**
 * Every rule for a leaf node on every way into a group. RFC 9420 sections 7.2, 7.3, 10, 11.1, 12.2; docs/ways-in.md.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { signWithLabel } from "../../src/crypto/labels.ts";
import type { CommitEvent } from "../../src/public-group/events.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import { RatchetTreeNodes, type Node } from "../../src/wire/ratchet-tree.ts";
import { extensionTypes } from "../../src/wire/registries.ts";
import { groupInfoTbs, type GroupInfo } from "../../src/wire/welcome.ts";
import { client, commitTo, keyPackageOf, trusting, type Client } from "../group/world.ts";
import { brokenBy, trio } from "../rfc/breaking.ts";
import { forgeCommit, forgeExternalCommit, proposed } from "../rfc/forging.ts";
import { forgeKeyPackage, forgeUpdate, keyPackageIn, leafAt, published, signed } from "../rfc/leaves.ts";
import { resealed } from "../rfc/sealing.ts";
import { rules, ways, waysInPage, type Break, type Rule, type Trio, type Way } from "./rules.ts";

/** The code that somebody is refused with on this way, or undefined where everything is taken. */
async function refusedWith(rule: Rule, way: Way, more: Partial<GroupOptions>): Promise<string | undefined> {
  const options: GroupOptions = { ...trusting, ...rule.options, ...more };
  const groups = await trio({ ...options, ...(rule.extensions === undefined ? {} : { extensions: rule.extensions }) });
  const broken = await rule.breaks(way, groups);
  const attempt = await entering(way, groups, broken, options);
  const result = await outcome(attempt);
  return result === undefined
    ? undefined
    : (
        await brokenBy(() => {
          rethrow(result);
        })
      )[0];
}

/** The attempt to bring the broken leaf in: all that comes before it succeeds. */
async function entering(way: Way, groups: Trio, broken: Break, options: GroupOptions): Promise<() => unknown> {
  const [alice, bob, carol] = groups;
  const { suite } = alice;
  const clock = options.clock === undefined ? {} : { clock: options.clock };
  const known = options.registry === undefined ? {} : { registry: options.registry };
  const newcomer: Client =
    broken.identity === undefined ? await client("dave") : { name: "newcomer", identity: broken.identity };
  const leaf = broken.leaf ?? (() => ({}));
  const identity = broken.identity === undefined ? {} : { identity: broken.identity };
  const keyPackage = (): ReturnType<typeof forgeKeyPackage> =>
    forgeKeyPackage(newcomer, {
      leaf,
      ...(broken.keyPackage === undefined ? {} : { fields: broken.keyPackage }),
      options: { ...known, ...clock, grease: false },
    });
  const observer = async (): Promise<Observer> =>
    Observer.follow({ ...options, suite, groupInfo: await alice.groupInfo() });
  switch (way) {
    case "Add, sent": {
      const add = published(await keyPackage());
      return () => bob.commit({ add: [add] });
    }
    case "Add, received": {
      const add = { type: "add", keyPackage: await keyPackage() } as const;
      return async () => {
        const commit = await forgeCommit(alice, { proposals: [add], path: false, ...known });
        const byReference = await outcome(async () => {
          const entry = await proposed(alice, add, [carol]);
          await carol.receive(await forgeCommit(alice, { proposals: [entry], ...known }));
        });
        const byValue = await outcome(() => bob.receive(commit));
        expect(byReference).toEqual(byValue);
        rethrow(byValue);
      };
    }
    case "Update": {
      const update = await forgeUpdate(bob, leaf, identity);
      return async () => {
        const entry = await proposed(bob, update, [carol]);
        await carol.receive(await forgeCommit(alice, { proposals: [entry], ...known }));
      };
    }
    case "commit path": {
      const commit = await forgeCommit(alice, { leaf, ...identity, ...known });
      return () => bob.receive(commit);
    }
    case "external commit": {
      const { proposals } = broken;
      const forgery = { leaf, ...known, ...(proposals === undefined ? {} : { proposals }) };
      const commit = await forgeExternalCommit(await alice.groupInfo(), newcomer.identity, forgery);
      return () => carol.receive(commit);
    }
    case "own external commit": {
      const groupInfo = await alice.groupInfo();
      const own = broken.own === undefined ? {} : { leaf: broken.own };
      return () => Group.joinExternally({ ...options, identity: newcomer.identity, groupInfo, ...own });
    }
    case "Welcome": {
      const joiner = await client("erin");
      const bundle = await keyPackageOf(joiner, { ...known, ...clock, grease: false });
      const { welcome } = await commitTo(groups, alice, { add: [bundle.keyPackage] });
      const tree = (nodes: RatchetTreeNodes): Promise<RatchetTreeNodes> => withLeaf(nodes, bob, broken);
      const forged = await resealed(alice, bundle, welcome!, { tree });
      return () => Group.join({ ...options, identity: joiner.identity, welcome: forged, keyPackages: [bundle] });
    }
    case "external join": {
      const groupInfo = await groupInfoWithLeaf(alice, bob, broken);
      const { identity: joiner } = await client("erin");
      return () => Group.joinExternally({ ...options, identity: joiner, groupInfo });
    }
    case "Observer, follow": {
      const groupInfo = await groupInfoWithLeaf(alice, bob, broken);
      return () => Observer.follow({ ...options, suite, groupInfo });
    }
    case "Observer, receive": {
      const watching = await observer();
      if (broken.keyPackage !== undefined || broken.identity !== undefined || options.clock !== undefined) {
        const add = { type: "add", keyPackage: await keyPackage() } as const;
        const commit = await forgeCommit(alice, { proposals: [add], path: false, ...known });
        return () => watching.receive(commit);
      }
      const commit = await forgeCommit(alice, { leaf, ...known });
      return () => watching.receive(commit);
    }
  }
}

/** Bob's leaf in a tree, as it should not be, signed by whoever it names. */
async function withLeaf(nodes: RatchetTreeNodes, bob: Group, { identity, leaf }: Break): Promise<RatchetTreeNodes> {
  const owner = identity ?? bob.identity;
  const { signatureKey, credential } = owner;
  const fields = { ...leafAt(bob, 1), signatureKey, credential };
  const leafNode = await signed(owner, fields, { groupId: bob.id, leafIndex: 1 }, leaf);
  return nodes.map((node, i): Node | undefined => (i === 2 ? { type: "leaf", leafNode } : node));
}

/** Alice's GroupInfo of a tree with Bob's leaf as it should not be. */
async function groupInfoWithLeaf(alice: Group, bob: Group, broken: Break): Promise<Uint8Array> {
  const message = decodeMessage(await alice.groupInfo());
  if (message.wireFormat !== "mls_group_info") throw new TypeError("a GroupInfo was expected");
  const nodes = await withLeaf(decode(RatchetTreeNodes, alice.ratchetTree()), bob, broken);
  const { groupInfo } = message;
  const extensions = groupInfo.extensions.map(({ type, data }) =>
    type === extensionTypes.ratchet_tree ? { type, data: encode(RatchetTreeNodes, nodes) } : { type, data },
  );
  const { confirmationTag, signer, groupContext } = groupInfo;
  const treeHash = RatchetTree.fromNodes(alice.suite, nodes).hash();
  const unsigned: GroupInfo = {
    groupContext: { ...groupContext, treeHash },
    extensions,
    confirmationTag,
    signer,
    signature: new Uint8Array(0),
  };
  const signature = await signWithLabel(alice.identity.signer, "GroupInfoTBS", groupInfoTbs(unsigned));
  return encodeMessage({ wireFormat: "mls_group_info", groupInfo: { ...unsigned, signature } });
}

type Outcome = { readonly error: unknown } | undefined;

async function outcome(operation: () => unknown): Promise<Outcome> {
  try {
    await operation();
    return undefined;
  } catch (error) {
    return { error };
  }
}

function rethrow(result: Outcome): void {
  if (result !== undefined) throw result.error;
}

describe.each(rules)("$name (section $section)", (rule) => {
  for (const way of ways) {
    const cell = rule.cells[way];
    if ("none" in cell) continue;
    if ("taken" in cell) {
      it(`${way}: taken`, async () => expect(await refusedWith(rule, way, {})).toBe(undefined));
    } else if ("policy" in cell) {
      it(`${way}: taken, and refused where ${cell.policy} says so`, async () => {
        expect(await refusedWith(rule, way, {})).toBe(undefined);
        expect(await refusedWith(rule, way, cell.options)).toBe(cell.code);
      });
    } else {
      it(`${way}: ${cell.code}`, async () => expect(await refusedWith(rule, way, {})).toBe(cell.code));
    }
  }
});

describe("a key package that was used before (sections 10, 16.8)", () => {
  it("can't come in beside its member, and afterwards is the application's to refuse, in `review`", async () => {
    const seen = new Set<string>();
    const review = ({ added }: CommitEvent): boolean =>
      added.every(({ encryptionKey }) => !seen.has(hex(encryptionKey)));
    const groups = await trio({ review });
    const [alice, bob, carol] = groups;
    const watching = await Observer.follow({ ...trusting, suite: alice.suite, groupInfo: await alice.groupInfo() });
    const { keyPackage } = await keyPackageOf(await client("dave"), { lastResort: true });
    const both = async (by: Group, options: Parameters<Group["commit"]>[0]): Promise<void> => {
      const { commit } = await commitTo(groups, by, options);
      await watching.receive(commit);
    };
    await both(alice, { add: [keyPackage] });
    expect((await brokenBy(() => bob.commit({ add: [keyPackage] })))[0]).toBe("commit-add-existing");
    await both(bob, { remove: [3] });
    // Nothing in the group says that it was used.
    await both(carol, { add: [keyPackage] });
    await both(alice, { remove: [3] });
    seen.add(hex(keyPackageIn(keyPackage).leafNode.encryptionKey));
    expect((await brokenBy(() => bob.commit({ add: [keyPackage] })))[0]).toBe("commit-refused");
    const replay = await forgeCommit(alice, { proposals: [{ type: "add", keyPackage: keyPackageIn(keyPackage) }] });
    expect((await brokenBy(() => bob.receive(replay)))[0]).toBe("commit-refused");
  });
});

describe("docs/ways-in.md", () => {
  it("has the table that is tested here, cell by cell, and its notes", () => {
    const page = readFileSync("docs/ways-in.md", "utf8");
    const rows = page
      .split("\n")
      .filter((line) => line.startsWith("|") && !/^\|[\s|:-]+$/.test(line))
      .map((line) =>
        line
          .slice(1, -1)
          .split("|")
          .map((cell) => cell.trim()),
      );
    const { table, notes } = waysInPage();
    expect(rows).toEqual(table);
    const written = page.split("\n").filter((line) => /^\d+\. /.test(line));
    expect(written).toEqual(notes.map((note, i) => `${String(i + 1)}. ${note}`));
  });
});
