/**
 * What the vault refuses of a store that gives anything, and of a device that has an epoch's root and writes what no honest one does.
 */

import { describe, expect, it } from "vitest";
import { hmac } from "#symmetric";
import { concat } from "../../../src/bytes/concat.ts";
import { Secret } from "../../../src/bytes/secret.ts";
import { utf8, utf8Decode } from "../../../src/bytes/text.ts";
import { encode, opaque, u64 } from "../../../src/codec/codec.ts";
import { platformRandom as random } from "../../../src/crypto/random.ts";
import { xchacha20Poly1305Seal } from "../../../src/crypto/symmetric-xchacha.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import { longestContent } from "../../../src/vault/entry.ts";
import { openEdge, sealEdge } from "../../../src/vault/history/edge.ts";
import {
  chainOf,
  edgeKeyOf,
  headKeyOf,
  recordKeyOf,
  roomTagOf,
  type VaultEpoch,
} from "../../../src/vault/history/epoch.ts";
import { compareHeads, epochOfHead, readHead, writeHead, type DeviceTip } from "../../../src/vault/history/head.ts";
import { emptyChain, openRecordAt, sealRecords } from "../../../src/vault/history/record.ts";
import { restoreHistory, type RestoredPage } from "../../../src/vault/history/restore.ts";
import { localHistory, type HistoryStore } from "../../../src/vault/history/store.ts";

const account = utf8("mimi://example.org/u/alice");
const device = "mimi://example.org/d/alice/phone";
const room = "mimi://example.org/r/room";

function epochOf(number: bigint, fill = Number(number)): VaultEpoch {
  const root = Secret.of("vault_root", new Uint8Array(32).fill(fill));
  return { number, authenticator: new Uint8Array(32).fill(fill), root };
}
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;
const tip = (name: string, count: bigint, fill = 1): DeviceTip => ({
  device: name,
  count,
  last: new Uint8Array(32).fill(fill),
});
const vector = (bytes: Uint8Array) => encode(opaque, bytes);
const nonce = new Uint8Array(24).fill(7);
const placeOf = ({ number, authenticator }: VaultEpoch) =>
  concat(vector(account), encode(u64, number), vector(authenticator));

/** An edge that was sealed under the root of its epoch, and leads to another one. */
function edgeTo(epoch: VaultEpoch, to: bigint): Uint8Array {
  const none = Uint8Array.of(0);
  const inside = concat(Uint8Array.of(1), encode(u64, to), vector(new Uint8Array(32)), new Uint8Array(32), none);
  const beside = concat(Uint8Array.of(1), placeOf(epoch));
  return concat(Uint8Array.of(1), nonce, vector(xchacha20Poly1305Seal(edgeKeyOf(epoch), nonce, beside, inside)));
}

/** A head of such tips, authentic under the root of its epoch. */
function headOf(epoch: VaultEpoch, names: readonly Uint8Array[]): Uint8Array {
  const tips = names.map((name) => concat(vector(name), encode(u64, 1n), new Uint8Array(32)));
  const tbm = concat(Uint8Array.of(1), placeOf(epoch), Uint8Array.of(names.length), ...tips);
  return concat(tbm, hmac("sha256", headKeyOf(epoch), tbm));
}

/** A record at the first place of the device's chain, sealed under the epoch's root. */
function recordOf(epoch: VaultEpoch, inside: Uint8Array, of = room): Uint8Array {
  const [chain, roomTag, position] = [chainOf(epoch, device), roomTagOf(epoch, of), 0n];
  const head = concat(Uint8Array.of(1), chain, encode(u64, position), roomTag, new Uint8Array(32), nonce);
  const key = recordKeyOf(epoch, { chain, roomTag, position });
  return concat(head, vector(xchacha20Poly1305Seal(key, nonce, concat(placeOf(epoch), head), inside)));
}
const insideOf = (name: Uint8Array, at: bigint, behind = new Uint8Array(40)) =>
  concat(vector(name), encode(u64, at), vector(utf8("x")), behind);

/** The history of a phone in an epoch of its own, and a store that can be made to answer otherwise. */
async function historyOf(count: number, epoch = epochOf(2n)) {
  const store = localHistory(memoryStore());
  const entries = Array.from({ length: count }, (_, at) => ({ room, at, content: utf8(String(at)) }));
  const made = sealRecords({ account, epoch, device, tip: emptyChain, entries, random });
  await store.put(made.records);
  await store.putEdge(epoch.number, sealEdge({ account, epoch, before: undefined, random }));
  const head = writeHead(account, epoch, [{ device, ...made.tip }]);
  const restore = async (
    more: Partial<HistoryStore> = {},
    others: { known?: Uint8Array[]; pageSize?: number } = {},
  ) => {
    const pages: RestoredPage[] = [];
    const options = { account, epoch, head, store: { ...store, ...more }, ...others };
    for await (const page of restoreHistory(options)) pages.push(page);
    return { pages, findings: pages.flatMap(({ findings }) => findings) };
  };
  return { epoch, store, head, restore, records: made.records };
}

