/** An epoch that the service takes back while this device writes in it: what was written there is due again, and nothing else is told. */

import { expect, it } from "vitest";
import { ClientError } from "../../../src/client/errors.ts";
import { dueKey, dueMarks } from "../../../src/client/history/due.ts";
import { currentEpoch, numberOf, putEpoch } from "../../../src/client/history/epochs.ts";
import { History } from "../../../src/client/history/history.ts";
import { digestOf, keptOf } from "../../../src/client/history/kept.ts";
import type { HistoryParts } from "../../../src/client/history/parts.ts";
import { forgetWaiting, putPlaces, putWaiting, settled, waitingIn } from "../../../src/client/history/sealed.ts";
import { seal, upload } from "../../../src/client/history/writing.ts";
import { writing } from "../../../src/client/history/written.ts";
import type { RoomCore } from "../../../src/client/room/core.ts";
import { timelineKey } from "../../../src/client/store/keys.ts";
import { plainEntry, timelineEntry, type StoredEntry } from "../../../src/client/timeline/entry.ts";
import { Turns } from "../../../src/client/turns.ts";
import type { Connection } from "../../../src/delivery/delivery.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import type { BatchOptions, Store, StoreChange } from "../../../src/storage/store.ts";
import { opened, settle } from "../world.ts";
import { historyWorld, told } from "./world.ts";
import { tapped } from "./tapped.ts";

const room = "mimi://example.org/r/hiking";
const entry: StoredEntry = {
  ...{ ...plainEntry, id: new Uint8Array(32).fill(1), device: "mimi://example.org/d/alice/phone", number: 1n, at: 9 },
  ...{ status: "sent", content: new Uint8Array(0) },
};
const [before, after] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

/** A device that has sealed a batch in epoch 5, in a room that is in another epoch 5 by now. */
async function world(store: Store = memoryStore()) {
  const number = numberOf(1, 5n);
  const kept = { isFirst: false, since: 0, isForked: false, isSealed: true, tips: [] };
  const batch = { epoch: number, chain: new Uint8Array(32).fill(3), position: 0n, last: new Uint8Array(32) };
  await store.batch([
    putEpoch({ ...kept, number, authenticator: before, root: new Uint8Array(32).fill(4) }),
    putWaiting({ ...batch, records: [{ bytes: new Uint8Array(300), digest: new Uint8Array(16) }] }),
    putPlaces(number, 0n, [{ room, place: 7n }]),
  ]);
  const said: unknown[] = [];
  const turns = new Turns();
  const around = { store, clock: () => 1_000_000, device: entry.device };
  const group = { epoch: 5n, epochAuthenticator: after, size: 2 };
  const core = {
    ...{ id: "self", around, state: { status: "member" } },
    turn: (work: () => Promise<unknown>) => turns.take(work),
    group: () => Promise.resolve(group),
    write: ({ changes }: { readonly changes: readonly StoreChange[] }) => store.batch(changes),
    step: async (_: unknown, outcome: (event: object) => { readonly changes: readonly StoreChange[] }) => {
      const secret = new Uint8Array(32).fill(5);
      await store.batch(outcome({ kind: "exported", secret }).changes);
      return secret;
    },
  } as unknown as RoomCore;
  const shared = { say: (_: unknown, messages: readonly unknown[]) => Promise.resolve(said.push(...messages)) };
  const parts = {
    ...{
      around: () => around,
      options: {},
      keyNumber: () => 1,
      find: () => undefined,
      marks: new Turns(),
      shared: () => Promise.resolve(shared),
    },
  } as unknown as HistoryParts;
  return { store, core, group, parts, said, history: new History(parts) };
}

/** A store in which something comes between batches. */
function storeWith(
  inner: Store,
  batch: (changes: readonly StoreChange[], write: () => Promise<void>) => Promise<void>,
): Store {
  return {
    get: (key) => inner.get(key),
    getMany: (keys) => inner.getMany(keys),
    range: (range) => inner.range(range),
    flush: () => inner.flush(),
    close: () => inner.close(),
    batch: (changes: readonly StoreChange[], options?: BatchOptions) =>
      batch(changes, () => inner.batch(changes, options)),
  };
}

