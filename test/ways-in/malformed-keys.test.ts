/**
 * A public key that is not written as RFC 9420 section 5.1.1 says is "key-invalid", wherever it comes in and whatever a
 * signature or a KEM would make of it. Sections 5.1.1, 7.3, 10, 12.1.8.1, 12.4.3.
 */

import { describe, expect, it } from "vitest";
import { encode } from "../../src/codec/codec.ts";
import { externalSenders } from "../../src/public-group/extensions.ts";
import { Group } from "../../src/group/group.ts";
import { basic } from "../../src/public-group/identity.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { signFramedContent } from "../../src/public-group/sign.ts";
import { ExternalPub, type Extension } from "../../src/wire/extension.ts";
import type { FramedContent } from "../../src/wire/framing.ts";
import { encodeMessage } from "../../src/wire/message.ts";
import { type RatchetTreeNodes, type Node } from "../../src/wire/ratchet-tree.ts";
import { extensionTypes } from "../../src/wire/registries.ts";
import type { GroupInfo } from "../../src/wire/welcome.ts";
import { client, commitTo, groupOf, keyPackageOf, suiteOf, trusting, type Client } from "../group/world.ts";
import { brokenBy } from "../rfc/breaking.ts";
import { forgeCommit, forgeExternalCommit, proposed } from "../rfc/forging.ts";
import { forgeKeyPackage, forgeUpdate, leafAt, published, signed } from "../rfc/leaves.ts";
import { openWelcome, resealed } from "../rfc/sealing.ts";

/** A point of a curve in its compressed form, which verifies in many libraries; other keys lose a byte. */
function malformed(key: Uint8Array): Uint8Array {
  if (key[0] !== 4 || key.length % 2 === 0) return key.slice(1);
  const size = (key.length - 1) / 2;
  return Uint8Array.of(2 + (key[key.length - 1]! & 1), ...key.subarray(1, 1 + size));
}

interface Scene {
  readonly groups: [Group, Group];
  readonly alice: Group;
  readonly bob: Group;
  readonly dave: Client;
}

async function scene(suiteId: number, extensions: readonly Extension[] = []): Promise<Scene> {
  const suite = suiteOf(suiteId);
  const clients = [await client("alice", suite), await client("bob", suite)];
  const groups = (await groupOf(clients, { handshake: "public", path: true, extensions })) as [Group, Group];
  return { groups, alice: groups[0], bob: groups[1], dave: await client("dave", suite) };
}

function sender(key: Uint8Array): Extension {
  return externalSenders([{ signatureKey: key, credential: basic("server") }]);
}

/** The three who read a GroupInfo, each with one that is changed, signed and sealed as it should be. */
async function readers(
  { groups, alice, dave }: Scene,
  change: {
    readonly groupInfo?: (groupInfo: GroupInfo) => Partial<GroupInfo>;
    readonly tree?: (nodes: RatchetTreeNodes) => RatchetTreeNodes | Promise<RatchetTreeNodes>;
    readonly context?: () => { readonly extensions: readonly Extension[] };
  },
): Promise<readonly (() => unknown)[]> {
  const bundle = await keyPackageOf(dave);
  const { welcome } = await commitTo(groups, alice, { add: [bundle.keyPackage] });
  const forged = await resealed(alice, bundle, welcome!, change);
  const { groupInfo } = await openWelcome(alice.suite, bundle, forged);
  const outside = encodeMessage({ wireFormat: "mls_group_info", groupInfo });
  const { identity } = dave;
  const { suite } = identity;
  return [
    () => Group.join({ ...trusting, identity, welcome: forged, keyPackages: [bundle] }),
    () => Group.joinExternally({ ...trusting, identity, groupInfo: outside }),
    () => Observer.follow({ ...trusting, suite, groupInfo: outside }),
  ];
}

/** A proposal of somebody outside. */
async function outsider(
  group: Group,
  from: Client,
  content: Pick<FramedContent, "sender" | "content">,
): Promise<Uint8Array> {
  const { groupId, epoch } = group.groupContext;
  const framed: FramedContent = { groupId, epoch, authenticatedData: new Uint8Array(0), ...content };
  const signature = await signFramedContent(from.identity, "mls_public_message", framed, group.groupContext);
  return encodeMessage({ wireFormat: "mls_public_message", publicMessage: { content: framed, auth: { signature } } });
}

