/**
 * A device's timelines: the messages of its rooms, with edits, reactions and what was taken back folded in. A message that replaces or
 * answers another changes that one's entry, in the batch that opens it.
 */

import { is, options, uint64, type Shape } from "../../bytes/takes.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { nothing } from "../../bytes/nothing.ts";
import { decodeContent } from "../../content/decode.ts";
import { ContentError } from "../../content/errors.ts";
import { acceptContent } from "../../content/message-id.ts";
import type { CallMessage } from "../../content/messages/message.ts";
import { readMessage } from "../../content/messages/read.ts";
import type { MimiContent } from "../../content/mimi.ts";
import type { Random } from "../../crypto/provider.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import type { ClientEvent } from "../events.ts";
import { isHandshake, readHandshake, type CallEnvelope } from "../calls/handshake.ts";
import { callRecord, type CallRecord } from "../calls/record.ts";
import { callKey, messageKey, timelineKey } from "../store/keys.ts";
import { afterNotice, afterRinging, ringingCall } from "./call-entry.ts";
import type { Folded, Folding, OpenedMessage } from "../surroundings.ts";
import { placeEntry, timelineEntry, type StoredEntry } from "./entry.ts";
import { addExpiry, expired, expiryOf, nextExpiry } from "./expiry.ts";

/** A message of a timeline. */
export interface TimelineEntry extends Omit<StoredEntry, "otherIds" | "expires" | "number"> {
  /** Its place: later ones are greater. */
  readonly place: bigint;
  readonly user: string;
  /** The content of its newest version; undefined where its author has taken it back. */
  readonly message: MimiContent | undefined;
}

/** Which entries of a timeline. */
export interface TimelineRange {
  /** Entries before this place. Default: from the newest on. */
  readonly before?: bigint;
  /** At most so many. Default 50. */
  readonly limit?: number;
}

const count = is("a whole number, 1 or more", (value) => Number.isSafeInteger(value) && (value as number) > 0);
const rangeTakes = options({ before: uint64, limit: count } satisfies Shape<TimelineRange>);

/** Reactions to one message that are kept. More are passed over: a stranger could make an entry grow without end. */
const mostReactions = 1_000;
/** Versions of one message that are followed. */
const mostVersions = 1_000;

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
}

export class Timeline implements Folding {
  readonly #store: Store;
  readonly #device: string;
  readonly #random: Random;
  readonly #calls: CallFolding;

  constructor({ store, device, random, calls }: TimelineOptions) {
    this.#store = store;
    this.#device = device;
    this.#random = random;
    this.#calls = calls;
  }