function isDropping(changes: readonly StoreChange[]): boolean {
  return changes.some((change) => "delete" in change && change.delete[0] === "history-due");
}

it("what waits for such an epoch is given up, and its entries are due again", async () => {
  const { store, core, history } = await world();
  await core.turn(() => history.follow(core));
  expect(await waitingIn(store)).toBe(undefined);
  expect(await store.get(dueKey(room, 7n))).not.toBe(undefined);
});

it("what was being uploaded into such an epoch is told to nobody as the next one's", async () => {
  const { store, core, parts, said, history } = await world();
  const putHistory = async (): Promise<"kept"> => {
    await core.turn(() => history.follow(core));
    return "kept";
  };
  await upload(parts, core, { putHistory } as unknown as Connection);
  expect(said).toEqual([]);
  expect(await store.get(dueKey(room, 7n))).not.toBe(undefined);
});

it("a device that is put out while it uploads tells nobody, and nothing fails", async () => {
  const { store, core, parts, said } = await world();
  const putHistory = (): Promise<"kept"> => {
    Object.assign(core, {
      state: { status: "left" },
      group: () => Promise.reject(new ClientError("room-left")),
    });
    return Promise.resolve("kept");
  };
  await upload(parts, core, { putHistory } as unknown as Connection);
  expect([said, await waitingIn(store)]).toEqual([[], undefined]);
  expect(await currentEpoch(core, 1)).toBe(undefined);
});

it("an entry that was looked at a moment before is due again, whichever comes first", async () => {
  let begun: Promise<void> | undefined;
  const { store, core, group, parts, history } = await world(
    storeWith(memoryStore(), async (changes, write) => {
      if (begun === undefined && isDropping(changes)) {
        group.epochAuthenticator = after;
        begun = core.turn(() => history.follow(core));
        for (let i = 0; i < 9; i++) await new Promise((resolve) => setImmediate(resolve));
      }
      await write();
    }),
  );
  group.epochAuthenticator = before;
  const kept = keptOf(entry, { room, place: 7n });
  if (!(kept instanceof Uint8Array)) throw new Error("it is not kept");
  await store.batch([
    forgetWaiting(),
    ...(await writing(store, [{ room, place: 7n, digest: digestOf(room, kept) }])),
    ...dueMarks([{ put: timelineKey(room, 7n), value: timelineEntry.write(entry) }], 0),
    { put: timelineKey(room, 7n), value: timelineEntry.write(entry) },
  ]);
  await seal(parts, core, 0);
  await begun;
  expect(begun).not.toBe(undefined);
  expect(await store.get(dueKey(room, 7n))).not.toBe(undefined);
});

it("what was sealed a moment before keeps its mark", async () => {
  const tap = tapped();
  const { phone, bob, room: id, write, link } = await historyWorld(tap);
  await phone.client.close();
  const disk = phone.disk;
  const inner = memoryStore({ disk });
  const steps: string[] = [];
  const store = storeWith(inner, async (changes, batch) => {
    await batch();
    if (isDropping(changes)) steps.push("dropped");
    if (!changes.some((change) => "put" in change && change.put.join("/") === "history/out")) return;
    steps.push("sealed");
    if (steps.length === 1) await inner.batch(await settled(inner, (await waitingIn(inner))!.epoch, 0n));
  });
  const again = await opened({ ...phone.options, store }, disk);
  await again.client.room(id).send({ text: "one" });
  await settle(again, bob);
  await write(again, bob);
  expect(steps).toEqual(["sealed", "sealed", "dropped"]);
  const laptop = await link({ ...phone, ...again }, "laptop");
  await laptop.client.history.restore();
  expect(await told(laptop, id)).toEqual(["one*"]);
});
