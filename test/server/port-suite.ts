/**
 * What every port has to do, by whatever database: on memory, PGlite and PostgreSQL. Two ports are two processes.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import type {
  Ages,
  Append,
  AppendedCommit,
  DeliveryPort,
  DeviceRow,
  Enqueue,
  KeyPackageRow,
  Once,
  OpenLimits,
  RecordChanges,
  Span,
} from "../../src/delivery/port.ts";

/** Databases for the suite: an empty one each time. */
export interface PortsUnderTest {
  /** Two processes on one database. */
  readonly open: () => Promise<readonly [DeliveryPort, DeliveryPort]>;
  /** How many do something at once, where that is slow. */
  readonly most?: number;
}

const room = "mimi://example.org/r/hiking";
const deviceOf = (user: string): string => `mimi://example.org/d/${user}/phone`;
const userOf = (user: string): string => `mimi://example.org/u/${user}`;
const [alice, bob, carol] = ["alice", "bob", "carol"].map(deviceOf) as [string, string, string];
const start = 1_800_000_000_000;
const maxUint64 = 2n ** 64n - 1n;

let count = 0;
/** A write of a device: of an id of its own, unless one is given. */
function onceOf(device: string, id: number | string = ++count, digest: number | string = id): Once {
  const hex = (value: number | string, length: number): string =>
    typeof value === "string" ? value.padStart(length, "0") : value.toString(16).padStart(length, "0");
  return { device, id: hex(id, 32), digest: hex(digest, 64) };
}

const records = (puts: Record<string, string> = {}, deletes: string[] = [], whole = false): RecordChanges => ({
  whole,
  puts: new Map(Object.entries(puts).map(([name, value]) => [name, utf8(value)])),
  deletes,
});

const agesOf = (given: Partial<Ages>): Ages => ({
  items: -Infinity,
  ids: -Infinity,
  welcomes: -Infinity,
  queues: -Infinity,
  blobs: -Infinity,
  undecided: -Infinity,
  decisions: -Infinity,
  now: start,
  ...given,
});

async function begin(port: DeliveryPort, epoch = 0n): Promise<void> {
  const created = await port.rooms.create({
    room,
    once: onceOf(alice),
    groupId: utf8("group"),
    cipherSuite: 1,
    epoch,
    device: alice,
    groupInfo: utf8("info 0"),
    records: records({ epoch: "0", tree: "0" }, [], true),
    at: start,
  });
  expect(created.kind).toBe("done");
}

/** A commit of the room as it is. */
async function commitOf(
  port: DeliveryPort,
  change: Partial<AppendedCommit> = {},
  once = onceOf(alice),
): Promise<Append> {
  const row = await port.rooms.row(room);
  if (row === undefined) throw new Error("no room");
  const number = String(row.epoch + 1n);
  return {
    room,
    once,
    message: utf8(`commit ${number}`),
    at: start + 1,
    mostBytes: Infinity,
    change: {
      kind: "commit",
      revision: row.revision,
      records: records({ epoch: number }),
      epoch: row.epoch + 1n,
      groupInfo: utf8(`info ${number}`),
      committer: once.device,
      joined: [],
      left: [],
      welcomes: [],
      ratchetTree: undefined,
      mostWelcomeBytes: Infinity,
      ...change,
    },
  };
}

async function commit(port: DeliveryPort, change: Partial<AppendedCommit> = {}): Promise<bigint> {
  const answer = await port.rooms.append(await commitOf(port, change));
  if (answer.kind !== "accepted") throw new Error(answer.kind);
  return answer.number;
}

function messageOf(device: string, epoch: bigint, text = "hello", once = onceOf(device)): Append {
  return {
    room,
    once,
    message: utf8(text),
    at: start + 2,
    mostBytes: Infinity,
    change: { kind: "message", epoch, since: start, stamp: undefined },
  };
}

async function say(port: DeliveryPort, device: string, epoch: bigint, text?: string): Promise<bigint> {
  const answer = await port.rooms.append(messageOf(device, epoch, text));
  if (answer.kind !== "accepted") throw new Error(answer.kind);
  return answer.number;
}

/** How devices come: one a millisecond after the other, and each may go for the next. */
const opening = (most: number, over: Partial<OpenLimits> = {}): OpenLimits => ({
  most,
  at: start,
  since: start + 1,
  ...over,
});

const anyWelcomes = { welcomes: Infinity, welcomesOfOne: Infinity };

const everything: readonly Span[] = [{ after: 0n, through: undefined }];
const all = { room, spans: everything, after: 0n, limit: Infinity, bytes: Infinity };
const textsOf = async (port: DeliveryPort, range = all): Promise<string[]> =>
  (await port.rooms.items(range)).map(({ message }) => new TextDecoder().decode(message));

