/**
 * The vault: what devices write comes back, and what a store does to it is found.
 */

import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../../src/bytes/secret.ts";
import { utf8, utf8Decode } from "../../../src/bytes/text.ts";
import { platformRandom } from "../../../src/crypto/random.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import { openEdge, sealEdge, type EarlierEpoch } from "../../../src/vault/history/edge.ts";
import { chainOf, type VaultEpoch } from "../../../src/vault/history/epoch.ts";
import { compareHeads, readHead, writeHead, type DeviceTip } from "../../../src/vault/history/head.ts";
import {
  emptyChain,
  openRecordAt,
  sealRecords,
  type ChainTip,
  type SealedRecord,
} from "../../../src/vault/history/record.ts";
import { restoreHistory, type RestoredPage, type RestoreOptions } from "../../../src/vault/history/restore.ts";
import { localHistory, type HistoryStore } from "../../../src/vault/history/store.ts";

const account = utf8("mimi://example.org/u/alice");
const phone = "mimi://example.org/d/alice/phone";
const laptop = "mimi://example.org/d/alice/laptop";
const room = "mimi://example.org/r/room";

function epochOf(number: bigint, fill = Number(number)): VaultEpoch {
  const root = Secret.of("vault_root", new Uint8Array(32).fill(fill));
  return { number, authenticator: new Uint8Array(32).fill(fill), root };
}
const entry = (at: number, text = `message ${String(at)}`, of = room) => ({ room: of, at, content: utf8(text) });

let store: HistoryStore;
/** What each device has written in an epoch. */
async function write(
  epoch: VaultEpoch,
  device: string,
  entries: readonly ReturnType<typeof entry>[],
  tip: ChainTip = emptyChain,
): Promise<{ readonly tip: DeviceTip; readonly records: readonly SealedRecord[] }> {
  const made = sealRecords({ account, epoch, device, tip, entries, random: platformRandom });
  await store.put(made.records);
  return { tip: { device, ...made.tip }, records: made.records };
}
async function begin(epoch: VaultEpoch, before: EarlierEpoch | undefined): Promise<void> {
  await store.putEdge(epoch.number, sealEdge({ account, epoch, before, random: platformRandom }));
}
async function restore(options: Omit<RestoreOptions, "account" | "store"> & { readonly from?: HistoryStore }) {
  const { from = store, ...rest } = options;
  const pages: RestoredPage[] = [];
  for await (const page of restoreHistory({ account, store: from, ...rest })) pages.push(page);
  const records = pages.flatMap((page) => page.records);
  const texts = records.map(({ content }) => utf8Decode(content));
  return { pages, records, texts, findings: pages.flatMap((page) => page.findings) };
}
beforeEach(() => {
  store = localHistory(memoryStore());
});

/** Ten messages of a phone in one epoch. */
async function ten() {
  const epoch = epochOf(1n);
  await begin(epoch, undefined);
  const { tip, records } = await write(
    epoch,
    phone,
    Array.from({ length: 10 }, (_, i) => entry(i)),
  );
  return { epoch, head: writeHead(account, epoch, [tip]), tip, records };
}
/** The store, with what it gives of a chain changed. */
const lying = (
  change: (records: Uint8Array[], range: { below: bigint; limit: number }) => Uint8Array[],
): HistoryStore => ({
  ...store,
  read: async (chain) => change([...(await store.read(chain, { below: 1000n, limit: 1000 }))], { below: 0n, limit: 0 }),
});

