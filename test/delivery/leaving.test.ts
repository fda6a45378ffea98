/**
 * Who leaves is not kept by anybody, and no leaving keeps anybody from the rest.
 */

import { describe, expect, it } from "vitest";
import { Group, trustAnyCredential } from "../../src/index.ts";
import { changeRole, rename } from "../../src/rooms/changes.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { createRoomExtensions, type NewRoomOptions } from "../../src/rooms/create.ts";
import { cooperativeRoles, roleOf } from "../../src/rooms/policies/tables.ts";
import { Room } from "../../src/rooms/room.ts";
import type { DeliveryOptions } from "../../src/delivery/options.ts";
import { newId, type TestDevice } from "../../src/testing/delivery/device.ts";
import { address, TestWorld } from "./world.ts";

const rooms = roomAppData();
const room = `${address}/r/hiking`;

class MimiWorld extends TestWorld {
  readonly groups = { authentication: trustAnyCredential, registry: rooms.registry };

  constructor(more: Partial<DeliveryOptions> = {}) {
    super({ rooms, group: { authentication: trustAnyCredential }, ...more });
  }

  /** Alice's room with these others, who have joined. */
  async begun(others: readonly string[], options: Partial<NewRoomOptions>): Promise<readonly TestDevice[]> {
    const alice = await this.device("alice");
    const devices: TestDevice[] = [];
    for (const name of others) devices.push(await this.device(name));
    for (const each of devices) await each.stock();
    await alice.create(room, createRoomExtensions({ rooms, room, creator: alice.user, ...options }));
    expect((await alice.add(room, ...devices)).kind).toBe("accepted");
    for (const each of devices) await each.join();
    return [alice, ...devices];
  }
}

const viewOf = ({ group }: TestDevice): Room =>
  Room.open({ rooms, groupContext: group.groupContext, members: group.members });
const userOf = (name: string): string => `${address}/u/${name}`;

async function leave(device: TestDevice): Promise<{ readonly answer: unknown; readonly message: Uint8Array }> {
  const message = await device.group.leave();
  return { answer: await device.connection.publish({ id: newId(), room, message }), message };
}

describe("a leaving that members can't take in", () => {
  it("is let go when one user has said so and nobody has committed it for a while", async () => {
    const world = new TestWorld({ limits: { doubt: 1_000 } });
    const { room: three, alice, bob, carol } = await world.three();
    const leaving = await carol.group.leave();
    expect((await carol.connection.publish({ id: newId(), room: three, message: leaving })).kind).toBe("accepted");
    const complaint = { room: three, epoch: alice.group.epoch, number: 2n, code: "membership-tag", evidence: leaving };
    await bob.connection.complain({ id: newId(), ...complaint });
    world.now += 999;
    expect(await bob.commit(three)).toMatchObject({ reason: "pending" });
    await bob.connection.complain({ id: newId(), ...complaint });
    world.now += 1;
    expect((await bob.commit(three)).kind).toBe("accepted");
  });

  it("is whoever has it free to commit, whatever others say", async () => {
    const world = new TestWorld();
    const { room: three, alice, bob, carol } = await world.three();
    const leaving = await carol.group.leave();
    await carol.connection.publish({ id: newId(), room: three, message: leaving });
    await alice.group.receive(leaving);
    const complaint = { room: three, epoch: alice.group.epoch, number: 2n, code: "membership-tag", evidence: leaving };
    await bob.connection.complain({ id: newId(), ...complaint });
    expect(await bob.commit(three), "one complaint keeps nobody in").toMatchObject({ reason: "pending" });
    expect((await alice.commit(three)).kind).toBe("accepted");
    expect(alice.group.size).toBe(2);
  });

  it("is let go by the only other user", async () => {
    const world = new TestWorld();
    const { room: two, alice, bob } = await world.pair();
    const leaving = await bob.group.leave();
    await bob.connection.publish({ id: newId(), room: two, message: leaving });
    expect(await alice.commit(two)).toMatchObject({ reason: "pending" });
    const complaint = { room: two, epoch: alice.group.epoch, number: 2n, code: "membership-tag", evidence: leaving };
    await alice.connection.complain({ id: newId(), ...complaint, evidence: leaving.subarray(1) });
    await alice.connection.complain({ id: newId(), ...complaint, evidence: await bob.group.propose({ remove: 0 }) });
    expect(await alice.commit(two), "what is no such proposal lets nothing go").toMatchObject({ reason: "pending" });
    await alice.connection.complain({ id: newId(), ...complaint });
    expect((await alice.commit(two)).kind).toBe("accepted");
  });
});

