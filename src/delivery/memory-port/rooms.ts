/**
 * Rooms in memory.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { nothing } from "../../bytes/nothing.ts";
import type {
  Ages,
  Append,
  Appended,
  AppendedBefore,
  AppendedCommit,
  Complainer,
  ItemRange,
  ItemRow,
  MemberRow,
  Once,
  RecordChanges,
  RoomDevices,
  RoomRow,
  RoomsPort,
  RoomStart,
  Span,
  WelcomeRow,
  Written,
} from "../port.ts";
import { WritesOnce } from "./once.ts";
import type { Sync } from "./sync.ts";

interface Item extends ItemRow {
  readonly epoch: bigint;
}

/** What a rollback brings back. */
interface Before {
  readonly number: bigint;
  readonly epochAt: number;
  readonly epochHead: bigint;
  readonly groupInfo: Uint8Array;
  readonly joined: readonly string[];
  readonly left: readonly string[];
}

interface Member {
  spans: readonly Span[];
  acknowledged: bigint;
}

interface Room {
  row: RoomRow;
  groupInfo: Uint8Array;
  before: Before | undefined;
  readonly records: Map<string, Uint8Array>;
  readonly items: Map<bigint, Item>;
  /** Of the messages of all items together. */
  bytes: number;
  readonly members: Map<string, Member>;
  readonly writes: WritesOnce<{ readonly number: bigint; readonly at: number; readonly isGone: boolean }>;
  welcomes: (WelcomeRow & { readonly relayed: boolean })[];
  readonly trees: Map<bigint, Uint8Array>;
}

export class MemoryRooms implements Sync<RoomsPort> {
  readonly #rooms = new Map<string, Room>();
  /** The rooms of each device. */
  readonly #roomsOf = new Map<string, Set<string>>();

  row(room: string): RoomRow | undefined {
    return this.#rooms.get(room)?.row;
  }

  create(start: RoomStart): Written<undefined> | { readonly kind: "exists" } {
    const { room, once, device, groupId, cipherSuite, epoch, records, at } = start;
    const existing = this.#rooms.get(room);
    if (existing !== undefined) {
      const said = existing.writes.find(once);
      if (said === undefined) return { kind: "exists" };
      return said.kind === "taken" ? said : { kind: "known", value: undefined };
    }
    const created: Room = {
      row: {
        room,
        groupId: copyBytes(groupId),
        cipherSuite,
        epoch,
        epochAt: at,
        epochHead: 0n,
        head: 0n,
        goneThrough: 0n,
        revision: 0n,
        unconfirmed: undefined,
      },
      groupInfo: copyBytes(start.groupInfo),
      before: undefined,
      records: new Map(),
      items: new Map(),
      bytes: 0,
      members: new Map(),
      writes: new WritesOnce(),
      welcomes: [],
      trees: new Map(),
    };
    write(created, records);
    created.writes.add(once, { number: 0n, at, isGone: false }, at);
    this.#rooms.set(room, created);
    this.#join(created, device, 0n);
    return { kind: "done", value: undefined };
  }

  followed(
    room: string,
  ): { readonly row: RoomRow; readonly records: readonly (readonly [string, Uint8Array])[] } | undefined {
    const found = this.#rooms.get(room);
    return found && { row: found.row, records: [...found.records] };
  }

  groupInfo(room: string): { readonly row: RoomRow; readonly groupInfo: Uint8Array } | undefined {
    const found = this.#rooms.get(room);
    return found && { row: found.row, groupInfo: found.groupInfo };
  }

