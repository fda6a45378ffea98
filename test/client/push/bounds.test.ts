/**
 * What one wake-up may cost a push handler, whatever the service has for it.
 */

import { describe, expect, it } from "vitest";
import { openPush } from "../../../src/client/push/open-push.ts";
import type { OpenPushOptions } from "../../../src/client/push/options.ts";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import type { DeliveryService } from "../../../src/delivery/service.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import { between } from "../people/world.ts";
import { copyOf, delivery, opened, person, plain, reborn, settle, user, words, type Person } from "../world.ts";

/** Alice and Bob in rooms, and Bob's application does not run. */
async function away(
  rooms: number,
): Promise<{ hub: DeliveryService; alice: Person; bob: Person; ids: readonly string[] }> {
  const hub = delivery({ limits: { requests: free, rooms: free, handshakes: free, claims: free } });
  const [alice, bob] = [await person(hub, "alice"), await person(hub, "bob")];
  await settle(alice, bob);
  const ids: string[] = [];
  for (let i = 0; i < rooms; i++) {
    ids.push((await alice.client.createRoom({ participants: [user("bob")] })).id);
    await settle(alice, bob);
  }
  await bob.client.close();
  return { hub, alice, bob, ids };
}
const free = { burst: Infinity, perSecond: Infinity };

function push({ options, disk }: Person, more: Partial<OpenPushOptions> = {}) {
  const { account, delivery: there } = options;
  return openPush({ ...(account && { account }), delivery: there, store: () => memoryStore({ disk }), ...more });
}

describe("a wake-up", () => {
  it("looks at eight rooms, and says that there is more", async () => {
    const { alice, bob, ids } = await away(9);
    for (const id of ids) await alice.client.room(id).send(plain(id));
    await settle(alice);
    const first = await push(bob);
    expect(new Set(first?.messages.map(({ room }) => room)).size).toBe(8);
    expect(first?.isComplete).toBe(false);
    const named = ids.find((id) => !first!.messages.some(({ room }) => room === id))!;
    expect(await push(bob, { room: named })).toMatchObject({
      messages: [{ room: named, text: named }],
      isComplete: true,
    });
    const again = await reborn(bob);
    await settle(again);
    for (const id of ids) expect(await words(again, id)).toEqual([id]);
  });

  it("says that there is more where an invitation waits for the device, which the application alone can follow", async () => {
    const { alice, bob, ids } = await away(1);
    const [id] = ids as [string];
    expect(await push(bob)).toMatchObject({ messages: [], isComplete: true });
    const { id: other } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice);
    expect(await push(bob)).toMatchObject({ messages: [], isComplete: false });
    expect(await push(bob, { room: id })).toMatchObject({ isComplete: true }); // it was not asked for
    const again = await reborn(bob);
    await settle(again);
    expect(again.client.rooms.map((room) => room.id).sort()).toEqual([id, other].sort());
    await again.client.close();
    expect(await push(again)).toMatchObject({ isComplete: true });
  });

  it("takes in 256 messages and shows the newest 16, and the application has each once", async () => {
    const { alice, bob, ids } = await away(1);
    const [id] = ids as [string];
    const said = Array.from({ length: 300 }, (_, i) => String(i));
    for (const text of said) await alice.client.room(id).send(plain(text));
    await settle(alice);
    const first = await push(bob);
    expect(first?.messages.map(({ text }) => text)).toEqual(said.slice(240, 256));
    expect(first?.isComplete).toBe(false);
    const second = await push(bob);
    expect(second?.messages.map(({ text }) => text)).toEqual(said.slice(284));
    expect(second?.isComplete).toBe(true);
    expect(await push(bob)).toEqual({ messages: [], isComplete: true });
    const again = await reborn(bob);
    await settle(again);
    expect(await again.client.room(id).timeline({ limit: 300 })).toHaveLength(300);
    expect(again.events.filter(({ kind }) => kind === "message")).toHaveLength(300);
  });

  it("ends when its time is over, though the service does not answer, and loses nothing", async () => {
    const { hub, alice, bob, ids } = await away(1);
    const [id] = ids as [string];
    await alice.client.room(id).send(plain("hello"));
    await settle(alice);
    const silent = between(hub, () => ({ fetch: () => new Promise(() => undefined) }));
    let over = (): void => undefined;
    const timers = {
      after: (milliseconds: number, run: () => void) => {
        expect(milliseconds).toBe(500);
        over = run;
        return () => undefined;
      },
    };
    const pushed = push(bob, { delivery: silent, timers, within: 500 });
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    over();
    expect(await pushed).toEqual({ messages: [], isComplete: false });
    expect((await push(bob))?.messages).toMatchObject([{ text: "hello" }]);
  });

  it("leaves to the application what it alone can mend: a log that has begun without it, and a store that was copied", async () => {
    const { hub, alice, bob, ids } = await away(1);
    const [id] = ids as [string];
    await alice.client.room(id).send(plain("hello"));
    await settle(alice);
    const gone = between(hub, (connection) => ({
      fetch: async (query) => ({ ...(await connection.fetch(query)), goneThrough: query.after + 1n }),
    }));
    expect(await push(bob, { delivery: gone })).toEqual({ messages: [], isComplete: false });

    const copy = copyOf(bob.disk);
    await settle(await reborn(bob));
    const other = await opened({ ...bob.options, store: memoryStore({ disk: copy }) }, copy);
    await other.client.settled();
    expect(other.events.map(({ kind }) => kind)).toContain("copied");
    await other.client.close();
    let asked = 0;
    const counted: Delivery = { connect: (login) => (asked++, hub.connect(login)) };
    expect(await push(other, { delivery: counted })).toEqual({ messages: [], isComplete: false });
    expect(asked).toBe(0);
  });
});