  async opened(message: OpenedMessage, nextEntry: bigint): Promise<Folded> {
    const user = userOfDevice(message.device);
    let accepted: ReturnType<typeof acceptContent>;
    try {
      accepted = acceptContent(message.content, { senderUri: user, roomUri: message.room, acceptedAt: message.at });
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      const { room, number } = message;
      return { changes: [], events: [{ kind: "unreadable", room, number, code: error.code }], nextEntry };
    }
    const { id, content } = accepted;
    if (isHandshake(content)) return { changes: await this.#handshake(message, content), events: [], nextEntry };
    if ((await this.#store.get(messageKey(message.room, id))) !== undefined)
      return { changes: [], events: [], nextEntry };
    const call = callOf(content);
    if (call !== undefined) return this.#openedCall(message, id, call, nextEntry);
    const target = await this.#target(message.room, content);
    if (target !== "new") {
      const changes = target === undefined ? [] : this.#attach(message, user, id, content, target);
      const events: ClientEvent[] =
        changes.length === 0 || target === undefined
          ? []
          : [{ kind: "entry-changed", room: message.room, entry: target.place }];
      return { changes, events, nextEntry };
    }
    const entry: StoredEntry = {
      id,
      device: message.device,
      status: message.device === this.#device ? "sent" : "received",
      number: message.number,
      at: message.at,
      content: message.content,
      editedAt: undefined,
      readAt: undefined,
      expires: undefined,
      reactions: [],
      otherIds: [],
      call: undefined,
    };
    const changes = await this.#put(message.room, nextEntry, entry, content);
    return {
      changes: [...changes, { put: messageKey(message.room, id), value: placeEntry.write(nextEntry) }],
      events: [{ kind: "message", room: message.room, entry: nextEntry }],
      nextEntry: nextEntry + 1n,
    };
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
    const target = await this.#target(room, read);
    if (target === undefined) return { changes: [], events: [], nextEntry, entry: 0n, id };
    if (target !== "new") {
      const changes = this.#attach(message, user, id, read, target);
      const events = [{ kind: "entry-changed", room, entry: target.place } as const];
      return { changes, events, nextEntry, entry: target.place, id };
    }
    const entry: StoredEntry = {
      id,
      device: this.#device,
      status: "waiting",
      number: 0n,
      at,
      content,
      editedAt: undefined,
      readAt: at,
      expires: undefined,
      reactions: [],
      otherIds: [],
      call: undefined,
    };
    return {
      changes: [
        ...(await this.#put(room, nextEntry, entry, read)),
        { put: messageKey(room, id), value: placeEntry.write(nextEntry) },
      ],
      events: [],
      nextEntry: nextEntry + 1n,
      entry: nextEntry,
      id,
    };
  }

  async accepted(message: OpenedMessage, place: bigint): Promise<Omit<Folded, "nextEntry">> {
    const found = await this.#entry(message.room, place);
    if (found?.status !== "waiting") return { changes: [], events: [] };
    const entry: StoredEntry = { ...found, status: "sent", number: message.number, at: message.at };
    const content = entry.content.length === 0 ? undefined : decodeContent(entry.content);
    return {
      changes: await this.#put(message.room, place, entry, content),
      events: [{ kind: "entry-changed", room: message.room, entry: place }],
    };
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
  async reading(room: string, place: bigint, at: number): Promise<readonly StoreChange[]> {
    const found = await this.#entry(room, place);
    if (found === undefined || found.readAt !== undefined) return [];
    const content = found.content.length === 0 ? undefined : decodeContent(found.content);
    return this.#put(room, place, { ...found, readAt: at }, content);
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
  deleting(room: string, place: bigint, { id, otherIds, reactions, expires, call }: StoredEntry): StoreChange[] {
    const ids = [id, ...otherIds, ...reactions.map((reaction) => reaction.id)];
    return [
      { delete: timelineKey(room, place) },
      ...ids.map((each) => ({ delete: messageKey(room, each) })),
      ...(expires === undefined ? [] : [{ delete: ["expiry", expires] } as const]),
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
      return { changes: this.deleting(room, place, entry), events: [{ kind: "expired", room, entry: place }] };
    const over = afterRinging(call);
    return {
      changes: await this.#put(room, place, { ...entry, call: over }, undefined),
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
      const call = ringingCall(notice, user === me);
      const own = device === this.#device ? "sent" : "received";
      const entry: StoredEntry = {
        ...{ id, device, number, at, content: message.content, call, status: status ?? own },
        ...{ editedAt: undefined, readAt: undefined, expires: undefined, reactions: [], otherIds: [] },
      };
      const record = { place: nextEntry, caller: device, epoch: 0n, groupInfo: undefined, isOver: false };
      return {
        changes: [
          ...(await this.#put(room, nextEntry, entry, undefined)),
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
    const call = afterNotice(entry.call, notice, { caller: userOfDevice(entry.device), user, me });
    if (call === undefined) return nothingNew;
    const isEnd = notice.event === "cancelled" || notice.event === "ended";
    return {
      changes: [
        ...(await this.#put(room, place, { ...entry, call }, undefined)),
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
  async #put(
    room: string,
    place: bigint,
    entry: StoredEntry,
    content: MimiContent | undefined,
  ): Promise<readonly StoreChange[]> {
    // What its author has taken back keeps its time.
    if (content === undefined && entry.call === undefined)
      return [{ put: timelineKey(room, place), value: timelineEntry.write(entry) }];
    const at = expiryOf(content?.expires, entry);
    const changes: StoreChange[] = entry.expires === undefined ? [] : [{ delete: ["expiry", entry.expires] }];
    let expires: bigint | undefined;
    if (at !== undefined) {
      const { number, change } = await addExpiry(this.#store, this.#random, at, { room, place });
      expires = number;
      changes.push(change);
    }
    return [...changes, { put: timelineKey(room, place), value: timelineEntry.write({ ...entry, expires }) }];
  }

  /** The entry that a message changes: "new" where it is one of its own; undefined where this device has not what it is about. */
  async #target(room: string, content: MimiContent): Promise<"new" | undefined | (StoredEntry & { place: bigint })> {
    const { replaces, inReplyTo, nestedPart } = content;
    const about = replaces ?? (nestedPart.disposition === "reaction" ? inReplyTo : undefined);
    if (about === undefined) return "new";
    const place = await this.placeOf(room, about);
    const entry = place === undefined ? undefined : await this.#entry(room, place);
    return entry && place !== undefined ? { ...entry, place } : undefined;
  }

  /** What a message makes of the entry that it is about. Nothing where its sender may not. */
  #attach(
    message: OpenedMessage,
    user: string,
    id: Uint8Array,
    content: MimiContent,
    { place, ...entry }: StoredEntry & { place: bigint },
  ): readonly StoreChange[] {
    const next = attached(message, user, id, content, entry);
    if (next === undefined) return [];
    return [
      { put: timelineKey(message.room, place), value: timelineEntry.write(next) },
      { put: messageKey(message.room, id), value: placeEntry.write(place) },
    ];
  }
}

/** An entry with an edit, a reaction, or something taken back. draft-ietf-mimi-content: only the author replaces a message. */
function attached(
  { at, content: bytes }: OpenedMessage,
  user: string,
  id: Uint8Array,
  { replaces, nestedPart }: MimiContent,
  entry: StoredEntry,
): StoredEntry | undefined {
  const isTakenBack = nestedPart.cardinality === "null";
  if (entry.otherIds.length >= mostVersions) return undefined;
  const otherIds = [...entry.otherIds, id];
  if (replaces === undefined) {
    // Its author took it back at once, others when they heard of it: whatever comes between is nothing at either.
    if (entry.content.length === 0) return undefined;
    if (entry.reactions.length >= mostReactions) return undefined;
    return { ...entry, reactions: [...entry.reactions, { user, id, content: bytes }] };
  }
  if (bytesEqual(replaces, entry.id)) {
    if (userOfDevice(entry.device) !== user) return undefined;
    if (entry.content.length === 0) return undefined; // what was taken back stays so
    if (isTakenBack)
      return {
        ...entry,
        content: nothing,
        reactions: [],
        otherIds: [...otherIds, ...entry.reactions.map((each) => each.id)],
      };
    return { ...entry, content: bytes, editedAt: at, otherIds };
  }
  const reaction = entry.reactions.find((each) => bytesEqual(each.id, replaces));
  if (reaction === undefined || reaction.user !== user) return undefined;
  const others = entry.reactions.filter((each) => each !== reaction);
  const changed = isTakenBack ? [] : [{ ...reaction, content: bytes }];
  return {
    ...entry,
    reactions: [...others, ...changed],
    otherIds: isTakenBack ? [...otherIds, reaction.id] : otherIds,
  };
}

/** What a content says of a call, where that is what it does. */
function callOf(content: MimiContent): CallMessage | undefined {
  const message = readMessage(content);
  return message.kind === "call" ? message : undefined;
}

function shown(
  { id, device, status, at, content, editedAt, readAt, reactions, call }: StoredEntry,
  place: bigint,
): TimelineEntry {
  const message = content.length === 0 ? undefined : decodeContent(content);
  return {
    id,
    device,
    status,
    at,
    content,
    editedAt,
    readAt,
    reactions,
    call,
    place,
    user: userOfDevice(device),
    message,
  };
}
