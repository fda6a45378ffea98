/**
 * A store of layout 2, in which each record of the history was a record of the store.
 */

import { describe, expect, it } from "vitest";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { dueKey } from "../../../src/client/history/due.ts";
import { waitingIn } from "../../../src/client/history/sealed.ts";
import { openLayout } from "../../../src/client/store/layout.ts";
import { outRecordOfLayout2, placeOfLayout2 } from "../../../src/client/store/layout-3.ts";
import { decode, fixed, struct, u64, u8, vector } from "../../../src/codec/codec.ts";
import { text } from "../../../src/client/store/entry.ts";
import { hash } from "#symmetric";
import { memoryStore } from "../../../src/storage/memory.ts";
import type { Store, StoreChange } from "../../../src/storage/store.ts";
import { opened } from "../world.ts";
import { historyWorld, told } from "./world.ts";
import { recordsIn, tapped } from "./tapped.ts";

const places = vector(struct({ room: text, place: u64 }), "proposals");
const digests = vector(struct({ offset: u8, digest: fixed(16) }), "proposals");

/** What a store says of the history, one thing after another: what waits, whose each record is, and what was kept of each entry. */
async function said(store: Store) {
  const batch = await waitingIn(store);
  const at: { readonly epoch: string; readonly position: bigint; readonly room: string; readonly place: bigint }[] = [];
  for await (const { key, value } of store.range({ prefix: ["history-at"] })) {
    const first = key[2] as bigint;
    for (const [i, one] of decode(places, value.subarray(1)).entries())
      at.push({ epoch: String(key[1]), position: first + BigInt(i), ...one });
  }
  const kept: { readonly room: string; readonly place: bigint; readonly digest: Uint8Array }[] = [];
  for await (const { key, value } of store.range({ prefix: ["history-kept"] }))
    for (const { offset, digest } of decode(digests, value.subarray(1)))
      kept.push({ room: String(key[1]), place: (key[2] as bigint) * 32n + BigInt(offset), digest });
  return { batch, at, kept };
}

/** The same store, as layout 2 has it. */
async function toLayout2(store: Store): Promise<void> {
  const { batch, at, kept } = await said(store);
  const changes: StoreChange[] = [{ put: ["client", "layout"], value: Uint8Array.of(1, 0, 0, 0, 2) }];
  for (const prefix of ["history-at", "history-kept"])
    for await (const { key } of store.range({ prefix: [prefix] })) changes.push({ delete: key });
  await store.batch([...changes, { delete: ["history", "out"] }]);
  const records = batch?.records ?? [];
  await store.batch([
    ...records.map(({ bytes, digest }, i): StoreChange => {
      const position = batch!.position + BigInt(i);
      const out = { epoch: batch!.epoch, position, chain: batch!.chain, id: hash("sha256", bytes), bytes, digest };
      return { put: ["history-out", position], value: outRecordOfLayout2.write(out) };
    }),
    ...at.map(({ epoch, position, room, place }): StoreChange => ({
      put: ["history-at", epoch, position],
      value: placeOfLayout2.write({ room, place }),
    })),
    ...kept.map(({ room, place, digest }): StoreChange => ({ put: ["history-written", room, place], value: digest })),
  ]);
}

describe("a store of layout 2", () => {
  it("opens with all that it says of the history, and goes on where it was", async () => {
    const tap = tapped();
    const { phone, bob, room, write, link } = await historyWorld(tap);
    for (let i = 0; i < 40; i++) await phone.client.room(room).send({ text: `kept ${String(i)}` });
    await write(phone, bob);
    const before = recordsIn(tap);
    tap.otherwise = () => ({ putHistory: () => Promise.reject(new DeliveryError("rate")) });
    for (let i = 0; i < 3; i++) await phone.client.room(room).send({ text: `sealed ${String(i)}` });
    await write(phone, bob);
    expect(before).toBe(40);
    await phone.client.close();
    const store = memoryStore({ disk: phone.disk });
    const was = await said(store);
    const count = was.batch?.records.length ?? 0;
    expect(count).toBeGreaterThan(1);
    expect([was.at.length, was.kept.length]).toEqual([40 + count, 40 + count]);
    await toLayout2(store);
    expect(await said(store).catch(() => undefined)).not.toEqual(was);
    const again = await opened({ ...phone.options, store, online: false }, phone.disk);
    expect(await said(store)).toEqual(was);
    for (const old of ["history-out", "history-written"]) {
      expect([...phone.disk.contents.keys()].filter((key) => key.startsWith(`${old}/`))).toEqual([]);
    }
    await again.client.close();
    tap.otherwise = () => ({});
    const online = await opened({ ...phone.options, store: memoryStore({ disk: phone.disk }) }, phone.disk);
    await write(online, bob);
    expect(recordsIn(tap) - before).toBe(3);
    const laptop = await link({ ...phone, ...online }, "laptop");
    await laptop.client.history.restore();
    const words = await told(laptop, room);
    expect([words.length, words.at(-1)]).toEqual([43, "sealed 2*"]);
  });

  it("that has sealed in two epochs has one batch of the newer, and what is of the older is due again", async () => {
    const store = memoryStore();
    const records = [
      { epoch: 6n, position: 0n, room: "a", place: 1n },
      { epoch: 6n, position: 1n, room: "a", place: 2n },
      { epoch: 5n, position: 7n, room: "a", place: 3n },
      { epoch: 5n, position: 8n, room: "b", place: 3n },
    ];
    await store.batch([
      { put: ["client", "layout"], value: Uint8Array.of(1, 0, 0, 0, 2) },
      ...records.flatMap(({ epoch, position, room, place }): StoreChange[] => {
        const [bytes, digest] = [new Uint8Array(300).fill(Number(place)), new Uint8Array(16).fill(Number(place))];
        const chain = new Uint8Array(32).fill(Number(epoch));
        const out = { epoch, position, chain, id: hash("sha256", bytes), bytes, digest };
        return [
          { put: ["history-out", position], value: outRecordOfLayout2.write(out) },
          { put: ["history-at", String(epoch), position], value: placeOfLayout2.write({ room, place }) },
          { put: ["history-written", room, place], value: digest },
        ];
      }),
    ]);
    await openLayout(store);
    const { batch, at, kept } = await said(store);
    expect(batch).toMatchObject({ epoch: 6n, position: 0n, chain: new Uint8Array(32).fill(6) });
    expect(batch?.records.map(({ digest }) => digest[0])).toEqual([1, 2]);
    expect(at.map(({ epoch, position }) => [epoch, position])).toEqual([
      ["6", 0n],
      ["6", 1n],
    ]);
    expect(kept.map(({ place }) => place)).toEqual([1n, 2n]);
    const due = await store.getMany([dueKey("a", 1n), dueKey("a", 2n), dueKey("a", 3n), dueKey("b", 3n)]);
    expect(due.map((mark) => mark !== undefined)).toEqual([false, false, true, true]);
  });
});
