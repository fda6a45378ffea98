/**
 * A tree of any size is read and checked in turns, at a cost that grows as it does.
 */

import { describe, expect, it } from "vitest";
import { decode, encode } from "../../../src/codec/codec.ts";
import { signWithLabel } from "../../../src/crypto/labels.ts";
import type { CipherSuite } from "../../../src/crypto/provider.ts";
import { checkGroupInfo, readRatchetTree } from "../../../src/public-group/group-info.ts";
import { LongWork } from "../../../src/public-group/turns/long-work.ts";
import { settingsOf } from "../../../src/public-group/options/settings-of.ts";
import { RatchetTree } from "../../../src/tree/ratchet-tree.ts";
import { RequiredCapabilities } from "../../../src/wire/extension.ts";
import { RatchetTreeNodes, type Node } from "../../../src/wire/ratchet-tree.ts";
import { extensionTypes } from "../../../src/wire/registries.ts";
import { groupInfoTbs, type GroupInfo } from "../../../src/wire/welcome.ts";
import { counting } from "../../group/counting.ts";
import { refusal } from "../../group/refusal.ts";
import { client, suiteOf, trusting } from "../../group/world.ts";

const types = Array.from({ length: 256 }, (_, i) => 0xf000 + i);
const none = new Uint8Array(0);
const noHash = new Uint8Array(32);

/** A group whose members list all that they can, each with another credential type; no leaf's signature is right. */
async function hostile(suite: CipherSuite, size: number): Promise<GroupInfo> {
  const nodes: (Node | undefined)[] = [];
  const clients = [];
  for (let i = 0; i < size; i++) {
    const someone = await client(String(i), suite);
    clients.push(someone);
    const { publicKey } = await suite.deriveKeyPair(new Uint8Array(32).fill(i).fill(i >> 8, 0, 1));
    if (i > 0) nodes.push(undefined);
    nodes.push({
      type: "leaf",
      leafNode: {
        encryptionKey: publicKey,
        signatureKey: someone.identity.signatureKey,
        credential: { type: types[i % types.length]!, data: none },
        capabilities: { versions: [1], cipherSuites: [1], extensions: types, proposals: types, credentials: types },
        leafNodeSource: { type: "update" },
        extensions: [],
        signature: new Uint8Array(64),
      },
    });
  }
  const required = { extensionTypes: types, proposalTypes: types, credentialTypes: types };
  const unsigned: GroupInfo = {
    groupContext: {
      version: 1,
      cipherSuite: suite.id,
      groupId: none,
      epoch: 1n,
      treeHash: RatchetTree.fromNodes(suite, nodes).hash(),
      confirmedTranscriptHash: noHash,
      extensions: [{ type: extensionTypes.required_capabilities, data: encode(RequiredCapabilities, required) }],
    },
    extensions: [{ type: extensionTypes.ratchet_tree, data: encode(RatchetTreeNodes, nodes) }],
    confirmationTag: noHash,
    signer: 0,
    signature: none,
  };
  const signature = await signWithLabel(clients[0]!.identity.signer, "GroupInfoTBS", groupInfoTbs(unsigned));
  return { ...unsigned, signature };
}

/** What it costs until the first wrong signature is told of: hashes, and turns of the event loop. */
async function costOf(size: number): Promise<{ readonly hashes: number; readonly turns: number }> {
  const { suite, counts, reset } = counting(suiteOf());
  const groupInfo = await hostile(suite, size);
  reset();
  let turns = 0;
  const work = new LongWork(() => {
    turns++;
    return Promise.resolve();
  });
  const settings = settingsOf(trusting);
  const tree = await readRatchetTree(suite, groupInfo, undefined, settings, work);
  const reading = turns;
  expect(reading).toBeGreaterThan(0);
  expect(await refusal(() => checkGroupInfo(suite, groupInfo, tree, settings, work))).toBe("leaf-signature");
  // Reading, preparing signatures, hashing and checking leaves: each is interrupted.
  expect(turns).toBeGreaterThanOrEqual(4 * reading);
  return { hashes: counts.hash, turns };
}

it("a tree with long lists costs twice as much where it has twice as many leaves, and turns in between", async () => {
  const [one, two] = [await costOf(256), await costOf(512)];
  expect(two.hashes).toBeLessThanOrEqual(2 * one.hashes + 2);
  expect(two.turns).toBeGreaterThanOrEqual(2 * one.turns - 4);
  expect(two.turns).toBeLessThanOrEqual(2 * one.turns + 4);
});

it("a tree of blank leaves is hashed in turns, too", async () => {
  const { suite, counts, reset } = counting(suiteOf());
  const groupInfo = await hostile(suite, 2);
  const { groupContext } = groupInfo;
  const few = decode(RatchetTreeNodes, groupInfo.extensions[0]!.data);
  // The two members are behind 16,382 leaves that are blank: two bytes of the message each.
  const nodes: (Node | undefined)[] = [...new Array<undefined>(2 * 16_382).fill(undefined), ...few];
  const unsigned: GroupInfo = {
    ...groupInfo,
    groupContext: { ...groupContext, treeHash: RatchetTree.fromNodes(suite, nodes).hash() },
    extensions: [{ type: extensionTypes.ratchet_tree, data: encode(RatchetTreeNodes, nodes) }],
  };
  reset();
  let [most, before] = [0, 0];
  const work = new LongWork(() => {
    most = Math.max(most, counts.hash - before);
    before = counts.hash;
    return Promise.resolve();
  });
  const settings = settingsOf(trusting);
  const tree = await readRatchetTree(suite, unsigned, undefined, settings, work);
  expect(await refusal(() => checkGroupInfo(suite, unsigned, tree, settings, work))).toBe("group-info-signer");
  expect(counts.hash).toBeGreaterThanOrEqual(2 * 16_384 - 1);
  expect(Math.max(most, counts.hash - before)).toBeLessThan(5_000);
});

describe("long work", () => {
  it("pauses by what was done, at the same places each time", async () => {
    let pauses = 0;
    const work = new LongWork(() => {
      pauses++;
      return Promise.resolve();
    });
    expect(work.took(1)).toBeUndefined();
    await work.took(1e9);
    expect(pauses).toBe(1);
    await work.run(new Array<number>(1_000).fill(1_024));
    expect(pauses).toBe(4);
  });

  it("lets others have their turn", async () => {
    let isOver = false;
    const turn = new LongWork().took(1e9)?.then(() => {
      isOver = true;
    });
    // What is ready in this turn of the event loop is not waited for: the next one is.
    for (let i = 0; i < 100; i++) await Promise.resolve();
    expect(isOver).toBe(false);
    await turn;
    expect(isOver).toBe(true);
  });
});
