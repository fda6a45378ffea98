/**
 * A service that knows MIMI's rooms: what breaks a room's own rules is in no log.
 */

import { beforeEach, describe, expect, it } from "vitest";
import { trustAnyCredential } from "../../src/index.ts";
import { Group } from "../../src/group/group.ts";
import { addParticipants, changeRole, removeParticipants } from "../../src/rooms/changes.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { createRoomExtensions, type NewRoomOptions } from "../../src/rooms/create.ts";
import { Room } from "../../src/rooms/room.ts";
import { newId, type TestDevice } from "../../src/testing/delivery/device.ts";
import { address, TestWorld } from "./world.ts";

const rooms = roomAppData();
const groups = { authentication: trustAnyCredential, registry: rooms.registry };
const room = `${address}/r/hiking`;

class MimiWorld extends TestWorld {
  readonly groups = groups;

  constructor() {
    super({ rooms, group: { authentication: trustAnyCredential } });
  }

  async begin(creator: TestDevice, options: Partial<NewRoomOptions> = {}, name = room): Promise<void> {
    await creator.create(name, createRoomExtensions({ rooms, room: name, creator: creator.user, ...options }));
  }
}

const roomOf = ({ group }: TestDevice): Room =>
  Room.open({ rooms, groupContext: group.groupContext, members: group.members });

let world: MimiWorld;
let alice: TestDevice;
let bob: TestDevice;

beforeEach(async () => {
  world = new MimiWorld();
  [alice, bob] = [await world.device("alice"), await world.device("bob")];
  await bob.stock(2);
});

/** Alice's room, an administered one, with Bob in it. */
async function administered(): Promise<void> {
  await world.begin(alice, { policy: "administered", participants: [bob.user] });
  expect((await alice.add(room, bob)).kind).toBe("accepted");
  await bob.join();
}

describe("a service that knows MIMI's rooms", () => {
  it("takes commits that keep a room's rules, and tells which one another breaks", async () => {
    await administered();
    const carol = await world.device("carol");
    await carol.stock();
    const add = [addParticipants(roomOf(bob), [{ user: carol.user, role: 2 }])];
    expect(await bob.commit(room, { custom: add, add: await bob.claim(carol) })).toMatchObject({
      kind: "refused",
      reason: "policy",
      code: "not-allowed",
    });
    expect(await bob.commit(room, { custom: [changeRole(roomOf(bob), bob.user, 4)] })).toMatchObject({
      reason: "policy",
    });
    expect(
      (await alice.commit(room, { custom: [addParticipants(roomOf(alice), [{ user: carol.user, role: 2 }])] })).kind,
    ).toBe("accepted");
    expect((await bob.connection.fetch({ room, after: 1n })).items.length).toBe(1);
    expect(
      (await alice.commit(room, { custom: [removeParticipants(roomOf(alice), [bob.user])], remove: [1] })).kind,
    ).toBe("accepted");
  });

  it("refuses a proposal that nobody may commit", async () => {
    await administered();
    const message = await bob.group.propose({ remove: 0 });
    expect(await bob.connection.publish({ id: newId(), room, message })).toMatchObject({
      kind: "refused",
      reason: "policy",
    });
    expect((await alice.commit(room)).kind).toBe("accepted");
  });

  it("carries messages of those alone who may speak", async () => {
    await world.begin(alice, { policy: "broadcast", participants: [bob.user] });
    expect((await alice.add(room, bob)).kind).toBe("accepted");
    await bob.join();
    expect((await alice.say(room, "hear, hear")).kind).toBe("accepted");
    expect(await bob.say(room, "may I?")).toMatchObject({ kind: "refused", reason: "policy", code: "not-allowed" });
  });

  it("lets a participant's further device in from outside, and nobody else", async () => {
    await administered();
    const [tablet, mallory] = [await world.device("bob", "tablet"), await world.device("mallory")];
    await expect(mallory.connection.groupInfo({ room })).rejects.toMatchObject({ code: "not-found" });
    const { groupInfo, ratchetTree } = await tablet.connection.groupInfo({ room });
    const join = await Group.joinExternally({ ...tablet.options, identity: tablet.identity, groupInfo, ratchetTree });
    const commit = { groupInfo: await join.groupInfo({ ratchetTree: false }) };
    const answer = await tablet.connection.publish({ id: newId(), room, message: join.commit, commit });
    expect(answer.kind).toBe("accepted");
    tablet.group = await join.complete();
    await alice.catchUp(room);
    expect((await tablet.say(room, "me, too")).kind).toBe("accepted");
    expect(await alice.catchUp(room)).toEqual(["me, too"]);
  });

  it("begins no room that is none, or says that it is another", async () => {
    await expect(alice.create(room)).rejects.toMatchObject({ code: "invalid" });
    const extensions = createRoomExtensions({ rooms, room, creator: alice.user });
    await expect(alice.create(`${room}-2`, extensions)).rejects.toMatchObject({ code: "invalid" });
    await alice.create(room, extensions);
  });

  it("holds a room that depends on another against that one", async () => {
    await administered();
    const carol = await world.device("carol");
    await carol.stock();
    const call = `${address}/r/call`;
    const begun = { policy: "call", parentRoom: room } as const;
    await expect(world.begin(carol, begun, call)).rejects.toMatchObject({ code: "invalid" });
    await expect(world.begin(alice, { ...begun, parentRoom: `${room}-never` }, call)).rejects.toMatchObject({
      code: "invalid",
    });
    await world.begin(alice, begun, call);
    const stranger = [addParticipants(roomOf(alice), [{ user: carol.user, role: 2 }])];
    expect(await alice.commit(call, { custom: stranger })).toMatchObject({
      kind: "refused",
      reason: "policy",
      code: "parent",
    });
    const member = [addParticipants(roomOf(alice), [{ user: bob.user, role: 2 }])];
    expect((await alice.commit(call, { custom: member })).kind).toBe("accepted");
  });

  it("knows the rules again when the room is loaded anew, and after a commit was taken back", async () => {
    await administered();
    const made = await alice.prepare(room, { custom: [changeRole(roomOf(alice), bob.user, 4)] });
    const answer = await alice.connection.publish(made.publication);
    if (answer.kind !== "accepted") throw new Error(answer.code);
    const { number } = answer;
    const complaint = { id: newId(), room, epoch: 2n, number, code: "path", evidence: new Uint8Array(0) };
    expect(await bob.connection.complain(complaint)).toBe("rolled-back");
    expect(await bob.commit(room, { custom: [changeRole(roomOf(bob), bob.user, 4)] })).toMatchObject({
      reason: "policy",
    });
    const again = new TestWorld({ rooms, group: { authentication: trustAnyCredential } }, world.port);
    const { signedIn } = await import("../../src/testing/delivery/device.ts");
    bob.connection = await signedIn(again.delivery, bob.uri, bob.identity);
    expect(await bob.commit(room, { custom: [changeRole(roomOf(bob), bob.user, 4)] })).toMatchObject({
      reason: "policy",
    });
    expect((await bob.commit(room)).kind).toBe("accepted");
  });
});