describe("of a store the vault takes no bytes", () => {
  const epoch = epochOf(2n);
  const place = { account, epoch, device, position: 0n };
  const [record] = sealRecords({
    ...{ account, epoch, device, tip: emptyChain, random },
    entries: [{ room, at: 1, content: utf8("x") }],
  }).records;
  it.each<readonly [string, Uint8Array, (bytes: Uint8Array) => unknown]>([
    ["a record", record!.bytes, (bytes) => openRecordAt(bytes, place)],
    ["an edge", edgeTo(epoch, 1n), (bytes) => openEdge(account, epoch, bytes)],
    ["a head", headOf(epoch, []), (bytes) => readHead(account, epoch, bytes)],
    ["a head that is known", headOf(epoch, []), epochOfHead],
  ])("for %s that are none, or a newer version's", (_, bytes, read) => {
    expect(read(bytes)).toBeDefined();
    expect(() => read(new Uint8Array(0))).toThrow(code("vault-format"));
    expect(() => read(bytes.subarray(0, -1))).toThrow(code("vault-format"));
    expect(() => read(bytes.map((byte, i) => (i === 0 ? 2 : byte)))).toThrow(code("vault-version"));
  });

  it("for a record that are more than one can have, and deciphers none of them", () => {
    const long = concat(record!.bytes.subarray(0, 97), vector(new Uint8Array(2 * longestContent)));
    expect(() => openRecordAt(long, place)).toThrow(code("vault-format"));
  });

  it("for a record that end in its head: it is damaged, and the others are restored", async () => {
    const { restore } = await historyOf(3);
    let isRead = false;
    const { findings, pages } = await restore({
      read: () => {
        if (isRead) return Promise.resolve([]);
        isRead = true;
        return Promise.resolve([new Uint8Array(0), Uint8Array.of(1), new Uint8Array(20).fill(1)]);
      },
    });
    expect(findings.map(({ kind }) => kind)).toEqual(["damaged", "damaged", "damaged"]);
    expect(pages.flatMap(({ records }) => records)).toEqual([]);
  });

  it("for an edge or a record in place of another that it has", async () => {
    const { store, epoch } = await historyOf(1);
    const other = sealEdge({ account, epoch, before: undefined, random });
    await expect(store.putEdge(2n, other)).rejects.toMatchObject({ code: "vault-fork" });
    await store.putEdge(2n, (await store.edge(2n))!); // said twice, done once
    expect(openEdge(account, epoch, (await store.edge(2n))!)).toBeUndefined();
  });
});

describe("a device that has the root", () => {
  const epoch = epochOf(2n);
  const honest = insideOf(utf8(room), 5n);

  it.each<readonly [string, Uint8Array, string, string]>([
    ["passes one room's content off for another's", honest, "another room", "vault-open"],
    ["hides something in the padding", insideOf(utf8(room), 5n, Uint8Array.of(0, 1)), room, "vault-format"],
    ["names a room by what is no text", insideOf(Uint8Array.of(255), 5n), room, "vault-format"],
    ["writes at a time that no number tells", insideOf(utf8(room), 2n ** 53n), room, "vault-format"],
    ["seals what is no entry", honest.subarray(0, 4), room, "vault-format"],
  ])("and %s is found out", async (_, inside, of, expected) => {
    const place = { account, epoch, device, position: 0n };
    expect(openRecordAt(recordOf(epoch, honest), place).record).toMatchObject({ room, at: 5 });
    const bytes = recordOf(epoch, inside, of);
    expect(() => openRecordAt(bytes, place)).toThrow(code(expected));
    const { restore } = await historyOf(1);
    expect((await restore({ read: () => Promise.resolve([bytes]) })).findings).toMatchObject([{ kind: "damaged" }]);
  });

  it("leads nobody round in a circle", async () => {
    expect(openEdge(account, epoch, edgeTo(epoch, 1n))?.epoch.number).toBe(1n);
    const { restore } = await historyOf(1);
    for (const to of [2n, 3n]) {
      expect(() => openEdge(account, epoch, edgeTo(epoch, to))).toThrow(code("vault-format"));
      const { findings } = await restore({ edge: () => Promise.resolve(edgeTo(epoch, to)) });
      expect(findings).toEqual([{ kind: "edge", epoch: 2n }]);
    }
  });

  const names = (count: number) => Array.from({ length: count }, (_, i) => utf8(`device ${String(100 + i)}`));
  it.each<readonly [string, readonly Uint8Array[]]>([
    ["more devices than an epoch has", names(65)],
    ["a device twice", [...names(1), ...names(1)]],
    ["devices in another order", names(2).reverse()],
    ["a device whose name is no text", [Uint8Array.of(255)]],
  ])("makes no head of %s", (_, of) => {
    expect(readHead(account, epoch, headOf(epoch, names(64))).tips).toHaveLength(64);
    expect(() => readHead(account, epoch, headOf(epoch, of))).toThrow(code("vault-format"));
    const tips = of.map((name) => tip(utf8Decode(name) ?? "", 1n));
    if (of.length === 65) expect(() => writeHead(account, epoch, tips)).toThrow(TypeError);
  });
});

