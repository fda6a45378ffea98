import { describe, expect, it } from "vitest";
import type { ReceiptChoice } from "../../../src/client/room/receipt-choice.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { type createRoomExtensions } from "../../../src/rooms/create.ts";
import { first, second, service } from "../people/world.ts";
import { time, type Time } from "../people/time.ts";
import { delivery, person, plain, reborn, settle, sneak, user, type Person } from "../world.ts";

/** Alice, Bob and Carol in a room, where Alice has said something. */
async function three(
  more: {
    readonly receipts?: ReceiptChoice;
    readonly data?: Partial<Parameters<typeof createRoomExtensions>[0]["data"]>;
  } = {},
): Promise<{ alice: Person; bob: Person; carol: Person; room: string; id: Uint8Array; entry: bigint } & Time> {
  const { clock, pass } = time();
  const hub = delivery({ clock });
  const options: Partial<ClientOptions> = { clock, ...(more.receipts !== undefined && { receipts: more.receipts }) };
  const alice = await person(hub, "alice", "phone", { clock });
  const [bob, carol] = [await person(hub, "bob", "phone", options), await person(hub, "carol", "phone", options)];
  await settle(alice, bob, carol);
  const { id: room } = await alice.client.createRoom({
    participants: [user("bob"), user("carol")],
    ...(more.data !== undefined && { more: { data: more.data } }),
  });
  await settle(alice, bob, carol);
  const { id, entry } = await alice.client.room(room).send(plain("hello"));
  await settle(alice, bob, carol);
  return { alice, bob, carol, room, id, entry, clock, pass };
}

async function receipts({ client }: Person, room: string, place: bigint): Promise<Record<string, string>> {
  const entry = await client.room(room).entry(place);
  return Object.fromEntries(
    (entry?.receipts ?? []).map(({ user: uri, status }) => [uri.split("/").at(-1) ?? "", status]),
  );
}

/** How many messages a room's log has, as somebody has read it. */
function said({ events }: Person): number {
  return events.filter(({ kind }) => kind === "message").length;
}

