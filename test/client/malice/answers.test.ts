/**
 * A service that answers what is not so: key packages that another has had, an old epoch for who comes in, refusals without a reason.
 */

import { describe, expect, it } from "vitest";
import { roomAppData } from "../../../src/rooms/components.ts";
import type { ClaimedKeyPackage, Connection, CurrentGroupInfo } from "../../../src/delivery/delivery.ts";
import { lying } from "../../../src/testing/simulation/lying.ts";
import { delivery, person, plain, settle, user, words } from "../world.ts";

describe("a key package that is handed out twice", () => {
  it("keeps its device out of neither room", async () => {
    const service = delivery({ rooms: roomAppData() });
    let first: readonly ClaimedKeyPackage[] | undefined;
    const alice = await person(service, "alice", "phone", {
      delivery: lying(service, { claimed: (claimed) => (first ??= claimed) }),
    });
    const bob = await person(service, "bob");
    await settle(alice, bob);
    const rooms: string[] = [];
    for (const name of ["one", "two"]) {
      rooms.push((await alice.client.createRoom({ participants: [user("bob")], name })).id);
      await settle(alice, bob);
    }
    expect(bob.client.rooms.map(({ id, status }) => [id, status])).toEqual(rooms.map((id) => [id, "member"]));
    expect(bob.events.filter(({ kind }) => kind === "joined")).toHaveLength(2);
    for (const room of rooms) {
      await alice.client.room(room).send(plain("to bob"));
      await bob.client.room(room).send(plain("to alice"));
      await settle(alice, bob);
      expect((await words(alice, room)).sort()).toEqual(["to alice", "to bob"]);
      expect((await words(bob, room)).sort()).toEqual(["to alice", "to bob"]);
    }
  });
});

describe("an old Welcome", () => {
  it("brings nobody back into a room that was left", async () => {
    const service = delivery({ rooms: roomAppData() });
    const alice = await person(service, "alice");
    const bob = await person(service, "bob");
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await alice.client.room(id).remove(user("bob"));
    await settle(alice, bob);
    expect(bob.client.room(id).status).toBe("left");
    await alice.client.room(id).add(user("bob"));
    await settle(alice, bob);
    expect(bob.client.room(id).status).toBe("member");
  });
});

describe("an old epoch, shown to whoever comes in", () => {
  it("lets nobody in, and stops nobody", async () => {
    const time = { now: 1_800_000_000_000 };
    const clock = (): number => time.now;
    const service = delivery({ rooms: roomAppData(), clock });
    const shown: { old?: CurrentGroupInfo } = {};
    let isOld = true;
    let alices: Connection | undefined;
    const alice = await person(service, "alice", "phone", {
      clock,
      delivery: { connect: async (login) => (alices = await service.connect(login)) },
    });
    const bob = await person(service, "bob", "phone", {
      clock,
      delivery: lying(service, {
        groupInfo: (info) => (isOld ? (shown.old ?? info) : info),
        goneThrough: ({ head }) => (shown.old !== undefined && isOld ? head : 0n),
        isCutOff: () => shown.old !== undefined && isOld,
      }),
    });
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    shown.old = await alices!.groupInfo({ room: id });
    await alice.client.room(id).renew();
    await alice.client.room(id).send(plain("one"));
    await settle(alice, bob);
    expect(bob.client.room(id).status).toBe("behind");
    isOld = false;
    for (let i = 0; i < 3; i++) {
      time.now += 60_000;
      bob.client.tick();
      await settle(alice, bob);
    }
    expect(bob.events).toContainEqual(expect.objectContaining({ kind: "rejoined", room: id }));
    await alice.client.room(id).send(plain("two"));
    await settle(alice, bob);
    expect(await words(bob, id)).toEqual(["two"]);
  });
});

describe("a refusal without a reason", () => {
  it("delays a message, and loses none", async () => {
    const time = { now: 1_800_000_000_000 };
    const clock = (): number => time.now;
    const service = delivery({ rooms: roomAppData(), clock });
    let refusals = 3;
    const alice = await person(service, "alice", "phone", {
      clock,
      delivery: lying(service, {
        published: (answer) => (refusals-- > 0 ? { kind: "refused", reason: "epoch" } : answer),
      }),
    });
    const bob = await person(service, "bob", "phone", { clock });
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    for (let i = 0; i < 6; i++) {
      await settle(alice, bob);
      time.now += 30_000;
      alice.client.tick();
    }
    await alice.client.room(id).send(plain("one"));
    await settle(alice, bob);
    expect(await words(bob, id)).toEqual(["one"]);
    expect(await words(alice, id)).toEqual(["one"]);
    expect(await alice.client.room(id).waiting()).toEqual([]);
  });
});