describe("a head", () => {
  const epoch = epochOf(4n);
  const of = (at: VaultEpoch, ...tips: readonly DeviceTip[]) => readHead(account, at, writeHead(account, at, tips));

  it("of another account or epoch is another's, and no sign that the group has parted", () => {
    const later = epochOf(5n);
    expect(() => readHead(account, epoch, writeHead(account, later, []))).toThrow(code("vault-open"));
    const bob = writeHead(utf8("bob"), { ...epochOf(9n), number: 4n }, []);
    expect(() => readHead(account, epoch, bob)).toThrow(code("vault-open"));
  });

  it("of a later epoch is newer, however much was written before", () => {
    const [early, late] = [of(epoch, tip(device, 9n)), of(epochOf(5n))];
    expect([compareHeads(late, early), compareHeads(early, late)]).toEqual(["newer", "older"]);
  });

  it("of the same epoch of a group that has parted is a fork, whoever has written more", () => {
    expect(compareHeads(of(epochOf(4n, 9), tip(device, 9n)), of(epoch))).toBe("fork");
  });

  it("says the same of a device that has written nothing and of one that it does not name", () => {
    expect(compareHeads(of(epoch, tip(device, 0n)), of(epoch))).toBe("same");
    expect(compareHeads(of(epoch), of(epoch, tip(device, 0n)))).toBe("same");
  });

  it("that is known of an earlier epoch is no reason to refuse; one that has what this one lacks is", async () => {
    const { restore, epoch: own } = await historyOf(2);
    const early = writeHead(account, epochOf(1n), [tip(device, 100n)]);
    expect((await restore({}, { known: [early] })).findings).toEqual([]);
    const apart = writeHead(account, own, [tip("another device", 1n)]);
    await expect(restore({}, { known: [apart] })).rejects.toMatchObject({ code: "vault-rollback" });
  });
});

describe("restoring", () => {
  it("says where to go on behind each page but one that ends with a finding in the middle of a chain", async () => {
    const without = (position: bigint) => async () => {
      const { restore, store } = await historyOf(4);
      const read: HistoryStore["read"] = async (chain, range) =>
        (await store.read(chain, range)).map((bytes) =>
          // the position stands behind the version and the chain
          new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(17) === position ? bytes.slice(0, 60) : bytes,
        );
      const { pages } = await restore({ read }, { pageSize: 1 });
      return pages.map(({ findings, rest }) => [findings.length, rest?.tips.map(({ count }) => count)]);
    };
    expect(await without(2n)()).toEqual([
      [0, [3n]],
      [1, undefined],
      [0, [1n]],
      [0, []],
    ]);
    // Nothing is left behind the first record, so nothing is open.
    expect((await without(0n)()).at(-1)).toEqual([1, []]);
  });

  it.each(["read", "edge"] as const)(
    "does not take a root that was wiped for damage by the store: %s",
    async (name) => {
      const { epoch, head, store } = await historyOf(2, epochOf(2n, 9));
      const wiping = async (...asked: never[]) => {
        const given: unknown = await (store[name] as (...asked: never[]) => Promise<unknown>)(...asked);
        epoch.root.wipe();
        return given;
      };
      const findings: unknown[] = [];
      const all = async () => {
        const options = { account, epoch, head, store: { ...store, [name]: wiping } };
        for await (const page of restoreHistory(options)) findings.push(...page.findings);
      };
      await expect(all()).rejects.toMatchObject({ code: "secret-wiped" });
      expect(findings).toEqual([]);
    },
  );
});
