import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAfter, writeShared, type SharedValue } from "../../../src/client/shared/messages.ts";
import { encodeContent } from "../../../src/content/encode.ts";
import { plain, reborn, settle, sneak, user, type Person } from "../world.ts";
import type { DeliveryService } from "../../../src/delivery/service.ts";
import { first, second, service } from "./world.ts";
import { time } from "./time.ts";

/** Alice's phone and laptop, and Bob, after everything that begins by itself. */
async function three(): Promise<{
  readonly phone: Person;
  readonly laptop: Person;
  readonly bob: Person;
  readonly hub: DeliveryService;
  readonly clock: () => number;
  pass(milliseconds: number, ...people: readonly Person[]): Promise<void>;
}> {
  const { clock, pass } = time();
  const hub = service({ clock });
  const phone = await first(hub, "alice", { clock });
  const bob = await first(hub, "bob", { clock });
  await settle(phone, bob);
  const laptop = await second(phone, hub, "laptop", { clock });
  await pass(60_000, phone, laptop, bob);
  await pass(60_000, phone, laptop, bob);
  return { phone, laptop, bob, hub, clock, pass };
}

/** The URI of the room of the user's devices, which is the only one. */
function selfRoomIn({ disk }: Person): string {
  const [key = ""] = [...disk.contents.keys()].filter((each) => each.startsWith("room/"));
  return key.slice("room/".length).replaceAll("%2f", "/").replace(/\/$/, "");
}

/** The keys of what a device has of what is shared. */
function sharedNames({ disk }: Person): string[] {
  return [...disk.contents.keys()].filter((key) => key.startsWith("shared/"));
}

async function valueOf({ client }: Person, name: string): Promise<string | undefined> {
  return client.shared.get(name);
}

describe("which value counts", () => {
  it("is the same in whatever order they come", () => {
    const one = fc.record({
      name: fc.constant("app x"),
      version: fc.bigInt(1n, 3n),
      device: fc.constantFrom("a", "b", "c"),
      value: fc.constant(undefined),
    });
    const last = (values: readonly SharedValue[]): SharedValue | undefined =>
      values.reduce<SharedValue | undefined>((known, value) => (isAfter(value, known) ? value : known), undefined);
    fc.assert(
      fc.property(fc.array(one), fc.nat(), (values, by) => {
        const at = values.length === 0 ? 0 : by % values.length;
        const turned = [...values.slice(at), ...values.slice(0, at)].reverse();
        expect(last(turned)).toEqual(last(values));
      }),
    );
  });
});

