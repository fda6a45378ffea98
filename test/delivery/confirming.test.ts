/**
 * Who may say of an epoch that it is reached or can't be: nothing that is said of another epoch, or by who has no say, counts.
 */

import { describe, expect, it } from "vitest";
import type { DeliveryPort } from "../../src/delivery/port.ts";
import { newId, type TestDevice } from "../../src/testing/delivery/device.ts";
import { TestWorld } from "./world.ts";

const unconfirmed = async (port: DeliveryPort, room: string): Promise<boolean> =>
  (await port.rooms.row(room))?.unconfirmed !== undefined;

/** Three members, who have all reached the epoch that waits to be confirmed: Alice has begun it. */
async function waiting(world: TestWorld) {
  const scene = await world.three();
  const answer = await scene.alice.commit(scene.room);
  if (answer.kind !== "accepted") throw new Error(answer.reason);
  return { ...scene, number: answer.number };
}

describe("a confirmation", () => {
  it("of an epoch that the room is past confirms nothing, and is no fault", async () => {
    const world = new TestWorld();
    const { room, bob } = await waiting(world);
    expect(bob.group.epoch).toBe(1n);
    await bob.confirm(room);
    expect(await unconfirmed(world.port, room)).toBe(true);
    await bob.catchUp(room);
    await bob.confirm(room);
    expect(await unconfirmed(world.port, room)).toBe(false);
    await bob.connection.confirm({ room, epoch: 2n, signature: new Uint8Array(64) });
  });

  it("of an epoch that nobody has begun is refused, though the member signs it", async () => {
    const world = new TestWorld();
    const { room, alice, bob } = await waiting(world);
    expect((await bob.commit(room)).kind).toBe("refused");
    await bob.catchUp(room);
    const ahead = await bob.prepare(room);
    await bob.group.apply(ahead.pending);
    await expect(bob.confirm(room)).rejects.toMatchObject({
      code: "invalid",
      detail: "the room has not come to that epoch",
    });
    expect(await unconfirmed(world.port, room)).toBe(true);
    expect(await alice.commit(room)).toMatchObject({ reason: "rate" });
  });

  it("by the only other device counts, though it came by the commit", async () => {
    const world = new TestWorld();
    const { room, alice, bob } = await world.pair();
    await alice.confirm(room);
    expect(await unconfirmed(world.port, room), "who made it says nothing new").toBe(true);
    await bob.confirm(room);
    expect(await unconfirmed(world.port, room)).toBe(false);
  });

  it("that another process was quicker than is said again later", async () => {
    const world = new TestWorld();
    const { room, bob } = await waiting(world);
    await bob.catchUp(room);
    const { confirm } = world.port.rooms;
    world.port.rooms.confirm = () => Promise.resolve(false);
    await expect(bob.confirm(room)).rejects.toMatchObject({ code: "unreachable" });
    world.port.rooms.confirm = confirm;
    await bob.confirm(room);
    expect(await unconfirmed(world.port, room)).toBe(false);
  });
});

describe("a complaint", () => {
  const about = (room: string, epoch: bigint, number: bigint) => ({
    room,
    epoch,
    number,
    code: "path",
    evidence: new Uint8Array(0),
  });
  const complains = async (by: readonly TestDevice[], given: ReturnType<typeof about>): Promise<readonly string[]> => {
    const answers: string[] = [];
    for (const { connection } of by) answers.push(await connection.complain({ id: newId(), ...given }));
    return answers;
  };

  it("takes back the commit that it names, by its number and its epoch, and no other", async () => {
    const world = new TestWorld();
    const { room, bob, carol, number } = await waiting(world);
    const both = [bob, carol];
    expect(await complains(both, about(room, 1n, number)), "the epoch before").toEqual(["kept", "kept"]);
    expect(await complains(both, about(room, 2n, number - 1n)), "the item before").toHaveLength(2);
    await expect(complains(both, about(room, 2n, number + 1n))).rejects.toMatchObject({ code: "invalid" });
    expect((await world.port.rooms.row(room))?.epoch).toBe(2n);
    expect((await world.port.rooms.row(room))?.unconfirmed?.complaints).toEqual([]);
    expect(await complains(both, about(room, 2n, number))).toEqual(["kept", "rolled-back"]);
    expect((await world.port.rooms.row(room))?.epoch).toBe(1n);
    expect(await complains(both, about(room, 2n, number)), "later, too").toEqual(["rolled-back", "rolled-back"]);
  });

  it("that is not written, since another process was quicker, takes nothing back", async () => {
    const world = new TestWorld();
    const { room, bob, carol, number } = await waiting(world);
    const { complain, rollBack } = world.port.rooms;
    expect(await complains([bob], about(room, 2n, number))).toEqual(["kept"]);
    world.port.rooms.complain = () => Promise.resolve(false);
    expect(await complains([carol, bob, carol], about(room, 2n, number))).toEqual(["kept", "kept", "kept"]);
    world.port.rooms.complain = complain;
    world.port.rooms.rollBack = () => Promise.resolve(undefined);
    await expect(complains([carol], about(room, 2n, number))).rejects.toMatchObject({ code: "unreachable" });
    expect((await world.port.rooms.row(room))?.epoch).toBe(2n);
    world.port.rooms.rollBack = rollBack;
    expect(await complains([carol], about(room, 2n, number))).toEqual(["rolled-back"]);
  });

  it("by who leaves about its own leaving lets nobody leave it out, however long ago", async () => {
    const world = new TestWorld({ limits: { doubt: 1_000 } });
    const { room, alice, bob } = await world.three();
    const leaving = await bob.group.leave();
    const sent = await bob.connection.publish({ id: newId(), room, message: leaving });
    if (sent.kind !== "accepted") throw new Error(sent.reason);
    await complains([bob], { ...about(room, 1n, sent.number), evidence: leaving });
    world.now += 60_000;
    expect(await alice.commit(room)).toMatchObject({ reason: "pending" });
  });
});
