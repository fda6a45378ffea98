/**
 * Processing a commit, and its path. RFC 9420 sections 7.5, 7.6, 7.9.2, 12.4, 12.4.2.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import { type Group } from "../../src/group/group.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import type { UpdatePath } from "../../src/wire/update-path.ts";
import { client, commitTo, groupOf, keyPackageOf } from "../group/world.ts";
import { refuses, trio, type Broken } from "./breaking.ts";
import { forgeCommit, proposed, type Forgery } from "./forging.ts";
import { forgeKeyPackage, forgeUpdate, leafAt, treeOf } from "./leaves.ts";

/** Bob refuses such a commit of Alice's. */
async function refusesCommit(
  forgery: Forgery | ((groups: readonly Group[]) => Forgery | Promise<Forgery>),
  broken: Broken,
): Promise<void> {
  const groups = await trio();
  const [alice, bob] = groups;
  const made = typeof forgery === "function" ? await forgery(groups) : forgery;
  await refuses(bob, await forgeCommit(alice, made), broken);
}

/** A path with its nodes changed. */
function nodes(change: (nodes: UpdatePath["nodes"]) => UpdatePath["nodes"]): (path: UpdatePath) => UpdatePath {
  return (path) => ({ ...path, nodes: change(path.nodes) });
}

