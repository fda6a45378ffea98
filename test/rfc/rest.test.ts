/**
 * What no list of checks names: decoding, certificates, credentials, lifetimes, deletion and external joins. RFC 9420 sections
 * 2.1, 5.1, 5.3, 7.2, 7.5, 9.2, 12.4.3.2, 17.1.
 */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { externalSenders } from "../../src/public-group/extensions.ts";
import { Group } from "../../src/group/group.ts";
import type { Candidate } from "../../src/public-group/options/settings.ts";
import { TreeHashInput } from "../../src/wire/ratchet-tree.ts";
import { agree, talk } from "../group/agreement.ts";
import { storedOf } from "../group/insider.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, trusting } from "../group/world.ts";
import { certificate } from "../rules/certificates.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import { refuses, trio, type Broken } from "./breaking.ts";
import { forgeCommit, forgeExternalCommit } from "./forging.ts";
import { forgeKeyPackage, leafAt, published, treeOf } from "./leaves.ts";

describe("bytes are refused", () => {
  it("section 2.1.1 (1): whose presence octet is neither 0 nor 1", async () => {
    const [alice, bob] = await trio();
    const message = await forgeCommit(alice, { path: false, proposals: [] });
    // Behind the absent path: the signature, the confirmation tag and the membership tag, each with its length.
    const at = message.length - (2 + 64) - (1 + 32) - (1 + 32) - 1;
    expect(message[at]).toBe(0);
    for (const octet of [2, 0xff]) {
      const forged = message.slice();
      forged[at] = octet;
      await refuses(bob, forged, ["decode-presence"]);
    }
  });

  it("section 2.1.2 (1), section 2.1.2 (2): whose lengths take more bytes than they need, or have the prefix 11", async () => {
    const [alice, bob] = await trio();
    const message = await alice.seal(utf8("x"));
    // Version and wire format are four bytes; then the length of the group id.
    expect(message[4]).toBe(32);
    for (const length of [
      [0x40, 32],
      [0x80, 0, 0, 32],
      [0xc0, 0, 0, 32],
      [0xff, 0, 0, 0, 0, 0, 0, 32],
    ]) {
      const forged = new Uint8Array([...message.subarray(0, 4), ...length, ...message.subarray(5)]);
      await refuses(bob, forged, ["decode-length"]);
    }
  });
});

describe("a credential", () => {
  it("section 5.3 (1), section 5.1.2 (1): whose certificate is of another key, or of another algorithm, is refused", async () => {
    for (const name of ["Ed25519", "P-256"] as const) {
      const [alice, bob] = await trio();
      const leaf = (): object => ({ credential: { type: "x509", certificates: [certificate(name)] } });
      const keyPackage = await forgeKeyPackage(await client("dave"), { leaf });
      const broken: Broken = ["x509-key-mismatch", "section 5.3"];
      await refuses(bob, await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }), broken);
      await refuses(bob, () => bob.commit({ add: [published(keyPackage)] }), broken);
      await refuses(bob, await forgeCommit(alice, { leaf }), broken);
    }
  });

  it("section 5.3.1 (1), section 5.3.1 (2): is shown to the application whenever it enters, and with the one that it replaces", async () => {
    const asked: string[] = [];
    const validate = ({ reason, credential, previous }: Candidate): boolean => {
      const name = (of: Candidate["credential"] | undefined): string =>
        of?.type === "basic" ? new TextDecoder().decode(of.identity) : "nobody";
      asked.push(`${reason} ${name(credential)} for ${name(previous)}`);
      return true;
    };
    const asks = async (expected: readonly string[], operation: () => Promise<unknown>): Promise<void> => {
      asked.length = 0;
      await operation();
      expect(asked).toEqual(expected);
    };
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const [alice, bob] = (await groupOf(clients, { handshake: "public" })) as [Group, Group];
    const watching = await Group.restore({
      authentication: { validate },
      identity: bob.identity,
      snapshot: bob.snapshot(),
    });
    const follow = async (options: Parameters<Group["commit"]>[0], expected: readonly string[]): Promise<void> => {
      const pending = await alice.commit(options);
      await alice.apply(pending);
      await asks(expected, () => watching.receive(pending.commit));
    };
    const { keyPackage } = await keyPackageOf(await client("carol"));
    await follow({ add: [keyPackage] }, ["add carol for nobody"]);
    await follow({}, []);
    await follow({ identity: (await client("alice 2")).identity }, ["commit alice 2 for alice"]);
    const { signatureKey, credential } = (await client("server")).identity;
    await follow({ extensions: [externalSenders([{ signatureKey, credential }])] }, [
      "external_sender server for nobody",
    ]);
    const update = await alice.propose({ update: { identity: (await client("alice 3")).identity } });
    await asks(["update alice 3 for alice 2"], () => watching.receive(update));
    const { identity } = await client("dave");
    const groupInfo = await alice.groupInfo();
    await asks(
      ["join alice 2 for nobody", "join bob for nobody", "join carol for nobody", "external_sender server for nobody"],
      () => Group.joinExternally({ authentication: { validate }, identity, groupInfo }),
    );
    const resync = await Group.joinExternally({ ...trusting, identity, groupInfo, replace: 2 });
    await asks(["commit dave for carol"], () => watching.receive(resync.commit));
  });
});