describe("a leaving that the room's rules forbid", () => {
  const resident = roleOf({ index: 9, name: "resident", can: ["canSendMessage", "canReceiveMessage"] });
  const boss = roleOf({
    index: 10,
    name: "boss",
    can: ["canSendMessage", "canAddParticipant", "canChangeRoomName", "canChangeUserRole", "canRemoveSelf"],
    changes: [
      [0, [2, 9, 11]],
      [9, [2]],
    ],
  });
  const crew = roleOf({ index: 11, name: "crew", can: ["canRemoveOwnClient", "canSendMessage"], active: { min: 1 } });
  const roles_list = [...cooperativeRoles, resident, boss, crew];

  it("is in no log, whoever asks", async () => {
    const participants = [
      { user: userOf("alice"), role: 10 },
      { user: userOf("mallory"), role: 9 },
    ];
    const [alice, mallory] = await new MimiWorld().begun(["mallory"], { participants, data: { roles_list } });
    const { answer, message } = await leave(mallory!);
    expect(answer).toMatchObject({ kind: "refused", reason: "policy", code: "not-allowed" });
    const event = await alice!.group.receive(message);
    expect(() => {
      viewOf(alice!).checkProposal(event as never);
    }, "nor does a member keep it").toThrow("not-allowed");
    const custom = [changeRole(viewOf(alice!), mallory!.user, 2)];
    expect((await alice!.commit(room, { pending: [], custom })).kind).toBe("accepted");
  });

  it("is refused to the second of two where one of them has to stay", async () => {
    const participants = [
      { user: userOf("alice"), role: 10 },
      { user: userOf("bob"), role: 11 },
      { user: userOf("carol"), role: 11 },
    ];
    const members = await new MimiWorld().begun(["bob", "carol"], { participants, data: { roles_list } });
    const [alice, bob, carol] = [members[0]!, members[1]!, members[2]!];
    const first = await leave(bob);
    expect(first.answer).toMatchObject({ kind: "accepted" });
    expect((await leave(carol)).answer).toMatchObject({ kind: "refused", reason: "policy", code: "active-count" });
    await alice.group.receive(first.message);
    await carol.group.receive(first.message);
    expect((await alice.commit(room)).kind).toBe("accepted");
    await carol.catchUp(room);
    const last = await leave(carol);
    expect(last.answer, "alone, too, in a commit of its own").toMatchObject({ code: "active-count" });
    expect((await alice.commit(room)).kind).toBe("accepted");
  });

  it("by others is not insisted on, where it is reviewed by whoever runs the service", async () => {
    const world = new MimiWorld({ reviewProposal: () => true });
    const members = await world.begun(["bob", "mallory"], { participants: [userOf("bob"), userOf("mallory")] });
    const [alice, mallory] = [members[0]!, members[2]!];
    const message = await mallory.group.propose({ remove: 1 }); // its list's change may come in the same commit
    expect((await mallory.connection.publish({ id: newId(), room, message })).kind).toBe("accepted");
    await alice.group.receive(message);
    expect(await alice.commit(room), "the rules refuse it alone").toMatchObject({ reason: "policy" });
    expect((await alice.commit(room, { pending: [], custom: [rename(viewOf(alice), "on")] })).kind).toBe("accepted");
  });
});

