/**
 * What a user's devices share: small values, of which the last one counts by a rule that needs no clock, and what was read. Each is stored
 * here first and told in the room of the user's devices when that can be reached. Who comes into that room asks for all values, and one of the
 * others answers: the first in turn that is there.
 */

import { attempt } from "../../bytes/attempt.ts";
import { decodeContent } from "../../content/decode.ts";
import { encodeContent } from "../../content/encode.ts";
import { ContentError } from "../../content/errors.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { optional, struct, u64, type Codec } from "../../codec/codec.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { StoreChange } from "../../storage/store.ts";
import { patience, positionOf } from "../account/turns.ts";
import { ClientError } from "../errors.ts";
import type { ClientEvent } from "../events.ts";
import { asking } from "../outbox/asking.ts";
import type { Wish } from "../outbox/intent.ts";
import { hasPassed, isDue } from "../passed.ts";
import { createRoom } from "../room/creating.ts";
import type { RoomCore } from "../room/core.ts";
import { joinFromOutside } from "../room/joining.ts";
import { mute } from "../room/muting.ts";
import { entryKind, integer, text, type EntryKind } from "../store/entry.ts";
import { answerKey, selfKey } from "../store/keys.ts";
import type { Folded, OpenedMessage, Surroundings } from "../surroundings.ts";
import { Turns } from "../turns.ts";
import type { Timeline } from "../timeline/timeline.ts";
import { markEntry, readKey } from "./marks.ts";
import { isAfter, readShared, writeShared, type SharedMark, type SharedMessage, type SharedValue } from "./messages.ts";
import { isOurs } from "./self-room.ts";

export interface SharedParts {
  readonly around: () => Surroundings;
  readonly timeline: () => Timeline;
  readonly find: (room: string) => RoomCore | undefined;
  /** A room is there; it is looked at soon. */
  readonly add: (core: RoomCore) => void;
  readonly wake: (room: string) => void;
  /** The URI of the room of the user's devices, where the user has an account of copse. */
  readonly selfRoom: () => string | undefined;
  /** A user is blocked, or is not, says another device. */
  readonly blocked: (user: string, isBlocked: boolean) => Promise<void>;
  /** What this user lets another, or asks of it, says another device. */
  readonly consented: (realm: "ask" | "consent", name: string, value: string | undefined) => Promise<void>;
  /** Do the client's chores soon. */
  readonly chores: () => void;
}

/** Values that are kept, those that were taken away included. */
const mostValues = 16_384;
/** The length of a value and of a name, in characters. */
const longestValue = 4_096;
const longestName = 512;
/** What is read on other devices and has not come here, in one room. */
const mostAhead = 2_048;
/** How much one message holds, in bytes of values or in marks. */
const mostInMessage = 16_384;
const marksInMessage = 200;
/** How long a service that lets nobody into the room is left alone, in milliseconds. */
const pause = 10 * 60 * 1000;

type StoredValue = Omit<SharedValue, "name">;
const valueEntry: EntryKind<StoredValue> = entryKind(
  struct<StoredValue>({ version: u64, device: text, value: optional(text) }),
);
interface Question {
  readonly number: bigint;
  readonly since: number;
}
const Question: Codec<Question> = struct<Question>({ number: u64, since: integer });
const questionEntry: EntryKind<Question> = entryKind(Question);
/** In which room, and since which of its epochs, this device has asked. */
interface AskedIn {
  readonly room: string;
  readonly since: bigint;
}
const askedEntry: EntryKind<AskedIn> = entryKind(struct<AskedIn>({ room: text, since: u64 }));

/** What a name begins with: the application's own, rooms that are muted, users who are blocked, consents that were asked for or given. */
export type Realm = "app" | "mute" | "block" | "ask" | "consent";
/**
 * What a later version of copse shares: it is kept and told to newcomers as it came, since a newer device that comes in asks whoever is there, and
 * this device may be updated. Nothing is done by it.
 */
const laterRealm = /^[a-z][a-z-]{0,31} /u;
const realms: ReadonlySet<string> = new Set<Realm>(["app", "mute", "block", "ask", "consent"]);

function valueKey(name: string): StoreKey {
  return ["shared", name];
}

export class Shared {
  readonly #parts: SharedParts;
  readonly #turns: Turns = new Turns();
  #count: number | undefined;
  /** Internal values that are to be carried out here; undefined: all of them. */
  #dirty: Set<string> | undefined;
  /** Rooms of which something was read that has not come. */
  readonly #ahead = new Map<string, number>();
  #entersAt: number | undefined;