  written(room: string, once: Once): AppendedBefore | undefined {
    return said(this.#rooms.get(room), once);
  }

  append({ room, once, message, at, mostBytes, change }: Append): Appended {
    const found = this.#rooms.get(room);
    if (found === undefined) return { kind: "no-room" };
    const before = said(found, once);
    if (before !== undefined) return before;
    const { row } = found;
    if (change.kind === "message") {
      if (!isMember(found.members.get(once.device))) return { kind: "not-member" };
      const isBefore = change.epoch + 1n === row.epoch && row.epochAt > change.since;
      if (change.epoch !== row.epoch && !isBefore) return { kind: "epoch" };
      if (change.revision !== undefined && change.revision !== row.revision) return { kind: "moved" };
    } else if (change.revision !== row.revision) return { kind: "moved" };
    if (found.bytes + message.length > mostBytes) return { kind: "log-full" };
    if (change.kind === "commit" && waitingBytes(found, change) > change.mostWelcomeBytes) {
      return { kind: "welcomes-full" };
    }
    const number = row.head + 1n;
    found.row = { ...row, head: number };
    found.bytes += message.length;
    const epoch = change.kind === "message" ? change.epoch : row.epoch;
    const stamp = change.kind === "message" && change.stamp !== undefined ? copyBytes(change.stamp) : undefined;
    found.items.set(number, { number, at, message: copyBytes(message), takesBack: undefined, stamp, epoch });
    found.writes.add(once, { number, at, isGone: false }, at);
    if (change.kind !== "message") {
      found.row = { ...found.row, revision: row.revision + 1n };
      write(found, change.records);
    }
    if (change.kind === "commit") this.#commit(found, change, number, at);
    return { kind: "accepted", number, at, revision: found.row.revision };
  }

  #commit(room: Room, change: AppendedCommit, number: bigint, at: number): void {
    const { epochAt, epochHead } = room.row;
    const { epoch, joined, left, committer } = change;
    room.before = { number, epochAt, epochHead, groupInfo: room.groupInfo, joined, left };
    room.row = {
      ...room.row,
      epoch,
      epochAt: at,
      epochHead: number,
      unconfirmed: { committer, joined, complaints: [] },
    };
    room.groupInfo = copyBytes(change.groupInfo);
    for (const device of left) this.#leave(room, device, number);
    for (const device of joined) this.#join(room, device, number);
    for (const { device, welcome } of change.welcomes) {
      room.welcomes.push({ number, device, committer, welcome: copyBytes(welcome), at, relayed: false });
    }
    if (change.ratchetTree !== undefined) room.trees.set(number, copyBytes(change.ratchetTree));
  }