describe("a commit is refused", () => {
  it("valn1101: whose path has a ciphertext too many or too few", async () => {
    const broken: Broken = ["path-ciphertexts", "valn1101"];
    const more = nodes((list) =>
      list.map((node) => ({
        ...node,
        encryptedPathSecret: [...node.encryptedPathSecret, ...node.encryptedPathSecret],
      })),
    );
    const fewer = nodes((list) => list.map((node) => ({ ...node, encryptedPathSecret: [] })));
    await refusesCommit({ update: more }, broken);
    await refusesCommit({ update: fewer }, broken);
  });

  it("valn1101: whose path is sealed to a member that it adds", async () => {
    const proposals: Proposal[] = [{ type: "add", keyPackage: await forgeKeyPackage(await client("dave")) }];
    await refusesCommit({ proposals, excluded: () => [] }, ["path-ciphertexts", "valn1101"]);
  });

  it("valn1201: of another epoch", async () => {
    await refusesCommit({ content: { epoch: 0n } }, ["wrong-epoch", "valn1201"]);
    const [alice, bob, carol] = await trio();
    const late = await forgeCommit(carol);
    await commitTo([alice, bob], alice);
    await refuses(bob, late, ["wrong-epoch", "valn1201"]);
  });

  it("valn1202: as a PublicMessage without the right membership tag", async () => {
    const [alice, bob] = await trio();
    const decoded = decodeMessage(await forgeCommit(alice));
    if (decoded.wireFormat !== "mls_public_message") throw new TypeError("a public message was expected");
    const forged = { ...decoded.publicMessage, membershipTag: new Uint8Array(32) };
    await refuses(bob, encodeMessage({ wireFormat: "mls_public_message", publicMessage: forged }), [
      "membership-tag",
      "valn1302",
    ]);
  });

  it("valn1203: whose signature does not verify with the committer's key", async () => {
    const { identity: signer } = await client("mallory");
    await refusesCommit({ signer }, ["message-signature", "valn1301"]);
    await refusesCommit({ signer, format: "mls_private_message" }, ["message-signature", "valn1301"]);
  });

  it("valn1204: whose list of proposals is not valid", async () => {
    const remove: Proposal = { type: "remove", removed: 2 };
    await refusesCommit({ proposals: [remove, remove] }, ["commit-leaf-changed-twice", "valn0304"]);
    await refusesCommit({ proposals: [remove, remove], format: "mls_private_message" }, [
      "commit-leaf-changed-twice",
      "valn0304",
    ]);
  });

  it("valn1205: with a PSK that is not available", async () => {
    const psk = { type: "external", pskId: utf8("id"), pskNonce: new Uint8Array(32) } as const;
    await refusesCommit({ proposals: [{ type: "psk", psk }] }, ["psk-not-found", "valn1205"]);
    const past = {
      type: "resumption",
      usage: "application",
      pskGroupId: new Uint8Array([1]),
      pskEpoch: 0n,
      pskNonce: new Uint8Array(32),
    } as const;
    await refusesCommit({ proposals: [{ type: "psk", psk: past }], path: false }, ["psk-not-found", "valn1205"]);
  });

  it("valn1206: without the path that its proposals require", async () => {
    const broken: Broken = ["commit-path-required", "valn1206"];
    await refusesCommit({ path: false }, broken);
    await refusesCommit({ proposals: [{ type: "remove", removed: 2 }], path: false }, broken);
    await refusesCommit({ proposals: [{ type: "group_context_extensions", extensions: [] }], path: false }, broken);
    const byReference = async ([alice, bob, carol]: readonly Group[]): Promise<Forgery> => ({
      proposals: [await proposed(carol!, await forgeUpdate(carol!), [alice!, bob!])],
      path: false,
    });
    await refusesCommit(byReference, broken);
  });

  it("valn1206: without the path that a custom proposal requires", async () => {
    const type = 0xf002;
    const declared = { type, pathRequired: true, external: false, externalCommit: false, after: "add" } as const;
    const registry = { proposals: [declared] };
    const [alice, bob] = await trio({ registry });
    const proposals: Proposal[] = [{ type: "custom", proposalType: type, body: new Uint8Array([0]) }];
    const commit = await forgeCommit(alice, { proposals, path: false, registry });
    await refuses(bob, commit, ["commit-path-required", "valn1206"]);
    await bob.receive(await forgeCommit(alice, { proposals, registry }));
  });

  it("valn1207: whose path has a leaf node that is not valid, or not of source commit", async () => {
    await refusesCommit({ leaf: () => ({ leafNodeSource: { type: "update" } }) }, ["leaf-source", "valn0110"]);
    await refusesCommit({ leaf: () => ({ signature: new Uint8Array(64) }) }, ["leaf-signature", "valn0102"]);
    await refusesCommit({ leaf: () => ({ encryptionKey: new Uint8Array(31) }) }, ["key-invalid", "section 10"]);
  });

  it("valn1208: whose path keeps the committer's encryption key", async () => {
    const leaf = ([alice]: readonly Group[]): Forgery => {
      const { encryptionKey } = leafAt(alice!, 0);
      return { leaf: () => ({ encryptionKey }) };
    };
    await refusesCommit(leaf, ["leaf-encryption-key-reused", "valn1208"]);
  });

  it("valn1209: whose path has a public key that is in the tree, or twice in the path", async () => {
    const broken: Broken = ["duplicate-encryption-key", "valn1209"];
    await refusesCommit(([, , carol]) => {
      const { encryptionKey } = leafAt(carol!, 2);
      return { keys: (keys) => [encryptionKey, ...keys.slice(1)] };
    }, broken);
    await refusesCommit({ keys: ([first, ...others]) => [first!, ...others.slice(1), first!] }, broken);
    await refusesCommit(([, , carol]) => {
      const { encryptionKey } = leafAt(carol!, 2);
      return { leaf: () => ({ encryptionKey }) };
    }, broken);
    // A key of a parent node, which only a populated tree has.
    const groups = await trio();
    const [alice, bob, carol] = groups;
    await commitTo(groups, carol);
    const node = treeOf(alice).root;
    if (node.isLeaf || node.parentNode === undefined) throw new TypeError("a root was expected");
    const { encryptionKey } = node.parentNode;
    const commit = await forgeCommit(alice, { keys: ([first]) => [first!, encryptionKey] });
    await refuses(bob, commit, broken);
  });

  it("section 7.5 (1): whose path has a node too many or too few", async () => {
    const broken: Broken = ["path-length", "section 7.5"];
    await refusesCommit({ update: nodes((list) => list.slice(1)) }, broken);
    const more = nodes((list) => [...list, { ...list[0]!, encryptionKey: list[0]!.encryptionKey.map((b) => b ^ 1) }]);
    await refusesCommit({ update: more }, broken);
  });

  it("section 7.5 (2): whose path secrets do not open, or give other keys than the path announces", async () => {
    const spoilt = nodes((list) =>
      list.map((node) => ({
        ...node,
        encryptedPathSecret: node.encryptedPathSecret.map((sealed) => ({
          ...sealed,
          ciphertext: sealed.ciphertext.map((byte) => byte ^ 1),
        })),
      })),
    );
    await refusesCommit({ update: spoilt }, ["path-open"]);
    const { suite } = (await client("x")).identity;
    const fresh = await Promise.all([1, 2].map(async () => suite.deriveKeyPair(platformRandom(32))));
    await refusesCommit({ keys: (keys) => keys.map((_, i) => fresh[i]!.publicKey) }, [
      "path-key-mismatch",
      "section 7.5",
    ]);
  });

  it("section 7.9.2 (1): whose leaf has another parent hash than its path gives", async () => {
    const leaf = (): object => ({ leafNodeSource: { type: "commit", parentHash: new Uint8Array(32) } });
    await refusesCommit({ leaf }, ["parent-hash", "section 7.9.2"]);
    await refusesCommit({ leaf: () => ({ leafNodeSource: { type: "commit", parentHash: new Uint8Array(0) } }) }, [
      "parent-hash",
      "section 7.9.2",
    ]);
  });

  it("section 5.1.1 (1): whose path has a public key that is none of the suite", async () => {
    const keys = (list: readonly Uint8Array[]): readonly Uint8Array[] => list;
    const update = nodes((list) => list.map((node) => ({ ...node, encryptionKey: new Uint8Array(31) })));
    await refusesCommit({ keys, update }, ["key-invalid", "section 5.1.1"]);
  });

  it("section 12.4.2 (1): whose confirmation tag is not that of the new epoch", async () => {
    await refusesCommit({ tag: (tag) => tag.map((byte) => byte ^ 1) }, ["confirmation-tag", "section 12.4.2"]);
    await refusesCommit({ tag: () => new Uint8Array(0) }, ["confirmation-tag", "section 12.4.2"]);
  });

  it("section 12.4 (1): that refers to a proposal that has not arrived", async () => {
    const remove: Proposal = { type: "remove", removed: 2 };
    const sender = { type: "member", leafIndex: 1 } as const;
    const proposals = [{ proposal: remove, sender, ref: new Uint8Array(32) }];
    await refusesCommit({ proposals }, ["proposal-not-found", "section 12.4"]);
  });

  it("section 12.2 (1): by whoever would make it, too: what others must refuse is not sent", async () => {
    const groups = await trio();
    const [, bob] = groups;
    await refuses(bob, () => bob.commit({ remove: [1] }), ["commit-self-remove", "valn0303"]);
    await refuses(bob, () => bob.commit({ psks: [{ type: "external", pskId: utf8("id") }] }), [
      "psk-not-found",
      "valn1205",
    ]);
    const { keyPackage } = await keyPackageOf(await client("dave"));
    await refuses(bob, () => bob.commit({ add: [keyPackage, keyPackage] }), ["commit-duplicate-add", "valn0305"]);
  });

  it("section 12.4 (2): by the application's policy, where it asks to be heard", async () => {
    let verdict = true;
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const review = (): boolean => verdict;
    const [alice, bob] = (await groupOf(clients, { review, handshake: "public" })) as [Group, Group];
    const commit = await forgeCommit(alice);
    verdict = false;
    await refuses(bob, commit, ["commit-refused"]);
    await refuses(bob, () => bob.commit(), ["commit-refused"]);
    verdict = true;
    expect(await bob.receive(commit)).toMatchObject({ kind: "commit" });
  });
});