describe("the vault", () => {
  it("gives everything back in pages, the newest first, of all devices and epochs", async () => {
    const first = epochOf(3n);
    await begin(first, undefined);
    const early = await write(first, phone, [entry(1), entry(3)]);
    const second = epochOf(7n);
    const closed = { epoch: first, tips: [early.tip, (await write(first, laptop, [entry(2), entry(4)])).tip] };
    await begin(second, closed);
    const late = await write(second, laptop, [entry(5), entry(6), entry(7)]);
    const head = writeHead(account, second, [late.tip]);
    const { pages, texts, findings, records } = await restore({ epoch: second, head, pageSize: 2 });
    expect(texts).toEqual([7, 6, 5, 4, 3, 2, 1].map((at) => `message ${String(at)}`));
    expect(findings).toEqual([]);
    expect(pages.map((page) => [page.records.length, page.progress])).toEqual([
      [2, { epoch: 7n, done: 2n, total: 3n }],
      [1, { epoch: 7n, done: 3n, total: 3n }],
      [2, { epoch: 3n, done: 2n, total: 4n }],
      [2, { epoch: 3n, done: 4n, total: 4n }],
    ]);
    expect(records[0]).toMatchObject({ device: laptop, epoch: 7n, position: 2n, room, at: 7 });
  });

  it("is the same whatever devices write, and however it is cut into pages", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ device: fc.constantFrom(phone, laptop), at: fc.nat(50) }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        async (written, pageSize) => {
          store = localHistory(memoryStore());
          const epoch = epochOf(1n);
          await begin(epoch, undefined);
          const tips: DeviceTip[] = [];
          for (const device of [phone, laptop]) {
            const entries = written
              .filter((each) => each.device === device)
              .map(({ at }, i) => entry(at, `${device} ${String(i)}`));
            if (entries.length > 0) tips.push((await write(epoch, device, entries)).tip);
          }
          const { texts, findings } = await restore({ epoch, head: writeHead(account, epoch, tips), pageSize });
          expect(findings).toEqual([]);
          expect(texts).toHaveLength(written.length);
          for (const device of [phone, laptop]) {
            const own = texts.filter((text) => text?.startsWith(device));
            expect(own).toEqual(own.map((_, i) => `${device} ${String(own.length - 1 - i)}`));
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it("is closed to a device that has an earlier root only", async () => {
    const { epoch, tip } = await ten();
    const next = epochOf(2n);
    await begin(next, { epoch, tips: [tip] });
    const { records } = await write(next, laptop, [entry(99)]);
    const edge = (await store.edge(2n))!;
    // The revoked device knows the number and the authenticator of the next epoch, and not its root.
    const guess: VaultEpoch = { ...next, root: epoch.root };
    expect(() => openEdge(account, guess, edge)).toThrow(expect.objectContaining({ code: "vault-open" }));
    const place = { account, epoch: guess, device: laptop, position: 0n };
    expect(() => openRecordAt(records[0]!.bytes, place)).toThrow(expect.objectContaining({ code: "vault-open" }));
  });

  it("takes nothing that a revoked device writes later into an epoch that it knows", async () => {
    const { epoch, tip } = await ten();
    const next = epochOf(2n);
    await begin(next, { epoch, tips: [tip] });
    await write(epoch, phone, [entry(500, "forged")], tip); // with the store's help
    const { texts } = await restore({ epoch: next, head: writeHead(account, next, []) });
    expect(texts).toHaveLength(10);
    expect(texts).not.toContain("forged");
  });

  it("pads: short contents look alike", () => {
    const epoch = epochOf(1n);
    const lengths = new Set(
      [0, 1, 20, 60].map((length) => {
        const { records } = sealRecords({
          ...{ account, epoch, device: phone, tip: emptyChain, random: platformRandom },
          entries: [{ room, at: 1, content: new Uint8Array(length) }],
        });
        return records[0]!.bytes.length;
      }),
    );
    expect(lengths.size).toBe(1);
  });

  it("never seals two records the same way, also where a device is turned back and writes at a place twice", async () => {
    const { epoch, tip } = await ten();
    const [a, b] = [1, 2].map(() =>
      sealRecords({ account, epoch, device: phone, tip, entries: [entry(11)], random: platformRandom }),
    );
    expect(a!.records[0]!.bytes).not.toEqual(b!.records[0]!.bytes);
    await store.put(a!.records);
    await expect(store.put(b!.records)).rejects.toMatchObject({ code: "vault-fork" });
    await store.put(a!.records); // said twice, done once
  });
});

describe("a store that lies", () => {
  it.each<[string, (records: Uint8Array[]) => Uint8Array[], object[]]>([
    ["drops the newest", (records) => records.slice(2), [{ kind: "missing", position: 9n, count: 2n }]],
    ["drops one", (records) => records.filter((_, i) => i !== 4), [{ kind: "missing", position: 5n, count: 1n }]],
    ["drops the oldest", (records) => records.slice(0, 7), [{ kind: "missing", position: 2n, count: 3n }]],
    ["gives nothing", () => [], [{ kind: "missing", position: 9n, count: 10n }]],
    [
      "damages one",
      (records) =>
        records.map((bytes, i) => (i === 4 ? bytes.map((byte, at) => (at === 150 ? byte ^ 1 : byte)) : bytes)),
      [{ kind: "damaged", position: 5n }],
    ],
    [
      "swaps two",
      (records) => [records[1]!, records[0]!, ...records.slice(2)],
      [
        { kind: "missing", position: 9n, count: 1n },
        { kind: "damaged", position: 7n },
      ],
    ],
  ])("and %s is found out, and the rest is restored", async (_, change, expected) => {
    const { epoch, head } = await ten();
    let asked = false;
    const from: HistoryStore = {
      ...store,
      read: async (chain) => {
        if (asked) return [];
        asked = true;
        return change([...(await store.read(chain, { below: 10n, limit: 10 }))]);
      },
    };
    const { findings, texts } = await restore({ epoch, head, from });
    expect(findings[0]).toMatchObject({ ...expected[0], epoch: 1n, device: phone });
    const lost = findings.reduce((sum, { count = 1n }) => sum + Number(count), 0);
    expect(texts.length).toBe(10 - lost);
    if (!_.includes("swaps")) expect(findings).toMatchObject(expected);
  });

  it("and replaces a record by another that the device has written there is found out", async () => {
    const { epoch, head, records } = await ten();
    const other = sealRecords({
      ...{ account, epoch, device: phone, entries: [entry(5, "other")], random: platformRandom },
      tip: { count: 5n, last: records[4]!.id },
    });
    const from = lying((all) => all.map((bytes, i) => (i === 4 ? other.records[0]!.bytes : bytes)));
    const { findings, texts } = await restore({ epoch, head, from });
    expect(findings).toMatchObject([{ kind: "replaced", position: 5n }]);
    expect(texts).toHaveLength(9);
    expect(texts).not.toContain("other");
  });

  it("and mixes in another account's, another epoch's, another device's or another room's record is found out", async () => {
    const { epoch, records } = await ten();
    const bytes = records[3]!.bytes;
    const place = { account, epoch, device: phone, position: 3n };
    expect(openRecordAt(bytes, place).record.at).toBe(3);
    const moved = Uint8Array.from(bytes);
    moved.set(
      sealRecords({
        account,
        epoch,
        device: phone,
        tip: emptyChain,
        entries: [entry(1, "x", "other room")],
        random: platformRandom,
      }).records[0]!.bytes.subarray(25, 41),
      25,
    );
    for (const [at, of] of [
      [{ ...place, account: utf8("mimi://example.org/u/bob") }, bytes],
      [{ ...place, epoch: { ...epoch, number: 2n } }, bytes],
      [{ ...place, epoch: { ...epoch, authenticator: new Uint8Array(32) } }, bytes],
      [{ ...place, device: laptop }, bytes],
      [{ ...place, position: 4n }, bytes],
      [place, moved],
    ] as const) {
      expect(() => openRecordAt(of, at)).toThrow(expect.objectContaining({ code: "vault-open" }));
    }
    const later = bytes.map((byte, i) => (i === 0 ? 2 : byte));
    expect(() => openRecordAt(later, place)).toThrow(expect.objectContaining({ code: "vault-version" }));
    expect(() => openRecordAt(bytes.subarray(0, 60), place)).toThrow(expect.objectContaining({ code: "vault-format" }));
  });

  it("and has no edge, or another one, is found out: what is before is not taken for nothing", async () => {
    const { epoch, tip } = await ten();
    const next = epochOf(2n);
    const head = writeHead(account, next, []);
    expect((await restore({ epoch: next, head })).findings).toEqual([{ kind: "edge", epoch: 2n }]);
    await begin(next, { epoch, tips: [tip] });
    const first = (await store.edge(1n))!;
    const from: HistoryStore = { ...store, edge: () => Promise.resolve(first) }; // that says: nothing is before
    expect((await restore({ epoch: next, head, from })).findings).toEqual([{ kind: "edge", epoch: 2n }]);
    expect((await restore({ epoch: next, head })).texts).toHaveLength(10);
  });

  it("and serves an older state is found out by a head that is known from elsewhere", async () => {
    const { epoch, head, tip } = await ten();
    const more = await write(epoch, phone, [entry(10)], tip);
    const known = [writeHead(account, epoch, [more.tip])];
    await expect(restore({ epoch, head, known })).rejects.toMatchObject({ code: "vault-rollback" });
    // Or withholds a whole epoch.
    const next = [writeHead(account, epochOf(2n), [])];
    await expect(restore({ epoch, head, known: next })).rejects.toMatchObject({ code: "vault-rollback" });
    expect((await restore({ epoch, head: known[0]!, known: [head] })).texts).toHaveLength(11);
    // Without it, nothing is found: docs/vault.md says so.
    expect((await restore({ epoch, head })).findings).toEqual([]);
  });

  it("and shows two heads that don't go together is found out", async () => {
    const { epoch, head, records } = await ten();
    const other = { device: phone, count: 10n, last: records[3]!.id };
    const known = [writeHead(account, epoch, [other])];
    await expect(restore({ epoch, head, known })).rejects.toMatchObject({ code: "vault-fork" });
    const parted = { ...epoch, authenticator: new Uint8Array(32).fill(99) };
    await expect(restore({ epoch, head: writeHead(account, parted, []) })).rejects.toMatchObject({
      code: "vault-fork",
    });
  });

  it("makes nobody ask for ever, whatever a head says", async () => {
    const epoch = epochOf(1n);
    await begin(epoch, undefined);
    const head = writeHead(account, epoch, [{ device: phone, count: 2n ** 64n - 1n, last: new Uint8Array(32) }]);
    const { findings } = await restore({ epoch, head });
    expect(findings).toMatchObject([{ kind: "missing", position: 2n ** 64n - 2n, count: 2n ** 64n - 1n }]);
  });
});

describe("heads", () => {
  const epoch = epochOf(4n);
  const tip = (device: string, count: bigint, fill = Number(count)): DeviceTip => ({
    device,
    count,
    last: new Uint8Array(32).fill(fill),
  });
  const headOf = (...tips: readonly DeviceTip[]) => readHead(account, epoch, writeHead(account, epoch, tips));

  it("are compared as chains are", () => {
    const base = headOf(tip(phone, 2n), tip(laptop, 3n));
    expect(compareHeads(base, headOf(tip(laptop, 3n), tip(phone, 2n)))).toBe("same");
    expect(compareHeads(headOf(tip(phone, 3n), tip(laptop, 3n)), base)).toBe("newer");
    expect(compareHeads(headOf(tip(laptop, 3n)), base)).toBe("older");
    expect(compareHeads(headOf(tip(phone, 3n), tip(laptop, 2n)), base)).toBe("apart");
    expect(compareHeads(headOf(tip(phone, 2n, 9), tip(laptop, 3n)), base)).toBe("fork");
  });

  it("are made by whoever has the root, and by nobody else", () => {
    const bytes = writeHead(account, epoch, [tip(phone, 2n)]);
    const changed = bytes.map((byte, i) => (i === bytes.length - 40 ? byte ^ 1 : byte));
    expect(() => readHead(account, epoch, changed)).toThrow(expect.objectContaining({ code: "vault-open" }));
    const without = { ...epoch, root: Secret.of("vault_root", new Uint8Array(32)) };
    expect(() => readHead(account, without, bytes)).toThrow(expect.objectContaining({ code: "vault-open" }));
    expect(() => readHead(utf8("bob"), epoch, bytes)).toThrow(expect.objectContaining({ code: "vault-open" }));
    expect(() => writeHead(account, epoch, [tip(phone, 1n), tip(phone, 2n)])).toThrow(TypeError);
  });
});

describe("an edge", () => {
  it("leads back and never forward", () => {
    const [first, second] = [epochOf(1n), epochOf(2n)];
    expect(() => sealEdge({ account, epoch: first, before: { epoch: second, tips: [] } })).toThrow(TypeError);
    const bytes = sealEdge({ account, epoch: second, before: { epoch: first, tips: [] } });
    const opened = openEdge(account, second, bytes)!;
    expect(opened.epoch.number).toBe(1n);
    expect(opened.epoch.root.use((root) => root[0])).toBe(1);
    expect(() => openEdge(utf8("bob"), second, bytes)).toThrow(expect.objectContaining({ code: "vault-open" }));
    expect(openEdge(account, second, sealEdge({ account, epoch: second, before: undefined }))).toBeUndefined();
    expect(chainOf(first, phone)).not.toEqual(chainOf(second, phone));
  });
});
