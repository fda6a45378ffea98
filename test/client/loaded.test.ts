/** Rooms that are not used leave the memory, and come back when they are. */

import { describe, expect, it } from "vitest";
import { LoadedRooms, type Loadable } from "../../src/client/room/loaded.ts";
import { delivery, person, plain, settle, user, words } from "./world.ts";

describe("the rooms in memory", () => {
  it("are those that were used last, and none is taken from what it is doing", async () => {
    const loaded = new LoadedRooms(2);
    const released: string[] = [];
    const room = (name: string): Loadable & { last: Promise<unknown> } => ({
      last: Promise.resolve(),
      turn(work) {
        const result = this.last.then(work);
        this.last = result;
        return result;
      },
      release: () => released.push(name),
    });
    const [a, b, c] = [room("a"), room("b"), room("c")];
    let end = (): void => undefined;
    void a.turn(() => new Promise<void>((resolve) => (end = resolve)));
    loaded.used(a);
    loaded.used(b);
    loaded.used(c); // a is the one to go, when it has done what it does
    await Promise.all([b.last, c.last]);
    expect(released).toEqual([]);
    end();
    await a.last;
    expect(released).toEqual(["a"]);
    loaded.used(b);
    loaded.used(a);
    await c.last;
    expect(released).toEqual(["a", "c"]);
  });

  it("keep what a call holds on to", async () => {
    const loaded = new LoadedRooms(1);
    const released: string[] = [];
    const room = (name: string, isPinned: boolean): Loadable => ({
      isPinned,
      turn: (work) => work(),
      release: () => released.push(name),
    });
    for (const each of [room("a", true), room("b", false), room("c", false)]) loaded.used(each);
    await Promise.resolve();
    expect(released).toEqual(["b"]);
  });

  it("can be used all the same when there are more of them than stay there", async () => {
    const service = delivery({
      limits: { rooms: { burst: Infinity, perSecond: 1 }, requests: { burst: Infinity, perSecond: 1 } },
    });
    const alice = await person(service, "alice", "phone", { keyPackages: { full: 4, low: 1 } });
    const bob = await person(service, "bob", "phone", { keyPackages: { full: 100, low: 1 } });
    await settle(alice, bob);
    const rooms: string[] = [];
    for (let i = 0; i < 70; i++) rooms.push((await alice.client.createRoom({ participants: [user("bob")] })).id);
    await settle(alice, bob);
    const [first = ""] = rooms;
    for (const id of [first, rooms[69]!]) {
      await bob.client.room(id).send(plain("from bob"));
      await alice.client.room(id).send(plain("from alice"));
    }
    await settle(alice, bob);
    for (const each of [alice, bob]) expect((await words(each, first)).sort()).toEqual(["from alice", "from bob"]);
    expect((await alice.client.room(rooms[1]!).participants()).length).toBe(2);
  });
});