describe("a leaving that waits", () => {
  const left = async (world: TestWorld) => {
    const scene = await world.three();
    const message = await scene.bob.group.leave();
    const answer = await scene.bob.connection.publish({ id: newId(), room: scene.room, message });
    expect(answer.kind).toBe("accepted");
    return { ...scene, message };
  };

  it("is kept by a commit that removes the member in another way", async () => {
    const { room: three, alice } = await left(new TestWorld());
    expect(await alice.commit(three)).toMatchObject({ reason: "pending" });
    expect((await alice.commit(three, { remove: [1] })).kind).toBe("accepted");
  });

  it("is for others to commit: who leaves is not kept from what it commits before", async () => {
    const { room: three, bob } = await left(new TestWorld());
    expect((await bob.commit(three, { pending: "none" })).kind).toBe("accepted");
  });

  it("is kept by no commit that ends the group, which stands alone", async () => {
    const { room: three, alice, message } = await left(new TestWorld());
    await alice.group.receive(message);
    const reinit = { groupId: new Uint8Array([1]), cipherSuite: 1 };
    expect((await alice.commit(three, { pending: "none", reinit })).kind).toBe("accepted");
  });

  it("is committed by who joins from outside, too", async () => {
    const world = new TestWorld({ mayJoin: () => true });
    const { room: three } = await left(world);
    const mallory = await world.device("mallory");
    const { groupInfo, ratchetTree, proposals } = await mallory.connection.groupInfo({ room: three });
    const joins = async (given: readonly Uint8Array[]) => {
      const { options, identity } = mallory;
      const join = await Group.joinExternally({ ...options, identity, groupInfo, ratchetTree, proposals: given });
      const commit = { groupInfo: await join.groupInfo({ ratchetTree: false }) };
      return mallory.connection.publish({ id: newId(), room: three, message: join.commit, commit });
    };
    expect(await joins([])).toMatchObject({ reason: "pending" });
    expect((await joins(proposals)).kind).toBe("accepted");
    expect((await world.port.rooms.devices(three))?.devices.length).toBe(3);
  });
});

describe("what else waits", () => {
  const proposals = {
    "an update of a member": (by: TestDevice) => by.group.propose({ update: {} }),
    "a removal of another": (by: TestDevice) => by.group.propose({ remove: 2 }),
  } as const;

  it.each(Object.entries(proposals))("is the committer's to choose where commits are reviewed: %s", async (_, make) => {
    const { room: three, alice, bob } = await new TestWorld({ reviewRoom: () => true }).three();
    const message = await make(bob);
    expect((await bob.connection.publish({ id: newId(), room: three, message })).kind).toBe("accepted");
    expect((await alice.commit(three)).kind).toBe("accepted");
  });

  it("is the committer's to choose where it changes the room's data", async () => {
    const members = await new MimiWorld().begun(["bob"], { participants: [userOf("bob")] });
    const [alice, bob] = [members[0]!, members[1]!];
    const message = await bob.group.propose({ custom: rename(viewOf(bob), "on") });
    expect((await bob.connection.publish({ id: newId(), room, message })).kind).toBe("accepted");
    expect((await alice.commit(room)).kind).toBe("accepted");
  });

  it("is insisted on where nobody reviews a removal, of members, and not of who joins from outside", async () => {
    const world = new TestWorld({ mayJoin: () => true });
    const { room: three, alice, bob } = await world.three();
    const message = await bob.group.propose({ remove: 2 });
    expect((await bob.connection.publish({ id: newId(), room: three, message })).kind).toBe("accepted");
    expect(await alice.commit(three)).toMatchObject({ reason: "pending" });
    const mallory = await world.device("mallory");
    const { groupInfo, ratchetTree } = await mallory.connection.groupInfo({ room: three });
    const { options, identity } = mallory;
    const join = await Group.joinExternally({ ...options, identity, groupInfo, ratchetTree });
    const commit = { groupInfo: await join.groupInfo({ ratchetTree: false }) };
    const answer = await mallory.connection.publish({ id: newId(), room: three, message: join.commit, commit });
    expect(answer.kind).toBe("accepted");
  });
});
