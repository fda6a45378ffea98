import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { Client } from "../../../src/client/client.ts";
import { openLayout, type LayoutStep } from "../../../src/client/store/layout.ts";
import { roomOfLayout1 } from "../../../src/client/store/layout-2.ts";
import { storedRooms } from "../../../src/client/room/state.ts";
import { MemoryDisk, memoryStore } from "../../../src/storage/memory.ts";
import { delivery, opened, person, settle, user, words } from "../world.ts";

/** A step that says in the store that it was carried out. */
function step(name: string, done: string[]): LayoutStep {
  return async (store) => {
    expect(await store.get(["step", name])).toBe(undefined);
    done.push(name);
    return [{ put: ["step", name], value: utf8(name) }];
  };
}

const key = "client/layout/";

describe("the layout of a client's store", () => {
  it("is said in each store, and one of a newer copse is refused and left as it is", async () => {
    const alice = await person(delivery(), "alice");
    await settle(alice);
    expect(alice.disk.contents.get(key)).toEqual(Uint8Array.of(1, 0, 0, 0, 3));
    await alice.client.close();
    const store = memoryStore({ disk: alice.disk });
    await store.batch([{ put: ["client", "layout"], value: Uint8Array.of(1, 0, 0, 0, 4) }]);
    const before = [...alice.disk.contents];
    await expect(Client.open({ ...alice.options, store })).rejects.toMatchObject({ code: "client-version" });
    expect([...alice.disk.contents]).toEqual(before);
  });

  it("is brought here step by step, each once, whenever the process dies", async () => {
    const disk = new MemoryDisk();
    const done: string[] = [];
    const [two, three] = [step("two", done), step("three", done)];
    await openLayout(memoryStore({ disk }), []); // layout 1
    disk.kill();
    const dies: LayoutStep = () => Promise.reject(new Error("the process dies"));
    await expect(openLayout(memoryStore({ disk }), [two, dies])).rejects.toThrow("the process dies");
    disk.kill();
    expect(disk.contents.get(key)).toEqual(Uint8Array.of(1, 0, 0, 0, 2));
    await openLayout(memoryStore({ disk }), [two, three]);
    disk.kill();
    await openLayout(memoryStore({ disk }), [two, three]);
    expect(done).toEqual(["two", "three"]);
    expect(disk.contents.get(key)).toEqual(Uint8Array.of(1, 0, 0, 0, 3));
  });

  it("of a store from before there were numbers is the first", async () => {
    const done: string[] = [];
    const store = memoryStore();
    await store.batch([{ put: ["client", "state"], value: utf8("whatever it is") }]);
    await openLayout(store, [step("two", done)]);
    expect(done).toEqual(["two"]);
  });

  it("was 1 before a room had three records: such a store opens, and goes on where it was", async () => {
    const service = delivery();
    const [alice, bob] = [await person(service, "alice"), await person(service, "bob")];
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await bob.client.room(id).send({ text: "one" });
    await settle(alice, bob);
    await alice.client.close();
    const store = memoryStore({ disk: alice.disk });
    for await (const { id: room, state } of storedRooms(store)) {
      await store.batch([
        { put: ["room", room], value: roomOfLayout1.write(state) },
        { delete: ["cursor", room] },
        { delete: ["next", room] },
      ]);
    }
    await store.batch([{ put: ["client", "layout"], value: Uint8Array.of(1, 0, 0, 0, 1) }]);
    await bob.client.room(id).send({ text: "two" });
    await settle(bob);
    const again = await opened({ ...alice.options, store }, alice.disk);
    await settle(again, bob);
    await again.client.room(id).send({ text: "three" });
    await settle(again, bob);
    for (const one of [again, bob]) expect(await words(one, id)).toEqual(["one", "two", "three"]);
    expect(again.client.room(id).unread.messages).toBe(2);
    expect(alice.disk.contents.get(key)).toEqual(Uint8Array.of(1, 0, 0, 0, 3));
  });

  it("that can't be read is damaged, and nothing is begun anew", async () => {
    const store = memoryStore();
    for (const value of [Uint8Array.of(1, 0), Uint8Array.of(1, 0, 0, 0, 0), new Uint8Array(0)]) {
      await store.batch([{ put: ["client", "layout"], value }]);
      await expect(openLayout(store)).rejects.toMatchObject({ code: "client-damaged" });
    }
  });
});
