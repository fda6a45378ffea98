/**
 * Pages of a history: the next one is on its way while one is opened, and is not taken where the chain goes on elsewhere.
 */

import { expect, it } from "vitest";
import { Secret } from "../../../src/bytes/secret.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { platformRandom } from "../../../src/crypto/random.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import { sealEdge } from "../../../src/vault/history/edge.ts";
import { writeHead } from "../../../src/vault/history/head.ts";
import { emptyChain, positionIn, sealRecords } from "../../../src/vault/history/record.ts";
import { restoreHistory, type RestoredPage, type RestoreOptions } from "../../../src/vault/history/restore.ts";
import { localHistory, type HistoryStore } from "../../../src/vault/history/store.ts";

const account = utf8("mimi://example.org/u/alice");
const device = "mimi://example.org/d/alice/phone";
const room = "mimi://example.org/r/room";
const random = platformRandom;

/** A phone's history of so many records, in pages of three; what of it the store is asked for; and what the store answers otherwise. */
async function historyOf(count: number, otherwise: (store: HistoryStore) => Partial<HistoryStore> = () => ({})) {
  const root = Secret.of("vault_root", new Uint8Array(32).fill(1));
  const epoch = { number: 1n, authenticator: new Uint8Array(32), root };
  const kept = localHistory(memoryStore());
  const entries = Array.from({ length: count }, (_, at) => ({ room, at, content: utf8(String(at)) }));
  const { records, tip } = sealRecords({ account, epoch, device, tip: emptyChain, entries, random });
  await kept.put(records);
  await kept.putEdge(1n, sealEdge({ account, epoch, before: undefined, random }));
  const store = { ...kept, ...otherwise(kept) };
  const asked: bigint[] = [];
  const options: RestoreOptions = {
    ...{ account, epoch, pageSize: 3, head: writeHead(account, epoch, [{ device, ...tip }]) },
    store: {
      ...store,
      read: (chain, range) => {
        asked.push(range.below);
        return store.read(chain, range);
      },
    },
  };
  return { options, asked };
}

async function restore(options: RestoreOptions): Promise<readonly RestoredPage[]> {
  const pages: RestoredPage[] = [];
  for await (const page of restoreHistory(options)) pages.push(page);
  return pages;
}

it("asks for the next page before one is given, and for each once", async () => {
  const { options, asked } = await historyOf(8);
  const seen: bigint[][] = [];
  for await (const { findings } of restoreHistory(options)) {
    expect(findings).toEqual([]);
    seen.push([...asked]);
  }
  expect(seen).toEqual([
    [8n, 5n],
    [8n, 5n, 2n],
    [8n, 5n, 2n],
  ]);
});

it("asks for nothing behind the first record, nor behind a page that is not full", async () => {
  const full = await historyOf(6);
  await restore(full.options);
  expect(full.asked).toEqual([6n, 3n]);
  const few = await historyOf(6, ({ read }) => ({ read: (chain, range) => read(chain, { ...range, limit: 2 }) }));
  const seen: bigint[][] = [];
  for await (const { progress } of restoreHistory(few.options)) seen.push([progress.done, ...few.asked]);
  expect(seen).toEqual([
    [3n, 6n, 4n],
    [6n, 6n, 4n, 2n],
  ]);
});

it("goes on behind a page that is shorter than the one before", async () => {
  const { options, asked } = await historyOf(8, ({ read }) => ({
    read: (chain, range) => read(chain, { ...range, limit: range.below < 8n ? 2 : 3 }),
  }));
  const pages = await restore(options);
  expect(pages.flatMap(({ findings }) => findings)).toEqual([]);
  expect(pages.flatMap(({ records }) => records)).toHaveLength(8);
  expect(asked).toEqual([8n, 5n, 3n, 1n]);
});

it("reads anew where a record is missing, since the page that was asked for is another one", async () => {
  const { options } = await historyOf(12, ({ read }) => ({
    read: async (chain, range) =>
      (await read(chain, { ...range, limit: 1_000 }))
        .filter((bytes) => positionIn(bytes) !== 10n)
        .slice(0, range.limit),
  }));
  const pages = await restore(options);
  expect(pages.flatMap(({ findings }) => findings)).toMatchObject([{ kind: "missing", position: 10n, count: 1n }]);
  expect(pages.flatMap(({ records }) => records)).toHaveLength(11);
});

it("throws what the store throws of the next page when that is reached, and not where nobody goes on", async () => {
  const down = new Error("the service is down");
  const failing = ({ read }: HistoryStore): Partial<HistoryStore> => ({
    read: (chain, range) => (range.below < 8n ? Promise.reject(down) : read(chain, range)),
  });
  const { options } = await historyOf(8, failing);
  const pages: RestoredPage[] = [];
  const all = async (): Promise<void> => {
    for await (const page of restoreHistory(options)) pages.push(page);
  };
  await expect(all()).rejects.toBe(down);
  expect(pages.map(({ records }) => records.length)).toEqual([3]);
  for await (const { records } of restoreHistory((await historyOf(8, failing)).options)) {
    expect(records).toHaveLength(3);
    break; // a rejection that nobody handles would fail the run
  }
});