  #join(room: Room, device: string, after: bigint): void {
    const member = room.members.get(device);
    const span: Span = { after, through: undefined };
    if (member === undefined) room.members.set(device, { spans: [span], acknowledged: after });
    else member.spans = [...member.spans, span];
    const rooms = this.#roomsOf.get(device);
    if (rooms === undefined) this.#roomsOf.set(device, new Set([room.row.room]));
    else rooms.add(room.row.room);
  }

  #leave(room: Room, device: string, through: bigint): void {
    const member = room.members.get(device);
    if (member === undefined) return;
    member.spans = member.spans.map((span) => (span.through === undefined ? { ...span, through } : span));
  }

  member(room: string, device: string): MemberRow | undefined {
    const member = this.#rooms.get(room)?.members.get(device);
    return member && { ...member };
  }

  devices(room: string): RoomDevices | undefined {
    const { members = [], row: { revision } = { revision: 0n } } = this.#rooms.get(room) ?? {};
    const devices = [...members].filter(([, member]) => isMember(member)).map(([device]) => device);
    return devices.length === 0 ? undefined : { revision, devices };
  }

  changed(device: string, all = false): readonly { readonly room: string; readonly head: bigint }[] {
    return [...(this.#roomsOf.get(device) ?? [])].flatMap((name) => {
      const room = this.#rooms.get(name);
      const member = room?.members.get(device);
      if (room === undefined || member === undefined) return [];
      const head = lastOf(member, room.row.head);
      const isMember = member.spans.some(({ through }) => through === undefined);
      return head > member.acknowledged || (all && isMember) ? [{ room: name, head }] : [];
    });
  }

  items({ room, spans, after, limit, bytes }: ItemRange): readonly ItemRow[] {
    const found = this.#rooms.get(room);
    const items: ItemRow[] = [];
    if (found === undefined) return items;
    const { goneThrough, head } = found.row;
    let size = 0;
    for (let number = max(after, goneThrough) + 1n; number <= head; number++) {
      if (items.length >= limit || size >= bytes) break;
      const item = found.items.get(number);
      if (item === undefined || !spans.some((span) => covers(span, number))) continue;
      size += item.message.length;
      const { at, message, takesBack, stamp } = item;
      items.push({ number, at, message, takesBack, stamp });
    }
    return items;
  }

  acknowledge(room: string, device: string, through: bigint): void {
    const member = this.#rooms.get(room)?.members.get(device);
    if (member !== undefined) member.acknowledged = max(member.acknowledged, through);
  }

  confirm(room: string, revision: bigint, records: RecordChanges): boolean {
    const found = this.#rooms.get(room);
    if (found?.row.revision !== revision) return false;
    write(found, records);
    found.before = undefined;
    found.row = { ...found.row, revision: revision + 1n, unconfirmed: undefined };
    return true;
  }

  complain(room: string, revision: bigint, complainer: Complainer): boolean {
    const found = this.#rooms.get(room);
    const unconfirmed = found?.row.unconfirmed;
    if (found?.row.revision !== revision || unconfirmed === undefined) return false;
    const others = unconfirmed.complaints.filter(({ device }) => device !== complainer.device);
    found.row = { ...found.row, unconfirmed: { ...unconfirmed, complaints: [...others, complainer] } };
    return true;
  }

  rollBack(room: string, revision: bigint, records: RecordChanges, at: number): bigint | undefined {
    const found = this.#rooms.get(room);
    const before = found?.before;
    if (found?.row.revision !== revision || before === undefined) return undefined;
    write(found, records);
    const { number: commit, epochAt, epochHead, groupInfo, joined, left } = before;
    const dead = found.row.epoch;
    const gone = new Set<bigint>();
    for (const [number, { epoch }] of found.items) {
      if (number === commit || (number > commit && epoch === dead)) gone.add(number);
    }
    const epoch = dead - 1n;
    for (const number of gone) {
      const item = found.items.get(number);
      if (item === undefined) continue;
      found.bytes -= item.message.length;
      found.items.set(number, { ...item, message: nothing, takesBack: { number, epoch }, stamp: undefined });
    }
    found.writes.change((value) => (gone.has(value.number) ? { ...value, isGone: true } : value));
    found.welcomes = found.welcomes.filter(({ number }) => number !== commit);
    found.trees.delete(commit);
    for (const device of joined) this.#neverJoined(found, device, commit);
    for (const device of left) reopen(found.members.get(device), commit);
    const number = found.row.head + 1n;
    const takesBack = { number: commit, epoch };
    found.items.set(number, { number, at, message: nothing, takesBack, stamp: undefined, epoch });
    found.groupInfo = groupInfo;
    found.before = undefined;
    found.row = {
      ...found.row,
      epoch,
      epochAt,
      epochHead,
      head: number,
      revision: revision + 1n,
      unconfirmed: undefined,
    };
    return number;
  }

  #neverJoined(room: Room, device: string, after: bigint): void {
    const member = room.members.get(device);
    if (member === undefined) return;
    member.spans = member.spans.filter((span) => span.after !== after || span.through !== undefined);
    if (member.spans.length > 0) return;
    room.members.delete(device);
    this.#roomsOf.get(device)?.delete(room.row.room);
  }

  outbox(room: string): readonly WelcomeRow[] {
    return this.#rooms.get(room)?.welcomes.filter(({ relayed }) => !relayed) ?? [];
  }

  relayed(room: string, number: bigint, device: string): void {
    const found = this.#rooms.get(room);
    if (found === undefined) return;
    found.welcomes = found.welcomes.map((row) => (isOf(row, number, device) ? { ...row, relayed: true } : row));
  }

  welcome(
    room: string,
    number: bigint,
    device: string,
  ): { readonly welcome: Uint8Array; readonly ratchetTree: Uint8Array } | undefined {
    const found = this.#rooms.get(room);
    const row = found?.welcomes.find((each) => isOf(each, number, device));
    const ratchetTree = found?.trees.get(number);
    return row && ratchetTree && { welcome: row.welcome, ratchetTree };
  }

  taken(room: string, number: bigint, device: string): void {
    const found = this.#rooms.get(room);
    if (found !== undefined) dropWelcomes(found, (row) => isOf(row, number, device));
  }

  collect(room: string, { items, ids, welcomes }: Ages): void {
    const found = this.#rooms.get(room);
    if (found === undefined) return;
    let { goneThrough } = found.row;
    const needed = neededFrom(found.members.values());
    for (let number = goneThrough + 1n; number <= found.row.head; number++) {
      const item = found.items.get(number);
      if (item !== undefined && number >= needed && item.at >= items) break;
      found.items.delete(number);
      found.bytes -= item?.message.length ?? 0;
      goneThrough = number;
    }
    found.row = { ...found.row, goneThrough };
    found.writes.forget(ids);
    dropWelcomes(found, ({ at }) => at < welcomes);
  }

  names(after: string, limit: number): readonly string[] {
    const behind = [...this.#rooms.keys()].filter((name) => name > after);
    return behind.sort((a, b) => (a < b ? -1 : 1)).slice(0, limit);
  }
}

