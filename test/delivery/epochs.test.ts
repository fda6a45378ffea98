/**
 * Commits that others can't follow, by a member who means it.
 */

import { describe, expect, it } from "vitest";
import { TestWorld } from "./world.ts";
import { newId } from "../../src/testing/delivery/device.ts";

describe("a user's next commit", () => {
  it("waits until another has confirmed the last one, or for a day", async () => {
    const world = new TestWorld();
    const { room, alice, bob } = await world.three();
    expect((await alice.commit(room)).kind).toBe("accepted");
    const refused = { kind: "refused", reason: "rate", retryAfter: 10_000 };
    expect(await alice.commit(room)).toMatchObject(refused);
    await bob.catchUp(room);
    await bob.confirm(room);
    expect((await alice.commit(room)).kind).toBe("accepted");
    world.now += 24 * 60 * 60 * 1000 - 1;
    expect(await alice.commit(room)).toMatchObject(refused);
    world.now += 1;
    expect((await alice.commit(room)).kind).toBe("accepted");
  });

  it("waits longer where one has complained, and is no way around a rollback", async () => {
    const world = new TestWorld({ limits: { unconfirmed: 1 } });
    const { room, alice, bob, carol } = await world.three();
    const answer = await carol.commit(room);
    if (answer.kind !== "accepted") throw new Error(answer.reason);
    const complaint = { room, epoch: 2n, number: answer.number, code: "commit-refused", evidence: new Uint8Array(0) };
    expect(await alice.connection.complain({ id: newId(), ...complaint })).toBe("kept");
    world.now += 1_000;
    expect(await carol.commit(room)).toMatchObject({ kind: "refused", reason: "rate" });
    expect(await bob.connection.complain({ id: newId(), ...complaint })).toBe("rolled-back");
  });

  it("waits for nobody where no other user was there before", async () => {
    const world = new TestWorld();
    const [alice, bob] = [await world.device("alice"), await world.device("bob")];
    await bob.stock();
    const room = `${world.address}/r/new`;
    await alice.create(room);
    expect((await alice.add(room, bob)).kind).toBe("accepted");
    expect((await alice.commit(room)).kind).toBe("accepted");
    expect(await alice.commit(room)).toMatchObject({ reason: "rate" });
  });
});
