/**
 * Finding forks. Members of a room who are all in another room, too, tell each other there in which epoch of the other one they are: to the
 * service it is a message like every other, and to keep it back shows by the hash of the log. Nobody is told of a room that he is not in.
 */

import type { StoreChange } from "../../storage/store.ts";
import type { MimiContent } from "../../content/mimi.ts";
import { encode } from "../../codec/codec.ts";
import { hex } from "../../bytes/text.ts";
import { deviceOf } from "../../rooms/uri.ts";
import { sayAside } from "../room/aside.ts";
import type { RoomCore } from "../room/core.ts";
import { pastHash } from "../room/said.ts";
import { forkKey, heardKey } from "../store/keys.ts";
import type { OpenedMessage } from "../surroundings.ts";
import {
  EpochStatement,
  forkEntry,
  heardEntry,
  isSame,
  mostStatements,
  readStatements,
  state,
  writeStatements,
} from "./statements.ts";

/** An epoch is spoken of when it has lasted so long, and twice as long at the most, in milliseconds. */
const afterQuiet = 10 * 60_000;
/** What is said of epochs in one room by one device comes at most so often. */
const pause = 60 * 60_000;
/** Larger rooms are not for that. */
const largest = 16;
/** So long a statement is worth sending. */
const worth = 24 * 60 * 60_000;

export class Forks {
  readonly #find: (room: string) => RoomCore | undefined;
  readonly #wake: (room: string) => void;
  /** Since when each room is in the epoch that it is in, and when that is to be told. */
  readonly #epochs = new Map<string, { readonly epoch: bigint; readonly at: number }>();
  /** What was said or heard in a room of another, by both names. */
  readonly #told = new Map<string, bigint>();
  readonly #toldAt = new Map<string, number>();

  constructor(find: (room: string) => RoomCore | undefined, wake: (room: string) => void) {
    this.#find = find;
    this.#wake = wake;
  }

  /** Somebody has said in a room in which epochs of others it is: it is compared later, in the turns of those. */
  async heard(message: OpenedMessage, content: MimiContent): Promise<readonly StoreChange[]> {
    const via = this.#find(message.room);
    if (via === undefined || message.device === via.around.device) return [];
    const changes: StoreChange[] = [];
    for (const statement of await readStatements(via, message.device, content)) {
      if (this.#find(statement.room) === undefined) continue;
      const value = heardEntry.write({ statement, via: via.id });
      changes.push({ put: heardKey(statement.room, message.device), value });
    }
    return changes;
  }

  /** Compare what was heard, and tell what is to be told. */
  async look(cores: readonly RoomCore[]): Promise<void> {
    const loaded = cores.filter((core) => core.loaded !== undefined && core.state.status === "member");
    for (const core of loaded) {
      const answers = await core.turn(() => this.#compare(core));
      for (const { via, statement } of answers) await this.#say(via, [statement]); // so that it has the evidence, too
    }
    for (const core of loaded) if ((core.loaded?.size ?? 0) <= largest) await this.#tell(core, loaded);
  }

  /** Compare what others have said of a room, in its turn. Gives what is to be answered, and where. */
  async #compare(core: RoomCore): Promise<readonly { readonly via: string; readonly statement: EpochStatement }[]> {
    const { around, id: room } = core;
    const changes: StoreChange[] = [];
    const answers: { readonly via: string; readonly statement: EpochStatement }[] = [];
    for await (const { key, value } of around.store.range({ prefix: ["heard", room] })) {
      const group = core.loaded;
      if (group === undefined) return answers;
      const device = String(key[2]);
      const { statement: other, via } = heardEntry.read(value);
      const { epoch } = other;
      if (epoch > group.epoch) continue; // when this device is there
      changes.push({ delete: key });
      const known = epoch === group.epoch ? group.groupContext.confirmedTranscriptHash : await pastHash(core, epoch);
      if (known === undefined) continue;
      const own = await state(core, epoch, known);
      if (isSame(own, other)) {
        this.#told.set(`${via} ${room}`, epoch);
        continue;
      }
      const isKnown = (await around.store.get(forkKey(room, device))) !== undefined;
      if (isKnown) continue;
      const event = {
        kind: "fork",
        room,
        by: device,
        epoch,
        known: encode(EpochStatement, own),
        other: encode(EpochStatement, other),
      } as const;
      await core.write({
        changes: [{ put: forkKey(room, device), value: forkEntry.write({ own, other }) }],
        events: [event],
        flush: true,
      });
      answers.push({ via, statement: own });
    }
    if (changes.length > 0) await core.write({ changes });
    return answers;
  }

  async #say(room: string, statements: readonly EpochStatement[]): Promise<void> {
    const core = this.#find(room);
    if (core?.state.status !== "member") return;
    await sayAside(core, writeStatements(statements), core.around.clock() + worth);
    this.#wake(room);
  }

  /** Say in a room in which epochs of others its members are, as this device has it. */
  async #tell(core: RoomCore, others: readonly RoomCore[]): Promise<void> {
    const { around, id } = core;
    const now = around.clock();
    const devices = devicesOf(core);
    if (devices.size < 2) return;
    const due: RoomCore[] = [];
    for (const other of others) {
      const epoch = other.loaded?.epoch;
      if (other === core || epoch === undefined) continue;
      const known = this.#epochs.get(other.id);
      if (known?.epoch !== epoch) {
        const [byte = 0] = around.random(1);
        this.#epochs.set(other.id, { epoch, at: now + afterQuiet * (1 + byte / 256) });
        continue;
      }
      const isDue = known.at <= now && this.#told.get(`${id} ${other.id}`) !== epoch;
      if (isDue && due.length < mostStatements && isAmong(devices, devicesOf(other))) due.push(other);
    }
    if (due.length === 0 || now - (this.#toldAt.get(id) ?? -pause) < pause) return;
    const statements: EpochStatement[] = [];
    for (const other of due) {
      const group = other.loaded;
      if (group === undefined) continue;
      const { epoch } = group;
      statements.push(await state(other, epoch, group.groupContext.confirmedTranscriptHash.slice()));
      this.#told.set(`${id} ${other.id}`, epoch);
    }
    this.#toldAt.set(id, now);
    await this.#say(id, statements);
  }
}

function devicesOf({ loaded }: RoomCore): ReadonlySet<string> {
  return new Set(
    Array.from(loaded?.members ?? [], ({ credential, signatureKey }) => deviceOf(credential) ?? hex(signatureKey)),
  );
}

function isAmong(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return some.size <= all.size && [...some].every((device) => all.has(device));
}