  constructor(parts: SharedParts) {
    this.#parts = parts;
  }

  async get(realm: Realm, name: string): Promise<string | undefined> {
    const stored = await this.#parts.around().store.get(valueKey(`${realm} ${name}`));
    return stored && valueEntry.read(stored).value;
  }

  /** All values that there are, by their names. */
  async all(realm: Realm): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for await (const { key, value } of this.#parts.around().store.range({ prefix: ["shared"] })) {
      const [of, name] = parted(String(key[1]));
      const { value: is } = valueEntry.read(value);
      if (of === realm && is !== undefined) found.set(name, is);
    }
    return found;
  }

  /** It is stored when this returns. Nothing happens where it is so already. @throws ClientError "too-many", "too-large" */
  async set(realm: Realm, name: string, value: string | undefined): Promise<void> {
    if (name.length > longestName || (value?.length ?? 0) > longestValue) throw new ClientError("too-large");
    const { around, selfRoom, find, chores } = this.#parts;
    const { store, device } = around();
    const full = `${realm} ${name}`;
    await this.#turn(selfRoom(), find, async () => {
      const stored = await store.get(valueKey(full));
      const known = stored && valueEntry.read(stored);
      if (known?.value === value) return;
      if (known === undefined && (await this.#size()) >= mostValues) throw new ClientError("too-many");
      const next = { version: (known?.version ?? 0n) + 1n, device, value };
      const put = { put: valueKey(full), value: valueEntry.write(next) };
      await store.batch([put, { put: ["sharing", full], value: new Uint8Array(1) }], { flush: true });
      if (known === undefined && this.#count !== undefined) this.#count++;
    });
    chores();
  }

  /** Whether something was read that is still to come in this room. */
  awaits(room: string): boolean {
    return this.#ahead.has(room);
  }

  /** What another device has said, as changes of the batch that opens it. */
  async opened(message: OpenedMessage, nextEntry: bigint): Promise<Folded> {
    const { around, find, selfRoom, chores } = this.#parts;
    const none: Folded = { changes: [], events: [], nextEntry };
    const said = sharedIn(message.content);
    if (said === undefined || userOfDevice(message.device) !== around().user) return none;
    if (message.device === around().device || !(await isOurs(find(message.room)))) return none;
    // In a room of a retired key somebody may be who has it: what proves itself is taken from there, and nothing else.
    if (said.kind !== "key" && message.room !== selfRoom()) return none;
    chores(); // what it asks for is carried out when it is stored
    switch (said.kind) {
      case "values":
        return { ...none, ...(await this.#taken(said)) };
      case "read":
        return { ...none, changes: this.#marked(said) };
      case "ask": {
        const question = questionEntry.write({ number: message.number, since: around().clock() });
        return { ...none, changes: [{ put: answerKey, value: question }] };
      }
      case "history": {
        const { history } = around();
        if (history === undefined) return none;
        return { ...none, ...(await history.heard(message.room, message.device, said)) };
      }
      case "key": {
        const { handed } = await import("../revoking/handed.ts");
        return { ...none, changes: await handed(around(), said.accountKey) };
      }
    }
  }

  /** Come into the room, tell what is to be told, and carry out what others have told. */
  async chore(connection: Connection, view: AccountView): Promise<void> {
    const { around, find, selfRoom } = this.#parts;
    const room = selfRoom();
    const position = positionOf(view, around().device);
    if (room === undefined || position === undefined) return;
    const core = find(room);
    if (core === undefined || core.state.status === "left") await this.#enter(connection, room, position);
    else if (core.state.status === "member") {
      await core.turn(async () => {
        if (!(await isOurs(core))) return;
        await this.#ask(core);
        await this.#answer(core, position);
        await this.#tell(core);
      });
    }
    await this.#carryOut();
    await this.#readHere();
  }

  async #enter(connection: Connection, room: string, position: number): Promise<void> {
    const { around, find, add } = this.#parts;
    const now = around().clock();
    this.#entersAt ??= now + position * patience;
    if (!isDue(this.#entersAt, Math.max(position * patience, pause), now)) return;
    this.#entersAt = now + pause;
    try {
      await joinFromOutside(around(), connection, room, find, { add });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (error.code === "room-unknown")
        add(await createRoom(around(), { room, policy: "direct" }, { isFranked: false }));
    }
  }

  /** Once for each time that this device came in: what was said before can't be read. */
  async #ask(core: RoomCore): Promise<void> {
    const { store } = this.#parts.around();
    const stored = await store.get(selfKey);
    const known = stored && askedEntry.read(stored);
    const { since } = core.state;
    if (known?.room === core.id && known.since === since) return;
    // What this device has set and said in another room, before, may not have come to all.
    const own = await this.#messagesOf(({ device }) => device === core.around.device, 0n);
    const messages: SharedMessage[] = own.filter((message) => message.kind === "values" && message.values.length > 0);
    await this.say(
      core,
      [{ kind: "ask" }, ...messages],
      [{ put: selfKey, value: askedEntry.write({ room: core.id, since }) }],
    );
  }

  async #answer(core: RoomCore, position: number): Promise<void> {
    const { store, clock } = this.#parts.around();
    const stored = await store.get(answerKey);
    if (stored === undefined) return;
    const { number, since } = questionEntry.read(stored);
    if (!hasPassed(position * patience, since, clock())) return;
    await this.say(core, await this.#messagesOf(() => true, number), [{ delete: answerKey }]);
  }

  /** Values in messages that are not too long, the last of which answers a question, where it has a number. */
  async #messagesOf(isMeant: (value: SharedValue) => boolean, answers: bigint): Promise<SharedMessage[]> {
    const messages: SharedMessage[] = [];
    let values: SharedValue[] = [];
    let size = 0;
    for await (const { key, value } of this.#parts.around().store.range({ prefix: ["shared"] })) {
      const one = { name: String(key[1]), ...valueEntry.read(value) };
      if (!isMeant(one)) continue;
      if (size > mostInMessage) {
        messages.push({ kind: "values", answers: 0n, values });
        [values, size] = [[], 0];
      }
      values.push(one);
      size += value.length;
    }
    return [...messages, { kind: "values", answers, values }];
  }

  /** What was set and read here since this was done last. */
  async #tell(core: RoomCore): Promise<void> {
    const { store } = this.#parts.around();
    const messages: SharedMessage[] = [];
    const done: StoreChange[] = [];
    let values: SharedValue[] = [];
    let size = 0;
    for await (const { key } of store.range({ prefix: ["sharing"] })) {
      const name = String(key[1]);
      done.push({ delete: key });
      const value = await store.get(valueKey(name));
      if (value === undefined) continue;
      values.push({ name, ...valueEntry.read(value) });
      size += value.length;
      if (size <= mostInMessage) continue;
      messages.push({ kind: "values", answers: 0n, values });
      [values, size] = [[], 0];
    }
    if (values.length > 0) messages.push({ kind: "values", answers: 0n, values });
    const byRoom = new Map<string, SharedMark[]>();
    for await (const { key, value } of store.range({ prefix: ["marking"] })) {
      const room = String(key[1]);
      const marks = byRoom.get(room) ?? [];
      byRoom.set(room, marks);
      marks.push({ number: key[2] as bigint, ...markEntry.read(value) });
      done.push({ delete: key });
    }
    for (const [room, marks] of byRoom) {
      for (let i = 0; i < marks.length; i += marksInMessage)
        messages.push({ kind: "read", room, marks: marks.slice(i, i + marksInMessage) });
    }
    if (messages.length > 0) await this.say(core, messages, done);
  }

  /** Say it in the room of the user's devices, with changes of the same batch. In its turn. */
  async say(core: RoomCore, messages: readonly SharedMessage[], changes: readonly StoreChange[]): Promise<void> {
    const { around, id: room } = core;
    const wishes = messages.map((message): Wish => {
      const salt = around.random(16);
      const content = encodeContent({ salt, senderUri: around.user, roomUri: room, nestedPart: writeShared(message) });
      return { kind: "message", content, entry: 0n, until: undefined };
    });
    const { state, changes: intents } = asking(core, ...wishes);
    await core.write({ state, changes: [...intents, ...changes], flush: true });
    this.#parts.wake(room);
  }

  async #taken({ values, answers }: SharedMessage & { kind: "values" }): Promise<Pick<Folded, "changes" | "events">> {
    const { store, user } = this.#parts.around();
    const latest = new Map<string, SharedValue>();
    let size = await this.#size();
    for (const value of values) {
      const { name, device } = value;
      const [realm, short] = parted(name);
      if (short.length > longestName || (value.value?.length ?? 0) > longestValue) continue;
      if (realm === undefined && !laterRealm.test(name)) continue;
      if (userOfDevice(device) !== user) continue;
      const stored = await store.get(valueKey(name));
      const known = latest.get(name) ?? (stored && valueEntry.read(stored));
      if (!isAfter(value, known)) continue;
      if (known === undefined && size++ >= mostValues) continue;
      latest.set(name, value);
    }
    this.#count = undefined;
    const changes: StoreChange[] = [];
    const events: ClientEvent[] = [];
    for (const [name, value] of latest) {
      changes.push({ put: valueKey(name), value: valueEntry.write(value) });
      const [realm, short] = parted(name);
      if (realm === "app") events.push({ kind: "shared-changed", name: short });
      else this.#dirty?.add(name);
    }
    const question = answers === 0n ? undefined : await store.get(answerKey);
    if (question !== undefined && questionEntry.read(question).number <= answers) changes.push({ delete: answerKey });
    return { changes, events };
  }

  #marked({ room, marks }: SharedMessage & { kind: "read" }): readonly StoreChange[] {
    const core = this.#parts.find(room);
    if (core === undefined || core.state.status === "left") return [];
    const before = this.#ahead.get(room) ?? 0;
    const taken = new Map(marks.slice(0, Math.max(0, mostAhead - before)).map((mark) => [mark.number, mark]));
    this.#ahead.set(room, before + taken.size);
    return Array.from(taken.values(), ({ number, ...mark }) => {
      return { put: readKey(room, number), value: markEntry.write(mark) };
    });
  }

  /** What was read elsewhere is read here, where it is here. */
  async #readHere(): Promise<void> {
    const { around, timeline, find } = this.#parts;
    const { store, clock } = around();
    this.#ahead.clear();
    for await (const { key, value } of store.range({ prefix: ["read"] })) {
      const [room, number] = [String(key[1]), key[2] as bigint];
      const core = find(room);
      if (core === undefined) await store.batch([{ delete: key }]);
      else
        await core.turn(async () => {
          const { id, at } = markEntry.read(value);
          const place = await timeline().placeOf(room, id);
          if (place === undefined && number > core.state.cursor && core.state.status !== "left") {
            this.#ahead.set(room, (this.#ahead.get(room) ?? 0) + 1);
            return;
          }
          if (place === undefined) {
            await core.write({ changes: [{ delete: key }] });
            return;
          }
          const { changes, unread } = await timeline().reading(room, place, Math.min(at, clock()), {
            devices: false,
            author: false,
          });
          const isNew = changes.length > 0;
          await core.write({
            changes: [...changes, { delete: key }],
            unread,
            events: isNew ? [{ kind: "entry-changed", room, entry: place }] : [],
          });
        });
    }
  }

  /** What the values say of rooms and users is so here. */
  async #carryOut(): Promise<void> {
    const { around, find } = this.#parts;
    const { store } = around();
    let names = this.#dirty;
    if (names === undefined) {
      names = new Set();
      for await (const { key } of store.range({ prefix: ["shared"] })) names.add(String(key[1]));
    }
    this.#dirty = new Set();
    for (const name of names) {
      const [realm, short] = parted(name);
      if (realm === "ask" || realm === "consent")
        await this.#parts.consented(realm, short, await this.get(realm, short));
      if (realm === "block") await this.#parts.blocked(short, (await this.get("block", short)) !== undefined);
      const core = realm === "mute" ? find(short) : undefined;
      if (core === undefined) continue;
      const until = await this.get("mute", short);
      await mute(
        core,
        until === undefined ? undefined : Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Number(until) || 0)),
      );
    }
  }

  async #size(): Promise<number> {
    if (this.#count !== undefined) return this.#count;
    let count = 0;
    for await (const { key } of this.#parts.around().store.range({ prefix: ["shared"] }))
      count += key.length > 0 ? 1 : 0;
    return (this.#count = count);
  }

  /** Nothing else changes values meanwhile: what others say is taken in the turns of the room. */
  #turn<Result>(room: string | undefined, find: SharedParts["find"], work: () => Promise<Result>): Promise<Result> {
    const core = room === undefined ? undefined : find(room);
    return core === undefined ? this.#turns.take(work) : core.turn(work);
  }
}

function parted(name: string): readonly [realm: Realm | undefined, name: string] {
  const at = name.indexOf(" ");
  const realm = name.slice(0, Math.max(0, at));
  return [realms.has(realm) ? (realm as Realm) : undefined, name.slice(at + 1)];
}

function sharedIn(content: Uint8Array): SharedMessage | undefined {
  return attempt(ContentError, () => readShared(decodeContent(content)));
}