const places: Readonly<Record<string, (suiteId: number) => Promise<readonly (() => unknown)[]>>> = {
  "the signature key of a GroupInfo's signer": async (suiteId) => {
    const world = await scene(suiteId);
    const { alice } = world;
    const position = { groupId: alice.id, leafIndex: 0 };
    const leaf = await signed(alice.identity, leafAt(alice, 0), position, ({ signatureKey }) => ({
      signatureKey: malformed(signatureKey),
    }));
    return readers(world, {
      tree: (nodes) => nodes.map((node, i): Node | undefined => (i === 0 ? { type: "leaf", leafNode: leaf } : node)),
    });
  },
  "the encryption key of a parent node": async (suiteId) =>
    readers(await scene(suiteId), {
      tree: (nodes) =>
        nodes.map((node): Node | undefined =>
          node?.type === "parent"
            ? {
                type: "parent",
                parentNode: { ...node.parentNode, encryptionKey: malformed(node.parentNode.encryptionKey) },
              }
            : node,
        ),
    }),
  "an external_pub": async (suiteId) => {
    const world = await scene(suiteId);
    const external = malformed((await world.alice.suite.deriveKeyPair(new Uint8Array(64).fill(7))).publicKey);
    const data = encode(ExternalPub, { externalPub: external });
    return readers(world, {
      groupInfo: ({ extensions }) => ({ extensions: [...extensions, { type: extensionTypes.external_pub, data }] }),
    });
  },
  "an external sender's key": async (suiteId) => {
    const world = await scene(suiteId);
    const { alice, bob, dave } = world;
    const extensions = [sender(malformed(dave.identity.signatureKey))];
    const commit = await forgeCommit(alice, { proposals: [{ type: "group_context_extensions", extensions }] });
    const { identity } = dave;
    return [
      () => Group.create({ ...trusting, identity, extensions }),
      () => bob.propose({ extensions }),
      () => bob.commit({ extensions }),
      () => bob.receive(commit),
      ...(await readers(await scene(suiteId), { context: () => ({ extensions }) })),
    ];
  },
  "the signature key of somebody who asks to be added": async (suiteId) => {
    const { alice, bob, dave } = await scene(suiteId);
    const keyPackage = await forgeKeyPackage(dave, {
      leaf: ({ signatureKey }) => ({ signatureKey: malformed(signatureKey) }),
    });
    const add = { type: "add", keyPackage } as const;
    const asked = await outsider(alice, dave, {
      sender: { type: "new_member_proposal" },
      content: { type: "proposal", proposal: add },
    });
    const commit = await forgeCommit(alice, { proposals: [add], path: false });
    return [() => bob.receive(asked), () => bob.receive(commit), () => bob.commit({ add: [published(keyPackage)] })];
  },
  "the signature key of an external committer": async (suiteId) => {
    const { alice, bob, dave } = await scene(suiteId);
    const commit = await forgeExternalCommit(await alice.groupInfo(), dave.identity, {
      leaf: ({ signatureKey }) => ({ signatureKey: malformed(signatureKey) }),
    });
    return [() => bob.receive(commit)];
  },
  "an init key": async (suiteId) => {
    const { alice, bob, dave } = await scene(suiteId);
    const keyPackage = await forgeKeyPackage(dave, { fields: ({ initKey }) => ({ initKey: malformed(initKey) }) });
    const commit = await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }], path: false });
    return [() => bob.receive(commit), () => bob.commit({ add: [published(keyPackage)] })];
  },
  "the keys of a leaf in a path and an Update": async (suiteId) => {
    const { alice, bob } = await scene(suiteId);
    const both = ["encryptionKey", "signatureKey"] as const;
    const commits = await Promise.all(
      both.map((key) => forgeCommit(alice, { leaf: (leaf) => ({ [key]: malformed(leaf[key]) }) })),
    );
    const updates = await Promise.all(both.map((key) => forgeUpdate(bob, (leaf) => ({ [key]: malformed(leaf[key]) }))));
    return [
      ...commits.map((commit) => () => bob.receive(commit)),
      ...updates.map((update) => () => proposed(bob, update, [alice])),
    ];
  },
  "the encryption key of a path's node": async (suiteId) => {
    const { alice, bob } = await scene(suiteId);
    const commit = await forgeCommit(alice, {
      update: ({ leafNode, nodes }) => ({
        leafNode,
        nodes: nodes.map((node) => ({ ...node, encryptionKey: malformed(node.encryptionKey) })),
      }),
    });
    return [() => bob.receive(commit)];
  },
};

describe.each([1, 2, 3, 4, 5, 6, 7])("suite %i", (suiteId) => {
  it.each(Object.entries(places))("%s", async (_, place) => {
    for (const operation of await place(suiteId)) expect((await brokenBy(operation))[0]).toBe("key-invalid");
  });
});

it("a wrong signature with a key that is well written is a wrong signature", async () => {
  const world = await scene(2);
  for (const read of await readers(world, { groupInfo: () => ({ signature: new Uint8Array(64) }) })) {
    expect((await brokenBy(read))[0]).toBe("group-info-signature");
  }
});
