/**
 * ts-mls's faults, one by one, with the words of RFC 9420 that they miss. What reaches copse as bytes is refused by the rule
 * that it breaks, and the group goes on; what copse sends is followed by copse's own members. The other tests steer around
 * them, as docs/interop.md says.
 */

import {
  defaultLifetime,
  encodeMlsMessage,
  generateKeyPackage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
} from "ts-mls";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { ExternalSenders } from "../../src/wire/extension.ts";
import { extensionTypes } from "../../src/wire/registries.ts";
import { copse } from "./copse.ts";
import { sharedExtension, type Client, type Engine, type Plan } from "./participant.ts";
import { Room } from "./room.ts";
import { requiring } from "./story.ts";
import { tsMls1 } from "./ts-mls-1.ts";
import { tsMls2 } from "./ts-mls-2.ts";

function client(engine: Engine, name: string, suite = 1): Promise<Client> {
  return engine.client(name, { suite, handshake: "public" });
}

/** A room of clients who are all there from the first epoch. */
async function roomOf(...casting: readonly (readonly [name: string, engine: Engine])[]): Promise<Room> {
  const [creator, ...others] = await Promise.all(casting.map(([name, engine]) => client(engine, name)));
  const room = await Room.create(creator!, utf8("the group"));
  await room.commit(creator!.name, {}, others);
  return room;
}

/** Bob makes a commit, Alice refuses it, and all go on without it. */
async function refused(room: Room, plan: Plan, code: ErrorCode): Promise<void> {
  const alice = room.of("alice");
  const before = await alice.view();
  const made = await room.of("bob").commit(plan);
  await expect(alice.receive(made.commit)).rejects.toMatchObject({ code });
  expect(await alice.view()).toEqual(before);
  await room.commit("alice");
}

/** Section 12.4: "By default, the path field of a Commit MUST be populated." */
describe("a commit without the path that its proposals require is refused", () => {
  it("of a single Remove, by 2.0.0-rc.10", async () => {
    const room = await roomOf(["alice", copse], ["bob", tsMls2], ["carol", copse]);
    await refused(room, { remove: [room.leafOf("carol")] }, "commit-path-required");
  });

  it("of a single Update, by 2.0.0-rc.10", async () => {
    const room = await roomOf(["alice", copse], ["bob", tsMls2], ["carol", copse]);
    await room.propose("carol", { update: true });
    await refused(room, {}, "commit-path-required");
  });

  it.each([tsMls1, tsMls2])("of GroupContextExtensions, by $name", async (guest) => {
    const room = await roomOf(["alice", copse], ["bob", guest]);
    await refused(room, { extensions: [requiring(sharedExtension)] }, "commit-path-required");
  });
});

describe("a path that other members can't follow is refused", () => {
  /** Section 12.4.2: "using the provisional GroupContext as the context for HPKE decryption", extensions and all. */
  it.each([tsMls1, tsMls2])("sealed under the old extensions, by $name", async (guest) => {
    const room = await roomOf(["bob", guest], ["alice", copse], ["carol", copse], ["dave", copse]);
    const remove = [room.leafOf("carol"), room.leafOf("dave")];
    await refused(room, { remove, extensions: [requiring(sharedExtension)] }, "path-open");
  });

  /**
   * Section 7.5: "encrypt the path secret for the direct path node using the public key of the resolution node", of the tree
   * to which the proposals have been applied.
   */
  it("sealed to the keys that Updates replace, by 2.0.0-rc.10", async () => {
    const room = await roomOf(["alice", copse], ["bob", tsMls2], ["carol", copse]);
    await room.propose("alice", { update: true });
    await room.propose("carol", { update: true });
    await refused(room, {}, "path-open");
  });

  /** Section 7.6: the resolution "MUST exclude all new leaf nodes added as part of the current Commit". */
  it("sealed to a new member, too, by 2.0.0-rc.10", async () => {
    const room = await roomOf(["bob", tsMls2], ["alice", copse], ["carol", copse], ["dave", copse]);
    const erin = await client(copse, "erin");
    const remove = [room.leafOf("carol"), room.leafOf("dave")];
    await refused(room, { remove, add: [await erin.keyPackage()] }, "path-ciphertexts");
  });

  /**
   * Section 12.4.1: "Define commit_secret as the value path_secret[n+1] derived from the last path secret value
   * (path_secret[n]) derived for the UpdatePath." Where nobody is on the other side of the root, the root has no path secret;
   * ts-mls derives one more for it.
   */
  it("with another commit_secret, where half of the tree is blank, by 1.6.4", async () => {
    const room = await roomOf(["eve", copse], ["dave", copse], ["alice", copse], ["bob", tsMls1]);
    await refused(room, { remove: [room.leafOf("eve"), room.leafOf("dave")] }, "confirmation-tag");
  });
});

