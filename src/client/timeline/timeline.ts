/**
 * A device's timelines: the messages of its rooms, with edits, reactions and what was taken back folded in. A message that replaces or
 * answers another changes that one's entry, in the batch that opens it.
 */

import { is, options, uint64, type Shape } from "../../bytes/takes.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { hex } from "../../bytes/text.ts";
import { decodeContent } from "../../content/decode.ts";
import { ContentError } from "../../content/errors.ts";
import { acceptContent, messageId } from "../../content/message-id.ts";
import type { ContentCapability } from "../../content/messages/judge.ts";
import type { CallMessage } from "../../content/messages/message.ts";
import { readMessage } from "../../content/messages/read.ts";
import type { MimiContent } from "../../content/mimi.ts";
import type { Random } from "../../crypto/provider.ts";
import type { MessageExpirationPolicy } from "../../rooms/formats/policies.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { isHandshake, readHandshake, type CallEnvelope } from "../calls/handshake.ts";
import { callRecord, type CallRecord } from "../calls/record.ts";
import { callKey, messageKey, saidKey, timelineKey, wordsKey } from "../store/keys.ts";
import { afterNotice, afterRinging, ringingCall } from "./call-entry.ts";
import { isEpochs } from "../forks/content.ts";
import { forgettingFiles } from "../files/record.ts";
import type { Folded, Folding, OpenedMessage } from "../surroundings.ts";
import { placeEntry, plainEntry, timelineEntry, type StoredEntry } from "./entry.ts";
import { findIn, judged, namedBy, refusals, unnumbered, type Judged, type Placed } from "./judging.ts";
import { ClientError } from "../errors.ts";
import { shown, type TimelineEntry } from "./shown.ts";
import { countingOf, unreadChange } from "./unread.ts";
import { indexing } from "./words.ts";
import { timerOf } from "./timing.ts";
import { addExpiry, expired, expiryOf, nextExpiry } from "./expiry.ts";

/** Which entries of a timeline. */
export interface TimelineRange {
  /** Entries before this place. Default: from the newest on. */
  readonly before?: bigint;
  /** At most so many. Default 50. */
  readonly limit?: number;
}

const count = is("a whole number, 1 or more", (value) => Number.isSafeInteger(value) && (value as number) > 0);
const rangeTakes = options({ before: uint64, limit: count } satisfies Shape<TimelineRange>);

/** What a timeline asks of whoever keeps the calls. */
export interface CallFolding {
  /** Whether the room's policy lets a user do that now. */
  may(room: string, user: string, capability: "canStartCall" | "canJoinCall"): boolean;
  /** A message of a call's group, at its place in the log. */
  handshake(message: OpenedMessage, envelope: CallEnvelope): Promise<readonly StoreChange[]>;
  /** What a device says of a call, when it is folded in. */
  noticed(room: string, device: string, notice: CallMessage): void;
}

export interface TimelineOptions {
  readonly store: Store;
  readonly device: string;
  readonly random: Random;
  readonly calls: CallFolding;
  /** Whether a user's role in a room, whose group is in memory, has a capability. */
  readonly may: (room: string, user: string, capability: ContentCapability) => boolean;
  /** The room's policy of messages that go. */
  readonly timers: (room: string) => MessageExpirationPolicy | undefined;
  /** A device has said in which epochs of other rooms it is. */
  readonly heard: (message: OpenedMessage, content: MimiContent) => Promise<readonly StoreChange[]>;
}

export class Timeline implements Folding {
  readonly #store: Store;
  readonly #device: string;
  readonly #random: Random;
  readonly #calls: CallFolding;
  readonly #may: TimelineOptions["may"];
  readonly #timers: TimelineOptions["timers"];
  readonly #heard: TimelineOptions["heard"];

  constructor({ store, device, random, calls, may, timers, heard }: TimelineOptions) {
    this.#store = store;
    this.#device = device;
    this.#random = random;
    this.#calls = calls;
    this.#may = may;
    this.#timers = timers;
    this.#heard = heard;
  }

