/**
 * What comes out of a store in whatever form and order is the group; what can't be a group's records is refused, with a code
 * that says why.
 */

import { beforeAll, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import type { RestoreOptions } from "../../../src/group/options.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { pendingRecord, ratchetRecord, sendingRecord } from "../../../src/group/records/values.ts";
import { decode } from "../../../src/codec/codec.ts";
import { storedReading } from "../../../src/public-group/records/record.ts";
import { AuthenticatedContent } from "../../../src/wire/framing.ts";
import { refusal } from "../refusal.ts";
import { client, groupOf, keyPackageOf, trusting, type Client } from "../world.ts";
import { MemoryStore } from "./store.ts";

type Entry = readonly [name: string, value: Uint8Array];

/** Alice's group after each write set, from the first. */
interface World {
  readonly identity: Client["identity"];
  readonly states: readonly ReadonlyMap<string, Uint8Array>[];
  readonly snapshots: readonly string[];
}

let world: World;

beforeAll(async () => {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  const [first, bob] = (await groupOf(clients, { path: true })) as [Group, Group];
  const store = new MemoryStore();
  const states: ReadonlyMap<string, Uint8Array>[] = [];
  const options: GroupOptions = {
    ...trusting,
    persist: (changes, event) => {
      store.apply(changes, event);
      states.push(new Map(store.copy().records));
    },
  };
  const { identity } = clients[0]!;
  const alice = await Group.restore({ ...options, identity, snapshot: first.snapshot() });
  const snapshots = [hex(alice.snapshot())];
  const note = <T>(value: T): T => {
    snapshots.push(hex(alice.snapshot()));
    return value;
  };
  const lost = await bob.seal(utf8("lost"));
  note(await alice.receive(await bob.seal(utf8("second"))));
  note(await alice.seal(utf8("one")));
  note(await alice.receive(lost));
  const commit = await bob.commit();
  note(await alice.receive(commit.commit));
  await bob.apply(commit);
  note(await alice.seal(utf8("two")));
  note(await alice.seal(utf8("three")));
  await bob.receive(note(await alice.propose({ update: {} })));
  note(await alice.receive(await bob.propose({ psk: { type: "external", pskId: utf8("psk") } })));
  const bundle = await keyPackageOf(await client("dave"));
  const pending = note(await alice.commit({ add: [bundle.keyPackage], pending: "none", path: true, groupInfo: true }));
  await alice.apply(pending);
  note(pending);
  world = { identity, states, snapshots };
});

function restore(records: RestoreOptions["records"], options: Partial<RestoreOptions> = {}): Promise<Group> {
  return Group.restore({ ...trusting, identity: world.identity, records: records!, ...options });
}

/** The state with a pending commit: the richest. */
function rich(): ReadonlyMap<string, Uint8Array> {
  return world.states.at(-2)!;
}

function changed(change: (records: Map<string, Uint8Array>) => void): ReadonlyMap<string, Uint8Array> {
  const records = new Map(Array.from(rich(), ([name, value]) => [name, value.slice()] as const));
  change(records);
  return records;
}

describe("records", () => {
  it("are the group, after each write set", async () => {
    expect(world.states).toHaveLength(world.snapshots.length);
    for (const [i, records] of world.states.entries()) {
      expect(hex((await restore(records)).snapshot())).toBe(world.snapshots[i]);
    }
  });

  it("may come in any form and order", async () => {
    const entries: readonly Entry[] = [...rich()];
    const backwards = [...entries].reverse();
    function* oneByOne(): Generator<Entry> {
      yield* backwards;
    }
    async function* later(): AsyncGenerator<Entry> {
      for (const entry of entries) {
        await Promise.resolve();
        yield entry;
      }
    }
    const forms = [rich(), entries, backwards, oneByOne(), later(), new Set(backwards), new Map(backwards)];
    for (const records of forms) expect(hex((await restore(records)).snapshot())).toBe(world.snapshots.at(-2));
  });

  it("have what is given up when they are read with the next write set", async () => {
    const store = new MemoryStore();
    for (const [name, value] of rich()) store.records.set(name, value);
    const writes: number[] = [];
    const group = await restore(rich(), {
      skip: 5,
      persist: (changes, event) => {
        writes.push(changes.puts.size);
        store.apply(changes, event);
      },
    });
    expect(writes).toEqual([]);
    group.expire();
    await group.groupInfo();
    expect(writes).toHaveLength(1);
    expect(hex((await restore(store.records)).snapshot())).toBe(hex(group.snapshot()));
    expect(hex((await restore(rich())).snapshot())).not.toBe(hex(group.snapshot()));
  });

  it("stay the caller's", async () => {
    const records = changed(() => undefined);
    const group = await restore(records);
    for (const value of records.values()) value.fill(0);
    expect(hex(group.snapshot())).toBe(world.snapshots.at(-2));
  });

  it("are of one form", async () => {
    for (const entry of [["epoch", "text"], ["epoch"], [1, new Uint8Array(1)]] as const) {
      await expect(restore([entry] as never)).rejects.toThrow("a record is a name and a Uint8Array");
    }
    const wrong: readonly unknown[] = [[null], { epoch: new Uint8Array(1) }, 7];
    for (const records of wrong) {
      await expect(restore(records as RestoreOptions["records"])).rejects.toThrow(TypeError);
    }
    await expect(restore(rich(), { snapshot: new Uint8Array(1) })).rejects.toThrow(TypeError);
    await expect(Group.restore({ ...trusting, identity: world.identity })).rejects.toThrow(TypeError);
  });
});

describe("records that are not a group's", () => {
  it("are refused where one is missing that nothing else makes up for", async () => {
    /** What may be missing: nobody can tell, and nothing goes wrong but what they are for. */
    const harmless = /^(psk\/(?!2$)|key\/|sent\/|proposal\/|pending\/group-info$|export\/)/;
    for (const name of rich().keys()) {
      const code = await refusal(async () => {
        await restore(changed((records) => records.delete(name)));
        throw new TypeError("taken");
      }).catch(() => "taken");
      expect([name, code]).toEqual([name, harmless.test(name) ? "taken" : "snapshot-damaged"]);
    }
    expect(await refusal(() => restore([]))).toBe("snapshot-damaged");
  });

  it("are refused where one comes twice, the same or another", async () => {
    for (const entry of rich()) {
      expect(await refusal(() => restore([...rich(), entry]))).toBe("snapshot-damaged");
    }
  });

  it("are refused where a newer version wrote one, and where nothing did", async () => {
    for (const name of rich().keys()) {
      for (const [version, code] of [
        [2, "snapshot-version"],
        [255, "snapshot-version"],
        [0, "snapshot-damaged"],
      ] as const) {
        const records = changed((all) => (all.get(name)![0] = version));
        expect([name, await refusal(() => restore(records))]).toEqual([name, code]);
      }
      expect(await refusal(() => restore(changed((all) => all.set(name, new Uint8Array(0)))))).toBe("snapshot-damaged");
    }
  });

  it.each([
    "unknown",
    "",
    "epoch/1",
    "node/01",
    "node/-1",
    "node/1/2",
    "node/",
    "secret/2",
    "secret/x/1",
    "ratchet/2/0",
    "ratchet/2/0x",
    "ratchet/2/h",
    "ratchet/next/0h/1",
    "key/2/0h",
    "key/2/0h/-1",
    "sent/1e3",
    "psk/next",
    "pending/other",
    "constructor",
    "__proto__",
  ])("are refused with a name that nobody knows: %s", async (name) => {
    const records = [...rich(), [name, Uint8Array.of(1)] as const];
    expect(await refusal(() => restore(records))).toBe("snapshot-version");
  });

  it("are refused where a node is another's, or too many", async () => {
    for (const [name, value] of [...rich()].filter(([each]) => each.startsWith("node/"))) {
      const other = [...rich()].find(([each]) => each.startsWith("node/") && each !== name)!;
      expect(await refusal(() => restore(changed((all) => all.set(name, other[1]))))).toBe("snapshot-damaged");
      const beyond = `node/${String(2 ** 20)}`;
      expect(await refusal(() => restore(changed((all) => all.set(beyond, value))))).toBe("snapshot-damaged");
      const far = `node/${String(2 ** 40)}`;
      expect(await refusal(() => restore(changed((all) => all.set(far, value))))).toBe("snapshot-damaged");
    }
  });

  it("are refused where a message's commit is missing, or a tree's epoch", async () => {
    const { states } = world;
    const last = states.at(-1)!;
    for (const name of ["pending/commit", "pending/welcome", "pending/group-info", "secret/next/1", "secret/9/1"]) {
      const value = rich().get(name) ?? [...rich()].find(([each]) => each.startsWith("secret/"))![1];
      expect([name, await refusal(() => restore(new Map(last).set(name, value)))]).toEqual([name, "snapshot-damaged"]);
    }
  });
});

describe("the record of a pending commit", () => {
  it.each([0, 31, 33])("is damaged where its transcript hash has %i bytes", async (length) => {
    const records = changed((own) => {
      const value = pendingRecord.read(own.get("pending")!);
      own.set("pending", pendingRecord.write({ ...value, confirmedTranscriptHash: new Uint8Array(length) }));
    });
    expect(await refusal(() => restore(records))).toBe("snapshot-damaged");
  });

  it("has none of the ciphertexts that its message has for others", () => {
    const { authenticated } = pendingRecord.read(rich().get("pending")!);
    const { content } = decode(AuthenticatedContent, authenticated, storedReading).content;
    const nodes = content.type === "commit" ? (content.commit.path?.nodes ?? []) : [];
    expect(nodes.map(({ encryptedPathSecret }) => encryptedPathSecret.length)).toEqual(nodes.map(() => 0));
    expect(nodes.length).toBeGreaterThan(0);
  });
});

describe("records of two write sets", () => {
  it("are never taken for another group, nor make it use a key twice", async () => {
    const { states } = world;
    let taken = 0;
    for (const [i, newer] of states.entries()) {
      const older = states[i - 1];
      if (older === undefined) continue;
      const names = [...new Set([...older.keys(), ...newer.keys()])].filter((name) => {
        const [a, b] = [older.get(name), newer.get(name)];
        return a === undefined || b === undefined || hex(a) !== hex(b);
      });
      // Each mixture of what the write set changed: few at a time, or all but few.
      const mixtures = new Set<bigint>();
      for (let a = 0; a < names.length; a++) {
        for (let b = a; b < names.length; b++) {
          const some = (1n << BigInt(a)) | (1n << BigInt(b));
          mixtures.add(some).add(~some & ((1n << BigInt(names.length)) - 1n));
        }
      }
      for (const mixture of mixtures) {
        const records = new Map(older);
        for (const [at, name] of names.entries()) {
          if (((mixture >> BigInt(at)) & 1n) === 0n) continue;
          const value = newer.get(name);
          if (value === undefined) records.delete(name);
          else records.set(name, value);
        }
        let group: Group;
        try {
          group = await restore(records);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(snapshot-damaged|pending-stale)$/) as string });
          continue;
        }
        taken++;
        const [before, after] = [await restore(older), await restore(newer)];
        const like = group.epoch === before.epoch ? before : after;
        expect(hex(group.epochAuthenticator)).toBe(hex(like.epochAuthenticator));
        expect(hex(group.ratchetTree())).toBe(hex(like.ratchetTree()));
        // Whatever the newer one has sent, this one does not send with the same key.
        expect(usedBy(records, group)).toBeGreaterThanOrEqual(encryptedBy(records));
      }
    }
    expect(taken).toBeGreaterThan(0);
  });
});

function usedBy(records: ReadonlyMap<string, Uint8Array>, { epoch, self }: Group): number {
  let used = 0;
  for (const type of ["h", "a"]) {
    const record = records.get(`ratchet/${String(epoch)}/${String(self.leafIndex)}${type}`);
    if (record !== undefined) used += ratchetRecord.read(record).generation;
  }
  return used;
}

function encryptedBy(records: ReadonlyMap<string, Uint8Array>): number {
  return sendingRecord.read(records.get("sending")!).encrypted;
}
