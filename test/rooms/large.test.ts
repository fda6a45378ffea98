/**
 * A large room: what a commit costs there.
 */

import { describe, expect, it } from "vitest";
import { Group } from "../../src/group/group.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import {
  addParticipants,
  createRoomExtensions,
  deviceUri,
  Room,
  roomAppData,
  userOfDevice,
  userUri,
} from "../../src/rooms/index.ts";
import { suiteOf } from "../group/world.ts";
import {
  app,
  contextOf,
  memberFor,
  memberSender,
  membersOf,
  plainEvent,
  plainRoom,
  type PlainClient,
} from "./plain.ts";
import { alice, bob, carol, identityOf, roomName } from "./world.ts";

const users = Array.from({ length: 2_000 }, (_, i) => userUri("example.org", `user${String(i)}`));
const clients = [alice, ...users].map((user, leaf): PlainClient => [leaf, user, "phone"]);

describe("A room of two thousand users", () => {
  it("looks at each member once, and then at what a commit changes", () => {
    let looked = 0;
    const counting = roomAppData({
      identify: (credential) => {
        looked++;
        if (credential.type !== "basic") return undefined;
        const device = new TextDecoder().decode(credential.identity);
        return { user: userOfDevice(device), device };
      },
    });
    const plain = plainRoom({ participants: users }, clients);
    const room = Room.open({ rooms: counting, groupContext: contextOf(plain), members: membersOf(plain) });
    expect(looked).toBe(clients.length);
    looked = 0;
    const own = plainEvent(plain, {
      committer: [7, users[6]!, "phone"],
      added: [[[3_000, users[6]!, "laptop"], memberSender(7)]],
      updated: [[clients[7]!, clients[7]!]],
    });
    room.check(own);
    room.follow(own);
    expect(room.participant(users[6]!)?.clients).toBe(2);
    expect(looked).toBeLessThan(10);
  });

  it("is not opened twice with other members than the list has", () => {
    const plain = plainRoom({ participants: users.slice(1) }, clients);
    expect(() => Room.open({ rooms: app, groupContext: contextOf(plain), members: membersOf(plain) })).toThrow(
      /^not-participant/,
    );
    const stranger = { ...memberFor([9_000, bob, "x"]), credential: { type: 7, data: new Uint8Array(0) } as const };
    expect(() => Room.open({ rooms: app, groupContext: contextOf(plain), members: [stranger] })).toThrow(/^credential/);
  });
});

describe("A list that is stored by its hash", () => {
  it("is the same to all, and to who joins", async () => {
    const rooms = roomAppData({ participantsInlineUpTo: 100 });
    const suite = suiteOf();
    const large = { rooms, room: roomName, creator: alice, suite, participants: [bob, ...users] };
    const common = { authentication: trustAnyCredential, registry: rooms.registry, handshake: "public" as const };
    const held: { room?: Room } = {};
    const group = await Group.create({
      ...common,
      identity: await identityOf(alice),
      extensions: createRoomExtensions(large),
      review: (change) => held.room?.allows(change) ?? false,
    });
    const room = Room.open({ rooms, groupContext: group.groupContext, members: group.members });
    held.room = room;
    expect(room.size).toBe(2_002);
    const stored = group.groupContext.extensions.reduce((sum, { data }) => sum + data.length, 0);
    expect(stored).toBeLessThan(20_000);

    const identity = await identityOf(bob);
    const bundle = await createKeyPackage({ identity, registry: rooms.registry });
    const custom = [addParticipants(room, [{ user: carol, role: 2 }])];
    const pending = await group.commit({ add: [bundle.keyPackage], custom });
    await group.apply(pending);
    room.follow(pending.change);
    const joined = await Group.join({ ...common, identity, welcome: pending.welcome!, keyPackages: [bundle] });
    const bobs = Room.open({ rooms, groupContext: joined.groupContext, members: joined.members });
    expect([...bobs.participants]).toEqual([...room.participants]);
    expect(bobs.participant(carol)).toEqual({ role: 2, clients: 0 });
    expect(deviceUri(bob, "phone")).toBe("mimi://example.org/d/bob/phone");
  });
});
