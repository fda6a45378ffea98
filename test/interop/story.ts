/**
 * The life of a group that one implementation creates and another joins: every kind of commit, from either side.
 */

import { utf8 } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { RequiredCapabilities } from "../../src/wire/extension.ts";
import { extensionTypes } from "../../src/wire/registries.ts";
import { PskStore, sharedExtension, type Client, type Engine, type Handshake } from "./participant.ts";
import { Room } from "./room.ts";

/** Who takes part, how their handshakes travel, and how much of the story is played. */
export interface Cast {
  readonly suite: number;
  readonly host: Engine;
  readonly guest: Engine;
  readonly handshakes: { readonly host: Handshake; readonly guest: Handshake };
  /** The essentials leave out what differs from another step in nothing that a cipher suite does. Default: all of it. */
  readonly length?: "all" | "essentials";
}

/** Play the story. Alice, Dave, Frank and Heidi are the host's, Bob, Carol, Erin and Grace the guest's. */
export async function play({ suite, host, guest, handshakes, length = "all" }: Cast): Promise<void> {
  const psks = new PskStore();
  const hosts = (name: string): Promise<Client> => host.client(name, { suite, handshake: handshakes.host, psks });
  const guests = (name: string): Promise<Client> => guest.client(name, { suite, handshake: handshakes.guest, psks });
  const [alice, dave, frank] = await Promise.all(["alice", "dave", "frank"].map(hosts));
  const [bob, carol, erin] = await Promise.all(["bob", "carol", "erin"].map(guests));

  // Two Adds by value, without a path.
  const room = await Room.create(alice!, utf8("the group"));
  await room.commit("alice", {}, [bob!, carol!]);

  // An Update by reference, committed by the other side.
  if (host.can.commitOneRemoveOrUpdate) {
    await room.propose("carol", { update: true });
    await room.commit("alice");
  }
  if (guest.can.commitOneRemoveOrUpdate) {
    await room.propose("alice", { update: true });
    await room.commit("bob");
  }

  if (length === "all") await emptyCommitsAndPsks(room, psks);

  // An Add by reference, welcomed by the other side.
  await room.propose("alice", { add: await dave!.keyPackage() });
  await room.commitAndWelcome("carol", [dave!]);

  // Into the leaf that a Remove blanks, an Add, with a PSK in the Welcome and the tree beside it.
  const plan = {
    remove: [room.leafOf("dave")],
    psks: [psks.add(utf8("a key of the Welcome"))],
    treeBeside: host.can.treeBeside && guest.can.treeBeside,
  };
  if (guest.can.commitOneRemoveOrUpdate) await room.commit("carol", plan, [await hosts("heidi")]);
  else await room.commit("alice", plan, [await guests("grace")]);

  // A Remove by reference, of one who is proposed by the other side.
  const remover = host.can.commitOneRemoveOrUpdate ? "alice" : "bob";
  await room.propose(remover === "alice" ? "bob" : "alice", { remove: room.leafOf("carol") });
  await room.commit(remover);

  // External commits with the other side's GroupInfo.
  await room.joinExternally(frank!, "bob");
  await room.joinExternally(erin!, "alice");

  if (length === "all") {
    // A resync, and somebody outside who asks to be added: Dave, again.
    await room.joinExternally(erin!, "frank", { resync: true });
    await room.commit("erin");
    await room.proposeToJoin(dave!, "bob");
    await room.commitAndWelcome("erin", [dave!]);
    await otherContexts(room, host.can.commitExtensions ? "alice" : "bob");
  }
  for (const member of room.members) await room.hear(member);
}

async function emptyCommitsAndPsks(room: Room, psks: PskStore): Promise<void> {
  await room.commit("bob");
  await room.commit("alice");
  await room.commit("bob", { psks: [psks.add(utf8("a key that Bob agreed on"))] });
  await room.propose("bob", { psk: psks.add(utf8("a key that Bob proposes")) });
  await room.commit("alice", { psks: [psks.add(utf8("a key that Alice agreed on"))] });
}

/** New group contexts, by somebody who can commit them: one that the other side proposed, and one by value. */
async function otherContexts(room: Room, by: "alice" | "bob"): Promise<void> {
  await room.propose(by === "alice" ? "erin" : "frank", {
    extensions: [{ type: sharedExtension, data: utf8("by reference") }],
  });
  await room.commit(by);
  await room.commit(by, { extensions: [requiring(sharedExtension)] });
}

/** The required_capabilities extension that asks for support of an extension type. */
export function requiring(type: number): { readonly type: number; readonly data: Uint8Array } {
  const data = encode(RequiredCapabilities, { extensionTypes: [type], proposalTypes: [], credentialTypes: [] });
  return { type: extensionTypes.required_capabilities, data };
}
