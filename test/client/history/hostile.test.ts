/**
 * A service that keeps the history badly, and a device that was stolen with all its keys, which the service helps.
 */

import { describe, expect, it } from "vitest";
import { accountComponent } from "../../../src/accounts/attestation.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { keptEpochs, vaultEpoch } from "../../../src/client/history/epochs.ts";
import { restoredOf } from "../../../src/client/history/kept.ts";
import { decodeContent } from "../../../src/content/decode.ts";
import { readMessage } from "../../../src/content/messages/read.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import { VaultError } from "../../../src/vault/errors.ts";
import { openEdge } from "../../../src/vault/history/edge.ts";
import type { VaultEpoch } from "../../../src/vault/history/epoch.ts";
import { openRecordAt } from "../../../src/vault/history/record.ts";
import type { Connection } from "../../../src/delivery/delivery.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { copyOf, reborn, settle, type Person } from "../world.ts";
import { historyWorld, told, type HistoryWorld } from "./world.ts";
import { recordsIn, tapped, type Tapped } from "./tapped.ts";

/** Texts that whoever has this device's disk reads of what was ever kept, edges included. */
async function readable(tap: Tapped, stolen: Person, devices: readonly string[]): Promise<string[]> {
  const account = utf8(stolen.client.user);
  const store = memoryStore({ disk: copyOf(stolen.disk) });
  const epochs: VaultEpoch[] = (await keptEpochs(store)).map(vaultEpoch);
  for (let i = 0; i < epochs.length; i++) {
    for (const { edge } of tap.edges) {
      const before = orNothing(() => openEdge(account, epochs[i]!, edge));
      if (before !== undefined) epochs.push(before.epoch);
    }
  }
  const texts: string[] = [];
  for (const { position: first, records } of tap.uploads)
    for (const [i, record] of records.entries())
      for (const epoch of epochs)
        for (const device of devices) {
          const position = first + BigInt(i);
          const opened = orNothing(() => openRecordAt(record, { account, epoch, device, position }));
          const entry = opened && restoredOf(opened.record.content);
          const said = entry && readMessage(decodeContent(entry.content));
          if (said?.kind === "text") texts.push(said.text);
        }
  return [...new Set(texts)].sort();
}

function orNothing<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

function failures({ events }: Person): string[] {
  return events.flatMap((event) => (event.kind === "history-failed" ? [event.code] : []));
}

/** Three messages of Alice's phone, kept, and a laptop that has restored nothing yet. */
async function kept(): Promise<HistoryWorld & { readonly tap: Tapped; readonly laptop: Person }> {
  const tap = tapped();
  const world = await historyWorld(tap);
  const { phone, bob, room, write, link } = world;
  for (const text of ["one", "two", "three"]) {
    await phone.client.room(room).send({ text });
    await write(phone, bob);
  }
  const laptop = await link(phone, "laptop");
  await write(phone, laptop, bob);
  return { ...world, tap, laptop };
}

describe("a device that was stolen", () => {
  it("reads nothing that is kept after it was put out, whatever the service gives it", async () => {
    const tap = tapped();
    const rooms = roomAppData({ appData: { components: [accountComponent] } });
    const { phone, bob, room, write, link } = await historyWorld({ ...tap, hub: { rooms } });
    const tablet = await link(phone, "tablet");
    await phone.client.room(room).send({ text: "before" });
    await write(phone, tablet, bob);
    const devices = [phone.client.device, tablet.client.device];
    expect(await readable(tap, tablet, devices)).toEqual(["before"]);
    await phone.client.revokeDevice(tablet.client.device, { recoveryCode: phone.recoveryCode });
    for (let i = 0; i < 3; i++) await write(phone, tablet, bob);
    await phone.client.room(room).send({ text: "after" });
    for (let i = 0; i < 2; i++) await write(phone, tablet, bob);
    expect(await readable(tap, tablet, devices)).toEqual(["before"]);
    expect(await readable(tap, phone, devices)).toEqual(["after", "before"]);
    // What comes after has an edge to what was before: a device that is linked now has both.
    const laptop = await link(phone, "laptop");
    await write(phone, laptop, bob);
    expect(await laptop.client.history.restore()).toMatchObject({ restored: 2, findings: [] });
    expect(await told(laptop, room)).toEqual(["before*", "after*"]);
  });
});

