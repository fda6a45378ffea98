import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../src/storage/memory.ts";
import { opened, plain, settle, user, words } from "../world.ts";
import { first, second, service } from "./world.ts";

describe("an account that is deleted", () => {
  it("leaves its rooms, is unknown to the service, and leaves nothing in the store", async () => {
    const there = service();
    const alice = await first(there, "alice");
    const laptop = await second(alice, there);
    const bob = await first(there, "bob");
    await settle(alice, laptop, bob);
    const { id } = await bob.client.createRoom({ participants: [user("alice")] });
    await settle(bob, alice, laptop);
    await alice.client.room(id).send(plain("soon gone"));
    await settle(alice, bob, laptop);
    await alice.client.deleteAccount();
    expect([...alice.disk.contents.keys()]).toEqual([]);
    await expect(alice.client.deleteAccount()).rejects.toMatchObject({ code: "client-closed" });

    await settle(bob);
    expect((await bob.client.room(id).participants()).map((each) => each.user)).toEqual([user("bob")]);
    expect(await bob.client.room(id).tree()).toMatchObject({});
    await bob.client.room(id).send(plain("without alice"));
    await settle(bob);
    expect(await words(bob, id)).toEqual(["soon gone", "without alice"]);

    // Her other device is refused, and nobody comes back under her name.
    laptop.client.connect();
    await laptop.client.settled();
    expect(laptop.client.isOnline).toBe(false);
    expect(laptop.client.refusal).toBe("not-allowed");
    const another = await first(there, "alice");
    await another.client.settled();
    expect(another.client.isOnline).toBe(false);
  });

  it("is there where the service can’t be asked, with its store", async () => {
    const there = service();
    const alice = await first(there, "alice", { online: false });
    const { size } = alice.disk.contents;
    await expect(alice.client.deleteAccount()).rejects.toMatchObject({ code: "offline" });
    expect(alice.disk.contents.size).toBe(size);
    await alice.client.close();
    const again = await opened(
      { ...alice.options, online: true, store: memoryStore({ disk: alice.disk }) },
      alice.disk,
    );
    await settle(again);
    expect(again.client.isOnline).toBe(true);
  });
});

describe("the servers of a call", () => {
  it("come from the service, for a room that this device is in", async () => {
    const servers = { iceServers: [{ urls: ["stun:stun.example.org"] }] };
    const there = service({ callServers: ({ room }) => ({ ...servers, sfu: room }) });
    const alice = await first(there, "alice");
    const room = await alice.client.createRoom({});
    await settle(alice);
    expect(await room.callServers()).toEqual({ ...servers, sfu: room.id });
    await alice.client.close();
    const offline = await opened(
      { ...alice.options, online: false, store: memoryStore({ disk: alice.disk }) },
      alice.disk,
    );
    await expect(offline.client.room(room.id).callServers()).rejects.toMatchObject({ code: "offline" });
  });
});
