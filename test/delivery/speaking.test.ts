/**
 * Who may say something in a room, by its rules: looked at as this process knows them, and written only where they are so still.
 */

import { expect, test, vi } from "vitest";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import { trustAnyCredential } from "../../src/index.ts";
import { changeRole } from "../../src/rooms/changes.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { createRoomExtensions } from "../../src/rooms/create.ts";
import { Room } from "../../src/rooms/room.ts";
import { newId, signedIn, TestDevice } from "../../src/testing/delivery/device.ts";
import { address, TestWorld } from "./world.ts";

const name = `${address}/r/news`;
const rooms = roomAppData();
const groups = { authentication: trustAnyCredential, registry: rooms.registry };

/** Two processes on one database, and a room in which Bob may speak: Alice is at the first, Bob at the second. */
async function scene() {
  const port = memoryPort();
  const [first, second] = [0, 1].map(() => new TestWorld({ rooms, group: groups }, port)) as [TestWorld, TestWorld];
  const subject = { delivery: first.delivery, address, groups, clock: first.clock };
  const alice = await TestDevice.connect(subject, { user: "alice" });
  const bob = await TestDevice.connect(subject, { user: "bob" });
  await bob.stock(2);
  await alice.create(
    name,
    createRoomExtensions({ rooms, room: name, creator: alice.user, policy: "broadcast", participants: [bob.user] }),
  );
  await alice.add(name, bob);
  await bob.join();
  const view = (): Room => Room.open({ rooms, groupContext: alice.group.groupContext, members: alice.group.members });
  const makes = (role: number) => alice.commit(name, { custom: [changeRole(view(), bob.user, role)] });
  expect((await makes(3)).kind).toBe("accepted");
  await bob.catchUp(name);
  bob.connection = await signedIn(second.delivery, bob.uri, bob.identity);
  return { port, alice, bob, makes };
}

test("a message costs one operation on the database where the room is known, and is looked at anew where it has changed", async () => {
  const { port, alice, bob, makes } = await scene();
  const spies = (["append", "row", "member", "written", "followed", "devices"] as const).map((each) =>
    vi.spyOn(port.rooms, each),
  );
  const calls = (): number[] => spies.map(({ mock }) => mock.calls.length);
  await bob.say(name, "the first, for which the room is read");
  // What is told to connected devices looks for the members.
  await new Promise((done) => setImmediate(done));
  for (const spy of spies) spy.mockClear();
  expect((await bob.say(name, "the second")).kind).toBe("accepted");
  expect(calls().slice(0, 5)).toEqual([1, 0, 0, 0, 0]);

  // Said in the epoch before, which is taken for a while: but by then Bob may only listen.
  const message = await bob.group.seal(new TextEncoder().encode("too late"));
  expect((await makes(2)).kind).toBe("accepted");
  expect(await bob.connection.publish({ id: newId(), room: name, message })).toMatchObject({
    kind: "refused",
    reason: "policy",
    code: "not-allowed",
  });
  expect((await alice.connection.fetch({ room: name, after: 0n })).head).toBe(5n);
});

test("a message that the rules forbade is taken once they allow it", async () => {
  const { bob, makes } = await scene();
  await bob.say(name, "so that the room is known");
  await makes(2);
  await bob.catchUp(name);
  expect(await bob.say(name, "no")).toMatchObject({ reason: "policy" });
  await makes(3);
  await bob.catchUp(name);
  expect((await bob.say(name, "yes")).kind).toBe("accepted");
});

test("who may neither speak nor be in a call whispers nothing, and a stranger whispers in no room", async () => {
  const { bob, makes } = await scene();
  const whispers = () => bob.connection.whisper({ room: name, bytes: Uint8Array.of(1) });
  await whispers();
  await makes(2);
  await expect(whispers()).rejects.toMatchObject({ code: "not-allowed" });
  await makes(3);
  await whispers();
  const never = { room: `${address}/r/never`, bytes: Uint8Array.of(1) };
  await expect(bob.connection.whisper(never)).rejects.toMatchObject({ code: "not-found" });
});
