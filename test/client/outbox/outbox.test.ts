/** What waits in a room is what its store has, also where it is read while something is written. */

import { expect, test } from "vitest";
import { Outbox } from "../../../src/client/outbox/outbox.ts";
import { putIntent } from "../../../src/client/outbox/intents.ts";
import type { Intent } from "../../../src/client/outbox/intent.ts";
import { intentKey } from "../../../src/client/store/keys.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import type { StoreEntry } from "../../../src/storage/store.ts";

const room = "mimi://example.org/r/hiking";
const intent: Intent = {
  id: new Uint8Array(16),
  created: 0,
  wish: { kind: "change", change: { kind: "renew" } },
  state: { kind: "waiting", lost: 0 },
};

async function numbers(outbox: Outbox): Promise<bigint[]> {
  return Array.from(await outbox.intents(), ({ number }) => number);
}

test("keeps up with what is written, of its own room", async () => {
  const store = memoryStore();
  await store.batch([putIntent(room, 1n, intent)]);
  const outbox = new Outbox(store, room);
  expect(await numbers(outbox)).toEqual([1n]);
  const changes = [
    putIntent(room, 2n, intent),
    { delete: intentKey(room, 1n) },
    putIntent("mimi://example.org/r/other", 3n, intent),
  ];
  await store.batch(changes);
  outbox.written(changes);
  expect(await numbers(outbox)).toEqual([2n]);
  expect(await outbox.size()).toBe(1);
  outbox.forget();
  expect(await numbers(outbox)).toEqual([2n]);
});

test("misses nothing that is written while it reads", async () => {
  const store = memoryStore();
  const change = putIntent(room, 1n, intent);
  let isFirst = true;
  const outbox: Outbox = new Outbox(
    {
      ...store,
      async *range(options): AsyncIterable<StoreEntry> {
        const read: StoreEntry[] = [];
        for await (const entry of store.range(options)) read.push(entry);
        if (isFirst) {
          isFirst = false;
          await store.batch([change]);
          outbox.written([change]);
        }
        yield* read;
      },
    },
    room,
  );
  expect(await numbers(outbox)).toEqual([1n]);
});
