/**
 * A device that has restored the history once: it follows it by itself, with what was not there yet and what others write late.
 */

import { describe, expect, it } from "vitest";
import { sha256 } from "@noble/hashes/sha2.js";
import { accountComponent } from "../../../src/accounts/attestation.ts";
import type { Connection } from "../../../src/delivery/delivery.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { toldEntry, toldIn, toldKey } from "../../../src/client/history/told.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { reborn, settle, type Person } from "../world.ts";
import { between } from "../people/world.ts";
import { historyWorld, told, type HistoryWorld } from "./world.ts";
import { tapped, type Tapped } from "./tapped.ts";

function failures({ events }: Person): string[] {
  return events.flatMap((event) => (event.kind === "history-failed" ? [event.code] : []));
}

interface Late extends HistoryWorld {
  readonly tap: Tapped;
  /** It has what only the phone has written, or nobody yet. */
  readonly laptop: Person;
  readonly tablet: Person;
}

/** The phone has a message that it has not written, and is off; a tablet, which writes nothing, has linked a laptop, which has restored what there is. */
async function late(): Promise<Late> {
  const tap = tapped();
  const rooms = roomAppData({ appData: { components: [accountComponent] } });
  const world = await historyWorld({ ...tap, hub: { rooms } });
  const { phone, bob, room, link } = world;
  const tablet = await link(phone, "tablet", { history: { keeps: () => false } });
  await phone.client.room(room).send({ text: "one" });
  await settle(phone, tablet, bob);
  phone.disk.kill();
  const laptop = await link(tablet, "laptop");
  expect(await laptop.client.history.restore()).toMatchObject({ restored: 0, findings: [], isWhole: true });
  return { ...world, tap, laptop, tablet };
}

/** So many more times ten minutes. */
async function tenMinutes(times: number, { pass }: HistoryWorld, ...people: readonly Person[]): Promise<void> {
  for (let i = 0; i < times; i++) await pass(10 * 60_000, ...people);
}