describe("receipts", () => {
  it("say who has a message and who has read it, and are no messages of the timeline", async () => {
    const { alice, bob, carol, room, entry, pass } = await three();
    expect(await receipts(alice, room, entry)).toEqual({});
    await pass(4_000, alice, bob, carol);
    expect(await receipts(alice, room, entry)).toEqual({ bob: "delivered", carol: "delivered" });
    await bob.client.room(room).markAllRead();
    await pass(4_000, alice, bob, carol);
    expect(await receipts(alice, room, entry)).toEqual({ bob: "read", carol: "delivered" });
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "entry-changed", room, entry }));
    for (const each of [alice, bob, carol]) {
      expect(await each.client.room(room).timeline()).toHaveLength(1);
      expect(each.client.unread.messages).toBe(each === carol ? 1 : 0);
    }
    expect([said(bob), said(carol)]).toEqual([1, 1]);
    expect(await receipts(bob, room, 1n)).toEqual({}); // it is nobody's matter but its author's
  });

  it("are gathered, and sent after a crash", async () => {
    const { alice, bob, carol, room, pass } = await three();
    const { entry } = await alice.client.room(room).send(plain("one more"));
    await settle(alice, bob, carol);
    await carol.client.close();
    const again = await reborn(bob);
    await settle(again, alice);
    await pass(4_000, again, alice);
    expect(await receipts(alice, room, entry)).toEqual({ bob: "delivered" });
    expect([...again.disk.contents.keys()].filter((key) => key.startsWith("receipt/"))).toEqual([]);
  });

  it("are sent of what is read before the room's group is there again", async () => {
    const { alice, bob, carol, room, entry, pass } = await three();
    await pass(4_000, alice, bob, carol);
    const again = await reborn(bob, false); // nothing has loaded the room
    await again.client.room(room).markAllRead();
    again.client.connect();
    await pass(4_000, again, alice);
    expect(await receipts(alice, room, entry)).toEqual({ bob: "read", carol: "delivered" });
    const other = await reborn(carol, false);
    await other.client.room(room).markRead(1n);
    other.client.connect();
    await pass(4_000, other, alice);
    expect(await receipts(alice, room, entry)).toEqual({ bob: "read", carol: "read" });
  });

  it("are switched off by the client, by the room and by the policy, which can also ask for them", async () => {
    const off = { delivered: false, read: false };
    const silent = await three({ receipts: off });
    await silent.bob.client.room(silent.room).markAllRead();
    await silent.pass(4_000, silent.alice, silent.bob, silent.carol);
    expect(await receipts(silent.alice, silent.room, silent.entry)).toEqual({});

    const some = await three({ receipts: { read: false } });
    await some.carol.client.room(some.room).setReceipts(off);
    await some.bob.client.room(some.room).markAllRead();
    await some.pass(4_000, some.alice, some.bob, some.carol);
    expect(await receipts(some.alice, some.room, some.entry)).toEqual({ bob: "delivered" });

    const forbidden = { deliveryNotifications: "optional", readReceipts: "forbidden" } as const;
    const policy = await three({ data: { status_notification_policy: forbidden } });
    await policy.bob.client.room(policy.room).markAllRead();
    await policy.pass(4_000, policy.alice, policy.bob, policy.carol);
    expect(await receipts(policy.alice, policy.room, policy.entry)).toEqual({ bob: "delivered", carol: "delivered" });

    const required = { deliveryNotifications: "required", readReceipts: "required" } as const;
    const asked = await three({ receipts: off, data: { status_notification_policy: required } });
    await asked.bob.client.room(asked.room).markAllRead();
    await asked.pass(4_000, asked.alice, asked.bob, asked.carol);
    expect(await receipts(asked.alice, asked.room, asked.entry)).toEqual({ bob: "read", carol: "delivered" });
  });

  it("of what is not there, of one's own messages, or too many, change nothing", async () => {
    const { alice, bob, carol, room, id, entry, pass } = await three({ receipts: { delivered: false, read: false } });
    const mine = await bob.client.room(room).send(plain("mine"));
    const own = bob.client.room(room).send({ kind: "status", reports: [{ id, status: "read" }] });
    await expect(own).rejects.toThrow(/room\.setReceipts/);
    await settle(alice, bob, carol);
    const status = "read" as const;
    await sneak(bob, room, { kind: "status", reports: [{ id: mine.id, status }] });
    await sneak(bob, room, { kind: "status", reports: [{ id: new Uint8Array(32).fill(1), status }] });
    await sneak(bob, room, { kind: "status", reports: [{ id, status: 77 }] });
    await sneak(bob, room, { kind: "status", reports: Array.from({ length: 513 }, () => ({ id, status })) });
    await pass(1_000, alice, bob, carol);
    expect(await receipts(alice, room, entry)).toEqual({});
    expect(await receipts(bob, room, mine.entry)).toEqual({});
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "refused", reason: "too-many", room }));
    // What is said twice, or takes something back, counts once.
    await sneak(bob, room, {
      kind: "status",
      reports: [
        { id, status },
        { id, status: "delivered" },
      ],
    });
    await pass(1_000, alice, bob, carol);
    expect(await receipts(alice, room, entry)).toEqual({ bob: "read" });
  });

  it("are not sent where the policy forbids them and somebody sends them all the same", async () => {
    const none = { deliveryNotifications: "forbidden", readReceipts: "forbidden" } as const;
    const { alice, bob, carol, room, id, entry, pass } = await three({ data: { status_notification_policy: none } });
    await sneak(bob, room, { kind: "status", reports: [{ id, status: "read" }] });
    await pass(4_000, alice, bob, carol);
    expect(await receipts(alice, room, entry)).toEqual({});
  });

  it("are said once by a user's devices", async () => {
    const { clock, pass } = time();
    const hub = service({ clock });
    const [phone, bob] = [await first(hub, "alice", { clock }), await first(hub, "bob", { clock })];
    await settle(phone, bob);
    const laptop = await second(phone, hub, "laptop", { clock });
    for (let i = 0; i < 3; i++) await pass(31_000, phone, laptop, bob);
    const { id: room } = await bob.client.createRoom({ participants: [user("alice")] });
    await settle(phone, laptop, bob);
    const { entry } = await bob.client.room(room).send(plain("hello"));
    await settle(phone, laptop, bob);
    await pass(4_000, phone, bob);
    await settle(laptop);
    expect([...laptop.disk.contents.keys()].filter((key) => key.startsWith("receipt/"))).toEqual([]);
    await laptop.client.room(room).markAllRead();
    for (let i = 0; i < 2; i++) await pass(4_000, phone, laptop, bob);
    expect(await receipts(bob, room, entry)).toEqual({ alice: "read" });
    expect(phone.client.unread.messages).toBe(0);
  });
});
