/**
 * What a member may ask whom its room lets listen and nothing else: it reads, and changes nothing.
 */

import { afterAll, expect, test } from "vitest";
import { DeliveryError } from "../../src/delivery/errors.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { trustAnyCredential } from "../../src/index.ts";
import { addParticipants, changeBasePolicy, changeRole, rename, removeParticipants } from "../../src/rooms/changes.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { createRoomExtensions } from "../../src/rooms/create.ts";
import { Room } from "../../src/rooms/room.ts";
import { startServer } from "../../src/server/server.ts";
import { newId, TestDevice } from "../../src/testing/delivery/device.ts";
import { Listening } from "../../src/testing/delivery/under-test.ts";

const address = "mimi://example.org";
const room = `${address}/r/news`;
const rooms = roomAppData();
const groups = { authentication: trustAnyCredential, registry: rooms.registry };
const server = await startServer({
  delivery: memoryDelivery({ address, group: groups, rooms, accounts: firstKeyCounts, consent: "everybody" }),
});
afterAll(() => server.close());
const scene = { delivery: httpDelivery({ url: server.url, address }), address, groups };
const [alice, bob, carol] = [
  await TestDevice.connect(scene, { user: "alice" }),
  await TestDevice.connect(scene, { user: "bob" }),
  await TestDevice.connect(scene, { user: "carol" }),
];
for (const each of [bob, carol]) await each.stock(9);
const options = { rooms, room, creator: alice.user, policy: "broadcast", participants: [bob.user] } as const;
await alice.create(room, createRoomExtensions(options));
expect((await alice.add(room, bob)).kind).toBe("accepted");
await bob.join();
const { connection } = bob;

/** What the room's rules say of it, as the listener sees them. */
const view = (): Room => Room.open({ rooms, groupContext: bob.group.groupContext, members: bob.group.members });

const tries: Readonly<Record<string, () => Promise<unknown>>> = {
  "says something": () => bob.say(room, "may I?"),
  "adds somebody": async () =>
    bob.commit(room, {
      custom: [addParticipants(view(), [{ user: carol.user, role: 2 }])],
      add: await bob.claim(carol),
    }),
  "puts somebody on the list": () =>
    bob.commit(room, { custom: [addParticipants(view(), [{ user: carol.user, role: 2 }])] }),
  "makes itself an owner": () => bob.commit(room, { custom: [changeRole(view(), bob.user, 4)] }),
  "removes the owner": () => bob.commit(room, { custom: [removeParticipants(view(), [alice.user])], remove: [0] }),
  "removes the owner's device": () => bob.commit(room, { remove: [0] }),
  "renames the room": () => bob.commit(room, { custom: [rename(view(), "mine")] }),
  "changes what the room is": () => bob.commit(room, { custom: [changeBasePolicy(view(), { discoverable: true })] }),
};

test.each(Object.keys(tries))("a listener %s: refused by the room's rules", async (name) => {
  expect(await tries[name]!()).toMatchObject({ kind: "refused", reason: "policy" });
});

test("a listener says nothing past the log, and hears what is said there", async () => {
  await expect(connection.whisper({ room, bytes: new Uint8Array(1) })).rejects.toMatchObject({ code: "not-allowed" });
  const heard = new Listening(connection);
  await alice.connection.whisper({ room, bytes: new Uint8Array([2]) });
  expect(await heard.first("whisper")).toMatchObject({ from: alice.uri, bytes: new Uint8Array([2]) });
});

test("a listener reads, and renews its own keys", async () => {
  expect((await connection.fetch({ room, after: 1n })).items).toEqual([]);
  await connection.acknowledge({ room, through: 1n });
  expect((await connection.groupInfo({ room })).epoch).toBe(1n);
  expect(await connection.callServers({ room })).toEqual({ iceServers: [] });
  await expect(connection.confirm({ room, epoch: 1n, signature: new Uint8Array(64) })).rejects.toThrow(DeliveryError);
  expect((await bob.commit(room)).kind).toBe("accepted");
  expect((await alice.connection.fetch({ room, after: 1n })).items.length, "nothing else is in the log").toBe(1);
});

test("a listener proposes to remove the owner: refused, too", async () => {
  // Last: its own group keeps what it has proposed.
  const message = await bob.group.propose({ remove: 0 });
  expect(await connection.publish({ id: newId(), room, message })).toMatchObject({ reason: "policy" });
});