describe("a device that has restored the history", () => {
  it("takes in what another one writes late, without being asked, and reads nothing else for it", async () => {
    const world = await late();
    const { tap, phone, laptop, tablet, bob, room, write } = world;
    expect(await told(laptop, room)).toEqual([]);
    const again = await reborn(phone);
    let asked = 0;
    tap.otherwise = (connection) => ({ history: (request) => (asked++, connection.history(request)) });
    await write(again, laptop, tablet, bob);
    await write(again, laptop, tablet, bob);
    expect(await told(laptop, room)).toEqual(["one*"]);
    expect(laptop.events).toContainEqual(expect.objectContaining({ kind: "restored", room, entries: 1 }));
    const before = asked;
    // What it has itself is not fetched.
    await laptop.client.room(room).send({ text: "two" });
    await settle(again, laptop, tablet, bob);
    for (let i = 0; i < 4; i++) await write(again, laptop, tablet, bob);
    expect(asked - before).toBe(0);
  });

  it("fetches nothing that is on its way here", async () => {
    const tap = tapped();
    const { hub, phone, bob, room, pass, link } = await historyWorld(tap);
    let isHeldUp = false;
    const delivery = between(tap.there(hub), (connection) => ({
      fetch: (request) =>
        isHeldUp && request.room === room
          ? Promise.resolve({ items: [], head: request.after, goneThrough: 0n })
          : connection.fetch(request),
    }));
    const laptop = await link(phone, "laptop", { delivery });
    await laptop.client.history.restore();
    let asked = 0;
    tap.otherwise = (connection) => ({ history: (request) => (asked++, connection.history(request)) });
    isHeldUp = true;
    await bob.client.room(room).send({ text: "one" });
    for (let i = 0; i < 6; i++) await pass(10_000, bob, phone, laptop);
    const [kept] = [...laptop.disk.contents.keys()].filter((key) => key.startsWith("history-told/"));
    expect([kept !== undefined, asked], "the phone has told that it has written it").toEqual([true, 0]);
    isHeldUp = false;
    for (let i = 0; i < 20; i++) await pass(10_000, bob, phone, laptop);
    expect([await told(laptop, room), asked]).toEqual([["one"], 0]);
  });

  it("keeps 4,096 of what was told and is not here, the newest", async () => {
    const tap = tapped();
    const { hub, clock, phone, bob, room, pass, link } = await historyWorld(tap);
    const delivery = between(tap.there(hub), (connection) => ({
      fetch: (request) =>
        request.room === room
          ? Promise.resolve({ items: [], head: request.after, goneThrough: 0n })
          : connection.fetch(request),
    }));
    const laptop = await link(phone, "laptop", { delivery });
    const long = clock() - 60 * 60_000;
    const old = Array.from({ length: 4_100 }, (_, i) => ({
      put: toldKey(sha256(utf8(String(i)))),
      value: toldEntry.write({ ...{ at: long + i, due: long, epoch: 1n }, device: "tablet", position: BigInt(i) }),
    }));
    await laptop.options.store.batch(old);
    await bob.client.room(room).send({ text: "one" });
    for (let i = 0; i < 6; i++) await pass(10_000, bob, phone, laptop);
    const kept: number[] = [];
    for await (const { told: entry } of toldIn(laptop.options.store)) kept.push(entry.at - long);
    kept.sort((a, b) => a - b);
    expect([kept.length, kept[0], kept.at(-2), kept.at(-1)! >= 60 * 60_000]).toEqual([4_096, 5, 4_099, true]);
  });

  it("takes it in after the process has died, and from an epoch that is over meanwhile", async () => {
    const { tap, phone, laptop, tablet, bob, room, pass, write, link } = await late();
    const again = await reborn(phone);
    tap.otherwise = () => ({ history: () => Promise.reject(new DeliveryError("too-large")) });
    for (let i = 0; i < 3; i++) await pass(10_000, again, laptop, tablet, bob);
    tap.otherwise = () => ({});
    await link(again, "desktop");
    const other = await reborn(laptop);
    await write(again, other, tablet, bob);
    await write(again, other, tablet, bob);
    expect(await told(other, room)).toEqual(["one*"]);
  });

  it("looks again for what was told and is not there, every ten minutes for a day", async () => {
    const world = await late();
    const { tap, phone, laptop, tablet, bob, room, write } = world;
    const again = await reborn(phone);
    const asked: number[] = [];
    tap.otherwise = () => ({ history: () => (asked.push(world.clock()), Promise.resolve([])) });
    await write(again, laptop, tablet, bob);
    await write(again, laptop, tablet, bob);
    asked.length = 0;
    for (let i = 0; i < 60; i++) await world.pass(60_000, laptop);
    expect([asked.length >= 5, asked.length <= 7], String(asked.length)).toEqual([true, true]);
    await tenMinutes(24 * 6, world, laptop);
    asked.length = 0;
    await tenMinutes(12, world, laptop);
    expect(asked).toEqual([]);
    tap.otherwise = () => ({});
    await tenMinutes(2, world, laptop);
    expect(await told(laptop, room)).toEqual([]);
  });

  it("hears what was written while it was in no epoch, when it comes into the room of the next account key", async () => {
    const world = await late();
    const { tap, phone, laptop, tablet, bob, room, write, pass } = world;
    laptop.disk.kill();
    tap.otherwise = () => ({ putHistory: () => Promise.reject(new DeliveryError("rate", { retryAfter: 60_000 })) });
    const again = await reborn(phone);
    await again.client.revokeDevice(tablet.client.device, { recoveryCode: phone.recoveryCode });
    for (let i = 0; i < 3; i++) await write(again, bob);
    tap.otherwise = () => ({});
    for (let i = 0; i < 3; i++) await write(again, bob);
    const other = await reborn(laptop);
    for (let i = 0; i < 30; i++) await pass(10_000, again, other, bob);
    expect(await told(other, room)).toEqual(["one*"]);
    expect(failures(other)).toEqual([]);
  });

  it("goes on by itself with what an edge leads to that was not there", async () => {
    const world = await withoutEdges();
    const { tap, phone, laptop, bob, room } = world;
    expect(await laptop.client.history.restore()).toMatchObject({ restored: 0, isWhole: false });
    await tenMinutes(6 * 3, world, phone, laptop, bob);
    tap.otherwise = () => ({});
    const other = await reborn(laptop);
    await tenMinutes(6 * 7, world, phone, other, bob);
    expect(await told(other, room)).toEqual(["one*"]);
    expect(await other.client.history.restore()).toMatchObject({ restored: 0, isWhole: true, findings: [] });
  });

  it("looks for it less and less, and says after a day that it is kept back", async () => {
    const world = await withoutEdges();
    const { tap, laptop } = world;
    await laptop.client.history.restore();
    const before = failures(laptop);
    let asked = 0;
    tap.otherwise = () => ({ ...noEdges(), historyEdge: () => (asked++, Promise.resolve({})) });
    await tenMinutes(6, world, laptop);
    const first = asked;
    await tenMinutes(6 * 30, world, laptop);
    expect(asked - first).toBeLessThan(80);
    await tenMinutes(6 * 30, world, laptop);
    expect(failures(laptop).slice(before.length)).toContain("vault-rollback");
  });

  it("goes on after a crash in between, page by page, and not where the application has stopped it", async () => {
    const { phone, bob, room, write, link, pass } = await historyWorld();
    for (let i = 0; i < 450; i++) await phone.client.room(room).send({ text: String(i) });
    for (let i = 0; i < 4; i++) await write(phone, bob);
    const [laptop, tablet] = [await link(phone, "laptop"), await link(phone, "tablet")];
    const stop = new AbortController();
    const stopping = tablet.client.history.restore({
      onProgress: () => {
        stop.abort();
      },
      signal: stop.signal,
    });
    await expect(stopping).rejects.toThrow();
    const dying = laptop.client.history.restore({
      onProgress: () => {
        laptop.disk.kill();
      },
    });
    await expect(dying).rejects.toThrow();
    const [again, other] = [await reborn(laptop), await reborn(tablet)];
    for (let i = 0; i < 3; i++) await pass(1_000, again, other);
    expect([(await told(again, room)).length, (await told(other, room)).length]).toEqual([450, 200]);
  });
});

const noEdges = (): Partial<Connection> => ({
  putHistoryEdge: () => Promise.resolve("fork"),
  historyEdge: () => Promise.resolve({}),
});

/** The phone has written a message, and the service takes and gives no edges since; a laptop is linked. */
async function withoutEdges(): Promise<HistoryWorld & { readonly tap: Tapped; readonly laptop: Person }> {
  const tap = tapped();
  const world = await historyWorld(tap);
  const { phone, bob, room, write, link } = world;
  await phone.client.room(room).send({ text: "one" });
  await write(phone, bob);
  tap.otherwise = noEdges;
  const laptop = await link(phone, "laptop");
  return { ...world, tap, laptop };
}