function tally(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** The tests, by a name of the database. */
export function portSuite(name: string, { open, most = 1_000 }: PortsUnderTest): void {
  describe(`${name}: rooms`, () => {
    it(`accept one of ${String(most)} commits that race for an epoch, and tell the others`, async () => {
      const ports = await open();
      const [port] = ports;
      await begin(port);
      const made = await Promise.all(
        Array.from({ length: most }, (_, i) => commitOf(port, {}, onceOf(i % 2 === 0 ? alice : bob))),
      );
      const answers = await Promise.all(made.map((each, i) => ports[i % 2 === 0 ? 0 : 1].rooms.append(each)));
      expect(tally(answers.map(({ kind }) => kind))).toEqual({ accepted: 1, moved: most - 1 });
      const winner = made[answers.findIndex(({ kind }) => kind === "accepted")];
      const row = await port.rooms.row(room);
      expect(row).toMatchObject({ epoch: 1n, head: 1n, epochHead: 1n, revision: 1n });
      expect(await port.rooms.items(all)).toEqual([
        { number: 1n, at: start + 1, message: winner?.message, takesBack: undefined },
      ]);
      // Each loser finds the winner, and the winner its answer.
      expect(await ports[1].rooms.written(room, winner?.once ?? onceOf(""))).toEqual({
        kind: "known",
        number: 1n,
        at: start + 1,
      });
    });

    it("take nothing behind a commit from whom it removes, however they race", async () => {
      const ports = await open();
      const [port, other] = ports;
      await begin(port);
      await commit(port, { joined: [bob] });
      for (let round = 0; round < 10; round++) {
        const { epoch, head } = (await port.rooms.row(room)) ?? { epoch: 0n, head: 0n };
        const removal = await commitOf(port, { left: [bob] });
        const [removed, ...said] = await Promise.all([
          port.rooms.append(removal),
          ...Array.from({ length: 20 }, () => other.rooms.append(messageOf(bob, epoch))),
        ]);
        if (removed.kind !== "accepted") throw new Error(removed.kind);
        const numbers = said.flatMap((each) => (each.kind === "accepted" ? [each.number] : []));
        expect(numbers.filter((number) => number > removed.number)).toEqual([]);
        expect(
          new Set(said.map(({ kind }) => kind).filter((kind) => kind !== "accepted" && kind !== "not-member")),
        ).toEqual(new Set());
        // Numbers have no gaps.
        const items = await port.rooms.items({ ...all, after: head });
        expect(items.map(({ number }) => number)).toEqual(items.map((_, i) => head + BigInt(i) + 1n));
        expect(items.length).toBe(numbers.length + 1);
        await commit(port, { joined: [bob] });
      }
    });

    it("answer what is said many times at once with one number, and other bytes under its id with another answer", async () => {
      const [port, other] = await open();
      await begin(port);
      const message = messageOf(alice, 0n);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? port : other).rooms.append(message)),
      );
      expect(tally(answers.map(({ kind }) => kind))).toEqual({ accepted: 1, known: 19 });
      expect(new Set(answers.map((answer) => "number" in answer && answer.number))).toEqual(new Set([1n]));
      const others = { ...message, once: { ...message.once, digest: "ff".repeat(32) } };
      expect(await other.rooms.append(others)).toEqual({ kind: "taken" });
      expect(await other.rooms.written(room, others.once)).toEqual({ kind: "taken" });
      // An id is its device's own.
      expect(await other.rooms.written(room, { ...message.once, device: bob })).toBeUndefined();
      const created = { ...onceOf(alice), id: message.once.id };
      expect((await port.rooms.append({ ...(await commitOf(port)), once: created })).kind).toBe("taken");
    });

    it("take messages of the epoch, and of the one before for a while, from members", async () => {
      const [port] = await open();
      await begin(port, 5n);
      await commit(port, { joined: [bob] });
      const kinds = async (...appends: Append[]): Promise<string[]> => {
        const found: string[] = [];
        for (const each of appends) found.push((await port.rooms.append(each)).kind);
        return found;
      };
      const late = { kind: "message", epoch: 5n, stamp: undefined, since: start + 1 } as const;
      expect(
        await kinds(
          messageOf(bob, 6n),
          messageOf(bob, 5n),
          { ...messageOf(bob, 5n), change: late },
          messageOf(bob, 4n),
          messageOf(bob, 7n),
          messageOf(carol, 6n),
          { ...messageOf(bob, 6n), room: "mimi://example.org/r/none" },
        ),
      ).toEqual(["accepted", "accepted", "epoch", "epoch", "epoch", "not-member", "no-room"]);
      expect(await kinds({ ...(await commitOf(port)), room: "mimi://example.org/r/none" })).toEqual(["no-room"]);
    });

    it("give what a device may read: so many, and so many bytes", async () => {
      const [port] = await open();
      await begin(port);
      for (const text of ["one", "two", "three", "four", "five"]) await say(port, alice, 0n, text);
      const spans = [
        { after: 0n, through: 1n },
        { after: 2n, through: 4n },
      ];
      expect(await textsOf(port, { ...all, spans })).toEqual(["one", "three", "four"]);
      expect(await textsOf(port, { ...all, spans: [] })).toEqual([]);
      expect(await textsOf(port, { ...all, limit: 2 })).toEqual(["one", "two"]);
      expect(await textsOf(port, { ...all, bytes: 4 })).toEqual(["one", "two"]);
      expect(await textsOf(port, { ...all, bytes: 3 })).toEqual(["one"]);
      expect(await textsOf(port, { ...all, after: 3n })).toEqual(["four", "five"]);
      expect(await textsOf(port, { ...all, after: maxUint64 })).toEqual([]);
      expect(await textsOf(port, { ...all, room: "mimi://example.org/r/none" })).toEqual([]);
    });

    it("take a commit back whole: its items, members, Welcomes and GroupInfo", async () => {
      const [port, other] = await open();
      await begin(port);
      await commit(port, { joined: [bob], records: records({ epoch: "1", bob: "leaf" }) });
      await port.rooms.confirm(room, 1n, records({ confirmed: "yes" }));
      const before = await port.rooms.row(room);
      const followed = await port.rooms.followed(room);
      await say(port, bob, 1n, "stays");
      const welcomes = [{ device: carol, welcome: utf8("welcome") }];
      const taken = await commit(port, {
        joined: [carol],
        left: [bob],
        welcomes,
        ratchetTree: utf8("tree"),
        records: records({ epoch: "2" }, ["bob"]),
      });
      const late = await say(port, alice, 1n, "of the epoch before");
      const dead = messageOf(alice, 2n, "of the dead epoch");
      expect((await port.rooms.append(dead)).kind).toBe("accepted");
      const { revision = 0n, unconfirmed } = (await other.rooms.row(room)) ?? {};
      expect(unconfirmed).toEqual({ committer: alice, joined: [carol], complaints: [] });
      expect(await other.rooms.complain(room, revision, { device: bob, code: "path" })).toBe(true);
      expect(await other.rooms.complain(room, revision - 1n, { device: bob, code: "path" })).toBe(false);
      expect((await port.rooms.row(room))?.unconfirmed?.complaints).toEqual([{ device: bob, code: "path" }]);
      const back = records({ epoch: "1", bob: "leaf" });
      expect(await other.rooms.rollBack(room, revision - 1n, back, start + 5)).toBeUndefined();
      const notes = await Promise.all(
        [port, other].map((each) => each.rooms.rollBack(room, revision, back, start + 5)),
      );
      expect(notes.filter((note) => note !== undefined)).toEqual([6n]);
      const items = await port.rooms.items(all);
      expect(items.map(({ number, message, takesBack }) => [number, message.length > 0, takesBack])).toEqual([
        [1n, true, undefined],
        [2n, true, undefined],
        [taken, false, { number: taken, epoch: 1n }],
        [late, true, undefined],
        [5n, false, { number: 5n, epoch: 1n }],
        [6n, false, { number: taken, epoch: 1n }],
      ]);
      expect(await port.rooms.row(room)).toEqual({ ...before, head: 6n, revision: revision + 1n });
      expect((await port.rooms.followed(room))?.records).toEqual(
        expect.arrayContaining([...(followed?.records ?? [])]),
      );
      expect((await port.rooms.groupInfo(room))?.groupInfo).toEqual(utf8("info 1"));
      expect((await port.rooms.devices(room))?.devices.toSorted()).toEqual([alice, bob]);
      expect(await port.rooms.member(room, carol)).toBeUndefined();
      expect(await port.rooms.changed(carol)).toEqual([]);
      expect((await port.rooms.member(room, bob))?.spans).toEqual([{ after: 1n, through: undefined }]);
      expect(await port.rooms.outbox(room)).toEqual([]);
      expect(await port.rooms.welcome(room, taken, carol)).toBeUndefined();
      expect(await port.rooms.append(dead)).toEqual({ kind: "gone" });
      await commit(port, { joined: [carol] });
      expect((await port.rooms.row(room))?.epoch).toBe(2n);
    });

    it("keep records as they are written: all, some, fewer", async () => {
      const [port] = await open();
      await begin(port);
      const sorted = async (): Promise<unknown> =>
        [...((await port.rooms.followed(room))?.records ?? [])]
          .map(([key, value]) => [key, new TextDecoder().decode(value)])
          .sort();
      expect(await sorted()).toEqual([
        ["epoch", "0"],
        ["tree", "0"],
      ]);
      await commit(port, { records: records({ epoch: "1", more: "" }, ["tree"]) });
      expect(await sorted()).toEqual([
        ["epoch", "1"],
        ["more", ""],
      ]);
      await commit(port, { records: records({ only: "this" }, [], true) });
      expect(await sorted()).toEqual([["only", "this"]]);
      expect(await port.rooms.followed("mimi://example.org/r/none")).toBeUndefined();
    });

    it("carry Welcomes until they are taken, and forget the tree with the last", async () => {
      const [port] = await open();
      await begin(port);
      const welcomes = [bob, carol].map((device) => ({ device, welcome: utf8(`for ${device}`) }));
      const number = await commit(port, { joined: [bob, carol], welcomes, ratchetTree: utf8("tree") });
      expect((await port.rooms.outbox(room)).map(({ device }) => device)).toEqual([bob, carol]);
      await port.rooms.relayed(room, number, bob);
      expect((await port.rooms.outbox(room)).map(({ device }) => device)).toEqual([carol]);
      await port.rooms.taken(room, number, bob);
      expect(await port.rooms.welcome(room, number, bob)).toBeUndefined();
      const found = await port.rooms.welcome(room, number, carol);
      expect(found).toEqual({ welcome: utf8(`for ${carol}`), ratchetTree: utf8("tree") });
      await port.rooms.taken(room, number, carol);
      expect(await port.rooms.welcome(room, number, carol)).toBeUndefined();
    });

    it("tell a device of rooms with more in them than it has acknowledged", async () => {
      const [port] = await open();
      await begin(port);
      expect(await port.rooms.changed(alice)).toEqual([]);
      const joined = await commit(port, { joined: [bob] });
      expect(await port.rooms.changed(bob)).toEqual([]);
      const head = await say(port, alice, 1n);
      expect(await port.rooms.changed(bob)).toEqual([{ room, head }]);
      await port.rooms.acknowledge(room, bob, head);
      await port.rooms.acknowledge(room, bob, joined); // the greater stays
      expect(await port.rooms.changed(bob)).toEqual([]);
      expect(await port.rooms.changed(bob, true)).toEqual([{ room, head }]);
      expect(await port.rooms.changed(carol, true)).toEqual([]);
      const left = await commit(port, { left: [bob] });
      await say(port, alice, 2n);
      expect(await port.rooms.changed(bob)).toEqual([{ room, head: left }]);
      await port.rooms.acknowledge(room, bob, maxUint64);
      for (const all of [false, true]) expect(await port.rooms.changed(bob, all)).toEqual([]);
    });

    it("forget what everybody has, and what is too old, and ids later", async () => {
      const [port] = await open();
      await begin(port);
      await commit(port, { joined: [bob] });
      const kept = messageOf(alice, 1n, "first");
      await port.rooms.append(kept);
      await say(port, alice, 1n, "second");
      await port.rooms.acknowledge(room, alice, 3n);
      await port.rooms.acknowledge(room, bob, 2n);
      await port.rooms.collect(room, agesOf({}));
      expect(await textsOf(port)).toEqual(["second"]);
      expect((await port.rooms.row(room))?.goneThrough).toBe(2n);
      expect((await port.rooms.append(kept)).kind).toBe("known"); // its id is known longer
      await port.rooms.collect(room, agesOf({ items: start + 3 }));
      expect(await textsOf(port)).toEqual([]);
      expect(await port.rooms.row(room)).toMatchObject({ head: 3n, goneThrough: 3n });
      await port.rooms.collect(room, agesOf({ items: start + 3, ids: start + 3 }));
      expect(await port.rooms.written(room, kept.once)).toBeUndefined();
      expect((await port.rooms.append(kept)).kind).toBe("accepted");
      expect(await textsOf(port)).toEqual(["first"]);
    });

    it("forget many at once, and Welcomes that nobody took", async () => {
      const [port] = await open();
      await begin(port);
      const welcomes = [{ device: bob, welcome: utf8("welcome") }];
      const number = await commit(port, { joined: [bob], welcomes, ratchetTree: utf8("tree") });
      for (let i = 0; i < 30; i++) await Promise.all(Array.from({ length: 40 }, () => say(port, alice, 1n)));
      await port.rooms.collect(room, agesOf({ items: start + 3, ids: start + 3, welcomes: start + 3 }));
      expect(await port.rooms.row(room)).toMatchObject({ head: 1201n, goneThrough: 1201n });
      expect(await port.rooms.welcome(room, number, bob)).toBeUndefined();
      expect(await say(port, alice, 1n)).toBe(1202n);
    });

    it("keep what is said of a message beside it, as long as the message", async () => {
      const [port, other] = await open();
      await begin(port);
      const stamps = async (): Promise<unknown[]> => (await other.rooms.items(all)).map(({ stamp }) => stamp);
      const stamped = (epoch: bigint): Append => ({
        ...messageOf(alice, epoch),
        change: { kind: "message", epoch, since: start, stamp: utf8("stamp") },
      });
      const write = stamped(0n);
      await port.rooms.append(write);
      await say(port, alice, 0n);
      const again = { kind: "message", epoch: 0n, since: start, stamp: utf8("later") } as const;
      expect((await other.rooms.append({ ...write, change: again })).kind).toBe("known");
      await commit(port);
      await port.rooms.append(stamped(1n));
      expect(await stamps()).toEqual([utf8("stamp"), undefined, undefined, utf8("stamp")]);
      await port.rooms.rollBack(room, 1n, records(), start + 3);
      expect(await stamps()).toEqual([utf8("stamp"), undefined, undefined, undefined, undefined]);
    });

    it("take a message in the revision that its sender's rules were looked at in, and in no other", async () => {
      const [port, other] = await open();
      await begin(port);
      const within = (epoch: bigint, revision: bigint): Append => ({
        ...messageOf(alice, epoch),
        change: { kind: "message", epoch, since: start, stamp: undefined, revision },
      });
      const write = within(0n, 0n);
      expect((await port.rooms.append(write)).kind).toBe("accepted");
      expect((await port.rooms.append(within(0n, 1n))).kind).toBe("moved");
      await commit(port);
      expect((await other.rooms.append(within(1n, 0n))).kind).toBe("moved");
      expect((await other.rooms.append(within(1n, 1n))).kind).toBe("accepted");
      expect((await other.rooms.append(write)).kind, "what was written is known").toBe("known");
    });

    it("say in which revision a message was accepted, and their members are those of one", async () => {
      const [port] = await open();
      await begin(port);
      const said = async (epoch: bigint): Promise<void> => {
        const answer = await port.rooms.append(messageOf(alice, epoch));
        const revision = (await port.rooms.row(room))?.revision;
        expect(answer).toMatchObject({ kind: "accepted", revision });
        expect((await port.rooms.devices(room))?.revision).toBe(revision);
      };
      await said(0n);
      expect((await port.rooms.devices(room))?.devices).toEqual([alice]);
      const number = await commit(port, { joined: [bob] });
      await said(1n);
      expect((await port.rooms.devices(room))?.devices.toSorted()).toEqual([alice, bob]);
      const revision = (await port.rooms.row(room))?.revision ?? 0n;
      expect(await port.rooms.rollBack(room, revision, records({ epoch: "0" }), start + 3)).toBe(number + 2n);
      await said(0n);
      expect((await port.rooms.devices(room))?.devices).toEqual([alice]);
      expect(await port.rooms.devices(`${room}-that-is-none`)).toBeUndefined();
    });

    it("hold so many bytes, until their members have read", async () => {
      const [port, other] = await open();
      await begin(port);
      const ten = "0123456789";
      const kindOf = async (i: number, mostBytes = 25): Promise<string> =>
        (await (i % 2 === 0 ? port : other).rooms.append({ ...messageOf(alice, 0n, ten), mostBytes })).kind;
      expect(tally(await Promise.all([0, 1, 2, 3].map((i) => kindOf(i))))).toEqual({ accepted: 2, "log-full": 2 });
      const proposal = {
        room,
        once: onceOf(alice),
        message: utf8(ten),
        at: start,
        mostBytes: 29,
        change: { kind: "proposal", revision: 0n, records: records() },
      } as const;
      expect((await port.rooms.append(proposal)).kind).toBe("log-full");
      const refused = await commitOf(port);
      expect((await port.rooms.append({ ...refused, mostBytes: 20 })).kind).toBe("log-full");
      // With the commit's eight bytes it is 28; taken back, it is 20 again.
      await commit(port);
      expect((await port.rooms.append({ ...messageOf(alice, 1n, ten), mostBytes: 37 })).kind).toBe("log-full");
      expect((await port.rooms.append({ ...messageOf(alice, 1n, ten), mostBytes: 38 })).kind).toBe("accepted");
      await port.rooms.rollBack(room, 1n, records(), start + 3);
      expect([await kindOf(0, 29), await kindOf(1, 30)]).toEqual(["log-full", "accepted"]);
      await port.rooms.acknowledge(room, alice, 2n);
      await other.rooms.collect(room, agesOf({}));
      expect([await kindOf(0, 19), await kindOf(1, 20), await kindOf(0, 20)]).toEqual([
        "log-full",
        "accepted",
        "log-full",
      ]);
    });

    it("hold so many bytes of Welcomes and trees, until they are taken", async () => {
      const [port, other] = await open();
      await begin(port);
      const adding = async (device: string): Promise<Append> =>
        commitOf(port, {
          joined: [device],
          welcomes: [{ device, welcome: utf8("12345") }],
          ratchetTree: utf8("12345"),
          mostWelcomeBytes: 19,
        });
      const first = await port.rooms.append(await adding(bob));
      expect(first.kind).toBe("accepted");
      await port.rooms.confirm(room, 1n, records());
      expect((await other.rooms.append(await adding(carol))).kind).toBe("welcomes-full");
      expect((await other.rooms.append(await commitOf(port, { mostWelcomeBytes: 0 }))).kind).toBe("accepted");
      await port.rooms.taken(room, 1n, bob);
      expect((await other.rooms.append(await adding(carol))).kind).toBe("accepted");
    });

    it("are begun once, by whoever is first, and hold the largest epoch", async () => {
      const [port, other] = await open();
      const starts = [alice, bob].map((device) => ({
        room,
        once: onceOf(device),
        groupId: utf8(device),
        cipherSuite: 7,
        epoch: maxUint64,
        device,
        groupInfo: utf8("info"),
        records: records({}, [], true),
        at: start,
      }));
      const [first, second] = starts;
      if (first === undefined || second === undefined) throw new Error("two");
      const made = await Promise.all([port.rooms.create(first), other.rooms.create(second)]);
      expect(made.map(({ kind }) => kind).sort()).toEqual(["done", "exists"]);
      const winner = made[0].kind === "done" ? first : second;
      expect((await port.rooms.create(winner)).kind).toBe("known");
      const { once } = winner;
      expect((await port.rooms.create({ ...winner, once: { ...once, digest: "ee".repeat(32) } })).kind).toBe("taken");
      expect((await port.rooms.row(room))?.epoch).toBe(maxUint64);
      expect((await port.rooms.append(messageOf(winner.device, maxUint64))).kind).toBe("accepted");
      expect((await port.rooms.append(messageOf(winner.device, 0n))).kind).toBe("epoch");
      expect(await port.rooms.names("", Infinity)).toEqual([room]);
      expect([await port.rooms.names("", 0), await port.rooms.names(room, 9)]).toEqual([[], []]);
    });

    it("find nothing by what is no name", async () => {
      const [port] = await open();
      await begin(port);
      for (const none of ["", "\0", `${room}\0`, "\ud800", "'; drop table copse.rooms; --"]) {
        expect(await port.rooms.row(none)).toBeUndefined();
        expect(await port.rooms.member(none, none)).toBeUndefined();
        expect((await port.rooms.append({ ...messageOf(alice, 0n), room: none })).kind).toBe("no-room");
      }
    });
  });

  describe(`${name}: devices`, () => {
    const deviceRow = (over: Partial<DeviceRow> = {}): DeviceRow => ({
      device: alice,
      user: userOf("alice"),
      cipherSuite: 1,
      signatureKey: utf8("key"),
      listed: true,
      incarnation: 1n,
      incarnationId: "aa".repeat(16),
      ...over,
    });

    it("are opened by one of many at once", async () => {
      const [port, other] = await open();
      expect(await port.devices.open(deviceRow(), 0n, opening(8))).toBe("opened");
      await port.devices.used(alice, 1n);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? port : other).devices.open(
            deviceRow({ incarnation: 2n, incarnationId: i.toString(16).padStart(32, "0") }),
            1n,
            opening(8),
          ),
        ),
      );
      expect(tally(answers)).toEqual({ opened: 1, incarnation: 19 });
      const winner = answers.indexOf("opened").toString(16).padStart(32, "0");
      expect(await other.devices.row(alice)).toEqual(deviceRow({ incarnation: 2n, incarnationId: winner }));
    });

    it("are let in again where the answer was lost, until they are used", async () => {
      const [port] = await open();
      const next = deviceRow({ incarnation: maxUint64, incarnationId: "bb".repeat(16) });
      await port.devices.open(deviceRow(), 0n, opening(8));
      expect(await port.devices.open(next, 1n, opening(8))).toBe("opened");
      expect(await port.devices.open(next, 1n, opening(8))).toBe("opened");
      expect(await port.devices.open({ ...next, incarnationId: "cc".repeat(16) }, 1n, opening(8))).toBe("incarnation");
      await port.devices.used(alice, 1n); // an earlier one
      expect(await port.devices.open(next, 1n, opening(8))).toBe("opened");
      await port.devices.used(alice, maxUint64);
      expect(await port.devices.open(next, 1n, opening(8))).toBe("incarnation");
      expect(await port.devices.open(next, maxUint64, opening(8))).toBe("opened"); // another connection of the same opening
      expect(await port.devices.open(next, 1n, opening(8))).toBe("incarnation");
    });

    it("are so many of a user, and those that are not listed make room for the next", async () => {
      const [port, other] = await open();
      const named = (i: number, listed: boolean): DeviceRow =>
        deviceRow({ device: `mimi://example.org/d/alice/${listed ? "listed" : "other"}-${String(i)}`, listed });
      const listed = await Promise.all(
        Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? port : other).devices.open(named(i, true), 0n, opening(3))),
      );
      expect(tally(listed)).toEqual({ opened: 3, full: 3 });
      const oldest = named(0, false).device;
      const content = { kind: "parcel", from: bob, topic: "link", bytes: utf8("x") } as const;
      const item = {
        device: oldest,
        once: onceOf(bob),
        at: start,
        content,
        limits: { items: 9, bytes: 9999, ofOne: 9, ...anyWelcomes },
      };
      for (let i = 0; i < 4; i++) {
        expect(await port.devices.open(named(i, false), 0n, opening(3))).toBe("opened");
        if (i === 0) await port.devices.enqueue(item);
      }
      expect(await port.devices.row(oldest)).toBeUndefined();
      expect(await port.devices.queue(oldest, 0n, 9, Infinity)).toEqual([]);
      const all = await port.devices.ofUser(userOf("alice"));
      expect(all.filter((each) => !each.listed).map(({ device }) => device)).toEqual(
        [1, 2, 3].map((i) => named(i, false).device),
      );
      await port.devices.list(named(1, false).device, true, 0n);
      expect((await port.devices.row(named(1, false).device))?.listed).toBe(true);
    });

    it("that are not listed keep their place for a while, whoever comes", async () => {
      const [port, other] = await open();
      const named = (i: number): DeviceRow =>
        deviceRow({ device: `mimi://example.org/d/alice/x-${String(i)}`, listed: false });
      const opened = (i: number, at: number, keeping = 5): Promise<string> =>
        (i % 2 === 0 ? port : other).devices.open(named(i), 0n, {
          most: 2,
          at: start + at,
          since: start + at - keeping,
        });
      expect([await opened(0, 0), await opened(1, 1), await opened(2, 5)]).toEqual(["opened", "opened", "full"]);
      expect(await port.devices.row(named(0).device)).toBeDefined();
      // Coming again is no new beginning: else strangers kept their places for good.
      expect(await port.devices.open(named(0), 1n, { most: 2, at: start + 5, since: start })).toBe("opened");
      expect(await opened(2, 6)).toBe("opened");
      expect(await port.devices.row(named(0).device)).toBeUndefined();
    });

    const itemOf = (bytes: string, over: Partial<Enqueue> = {}): Enqueue => ({
      device: alice,
      once: onceOf(bob),
      at: start,
      content: { kind: "parcel", from: bob, topic: "to\0pic", bytes: utf8(bytes) },
      limits: { items: 100, bytes: 100_000, ofOne: 50, ...anyWelcomes },
      ...over,
    });

    it("are listed as the last statement says, however late what an earlier one says comes", async () => {
      const [port, other] = await open();
      const row = deviceRow({ device: "mimi://example.org/d/alice/phone", listed: false });
      const user = userOf("alice");
      await port.devices.open(row, 0n, opening(9));
      const isListed = async (): Promise<boolean | undefined> => (await port.devices.row(row.device))?.listed;
      await port.devices.list(row.device, true, 0n);
      expect(await isListed(), "a user without statements").toBe(true);
      await port.users.addStatement(user, 0n, utf8("0"), 1_000);
      await port.users.addStatement(user, 1n, utf8("1"), 1_000);
      await port.devices.list(row.device, false, 0n);
      expect(await isListed()).toBe(true);
      await port.devices.list(row.device, false, 1n);
      expect(await isListed()).toBe(false);
      for (let number = 2n; number < 40n; number++) {
        const listed = number % 2n === 0n;
        const next = async (): Promise<void> => {
          expect(await port.users.addStatement(user, number, utf8("next"), 1_000)).toBe("added");
          await port.devices.list(row.device, listed, number);
        };
        await Promise.all([next(), other.devices.list(row.device, !listed, number - 1n)]);
        expect(await isListed(), String(number)).toBe(listed);
      }
    });

    it("have queues with consecutive numbers, in which each write is once", async () => {
      const [port, other] = await open();
      const item = itemOf("same");
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? port : other).devices.enqueue(i < 10 ? item : itemOf(`other ${String(i)}`)),
        ),
      );
      expect(tally(answers.map(({ kind }) => kind))).toEqual({ done: 11, known: 9 });
      const queue = await port.devices.queue(alice, 0n, Infinity, Infinity);
      expect(queue.map(({ number }) => number)).toEqual(Array.from({ length: 11 }, (_, i) => BigInt(i + 1)));
      expect((await other.devices.enqueue({ ...item, once: { ...item.once, digest: "dd".repeat(32) } })).kind).toBe(
        "taken",
      );
      expect((await port.devices.queue(alice, 3n, 2, Infinity)).map(({ number }) => number)).toEqual([4n, 5n]);
      expect((await port.devices.queue(alice, 0n, 9, 300)).length).toBe(2);
      expect(await port.devices.queue(alice, maxUint64, 9, 300)).toEqual([]);
      const gone = await port.devices.acknowledge(alice, 10n);
      expect(gone).toEqual(queue.slice(0, 10));
      expect(await port.devices.queue(alice, 0n, 9, Infinity)).toEqual(queue.slice(10));
      expect((await port.devices.enqueue(item)).kind).toBe("known");
      expect(await port.devices.enqueue(itemOf("next"))).toEqual({ kind: "done", value: 12n });
    });

    it("have queues that are full, but for Welcomes", async () => {
      const [port] = await open();
      const limits = { items: 3, bytes: 1_000, ofOne: 2, ...anyWelcomes };
      const kinds: string[] = [];
      const from = (device: string, bytes = "x"): Enqueue =>
        itemOf("", {
          limits,
          once: onceOf(device),
          content: { kind: "parcel", from: device, topic: "t", bytes: utf8(bytes) },
        });
      for (const each of [from(bob), from(bob), from(bob), from(carol, "x".repeat(300)), from(carol), from(alice)]) {
        kinds.push((await port.devices.enqueue(each)).kind);
      }
      expect(kinds).toEqual(["done", "done", "full", "full", "done", "full"]);
      const welcome = itemOf("", { limits, content: { kind: "welcome", room, number: 7n } });
      expect(await port.devices.enqueue(welcome)).toEqual({ kind: "done", value: 4n });
      const consent = { kind: "consent", from: bob, operation: "grant", room: undefined } as const;
      await port.devices.acknowledge(alice, 1n);
      expect((await port.devices.enqueue(itemOf("", { limits, content: consent }))).kind).toBe("done");
      const [, , last, lastButOne] = await port.devices.queue(alice, 0n, 9, Infinity);
      expect([last?.content, lastButOne?.content]).toEqual([welcome.content, consent]);
      await port.devices.collect(agesOf({ queues: start + 1, ids: start + 1 }));
      expect(await port.devices.queue(alice, 0n, 9, Infinity)).toEqual([]);
      expect(await port.devices.enqueue(welcome)).toEqual({ kind: "done", value: 6n });
    });

    it("have queues with so many Welcomes, and so many by one user", async () => {
      const [port, other] = await open();
      const limits = { items: 0, bytes: 0, ofOne: 0, welcomes: 4, welcomesOfOne: 2 };
      const by = (adder: string, number: bigint): Promise<{ readonly kind: string }> =>
        (number % 2n === 0n ? port : other).devices.enqueue(
          itemOf("", { limits, adder: userOf(adder), content: { kind: "welcome", room, number } }),
        );
      const all = await Promise.all([1n, 2n, 3n, 4n].map((number) => by("bob", number)));
      expect(tally(all.map(({ kind }) => kind))).toEqual({ done: 2, full: 2 });
      const kinds = [by("carol", 5n), by("carol", 6n), by("dave", 7n)].map(async (each) => (await each).kind);
      expect((await Promise.all(kinds)).sort()).toEqual(["done", "done", "full"]);
      await port.devices.acknowledge(alice, 1n);
      expect((await by("dave", 8n)).kind).toBe("done");
    });

    it("forget what one user has put into their queues, and nothing else", async () => {
      const [port, other] = await open();
      const consent = { kind: "consent", from: userOf("bob"), operation: "request", room: undefined } as const;
      const likely = "mimi://example.org/d/bobby/phone";
      const parcel = { kind: "parcel", from: likely, topic: "t", bytes: utf8("x") } as const;
      await port.devices.enqueue(itemOf("by a device"));
      await port.devices.enqueue(itemOf("", { once: onceOf(bob), content: consent }));
      await port.devices.enqueue(itemOf("", { once: onceOf(likely), content: parcel }));
      const welcome = { kind: "welcome", room, number: 1n } as const;
      await port.devices.enqueue(itemOf("", { adder: userOf("bob"), content: welcome }));
      await other.devices.dropFrom(alice, userOf("bob"));
      const left = await port.devices.queue(alice, 0n, 9, Infinity);
      expect(left.map(({ content }) => content)).toEqual([parcel, welcome]);
    });

    const packageOf = (i: number, notAfter = start + 10, cipherSuite = 1): KeyPackageRow => ({
      ref: i.toString(16).padStart(64, "0"),
      cipherSuite,
      keyPackage: utf8(`package ${String(i)}`),
      notAfter,
    });

    it("have key packages that are handed out once, whoever asks where", async () => {
      const [port, other] = await open();
      const stock = {
        device: alice,
        once: onceOf(alice),
        keyPackages: Array.from({ length: 20 }, (_, i) => packageOf(i)),
        lastResort: packageOf(99),
        replace: false,
        most: 20,
        at: start,
      };
      expect((await port.devices.stock(stock)).kind).toBe("done");
      expect((await other.devices.stock(stock)).kind).toBe("known");
      expect(await port.devices.count(alice, 1, start)).toBe(20);
      const claims = Array.from({ length: 30 }, () => onceOf(bob));
      const twice = [...claims, ...claims];
      const answers = await Promise.all(
        twice.map((once, i) => (i % 2 === 0 ? port : other).devices.claim(alice, 1, once, start)),
      );
      const given = new Map<string, string>();
      for (const [i, answer] of answers.entries()) {
        if (answer.kind === "taken") throw new Error("taken");
        const got = new TextDecoder().decode(answer.value);
        const id = twice[i]?.id ?? "";
        expect(given.get(id) ?? got).toBe(got); // the same again for the same id
        given.set(id, got);
      }
      const got = tally([...given.values()]);
      expect(got["package 99"]).toBeGreaterThanOrEqual(10);
      delete got["package 99"];
      expect(new Set(Object.values(got))).toEqual(new Set([1]));
      // What a claim that was in the way had locked is still there.
      let left = await port.devices.count(alice, 1, start);
      expect(left + Object.keys(got).length).toBe(20);
      for (; left > 0; left--) expect((await port.devices.claim(alice, 1, onceOf(bob), start)).kind).toBe("done");
      expect(await port.devices.claim(alice, 2, onceOf(bob), start)).toEqual({ kind: "done", value: undefined });
      const [first] = claims;
      expect((await port.devices.claim(alice, 1, { ...onceOf(bob), id: first?.id ?? "" }, start)).kind).toBe("taken");
    });

    it("have key packages in their order, as many as there may be, until they expire", async () => {
      const [port] = await open();
      const stock = async (
        keyPackages: KeyPackageRow[],
        replace = false,
        lastResort?: KeyPackageRow,
      ): Promise<string> =>
        (
          await port.devices.stock({
            device: alice,
            once: onceOf(alice),
            keyPackages,
            lastResort,
            replace,
            most: 3,
            at: start,
          })
        ).kind;
      expect(await stock([packageOf(1), packageOf(2), packageOf(2), packageOf(3, start + 10, 2)])).toBe("done");
      expect(await stock([packageOf(2), packageOf(4)])).toBe("done");
      expect(await stock([packageOf(5)])).toBe("full");
      expect(await port.devices.count(alice, 1, start)).toBe(3);
      const claimed = async (now = start): Promise<string | undefined> => {
        const answer = await port.devices.claim(alice, 1, onceOf(bob), now);
        return answer.kind === "taken" ? "taken" : answer.value && new TextDecoder().decode(answer.value);
      };
      expect(await claimed()).toBe("package 1");
      expect(await stock([packageOf(6, start + 99)], false, packageOf(7, start + 99))).toBe("done");
      expect(await claimed(start + 11)).toBe("package 6");
      expect(await claimed(start + 11)).toBe("package 7");
      expect(await claimed(start + 100)).toBeUndefined();
      await port.devices.collect(agesOf({ now: start + 11 }));
      expect(await port.devices.count(alice, 1, start)).toBe(0);
      expect(await stock([packageOf(8)], true)).toBe("done");
      expect([await claimed(), await claimed()]).toEqual(["package 8", undefined]);
    });
  });

  describe(`${name}: users`, () => {
    const [from, to] = [userOf("bob"), userOf("alice")];
    const write = (over = {}): { once: Once; at: number; most: number } => ({
      once: onceOf(alice),
      at: start,
      most: 2,
      ...over,
    });

    it("have statements that wait for the log, until each is in it", async () => {
      const [port, other] = await open();
      const [first, second] = [userOf("alice"), userOf("bob")];
      const waiting = async (limit = 10): Promise<readonly string[]> =>
        (await other.users.unlogged(limit)).map(({ user, number }) => `${user} ${String(number)}`);
      expect(await waiting()).toEqual([]);
      for (const [user, number] of [
        [second, 0n],
        [first, 0n],
        [first, 1n],
      ] as const) {
        await port.users.addStatement(user, number, utf8(`${user} ${String(number)}`), 999);
      }
      const all = await waiting();
      expect([...all].sort()).toEqual([`${first} 0`, `${first} 1`, `${second} 0`]);
      expect(all.indexOf(`${first} 0`)).toBeLessThan(all.indexOf(`${first} 1`));
      expect((await waiting(1)).length).toBe(1);
      const [{ statement, user, number }] = (await other.users.unlogged(1)) as [
        { readonly user: string; readonly number: bigint; readonly statement: Uint8Array },
      ];
      expect(statement).toEqual(utf8(`${user} ${String(number)}`));
      await port.users.logged(first, 0n);
      expect([...(await waiting())].sort()).toEqual([`${first} 1`, `${second} 0`]);
      await port.users.logged(first, 1n);
      await port.users.logged(first, 1n);
      await port.users.logged(userOf("nobody"), maxUint64);
      expect(await waiting()).toEqual([`${second} 0`]);
      await port.users.addStatement(first, 2n, utf8("2"), 999);
      expect([...(await waiting())].sort()).toEqual([`${first} 2`, `${second} 0`]);
      await port.users.end(first);
      await port.users.logged(second, 0n);
      expect(await waiting()).toEqual([]);
    });

    it("have statements in one order, whoever is first", async () => {
      const [port, other] = await open();
      expect(await port.users.lastStatement(to)).toBeUndefined();
      for (const number of [0n, 1n]) {
        const added = await Promise.all(
          [port, other, port].map((each, i) =>
            each.users.addStatement(to, number, utf8(`${String(number)} ${String(i)}`), 9),
          ),
        );
        expect(tally(added)).toEqual({ added: 1, number: 2 });
      }
      expect(await port.users.addStatement(to, 3n, utf8("3"), 9)).toBe("number");
      expect(await port.users.addStatement(to, maxUint64, utf8("last"), 99)).toBe("number");
      expect(await port.users.addStatement(to, 2n, utf8("1234"), 9)).toBe("full");
      expect((await port.users.lastStatement(to))?.number).toBe(1n);
      const numbers = async (begin: bigint, limit = 9, bytes = Infinity): Promise<bigint[]> =>
        (await port.users.statements(to, begin, limit, bytes)).map(({ number }) => number);
      expect(await numbers(0n)).toEqual([0n, 1n]);
      expect(await numbers(1n)).toEqual([1n]);
      expect(await numbers(0n, 1)).toEqual([0n]);
      expect(await numbers(0n, 9, 3)).toEqual([0n]);
      expect(await numbers(maxUint64)).toEqual([]);
    });

    it("let whom they let, once for each write", async () => {
      const [port, other] = await open();
      const ask = write();
      const asked = { kind: "done", before: { granted: false, requested: false, refused: false } };
      expect(await port.users.setConsent(to, from, "", { requested: true }, ask)).toEqual(asked);
      expect(await other.users.setConsent(to, from, "", { requested: true }, ask)).toEqual(asked);
      expect(await port.users.setConsent(to, from, "", { requested: true }, write())).toEqual({ kind: "known" });
      const others = { ...ask, once: { ...ask.once, digest: "ab".repeat(32) } };
      expect(await port.users.setConsent(to, from, "", { granted: true }, others)).toEqual({ kind: "taken" });
      const granted = { granted: true, requested: false, refused: false };
      expect(await port.users.setConsent(to, from, room, granted, write())).toMatchObject({ kind: "done" });
      expect(await port.users.setConsent(to, userOf("carol"), "", granted, write())).toEqual({ kind: "full" });
      expect(await port.users.consent(to, from, room)).toEqual(granted);
      expect(await port.users.consent(to, from, "")).toEqual({ ...granted, granted: false, requested: true });
      expect(await port.users.setConsent(to, from, "", { requested: false }, write())).toMatchObject({ kind: "done" });
      expect(await port.users.consent(to, from, "")).toBeUndefined();
      await port.users.collect(agesOf({ ids: start + 1 }));
      expect(await port.users.setConsent(to, from, "", { requested: true }, ask)).toEqual(asked);
    });

    it("forget what is asked of them by whom they block", async () => {
      const [port, other] = await open();
      const most = 9;
      await port.users.setConsent(to, from, "", { requested: true }, write({ most }));
      await port.users.setConsent(to, from, room, { granted: true, requested: true }, write({ most }));
      await port.users.setConsent(to, userOf("carol"), "", { requested: true }, write({ most }));
      await port.users.block(to, from, true, write({ most }));
      expect(await other.users.consent(to, from, "")).toBeUndefined();
      const granted = { granted: true, requested: false, refused: false };
      expect(await other.users.consent(to, from, room)).toEqual(granted);
      expect((await other.users.consent(to, userOf("carol"), ""))?.requested).toBe(true);
      // What is asked while they are blocked does not stand in the way of what is asked later.
      await port.users.setConsent(to, from, "", { requested: true }, write({ most }));
      await port.users.block(to, from, false, write({ most }));
      expect(await other.users.consent(to, from, "")).toBeUndefined();
    });

    it("are no more, for good, with all that is theirs and nothing else", async () => {
      const [port, other] = await open();
      const most = 9;
      const device = deviceOf("alice");
      const row = (user: string, name = "phone"): DeviceRow => ({
        device: `mimi://example.org/d/${user}/${name}`,
        user: userOf(user),
        cipherSuite: 1,
        signatureKey: utf8("key"),
        listed: true,
        incarnation: 1n,
        incarnationId: "aa".repeat(16),
      });
      for (const each of [row("alice"), row("alice", "tablet"), row("bob")])
        await port.devices.open(each, 0n, opening(8));
      const content = { kind: "parcel", from: bob, topic: "t", bytes: utf8("x") } as const;
      const limits = { items: 9, bytes: 9999, ofOne: 9, ...anyWelcomes };
      await port.devices.enqueue({ device, once: onceOf(bob), at: start, content, limits });
      const keyPackage = { ref: "11".repeat(32), cipherSuite: 1, keyPackage: utf8("k"), notAfter: start + 9 };
      await port.devices.stock({
        device,
        once: onceOf(device),
        keyPackages: [keyPackage],
        lastResort: keyPackage,
        replace: false,
        most,
        at: start,
      });
      await port.users.addStatement(userOf("alice"), 0n, utf8("0"), 99);
      await port.users.setConsent(userOf("alice"), from, "", { granted: true }, write({ most }));
      await port.users.setConsent(from, userOf("alice"), "", { granted: true }, write({ most }));
      await port.users.block(userOf("alice"), userOf("carol"), true, write({ most }));
      await port.users.beginRoom(userOf("alice"), room, start, 1);
      await begin(port);
      expect([...(await other.users.end(userOf("alice")))].sort()).toEqual(
        [row("alice"), row("alice", "tablet")].map((each) => each.device),
      );
      expect(await port.users.end(userOf("alice"))).toEqual([]);
      expect(await port.devices.ofUser(userOf("alice"))).toEqual([]);
      expect(await port.devices.open(row("alice"), 0n, opening(8))).toBe("ended");
      expect(await port.devices.open(row("alice", "another"), 0n, opening(8))).toBe("ended");
      expect(await port.devices.queue(device, 0n, 9, Infinity)).toEqual([]);
      expect(await port.devices.claim(device, 1, onceOf(bob), start)).toEqual({ kind: "done", value: undefined });
      expect(await port.users.lastStatement(userOf("alice"))).toBeUndefined();
      expect(await port.users.consent(userOf("alice"), from, "")).toBeUndefined();
      expect(await port.users.isBlocked(userOf("alice"), userOf("carol"))).toBe(false);
      expect((await port.users.consent(from, userOf("alice"), ""))?.granted).toBe(true);
      expect((await port.devices.row(row("bob").device))?.user).toBe(userOf("bob"));
      expect((await port.rooms.row(room))?.room).toBe(room);
    });

    it("begin so many rooms, until those are old", async () => {
      const [port, other] = await open();
      const roomOf = (i: number): string => `mimi://example.org/r/${String(i)}`;
      const begin = (i: number): Promise<string> =>
        (i % 2 === 0 ? port : other).users.beginRoom(to, roomOf(i), start, 2);
      expect(tally(await Promise.all([1, 2, 3, 4].map(begin)))).toEqual({ counted: 2, full: 2 });
      await port.users.collect(agesOf({ items: start }));
      expect(await port.users.beginRoom(to, roomOf(9), start, 2)).toBe("full");
      await port.users.collect(agesOf({ items: start + 1 }));
      expect([await begin(1), await begin(1), await begin(2), await begin(3)]).toEqual([
        "counted",
        "known",
        "counted",
        "full",
      ]);
      await other.users.dropRoom(to, roomOf(1));
      expect(await begin(3)).toBe("counted");
    });

    it("block whom they block, and so many", async () => {
      const [port, other] = await open();
      const block = write();
      expect((await port.users.block(to, from, true, block)).kind).toBe("done");
      expect((await other.users.block(to, from, true, block)).kind).toBe("done");
      expect(
        (await other.users.block(to, from, false, { ...block, once: { ...block.once, digest: "ab".repeat(32) } })).kind,
      ).toBe("taken");
      const many = await Promise.all(
        Array.from({ length: 5 }, (_, i) =>
          (i % 2 === 0 ? port : other).users.block(to, userOf(`user-${String(i)}`), true, write()),
        ),
      );
      expect(tally(many.map(({ kind }) => kind))).toEqual({ done: 1, full: 4 });
      expect([await port.users.isBlocked(to, from), await port.users.isBlocked(from, to)]).toEqual([true, false]);
      await port.users.block(to, from, false, write());
      expect(await other.users.isBlocked(to, from)).toBe(false);
    });

    it("keeps reports until they are settled, the oldest first, and no more of one user than its bytes", async () => {
      const [port, other] = await open();
      const of = (user: string, at: number, bytes: string) => ({ user: userOf(user), room, at, bytes: utf8(bytes) });
      const write = onceOf(alice);
      expect(await port.users.addReport(of("alice", start + 1, "second"), write, 10)).toBe("added");
      expect(await other.users.addReport(of("bob", start, "first"), onceOf(bob), 10)).toBe("added");
      expect(await other.users.addReport(of("alice", start + 2, "second"), write, 10)).toBe("known");
      const taken = onceOf(alice, write.id, "ee".repeat(32));
      expect(await port.users.addReport(of("alice", start, "x"), { ...taken, id: write.id }, 10)).toBe("taken");
      expect(await port.users.addReport(of("alice", start, "large"), onceOf(alice), 10)).toBe("full");
      const [first, second, ...more] = await other.users.reports(10);
      expect([first, second]).toMatchObject([of("bob", start, "first"), of("alice", start + 1, "second")]);
      expect(more).toEqual([]);
      expect(await port.users.reports(1)).toHaveLength(1);
      await other.users.dropReport(userOf("alice"), first!.key);
      expect(await port.users.reports(10), "each is its user's own").toHaveLength(2);
      await port.users.dropReport(first!.user, first!.key);
      expect(await other.users.reports(10)).toMatchObject([of("alice", start + 1, "second")]);
      await port.users.end(userOf("alice"));
      expect(await port.users.reports(10)).toEqual([]);
    });

    it("keep a decision in the place of its report, once, without what was reported, for a while", async () => {
      const [port, other] = await open();
      const report = (name: string, at: number) => ({ user: userOf(name), room, at, bytes: utf8("ten  bytes") });
      const write = onceOf(alice);
      await port.users.addReport(report("alice", start), write, 10);
      await port.users.addReport(report("bob", start + 1), onceOf(bob), 10);
      const keys = new Map((await port.users.reports(9)).map(({ user, key }) => [user, key]));
      const decide = (by: DeliveryPort, name: string, decidedAt: number) =>
        by.users.decideReport(userOf(name), keys.get(userOf(name))!, {
          what: name === "alice" ? "shut-out" : "dismissed",
          about: userOf("carol"),
          words: "as was said",
          decidedAt,
        });
      expect(await decide(port, "alice", start + 2)).toBe(true);
      expect(await decide(other, "alice", start + 9), "another was faster").toBe(false);
      expect((await port.users.reports(9)).map(({ user }) => user)).toEqual([userOf("bob")]);
      expect(await port.users.addReport(report("alice", start), write, 10), "the same again").toBe("known");
      expect(await port.users.addReport(report("alice", start), onceOf(alice), 10), "it counts no more").toBe("added");
      expect(await decide(other, "bob", start + 3)).toBe(true);
      const said = { room, about: userOf("carol"), words: "as was said" };
      const [first, second] = [
        { ...said, user: userOf("bob"), at: start + 1, decidedAt: start + 3, what: "dismissed" },
        { ...said, user: userOf("alice"), at: start, decidedAt: start + 2, what: "shut-out" },
      ];
      expect(await other.users.decisions(9)).toEqual([first, second]);
      expect(await other.users.decisions(1)).toEqual([first]);
      await port.users.collect(agesOf({ decisions: start + 3 }));
      expect(await other.users.decisions(9)).toEqual([first]);
      expect(await port.users.reports(9), "what waits is not collected").toHaveLength(1);
    });

    it("forget a report that has waited too long, and no decision about one that is as old", async () => {
      const [port, other] = await open();
      const report = (name: string, at: number) => ({ user: userOf(name), room, at, bytes: utf8("ten  bytes") });
      await port.users.addReport(report("alice", start), onceOf(alice), 20);
      await port.users.addReport(report("alice", start + 1), onceOf(alice), 20);
      await port.users.addReport(report("bob", start), onceOf(bob), 20);
      await port.users.addReport(report("bob", start), onceOf(bob), 20);
      const { user, key } = (await port.users.reports(9)).find((each) => each.user === userOf("bob"))!;
      const decision = { what: "dismissed", about: "", words: "", decidedAt: start + 2 } as const;
      expect(await port.users.decideReport(user, key, decision)).toBe(true);
      await other.users.collect(agesOf({ undecided: start }));
      expect(await port.users.reports(9), "none is older").toHaveLength(3);
      await other.users.collect(agesOf({ undecided: start + 1 }));
      expect((await port.users.reports(9)).map(({ at }) => at)).toEqual([start + 1]);
      expect(await port.users.decisions(9)).toHaveLength(1);
      expect(await port.users.addReport(report("alice", start + 3), onceOf(alice), 20), "there is room again").toBe(
        "added",
      );
    });

    it("remember who is shut out, whom nobody has seen before, too", async () => {
      const [port, other] = await open();
      expect(await port.users.isShutOut(userOf("carol"))).toBe(false);
      await port.users.shutOut(userOf("carol"), start);
      await port.users.shutOut(userOf("dave"), start + 1);
      expect(await other.users.isShutOut(userOf("carol"))).toBe(true);
      expect(await other.users.isShutOut(userOf("alice"))).toBe(false);
      const [carol, dave] = [
        { user: userOf("carol"), at: start },
        { user: userOf("dave"), at: start + 1 },
      ];
      expect(await other.users.allShutOut(9)).toEqual([dave, carol]);
      expect(await other.users.allShutOut(1)).toEqual([dave]);
      await other.users.shutOut(userOf("dave"), undefined);
      expect(await port.users.isShutOut(userOf("dave"))).toBe(false);
      expect(await port.users.allShutOut(9)).toEqual([carol]);
    });
  });

  describe(`${name}: histories`, () => {
    const [user, chain] = [userOf("alice"), "0c".repeat(16)];
    const most = 1_000;
    const of = (...texts: string[]): Uint8Array[] => texts.map((text) => utf8(text));
    const read = (port: DeliveryPort, below = maxUint64, limit = 100, bytes = Infinity): Promise<readonly string[]> =>
      port.histories
        .read(user, chain, below, limit, bytes)
        .then((records) => records.map((record) => new TextDecoder().decode(record)));

    it("keep records, and give those below a place, the last first", async () => {
      const [port, other] = await open();
      expect(await port.histories.put({ user, chain, position: 0n, records: of("a", "b", "c"), most })).toBe("kept");
      expect(await other.histories.put({ user, chain, position: maxUint64, records: of("z"), most })).toBe("kept");
      expect(await read(other)).toEqual(["c", "b", "a"]);
      expect(await read(other, 2n)).toEqual(["b", "a"]);
      expect(await read(port, maxUint64, 2)).toEqual(["c", "b"]);
      expect(await read(port, maxUint64, 100, 2)).toEqual(["c", "b"]);
      expect(await port.histories.read(user, "0d".repeat(16), 9n, 9, 99)).toEqual([]);
      expect(await port.histories.read(userOf("bob"), chain, 9n, 9, 99)).toEqual([]);
    });

    it("take the same again, and nothing where another record stands at one place", async () => {
      const [port, other] = await open();
      await port.histories.put({ user, chain, position: 0n, records: of("a", "b"), most });
      expect(await other.histories.put({ user, chain, position: 1n, records: of("b", "c"), most })).toBe("kept");
      expect(await other.histories.put({ user, chain, position: 2n, records: of("x", "d"), most })).toBe("fork");
      expect(await other.histories.put({ user, chain, position: 1n, records: of("x"), most })).toBe("fork");
      expect(await read(port)).toEqual(["c", "b", "a"]);
      const at = (text: string): Promise<string> =>
        other.histories.put({ user, chain, position: 3n, records: of(text), most });
      expect((await Promise.all([at("d"), at("e")])).toSorted()).toEqual(["fork", "kept"]);
    });

    it("keep one edge an epoch", async () => {
      const [port, other] = await open();
      const put = (edge: string): Promise<string> =>
        other.histories.putEdge({ user, epoch: maxUint64, edge: utf8(edge), most });
      expect(await port.histories.edge(user, maxUint64)).toBeUndefined();
      expect([await put("edge"), await put("edge"), await put("other")]).toEqual(["kept", "kept", "fork"]);
      expect(await port.histories.edge(user, maxUint64)).toEqual(utf8("edge"));
      expect(await port.histories.edge(userOf("bob"), maxUint64)).toBeUndefined();
    });

    it("are no more of one user than its bytes, records and edges together", async () => {
      const [port, other] = await open();
      const put = (position: bigint, ...texts: string[]): Promise<string> =>
        port.histories.put({ user, chain, position, records: of(...texts), most: 10 });
      expect(await put(0n, "1234", "5678")).toBe("kept");
      expect(await put(1n, "5678", "901")).toBe("full");
      expect(await other.histories.putEdge({ user, epoch: 1n, edge: utf8("901"), most: 10 })).toBe("full");
      expect(await other.histories.putEdge({ user, epoch: 1n, edge: utf8("90"), most: 10 })).toBe("kept");
      expect(await put(2n, "x")).toBe("full");
      expect(await put(0n, "1234")).toBe("kept"); // it is there
      expect(await read(port)).toEqual(["5678", "1234"]);
      const bobs = { user: userOf("bob"), chain, position: 0n, records: of("1234"), most: 10 };
      expect(await port.histories.put(bobs), "of another user").toBe("kept");
    });

    it("go with their user, who writes nothing any more", async () => {
      const [port, other] = await open();
      await port.histories.put({ user, chain, position: 0n, records: of("a"), most });
      await port.histories.putEdge({ user, epoch: 1n, edge: utf8("edge"), most });
      await other.users.end(user);
      expect(await read(port)).toEqual([]);
      expect(await port.histories.edge(user, 1n)).toBeUndefined();
      expect(await port.histories.put({ user, chain, position: 0n, records: of("a"), most })).toBe("full");
      expect(await port.histories.putEdge({ user, epoch: 1n, edge: utf8("edge"), most })).toBe("full");
      expect(await read(other)).toEqual([]);
    });
  });

  describe(`${name}: blobs`, () => {
    const blob = "0123456789abcdef0123456789abcdef";
    const owner = userOf("alice");
    const part = { blob, owner, size: 10, offset: 0, bytes: utf8("0123"), at: start, quota: 20, most: 9 };

    it("come in parts, which are sent again where they were lost", async () => {
      const [port, other] = await open();
      expect(await port.blobs.append({ ...part, offset: 4, bytes: utf8("4567") })).toEqual({ kind: "gap" });
      expect(await port.blobs.append(part)).toEqual({ kind: "received", received: 4 });
      expect(await other.blobs.append({ ...part, offset: 2, bytes: utf8("XXXX56") })).toEqual({
        kind: "received",
        received: 8,
      });
      expect(await port.blobs.read(blob, 0, 10)).toBeUndefined();
      expect(await port.blobs.append({ ...part, offset: 9, bytes: utf8("9") })).toEqual({ kind: "gap" });
      const last = { ...part, offset: 8, bytes: utf8("89") };
      const both = await Promise.all([port.blobs.append(last), other.blobs.append(last)]);
      expect(both).toEqual([
        { kind: "received", received: 10 },
        { kind: "received", received: 10 },
      ]);
      const read = async (offset: number, length: number): Promise<string> =>
        new TextDecoder().decode(await other.blobs.read(blob, offset, length));
      expect(await read(0, 10)).toBe("0123XX5689");
      expect([await read(3, 3), await read(5, 99), await read(4, 1), await read(10, 1)]).toEqual([
        "3XX",
        "X5689",
        "X",
        "",
      ]);
    });

    it("are nothing before their first byte, and so many of an owner", async () => {
      const [port, other] = await open();
      const named = (i: number): typeof part => ({ ...part, blob: i.toString(16).padStart(32, "0"), quota: Infinity });
      const none = { ...named(0), bytes: new Uint8Array(0), size: 2 ** 50 };
      expect(await port.blobs.append(none)).toEqual({ kind: "received", received: 0 });
      expect(await port.blobs.append({ ...none, size: 10, owner: userOf("bob") }), "and nobody's").toMatchObject({
        received: 0,
      });
      const many = await Promise.all(
        [1, 2, 3, 4].map((i) => (i % 2 === 0 ? port : other).blobs.append({ ...named(i), most: 2 })),
      );
      expect(tally(many.map(({ kind }) => kind))).toEqual({ received: 2, full: 2 });
    });

    it("take no more memory than what has come", async () => {
      const [port] = await open();
      for (let i = 1; i <= 4; i++) {
        const huge = { ...part, blob: i.toString(16).padStart(32, "0"), size: 2 ** 50, quota: Infinity };
        expect(await port.blobs.append(huge)).toEqual({ kind: "received", received: 4 });
      }
    });

    it("are their owners', who have so many bytes", async () => {
      const [port, other] = await open();
      await port.blobs.append(part);
      expect(await port.blobs.append({ ...part, owner: userOf("bob") })).toEqual({ kind: "taken" });
      expect(await port.blobs.append({ ...part, size: 11 })).toEqual({ kind: "taken" });
      const named = (i: number, at = start): typeof part => ({ ...part, blob: i.toString(16).padStart(32, "0"), at });
      const many = await Promise.all([1, 2, 3].map((i) => (i % 2 === 0 ? port : other).blobs.append(named(i))));
      expect(tally(many.map(({ kind }) => kind))).toEqual({ received: 1, full: 2 });
      expect(await port.blobs.append({ ...named(9), owner: userOf("bob"), size: 20 })).toMatchObject({
        kind: "received",
      });
      await port.blobs.append({ ...part, offset: 4, bytes: utf8("4"), at: start + 5 });
      await other.blobs.collect(agesOf({ blobs: start + 1 }));
      expect(await port.blobs.append(named(4, start + 5))).toMatchObject({ kind: "received" });
      expect(await port.blobs.append(named(5, start + 5))).toEqual({ kind: "full" });
      expect(await port.blobs.append({ ...part, offset: 5, bytes: utf8("5"), at: start + 5 })).toEqual({
        kind: "received",
        received: 6,
      });
      await port.blobs.collect(agesOf({ blobs: start + 9 }));
      expect(await port.blobs.append({ ...named(5), size: 20 })).toMatchObject({ kind: "received" });
      expect(await port.blobs.read(blob, 0, 1)).toBeUndefined();
    });
  });
}