function said(room: Room | undefined, once: Once): AppendedBefore | undefined {
  const found = room?.writes.find(once);
  if (found?.kind !== "known") return found;
  const { number, at, isGone } = found.value;
  return isGone ? { kind: "gone" } : { kind: "known", number, at };
}

function write(room: Room, { whole, puts, deletes }: RecordChanges): void {
  if (whole) room.records.clear();
  for (const name of deletes) room.records.delete(name);
  for (const [name, value] of puts) room.records.set(name, copyBytes(value));
}

function isMember(member: Member | undefined): boolean {
  return member?.spans.some(({ through }) => through === undefined) === true;
}

function covers({ after, through }: Span, number: bigint): boolean {
  return number > after && (through === undefined || number <= through);
}

/** The last item that a device may read. */
function lastOf({ spans }: Pick<MemberRow, "spans">, head: bigint): bigint {
  return spans.reduce((last, { through }) => max(last, through ?? head), 0n);
}

function reopen(member: Member | undefined, number: bigint): void {
  if (member === undefined) return;
  member.spans = member.spans.map((span) => (span.through === number ? { ...span, through: undefined } : span));
}

/** The first number that some device has not acknowledged and may read. */
function neededFrom(members: Iterable<Member>): bigint {
  let needed: bigint | undefined;
  for (const { spans, acknowledged } of members) {
    for (const { after, through } of spans) {
      if (through !== undefined && acknowledged >= through) continue;
      const first = max(after, acknowledged) + 1n;
      if (needed === undefined || first < needed) needed = first;
    }
  }
  return needed ?? 2n ** 64n;
}

function isOf(row: WelcomeRow, number: bigint, device: string): boolean {
  return row.number === number && row.device === device;
}

/** What would wait for those who were added, in bytes: 0 where a commit adds nobody. */
function waitingBytes({ welcomes, trees }: Room, change: AppendedCommit): number {
  if (change.welcomes.length === 0) return 0;
  const all = [...welcomes, ...change.welcomes].map(({ welcome }) => welcome);
  return [...all, ...trees.values(), change.ratchetTree ?? nothing].reduce((sum, { length }) => sum + length, 0);
}

/** A tree goes with the last Welcome of its commit. */
function dropWelcomes(room: Room, isGone: (row: WelcomeRow) => boolean): void {
  room.welcomes = room.welcomes.filter((row) => !isGone(row));
  const kept = new Set(room.welcomes.map(({ number }) => number));
  for (const number of room.trees.keys()) if (!kept.has(number)) room.trees.delete(number);
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