describe("what a user's devices share", () => {
  it("is the same on all of them, in a room that nobody sees", async () => {
    const { phone, laptop, pass } = await three();
    expect([...phone.client.rooms, ...laptop.client.rooms]).toEqual([]);
    await phone.client.shared.set("draft", "Shall we");
    await pass(5_000, phone, laptop);
    expect(await valueOf(laptop, "draft")).toBe("Shall we");
    expect(laptop.events).toContainEqual(expect.objectContaining({ kind: "shared-changed", name: "draft" }));
    await laptop.client.shared.set("draft", undefined);
    await pass(5_000, phone, laptop);
    expect(await valueOf(phone, "draft")).toBeUndefined();
    expect(phone.events.filter(({ kind }) => kind === "joined")).toEqual([]);
    expect([...(await phone.client.shared.all()).keys()]).toEqual([]);
  });

  it("comes to the same where two have set it without hearing of each other, and survives restarts", async () => {
    const { phone, laptop, pass } = await three();
    phone.disk.kill();
    laptop.disk.kill();
    const [a, b] = [await reborn(phone, false), await reborn(laptop, false)];
    await a.client.shared.set("name of bob", "Bobby");
    await b.client.shared.set("name of bob", "Robert");
    const [again, other] = [await reborn(a), await reborn(b)];
    for (let i = 0; i < 3; i++) await pass(31_000, again, other);
    const values = [await valueOf(again, "name of bob"), await valueOf(other, "name of bob")];
    // Of two that were set for the first time, the one of the device whose name is greater.
    expect(values).toEqual(["Bobby", "Bobby"]);
  });

  it("is told to a device that comes later, and not to one that was taken off", async () => {
    const { phone, laptop, hub, clock, pass } = await three();
    await phone.client.shared.set("colour", "green");
    await pass(5_000, phone, laptop);
    const tablet = await second(laptop, hub, "tablet", { clock });
    for (let i = 0; i < 4; i++) await pass(31_000, phone, laptop, tablet);
    expect(await valueOf(tablet, "colour")).toBe("green");
    await phone.client.removeDevice(tablet.client.device);
    await phone.client.shared.set("colour", "red");
    for (let i = 0; i < 3; i++) await pass(31_000, phone, laptop, tablet);
    expect(await valueOf(laptop, "colour")).toBe("red");
    expect(await valueOf(tablet, "colour")).toBe("green");
  });

  it("says what was read, so that it is read everywhere, and its timer runs", async () => {
    const { phone, laptop, bob, clock, pass } = await three();
    const { id } = await bob.client.createRoom({ participants: [user("alice")] });
    await settle(bob, phone, laptop);
    await bob.client.room(id).send({ text: "gone soon", expires: { relative: true, time: 60 } });
    await bob.client.room(id).send(plain("stays"));
    await settle(bob, phone, laptop);
    expect([phone, laptop].map(({ client }) => client.unread.messages)).toEqual([2, 2]);
    const readAt = clock();
    await phone.client.room(id).markRead(1n);
    await pass(5_000, phone, laptop);
    expect([phone, laptop].map(({ client }) => client.unread.messages)).toEqual([1, 1]);
    expect((await laptop.client.room(id).entry(1n))?.readAt).toBe(readAt);
    await pass(60_000, phone, laptop);
    for (const { client } of [phone, laptop]) expect(await client.room(id).entry(1n)).toBeUndefined();
    // What was read before the other device has it is read when it comes.
    laptop.disk.kill();
    await bob.client.room(id).send(plain("while the laptop is off"));
    await settle(bob, phone);
    await phone.client.room(id).markAllRead();
    await pass(5_000, phone);
    const again = await reborn(laptop);
    for (let i = 0; i < 2; i++) await pass(31_000, phone, again);
    expect(again.client.unread.messages).toBe(0);
  });

  it("says which rooms are muted", async () => {
    const { phone, laptop, bob, pass } = await three();
    const { id } = await bob.client.createRoom({ participants: [user("alice")] });
    await settle(bob, phone, laptop);
    await laptop.client.room(id).mute(Infinity);
    await pass(5_000, phone, laptop);
    expect(phone.client.room(id).isMuted).toBe(true);
    expect(phone.events).toContainEqual(expect.objectContaining({ kind: "muted", room: id }));
    await phone.client.room(id).mute(undefined);
    await pass(5_000, phone, laptop);
    expect(laptop.client.room(id).isMuted).toBe(false);
  });

  it("keeps what a newer version shares, and tells it to who comes later", async () => {
    const { phone, laptop, hub, clock, pass } = await three();
    const { device, user: senderUri } = laptop.client;
    const roomUri = selfRoomIn(laptop);
    const values = [{ name: "later theme", version: 1n, device, value: "dark" }];
    const nestedPart = writeShared({ kind: "values", answers: 0n, values });
    await sneak(laptop, roomUri, encodeContent({ senderUri, roomUri, salt: new Uint8Array(16), nestedPart }));
    for (let i = 0; i < 2; i++) await pass(31_000, phone, laptop);
    expect(sharedNames(phone)).toEqual(["shared/later theme/"]);
    laptop.disk.kill();
    const tablet = await second(phone, hub, "tablet", { clock });
    for (let i = 0; i < 5; i++) await pass(31_000, phone, tablet);
    expect(sharedNames(tablet)).toEqual(sharedNames(phone));
    expect((await tablet.client.shared.all()).size).toBe(0);
    expect([phone, tablet].map(({ client }) => client.failure)).toEqual([undefined, undefined]);
  });

  it("takes nothing that is too long, of another user or of no kind that is known", async () => {
    const { phone, laptop, pass } = await three();
    const room = selfRoomIn(laptop);
    const { device } = laptop.client;
    const value = { version: 1n, device, value: "x" };
    const values = [
      { ...value, name: "app long", value: "x".repeat(4_097) },
      { ...value, name: `app ${"x".repeat(513)}` },
      { ...value, name: "app foreign", device: "mimi://example.org/d/bob/phone" },
      { ...value, name: "nameless" },
      { ...value, name: "Not a realm" },
      { ...value, name: "app good" },
    ];
    const part = writeShared({ kind: "values", answers: 0n, values });
    const sender = { senderUri: laptop.client.user, roomUri: room };
    for (const nestedPart of [{ ...part, content: new Uint8Array([9, 9]) } as typeof part, part]) {
      await sneak(laptop, room, encodeContent({ ...sender, salt: new Uint8Array(16), nestedPart }));
      await pass(1_000, phone, laptop);
    }
    await pass(31_000, phone, laptop);
    expect(await phone.client.shared.all()).toEqual(new Map([["good", "x"]]));
    expect(sharedNames(phone)).toHaveLength(1);
  });

  it("is bounded", async () => {
    const phone = await first(service(), "alice");
    await settle(phone);
    await expect(phone.client.shared.set("draft", "x".repeat(4_097))).rejects.toMatchObject({ code: "too-large" });
    await expect(phone.client.shared.set("x".repeat(513), "x")).rejects.toMatchObject({ code: "too-large" });
    await phone.client.shared.set("x".repeat(512), "x".repeat(4_096));
    expect((await phone.client.shared.all()).size).toBe(1);
  });
});