describe("a new device", () => {
  it.each([
    ["withholds the last records", (records: readonly Uint8Array[]) => records.slice(1), ["missing"], ["one*", "two*"]],
    ["withholds one between", (records: readonly Uint8Array[]) => without(records, 1), ["missing"], ["one*", "three*"]],
    ["gives none", () => [], ["missing"], []],
    ["damages one", (records: readonly Uint8Array[]) => damaged(records, 1), ["damaged"], ["one*", "three*"]],
    ["turns them round", (records: readonly Uint8Array[]) => records.toReversed(), undefined, undefined],
  ] as const)("is told where the service %s, and gets the rest", async (_, lie, kinds, words) => {
    const { tap, laptop, room } = await kept();
    tap.otherwise = (connection) => ({
      history: async (request) => lie(await connection.history(request)) as never,
    });
    const { findings } = await laptop.client.history.restore();
    if (kinds === undefined) expect(findings.length).toBeGreaterThan(0);
    else expect(findings.map(({ kind }) => kind)).toEqual(kinds);
    if (words !== undefined) expect(await told(laptop, room)).toEqual(words);
    tap.otherwise = () => ({});
    const again = await laptop.client.history.restore();
    expect(again.findings).toEqual([]);
    expect((await told(laptop, room)).toSorted()).toEqual(["one*", "three*", "two*"]);
  });

  it.each([
    ["withholds the edge to what is before", () => Promise.resolve({})],
    ["gives another epoch's edge", (connection: Connection) => connection.historyEdge({ epoch: 1n << 32n })],
  ] as const)("is told where the service %s, and does not take the rest for all", async (_, edge) => {
    const { tap, laptop, room } = await kept();
    tap.otherwise = (connection) => ({ historyEdge: () => edge(connection) });
    const { findings, restored } = await laptop.client.history.restore();
    expect([findings.map(({ kind }) => kind), restored, await told(laptop, room)]).toEqual([["edge"], 0, []]);
  });

  it("goes on where it was, after it has broken off", async () => {
    const { phone, bob, room, write, link } = await historyWorld();
    const { client } = phone;
    for (let i = 0; i < 250; i++) await client.room(room).send({ text: `message ${String(i)}` });
    for (let i = 0; i < 3; i++) await write(phone, bob);
    const laptop = await link(phone, "laptop");
    const stop = new AbortController();
    const onProgress = ({ restored }: { readonly restored: number }): void => {
      if (restored >= 200) stop.abort();
    };
    await expect(laptop.client.history.restore({ onProgress, signal: stop.signal })).rejects.toThrow();
    expect((await told(laptop, room)).length).toBe(200);
    const again = await reborn(laptop);
    await settle(again);
    const looked: bigint[] = [];
    const result = await again.client.history.restore({ onProgress: ({ total }) => looked.push(total) });
    expect(result).toMatchObject({ restored: 50, findings: [] });
    expect(looked[0], "of what is left").toBe(50n);
    const all = await told(again, room);
    expect(all).toEqual(Array.from({ length: 250 }, (_, i) => `message ${String(i)}*`));
  });

  it("says why it can't restore", async () => {
    const { phone, bob, link } = await historyWorld();
    await expect(bob.client.history.restore()).rejects.toMatchObject({ code: "history-off" });
    const laptop = await link(phone, "laptop");
    const offline = await reborn(laptop, false);
    await expect(offline.client.history.restore()).rejects.toMatchObject({ code: "offline" });
  });
});

describe("devices that write", () => {
  it("find that the service was turned back, by what they have told each other", async () => {
    const { tap, phone, laptop, room, write } = await kept();
    await phone.client.room(room).send({ text: "four" });
    await write(phone, laptop);
    tap.otherwise = () => ({ history: () => Promise.resolve([]) });
    const again = await reborn(laptop);
    await write(again);
    expect(failures(again)).toEqual(["vault-rollback"]);
    expect(failures(laptop)).toEqual([]);
  });

  it("say that the service has another record in the place of theirs, and write on in the next epoch", async () => {
    const { tap, phone, laptop, bob, room, pass, write, link } = await kept();
    const before = recordsIn(tap);
    tap.otherwise = () => ({ putHistory: () => Promise.resolve("fork") });
    await pass(2 * 60 * 60_000, phone, laptop, bob);
    await phone.client.room(room).send({ text: "four" });
    laptop.disk.kill();
    for (let i = 0; i < 2; i++) await pass(10_000, phone, bob);
    tap.otherwise = () => ({});
    for (let i = 0; i < 2; i++) await write(phone, bob);
    expect(failures(phone)).toEqual(["vault-fork"]);
    expect(recordsIn(tap)).toBeGreaterThan(before);
    const tablet = await link(phone, "tablet");
    await write(phone, tablet, bob);
    await tablet.client.history.restore();
    expect(await told(tablet, room)).toContain("four*");
  });

  it("write on where the service keeps edges back, which are made when it takes them", async () => {
    const { tap, phone, laptop, bob, room, write, link } = await kept();
    tap.otherwise = () => ({
      putHistoryEdge: () => Promise.resolve("fork"),
      historyEdge: () => Promise.resolve({}),
    });
    phone.disk.kill();
    // In the epoch that begins with the tablet it writes, and is lost; the next begins with the desktop.
    const tablet = await link(laptop, "tablet");
    await tablet.client.room(room).send({ text: "four" });
    await write(laptop, tablet, bob);
    const desktop = await link(laptop, "desktop");
    expect(failures(laptop)).toEqual(["vault-rollback"]);
    for (const { disk } of [tablet, laptop]) disk.kill();
    tap.otherwise = () => ({});
    // The phone was off all the time, and passes through all epochs when it comes back. It would not write the tablet's words itself.
    const again = await reborn({ ...phone, options: { ...phone.options, history: { keeps: () => false } } });
    await write(again, desktop, bob);
    expect(await desktop.client.history.restore()).toMatchObject({ findings: [] });
    expect(await told(desktop, room)).toEqual(["one*", "two*", "three*", "four*"]);
  });

  it("say that the service keeps no more, and write it when there is room", async () => {
    const { tap, phone, laptop, bob, room, write, link } = await kept();
    tap.otherwise = () => ({ putHistory: () => Promise.reject(new DeliveryError("too-large")) });
    await phone.client.room(room).send({ text: "four" });
    await write(phone, laptop, bob);
    expect(failures(phone)).toEqual(["too-large"]);
    tap.otherwise = () => ({});
    for (let i = 0; i < 8; i++) await write(phone, laptop, bob);
    const tablet = await link(phone, "tablet");
    await tablet.client.history.restore();
    expect(await told(tablet, room)).toContain("four*");
  });
});

function without<T>(all: readonly T[], at: number): readonly T[] {
  return all.filter((_, i) => i !== at);
}

function damaged(records: readonly Uint8Array[], at: number): readonly Uint8Array[] {
  return records.map((record, i) => (i === at ? record.map((byte, j) => (j === 120 ? byte ^ 1 : byte)) : record));
}