describe("a key package is refused", () => {
  /** Section 5.1.1: the public key "is represented as an encoded UncompressedPointRepresentation struct". */
  it("whose ECDSA key is a compressed point, as ts-mls generates them", async () => {
    const alice = await client(copse, "alice", 2);
    const suite = await getCiphersuiteImpl(getCiphersuiteFromName("MLS_128_DHKEMP256_AES128GCM_SHA256_P256"));
    const lifetime = { notBefore: 0n, notAfter: 1n };
    await expect(aliceAdds(alice, suite, lifetime)).rejects.toMatchObject({ code: "key-invalid" });
  });

  /** Section 7.2: "reject any LeafNode where the total lifetime is longer than this duration". */
  it("whose lifetime never ends, as is the default of 1.6.4", async () => {
    const alice = await client(copse, "alice");
    const suite = await getCiphersuiteImpl(getCiphersuiteFromName("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"));
    await expect(aliceAdds(alice, suite, defaultLifetime)).rejects.toMatchObject({ code: "leaf-lifetime-range" });
  });
});

async function aliceAdds(
  alice: Client,
  suite: Awaited<ReturnType<typeof getCiphersuiteImpl>>,
  lifetime: typeof defaultLifetime,
): Promise<unknown> {
  const credential = { credentialType: "basic", identity: utf8("bob") } as const;
  const capabilities = {
    versions: ["mls10" as const],
    ciphersuites: [suite.name],
    extensions: [],
    proposals: [],
    credentials: ["basic" as const, "x509" as const],
  };
  const { publicPackage } = await generateKeyPackage(credential, capabilities, lifetime, [], suite);
  const bytes = encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: publicPackage });
  return (await alice.create(utf8("the group"))).commit({ add: [bytes] });
}

/** Section 12.4.3.2: "struct { HPKEPublicKey external_pub; } ExternalPub", and HPKEPublicKey is an opaque<V>. */
it.each([tsMls1, tsMls2])("a GroupInfo whose external_pub has no length is refused, of $name", async (guest) => {
  const bob = await (await client(guest, "bob", 2)).create(utf8("the group"));
  const alice = await client(copse, "alice", 2);
  await expect(alice.joinExternally(await bob.groupInfo("as it is"))).rejects.toMatchObject({
    code: "extension-malformed",
  });
  await expect(alice.joinExternally(await bob.groupInfo())).resolves.toHaveProperty("commit");
});

describe("what ts-mls can't follow, copse's members do", () => {
  /** Section 12.4.3.1: "every non-blank intermediate node between the leaf node and the parent node", and none above. */
  it.each([tsMls1, tsMls2])("a leaf that is unmerged at one ancestor and merged above, by $name", async (guest) => {
    const names = ["alice", "bob", "carol", "dave", "erin"] as const;
    const room = await roomOf(...names.map((name) => [name, copse] as const));
    await room.commit("alice", { remove: [room.leafOf("dave")] });
    await room.commit("alice", {}, [await client(copse, "frank")]);
    await room.commit("erin");
    const grace = await client(guest, "grace");
    const heidi = await client(copse, "heidi");
    const made = await room.of("alice").commit({ add: [await grace.keyPackage(), await heidi.keyPackage()] });
    await room.follow(room.of("alice"), made);
    await expect(grace.join(made.welcome!)).rejects.toThrow("non-blank intermediate node must list leaf node");
    await room.welcome(room.of("alice"), made, [heidi]);
    await room.check();
  });

  /** Section 12.1.7: "This is a wholesale replacement, not a merge." */
  it.each([tsMls1, tsMls2])("an empty list of group context extensions, by $name", async (guest) => {
    const room = await roomOf(["alice", copse], ["bob", guest], ["carol", copse]);
    await room.commit("alice", { extensions: [requiring(sharedExtension)] });
    const made = await room.of("alice").commit({ extensions: [] });
    await expect(room.of("bob").receive(made.commit)).rejects.toThrow("The operation failed");
    expect(await room.of("carol").receive(made.commit)).toEqual({ kind: "commit" });
  });

  /** Section 12.1.8.1: "ExternalSender external_senders<V>". */
  it.each([
    { ...tsMls1, says: "Could not decode external_senders" },
    { ...tsMls2, says: "Cannot read properties of undefined" },
  ])("a list of external senders, by $name", async ({ says, ...guest }) => {
    const room = await roomOf(["alice", copse], ["bob", guest], ["carol", copse]);
    const { signatureKey, credential } = await createIdentity({ suite: cipherSuite(1), credential: basic("a server") });
    const data = encode(ExternalSenders, [{ signatureKey, credential }]);
    const made = await room.of("alice").commit({ extensions: [{ type: extensionTypes.external_senders, data }] });
    await expect(room.of("bob").receive(made.commit)).rejects.toThrow(says);
    expect(await room.of("carol").receive(made.commit)).toEqual({ kind: "commit" });
  });

  it.each([tsMls1, tsMls2])("a path below a root with a blank half, by $name", async (guest) => {
    const room = await roomOf(["eve", copse], ["dave", copse], ["alice", copse], ["bob", guest]);
    const made = await room.of("alice").commit({ remove: [room.leafOf("eve"), room.leafOf("dave")] });
    await expect(room.of("bob").receive(made.commit)).rejects.toThrow("Could not verify confirmation tag");
  });
});