describe("a leaf node", () => {
  it("section 7.2 (4): whose lifetime is longer than the application accepts is refused", async () => {
    const [alice, bob] = await trio();
    const day = 24n * 60n * 60n;
    for (const lifetime of [
      { notBefore: 0n, notAfter: 401n * day },
      { notBefore: 0n, notAfter: 0xffff_ffff_ffff_ffffn },
      { notBefore: 2n, notAfter: 1n },
    ]) {
      const keyPackage = await forgeKeyPackage(await client("dave"), { options: { lifetime } });
      const broken: Broken = ["leaf-lifetime-range", "section 7.2"];
      await refuses(bob, await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }), broken);
      await refuses(bob, () => bob.commit({ add: [published(keyPackage)] }), broken);
    }
  });

  it("section 7.8 (1): that is blank is absent from the tree hash", async () => {
    const groups = await trio();
    const [alice] = groups;
    const { suite } = alice;
    const leafHash = (leafIndex: number): Uint8Array =>
      suite.hash(encode(TreeHashInput, { type: "leaf", leafIndex, leafNode: treeOf(alice).leaf(leafIndex) }));
    const above = (leftHash: Uint8Array, rightHash: Uint8Array): Uint8Array =>
      suite.hash(encode(TreeHashInput, { type: "parent", parentNode: undefined, leftHash, rightHash }));
    expect(treeOf(alice).leaf(3)).toBeUndefined();
    const expected = above(above(leafHash(0), leafHash(1)), above(leafHash(2), leafHash(3)));
    expect(hex(alice.groupContext.treeHash)).toBe(hex(expected));
  });
});

describe("secrets", () => {
  let live: LiveSecrets;
  beforeEach(() => {
    live = new LiveSecrets();
  });
  afterEach(() => live.stop());

  it("section 7.5 (3): of nodes that a commit replaces are deleted when it is applied", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    await commitTo(groups, alice);
    await commitTo(groups, bob);
    carol.wipe();
    const keysOf = (group: Group): string[] => storedOf(group).privateKeys.map(([, key]) => hex(key));
    const before = { alice: keysOf(alice), bob: keysOf(bob) };
    const { commit } = await commitTo([alice, bob], alice);
    expect(commit.length).toBeGreaterThan(0);
    const alive = new Set(live.bytes());
    // Alice's leaf and path are new; Bob's leaf is not, and his keys above it were Alice's to replace.
    expect(before.alice.filter((key) => alive.has(key))).toEqual([]);
    expect(before.bob.filter((key) => alive.has(key))).toEqual([storedKeyOf(bob, 0)]);
  });

  function storedKeyOf(group: Group, level: number): string | undefined {
    const entry = storedOf(group).privateKeys.find(([at]) => at === level);
    return entry && hex(entry[1]);
  }

  it("section 9.2 (1): that were consumed are deleted at once: by sealing, by opening, and by an epoch's end", async () => {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const groups = (await groupOf(clients)) as [Group, Group];
    const [alice, bob] = groups;
    const message = await alice.seal(utf8("x"));
    alice.wipe();
    const before = live.bytes();
    await bob.receive(message);
    const opened = new Set(live.bytes());
    // The secrets of the tree above Alice, or her ratchet's, have given way to others.
    expect(before.filter((secret) => !opened.has(secret)).length).toBeGreaterThan(0);
    await refuses(bob, message, ["message-key-used"]);
    await bob.seal(utf8("y"));
    const ratchet = live.bytes();
    await bob.seal(utf8("y"));
    const sealed = new Set(live.bytes());
    expect(ratchet.filter((secret) => !sealed.has(secret))).toHaveLength(1);
    const { secrets } = storedOf(bob);
    await commitTo([bob], bob);
    const after = new Set(live.bytes());
    // The sender data secret opens what comes late; everything else of the epoch is gone.
    expect(secrets.slice(1).filter((secret) => after.has(hex(secret)))).toEqual([]);
  });
});

describe("an external join", () => {
  it("section 12.4.3.2 (2): begins its epoch with the init secret that the ExternalInit carries", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    const { identity } = await client("dave");
    const groupInfo = await alice.groupInfo();
    const join = await Group.joinExternally({ ...trusting, identity, groupInfo });
    // Another ExternalInit is another init secret: the members' key schedule goes another way.
    const other = await forgeExternalCommit(groupInfo, identity, {
      init: false,
      proposals: [{ type: "external_init", kemOutput: leafAt(bob, 1).encryptionKey }],
    });
    await refuses(bob, other, ["confirmation-tag", "section 12.4.2"]);
    const none = await forgeExternalCommit(groupInfo, identity, {
      init: false,
      proposals: [{ type: "external_init", kemOutput: new Uint8Array(31) }],
    });
    await refuses(bob, none, ["external-init-open", "section 8.3"]);
    await deliver(join.commit, groups);
    agree([alice, bob, carol, await join.complete()]);
    await talk([alice, bob, carol, await join.complete()]);
  });
});

it("section 17.1 (1): the cipher suite that every client must have is there, and all others of the RFC", async () => {
  for (const id of [1, 2, 3, 4, 5, 6, 7]) expect(cipherSuite(id).id).toBe(id);
  const suite = cipherSuite(1);
  expect([suite.hashLength, suite.keyLength, suite.hpke.kem]).toEqual([32, 16, 0x20]);
  await talk(await groupOf([await client("alice", suite), await client("bob", suite)]));
});