  async opened(message: OpenedMessage, nextEntry: bigint): Promise<Folded> {
    const user = userOfDevice(message.device);
    let accepted: ReturnType<typeof acceptContent>;
    try {
      accepted = acceptContent(message.content, { senderUri: user, roomUri: message.room, acceptedAt: message.at });
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      const { room, number } = message;
      return { changes: [], events: [{ kind: "unreadable", room, item: number, code: error.code }], nextEntry };
    }
    const { id, content } = accepted;
    if (isHandshake(content)) return { changes: await this.#handshake(message, content), events: [], nextEntry };
    if (isEpochs(content)) return { changes: await this.#heard(message, content), events: [], nextEntry };
    if ((await this.#store.get(messageKey(message.room, id))) !== undefined)
      return { changes: [], events: [], nextEntry };
    const call = callOf(content);
    if (call !== undefined) return this.#openedCall(message, id, call, nextEntry);
    const ruling = await this.#judged(message, id, content);
    const nothingNew: Folded = { changes: [], events: [], nextEntry };
    switch (ruling.kind) {
      case "waits":
        return nothingNew;
      case "refused": {
        const { room, number, device } = message;
        // It was taken back before its author could hear of that: nobody has done anything wrong.
        if (ruling.reason === "unsent") return nothingNew;
        return { ...nothingNew, events: [{ kind: "refused", room, item: number, by: device, reason: ruling.reason }] };
      }
      case "changes":
        return { ...nothingNew, ...(await this.#changing(message.room, id, ruling.changed)) };
      case "new": {
        const status = message.device === this.#device ? "sent" : "received";
        const added = await this.#adding(message, id, content, nextEntry, status, ruling.changed);
        const { room } = message;
        return { ...added, events: [...added.events, { kind: "message", room, entry: nextEntry }] };
      }
    }
  }

  /** What a message of this device looks like before it is sent. The entry is its own, or the one that it changes. */
  async writing(
    room: string,
    content: Uint8Array,
    at: number,
    nextEntry: bigint,
  ): Promise<Folded & { readonly entry: bigint; readonly id: Uint8Array }> {
    const user = userOfDevice(this.#device);
    const message = { room, device: this.#device, content, number: 0n, at };
    const { id, content: read } = acceptContent(content, { senderUri: user, roomUri: room, acceptedAt: at });
    const call = callOf(read);
    if (call !== undefined) {
      const folded = await this.#openedCall(message, id, call, nextEntry, "waiting");
      const place = (await this.#callPlace(room, call)) ?? (call.event === "ringing" ? nextEntry : 0n);
      return { ...folded, entry: place, id };
    }
    const ruling = await this.#judged({ ...message, number: undefined }, id, read);
    switch (ruling.kind) {
      case "waits":
        throw new ClientError("message-unknown");
      case "refused":
        throw new ClientError(refusals[ruling.reason], { detail: ruling.reason });
      case "changes":
        return { ...(await this.#changing(room, id, ruling.changed)), nextEntry, entry: ruling.changed.place, id };
      case "new": {
        const added = await this.#adding(message, id, read, nextEntry, "waiting", ruling.changed);
        return { ...added, entry: nextEntry, id };
      }
    }
  }

  async accepted(message: OpenedMessage, place: bigint): ReturnType<Folding["accepted"]> {
    const found = await this.#entry(message.room, place);
    if (found === undefined) return { changes: [], events: [], isEntry: false };
    if (found.status !== "waiting") return { ...this.#acceptedEdit(message, place, found), isEntry: false };
    const entry: StoredEntry = { ...found, status: "sent", number: message.number, at: message.at };
    return {
      changes: await this.#put(message.room, place, entry),
      events: [{ kind: "entry-changed", room: message.room, entry: place }],
      isEntry: true,
    };
  }

  /** An edit of this device has its number: a later one of another device of the author comes after it from now on. */
  #acceptedEdit(
    { room, content, number, at }: OpenedMessage,
    place: bigint,
    entry: StoredEntry,
  ): Omit<Folded, "nextEntry"> {
    const { edit } = entry;
    const address = { senderUri: userOfDevice(this.#device), roomUri: room };
    if (edit?.number !== unnumbered || !bytesEqual(edit.id, messageId(content, address)))
      return { changes: [], events: [] };
    const value = timelineEntry.write({ ...entry, edit: { ...edit, number, at } });
    return { changes: [{ put: timelineKey(room, place), value }], events: [] };
  }

  async own(message: OpenedMessage): Promise<Omit<Folded, "nextEntry">> {
    const content = decodeContent(message.content);
    return { changes: isHandshake(content) ? await this.#handshake(message, content) : [], events: [] };
  }

  async failed(room: string, place: bigint): Promise<Omit<Folded, "nextEntry">> {
    const found = await this.#entry(room, place);
    if (found?.status !== "waiting") return { changes: [], events: [] };
    return {
      changes: [{ put: timelineKey(room, place), value: timelineEntry.write({ ...found, status: "failed" }) }],
      events: [{ kind: "entry-changed", room, entry: place }],
    };
  }

  /** This user has read a message: a receiver's timer starts. Nothing where it is not there, or was read before. */
  async reading(room: string, place: bigint, at: number): Promise<Pick<Folded, "changes" | "unread">> {
    const found = await this.#entry(room, place);
    if (found === undefined || found.readAt !== undefined) return { changes: [] };
    return {
      changes: await this.#put(room, place, { ...found, readAt: at, counts: "nothing" }),
      unread: unreadChange(found.counts, "nothing"),
    };
  }

  /** The places of what this user has not read, up to one, the newest first. */
  async *unreadThrough(room: string, through: bigint): AsyncIterable<bigint> {
    for await (const { key, value } of this.#store.range({
      prefix: ["timeline", room],
      from: 0n,
      below: through + 1n,
      reverse: true,
    })) {
      if (timelineEntry.read(value).counts !== "nothing") yield key.at(-1) as bigint;
    }
  }

  /** Entries of a room, the newest first. */
  async read(room: string, range: TimelineRange = {}): Promise<readonly TimelineEntry[]> {
    rangeTakes("timeline", range);
    const { before, limit = 50 } = range;
    const entries: TimelineEntry[] = [];
    const below = before === undefined ? {} : { below: before };
    for await (const { key, value } of this.#store.range({
      prefix: ["timeline", room],
      from: 0n,
      ...below,
      reverse: true,
      limit,
    })) {
      entries.push(shown(timelineEntry.read(value), key[2] as bigint));
    }
    return entries;
  }

  /** One entry. */
  async at(room: string, place: bigint): Promise<TimelineEntry | undefined> {
    const found = await this.#entry(room, place);
    return found && shown(found, place);
  }

  /** Where a message is. */
  async placeOf(room: string, id: Uint8Array): Promise<bigint | undefined> {
    const value = await this.#store.get(messageKey(room, id));
    return value && placeEntry.read(value);
  }

  /** Changes that delete an entry, with all that belongs to it. */
  async deleting(room: string, place: bigint, entry: StoredEntry): Promise<StoreChange[]> {
    const { id, otherIds, reactions, expires, call, edit } = entry;
    const ids = [id, ...otherIds, ...reactions.map((reaction) => reaction.id)];
    return [
      { delete: timelineKey(room, place) },
      { delete: wordsKey(room, place) },
      ...(await forgettingFiles(this.#store, room, place)),
      ...ids.map((each) => ({ delete: messageKey(room, each) })),
      ...(expires === undefined ? [] : [{ delete: ["expiry", expires] } as const]),
      ...(edit === undefined ? [] : [{ delete: saidKey(room, edit.number) }]),
      ...(call === undefined ? [] : [{ delete: callKey(room, call.call) }]),
    ];
  }

  /** What is over at this time, message by message: `fold` says in its turn what becomes of it. */
  async *expiring(now: number): AsyncIterable<{ room: string; fold: () => Promise<Omit<Folded, "nextEntry">> }> {
    for await (const { room, place, number } of expired(this.#store, now)) {
      yield { room, fold: () => this.#expire(room, place, number) };
    }
  }

  async #expire(room: string, place: bigint, number: bigint): Promise<Omit<Folded, "nextEntry">> {
    const entry = await this.#entry(room, place);
    if (entry?.expires !== number) return { changes: [{ delete: ["expiry", number] }], events: [] };
    const { call } = entry;
    if (call === undefined)
      return {
        changes: await this.deleting(room, place, entry),
        events: [{ kind: "expired", room, entry: place }],
        unread: unreadChange(entry.counts, "nothing"),
      };
    const over = afterRinging(call);
    return {
      changes: await this.#put(room, place, { ...entry, call: over }),
      events: [{ kind: "call", room, entry: place, call: call.call, state: over.state }],
    };
  }

  /** What is known of a call. */
  async callRecord(room: string, call: Uint8Array): Promise<CallRecord | undefined> {
    const value = await this.#store.get(callKey(room, call));
    return value && callRecord.read(value);
  }

  async #callPlace(room: string, { call }: CallMessage): Promise<bigint | undefined> {
    return (await this.callRecord(room, call))?.place;
  }

  async #handshake(message: OpenedMessage, content: MimiContent): Promise<readonly StoreChange[]> {
    const envelope = readHandshake(content);
    const isAllowed = this.#calls.may(message.room, userOfDevice(message.device), "canJoinCall");
    return envelope === undefined || !isAllowed ? [] : this.#calls.handshake(message, envelope);
  }

  /** A call rings, or something is said of it. */
  async #openedCall(
    message: OpenedMessage,
    id: Uint8Array,
    notice: CallMessage,
    nextEntry: bigint,
    status?: "waiting",
  ): Promise<Folded> {
    const { room, device, number, at } = message;
    const user = userOfDevice(device);
    const me = userOfDevice(this.#device);
    const nothingNew: Folded = { changes: [], events: [], nextEntry };
    const known = await this.callRecord(room, notice.call);
    const isRinging = notice.event === "ringing";
    if (isRinging === (known !== undefined)) return nothingNew;
    if (!this.#calls.may(room, user, isRinging ? "canStartCall" : "canJoinCall")) return nothingNew;
    if (known === undefined) {
      const call = ringingCall(notice, user === me, at);
      const own = device === this.#device ? "sent" : "received";
      const entry: StoredEntry = {
        ...plainEntry,
        ...{ id, device, number, at, content: message.content, call, status: status ?? own },
      };
      const record = { place: nextEntry, caller: device, epoch: 0n, groupInfo: undefined, isOver: false };
      return {
        changes: [
          ...(await this.#put(room, nextEntry, entry)),
          { put: messageKey(room, id), value: placeEntry.write(nextEntry) },
          { put: callKey(room, notice.call), value: callRecord.write(record) },
        ],
        events: [{ kind: "call", room, entry: nextEntry, call: notice.call, state: call.state }],
        nextEntry: nextEntry + 1n,
      };
    }
    const { place } = known;
    const entry = await this.#entry(room, place);
    if (entry?.call === undefined) return nothingNew;
    this.#calls.noticed(room, device, notice);
    const caller = userOfDevice(entry.device);
    const call = afterNotice(entry.call, notice, { caller, user, me });
    if (call === undefined) return nothingNew;
    // What others say of its end is shown, and keeps nobody from joining: the call may go on.
    const isEnd = user === caller && (notice.event === "cancelled" || notice.event === "ended");
    return {
      changes: [
        ...(await this.#put(room, place, { ...entry, call })),
        ...(isEnd ? [{ put: callKey(room, notice.call), value: callRecord.write({ ...known, isOver: true }) }] : []),
      ],
      events: [{ kind: "call", room, entry: place, call: call.call, state: call.state }],
      nextEntry,
    };
  }

  /** When the next message goes, in milliseconds since 1970. */
  nextExpiry(): Promise<number | undefined> {
    return nextExpiry(this.#store);
  }

  async #entry(room: string, place: bigint): Promise<StoredEntry | undefined> {
    const value = await this.#store.get(timelineKey(room, place));
    return value && timelineEntry.read(value);
  }

  /** An entry as it is from now on, with the time at which it goes. */
  async #put(room: string, place: bigint, entry: StoredEntry): Promise<readonly StoreChange[]> {
    // What its author has taken back keeps its time.
    if (entry.content.length === 0 && entry.call === undefined)
      return [{ put: timelineKey(room, place), value: timelineEntry.write(entry) }];
    const at = expiryOf(entry);
    const changes: StoreChange[] = entry.expires === undefined ? [] : [{ delete: ["expiry", entry.expires] }];
    let expires: bigint | undefined;
    if (at !== undefined) {
      const { number, change } = await addExpiry(this.#store, this.#random, at, { room, place });
      expires = number;
      changes.push(change);
    }
    return [...changes, { put: timelineKey(room, place), value: timelineEntry.write({ ...entry, expires }) }];
  }

  /** What a message comes to, by what this device has of the messages that it names. */
  async #judged(
    {
      room,
      device,
      at,
      number,
      content: bytes,
    }: Omit<OpenedMessage, "number"> & { readonly number: bigint | undefined },
    id: Uint8Array,
    content: MimiContent,
  ): Promise<Judged> {
    const user = userOfDevice(device);
    const entries = new Map<string, Placed>();
    for (const named of namedBy(content)) {
      const place = await this.placeOf(room, named);
      const entry = place === undefined ? undefined : await this.#entry(room, place);
      if (entry !== undefined && place !== undefined) entries.set(hex(named), { ...entry, place });
    }
    const said = readMessage(content);
    const may = (capability: ContentCapability): boolean => this.#may(room, user, capability);
    return judged({ user, id, bytes, content, said, at, number, find: findIn(entries), may });
  }

  /** A message of its own, and what it changes of another. */
  async #adding(
    { room, device, number, at, content: bytes }: OpenedMessage,
    id: Uint8Array,
    content: MimiContent,
    place: bigint,
    status: StoredEntry["status"],
    changed: Placed | undefined,
  ): Promise<Folded> {
    const readAt = status === "waiting" ? at : undefined;
    const said = readMessage(content);
    const timer = timerOf(this.#timers(room), said.kind, content.expires, at);
    const plain: StoredEntry = { ...plainEntry, id, device, status, number, at, content: bytes, timer, readAt };
    const entry = { ...plain, counts: countingOf(plain, said, userOfDevice(this.#device)) };
    return {
      unread: unreadChange("nothing", entry.counts),
      changes: [
        ...indexing(room, place, { said, at, isNew: true }),
        ...(await this.#put(room, place, entry)),
        { put: messageKey(room, id), value: placeEntry.write(place) },
        ...(changed === undefined ? [] : [put(room, changed)]),
      ],
      events: changed === undefined ? [] : [{ kind: "entry-changed", room, entry: changed.place }],
      nextEntry: place + 1n,
    };
  }

  /** Another entry is this one from now on, by a message of this id. */
  async #changing(room: string, id: Uint8Array, changed: Placed): Promise<Omit<Folded, "nextEntry">> {
    const { place, content, at, edit } = changed;
    const isOther = content.length === 0 || (edit !== undefined && bytesEqual(edit.id, id)); // its files are none of it any more
    const said = content.length === 0 ? undefined : readMessage(decodeContent(content));
    const counts = countingOf(changed, said, userOfDevice(this.#device));
    const index = changed.call === undefined ? indexing(room, place, { said, at, isNew: false }) : [];
    return {
      unread: unreadChange(changed.counts, counts),
      changes: [
        put(room, { ...changed, counts }),
        ...index,
        ...(isOther ? await forgettingFiles(this.#store, room, place) : []),
        { put: messageKey(room, id), value: placeEntry.write(changed.place) },
      ],
      events: [{ kind: "entry-changed", room, entry: changed.place }],
    };
  }
}

function put(room: string, { place, ...entry }: Placed): StoreChange {
  return { put: timelineKey(room, place), value: timelineEntry.write(entry) };
}

/** What a content says of a call, where that is what it does. */
function callOf(content: MimiContent): CallMessage | undefined {
  const message = readMessage(content);
  return message.kind === "call" ? message : undefined;
}
