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
import type { Message } from "../../content/messages/message.ts";
import { readMessage } from "../../content/messages/read.ts";
import type { MimiContent } from "../../content/mimi.ts";
import type { Random } from "../../crypto/provider.ts";
import type { MessageExpirationPolicy } from "../../rooms/formats/policies.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { isHandshake, readHandshake } from "../calls/handshake.ts";
import { callRecord, type CallRecord } from "../calls/record.ts";
import { callKey, firstKey, messageKey, saidKey, sentKey, timelineKey, wordsKey } from "../store/keys.ts";
import { markEntry, markingKey } from "../shared/marks.ts";
import { afterSilence } from "./call-entry.ts";
import { CallEntries, type CallFolding } from "./call-entries.ts";
import { Entries, putEntry, storedEntries } from "./entries.ts";
import { Receipting, type ReceiptRules } from "./receipting.ts";
import { isEpochs } from "../forks/content.ts";
import { logHeadIn } from "../transparency/content.ts";
import { forgettingFiles } from "../files/record.ts";
import type { Folded, Folding, OpenedMessage } from "../surroundings.ts";
import { placeEntry, plainEntry, sentEntry, timelineEntry, type StoredEntry } from "./entry.ts";
import { findIn, judged, namedBy, refusals, unnumbered, type Judged, type Placed } from "./judging.ts";
import { ClientError } from "../errors.ts";
import { saidEntry } from "../room/said.ts";
import { shown, type TimelineEntry } from "./shown.ts";
import { countingOf, unreadChange } from "./unread.ts";
import { indexing } from "./words.ts";
import { timerOf } from "./timing.ts";
import { expired, expiryOf, nextExpiry } from "./expiry.ts";

/** Which entries of a timeline. */
export interface TimelineRange {
  /** Entries before this place. Default: from the newest on. */
  readonly before?: bigint;
  /** At most so many. Default 50. */
  readonly limit?: number;
}

const count = is("a whole number, 1 or more", (value) => Number.isSafeInteger(value) && (value as number) > 0);
const rangeTakes = options({ before: uint64, limit: count } satisfies Shape<TimelineRange>);

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
  readonly receipts: ReceiptRules;
  /** Whether this user hears nothing of another. */
  readonly isBlocked: (user: string) => boolean;
}

export class Timeline implements Folding {
  readonly #store: Store;
  readonly #device: string;
  readonly #entries: Entries;
  readonly #callFolding: CallEntries;
  readonly #receipting: Receipting;
  readonly #calls: CallFolding;
  readonly #may: TimelineOptions["may"];
  readonly #timers: TimelineOptions["timers"];
  readonly #heard: TimelineOptions["heard"];
  readonly #isBlocked: TimelineOptions["isBlocked"];

  constructor({ store, device, random, calls, may, timers, heard, receipts, isBlocked }: TimelineOptions) {
    this.#store = store;
    this.#device = device;
    this.#entries = new Entries(store, random);
    this.#callFolding = new CallEntries({ store, device, calls, entries: this.#entries });
    this.#receipting = new Receipting({ store, device, rules: receipts, entries: this.#entries });
    this.#calls = calls;
    this.#may = may;
    this.#timers = timers;
    this.#heard = heard;
    this.#isBlocked = isBlocked;
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
    if (isEpochs(content) || logHeadIn(content) !== undefined)
      return { changes: await this.#heard(message, content), events: [], nextEntry };
    if (this.#isBlocked(user)) return { changes: [], events: [], nextEntry };
    if ((await this.#store.get(messageKey(message.room, id))) !== undefined)
      return { changes: [], events: [], nextEntry };
    const said = readMessage(content);
    if (said.kind === "call") return this.#callFolding.opened(message, id, said, nextEntry);
    const nothingNew: Folded = { changes: [], events: [], nextEntry };
    if (said.kind === "status") return { ...nothingNew, ...(await this.#receipting.reported(message, said.reports)) };
    const ruling = await this.#judged(message, id, content, said);
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
        const added = await this.#adding(message, { id, content, said }, nextEntry, status, ruling.changed);
        const { room, number } = message;
        const isCounted = added.unread?.messages === 1 && this.#receipting.rules.wanted(room).delivered;
        const receipt: StoreChange[] = isCounted ? this.#receipting.waiting(room, number, id, false) : [];
        const events = [...added.events, { kind: "message", room, entry: nextEntry } as const];
        return { ...added, changes: [...added.changes, ...receipt], events };
      }
    }
  }

  /** What a message of this device looks like before it is sent. The entry is its own, which says what it says, or the one that it changes. */
  async writing(
    room: string,
    content: Uint8Array,
    at: number,
    nextEntry: bigint,
  ): Promise<Folded & { readonly entry: bigint; readonly id: Uint8Array; readonly isNew: boolean }> {
    const user = userOfDevice(this.#device);
    const message = { room, device: this.#device, content, number: 0n, at };
    const { id, content: read } = acceptContent(content, { senderUri: user, roomUri: room, acceptedAt: at });
    const said = readMessage(read);
    if (said.kind === "status") throw new TypeError("receipts are sent by the client: room.setReceipts says which");
    if (said.kind === "call") {
      const folded = await this.#callFolding.opened(message, id, said, nextEntry, "waiting");
      const place = (await this.callRecord(room, said.call))?.place ?? (said.event === "ringing" ? nextEntry : 0n);
      return { ...folded, entry: place, id, isNew: false };
    }
    const ruling = await this.#judged({ ...message, number: undefined }, id, read, said);
    switch (ruling.kind) {
      case "waits":
        throw new ClientError("message-unknown");
      case "refused":
        throw new ClientError(refusals[ruling.reason], { detail: ruling.reason });
      case "changes":
        return {
          ...{ ...(await this.#changing(room, id, ruling.changed)), nextEntry },
          ...{ entry: ruling.changed.place, id, isNew: false },
        };
      case "new": {
        const added = await this.#adding(message, { id, content: read, said }, nextEntry, "waiting", ruling.changed);
        return { ...added, entry: nextEntry, id, isNew: true };
      }
    }
  }

  async accepted(message: OpenedMessage, place: bigint): ReturnType<Folding["accepted"]> {
    const found = await this.#entries.entry(message.room, place);
    if (found === undefined) return { changes: [], events: [], isEntry: false, isEdited: false };
    if (found.status !== "waiting")
      return { ...this.#acceptedEdit(message, place, found), isEntry: false, isEdited: false };
    const entry: StoredEntry = { ...found, status: "sent", number: message.number, at: message.at };
    const isChanged = entry.edit !== undefined || entry.content.length === 0;
    const { status, number, at } = entry;
    const isApart = expiryOf(entry) === undefined && entry.expires === undefined;
    return {
      changes: [
        ...(isApart
          ? [{ put: sentKey(message.room, place), value: sentEntry.write({ status, number, at }) }]
          : await this.#entries.put(message.room, place, entry)),
        ...(isChanged ? [{ delete: firstKey(message.room, place) }] : []),
      ],
      events: [{ kind: "entry-changed", room: message.room, entry: place }],
      isEntry: true,
      isEdited: entry.edit !== undefined,
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
    return { changes: putEntry(room, { ...entry, edit: { ...edit, number, at }, place }), events: [] };
  }

  async own(message: OpenedMessage): Promise<Omit<Folded, "nextEntry">> {
    const content = decodeContent(message.content);
    return { changes: isHandshake(content) ? await this.#handshake(message, content) : [], events: [] };
  }

  async failed(room: string, place: bigint): Promise<Omit<Folded, "nextEntry">> {
    const found = await this.#entries.entry(room, place);
    if (found?.status !== "waiting") return { changes: [], events: [] };
    return {
      changes: [...putEntry(room, { ...found, status: "failed", place }), { delete: firstKey(room, place) }],
      events: [{ kind: "entry-changed", room, entry: place }],
    };
  }

  /**
   * This user has read a message: a receiver's timer starts. Nothing where it is not there, or was read before.
   *
   * @param isTold Whether the user's other devices are to hear of it, and its author.
   */
  async reading(
    room: string,
    place: bigint,
    at: number,
    isTold: { readonly devices: boolean; readonly author: boolean },
  ): Promise<Pick<Folded, "changes" | "unread">> {
    const found = await this.#entries.entry(room, place);
    if (found === undefined || found.readAt !== undefined) return { changes: [] };
    const { number, id, status } = found;
    const isOthers = status === "received" && found.counts !== "nothing";
    const telling: StoreChange[] =
      isTold.devices && status === "received"
        ? [{ put: markingKey(room, number), value: markEntry.write({ id, at }) }]
        : [];
    const { read } = isOthers && isTold.author ? this.#receipting.rules.wanted(room) : { read: false };
    return {
      changes: [
        ...(await this.#entries.put(room, place, { ...found, readAt: at, counts: "nothing" })),
        ...telling,
        ...(read ? this.#receipting.waiting(room, number, id, true) : []),
      ],
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
    const newest = storedEntries(this.#store, room, { from: 0n, ...below, reverse: true, limit });
    for await (const { place, entry } of newest) entries.push(shown(entry, place));
    return entries;
  }

  /** One entry. */
  async at(room: string, place: bigint): Promise<TimelineEntry | undefined> {
    const found = await this.#entries.entry(room, place);
    return found && shown(found, place);
  }

  /** Where a message is. */
  placeOf(room: string, id: Uint8Array): Promise<bigint | undefined> {
    return this.#entries.placeOf(room, id);
  }

  /** Changes that delete an entry, with all that belongs to it. */
  async deleting(room: string, place: bigint, entry: StoredEntry): Promise<StoreChange[]> {
    const { id, otherIds, reactions, expires, call, edit } = entry;
    const ids = [id, ...otherIds, ...reactions.map((reaction) => reaction.id)];
    return [
      { delete: timelineKey(room, place) },
      { delete: wordsKey(room, place) },
      { delete: firstKey(room, place) },
      { delete: sentKey(room, place) },
      ...(await forgettingFiles(this.#store, room, place)),
      ...ids.map((each) => ({ delete: messageKey(room, each) })),
      ...(expires === undefined ? [] : [{ delete: ["expiry", expires] } as const]),
      ...(edit === undefined ? [] : [entry, edit].map(({ number }) => ({ delete: saidKey(room, number) }))),
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
    const entry = await this.#entries.entry(room, place);
    if (entry?.expires !== number) return { changes: [{ delete: ["expiry", number] }], events: [] };
    const { call } = entry;
    if (call === undefined)
      return {
        changes: await this.deleting(room, place, entry),
        events: [{ kind: "expired", room, entry: place }],
        unread: unreadChange(entry.counts, "nothing"),
      };
    // Nobody hangs up for those who have all died. This device knows of its own call that it goes on.
    if (call.state === "accepted" && this.#calls.isIn(room, call.call))
      return { changes: [{ delete: ["expiry", number] }], events: [] };
    const over = afterSilence(call);
    const record = over.state === "failed" ? await this.callRecord(room, call.call) : undefined;
    const ending = record && { put: callKey(room, call.call), value: callRecord.write({ ...record, isOver: true }) };
    return {
      changes: [
        ...(await this.#entries.put(room, place, { ...entry, call: over })),
        ...(ending === undefined ? [] : [ending]),
      ],
      events: [{ kind: "call", room, entry: place, call: call.call, state: over.state }],
    };
  }

  /** What is known of a call. */
  callRecord(room: string, call: Uint8Array): Promise<CallRecord | undefined> {
    return this.#callFolding.record(room, call);
  }

  async #handshake(message: OpenedMessage, content: MimiContent): Promise<readonly StoreChange[]> {
    const envelope = readHandshake(content);
    const isAllowed = this.#calls.may(message.room, userOfDevice(message.device), "canJoinCall");
    return envelope === undefined || !isAllowed ? [] : this.#calls.handshake(message, envelope);
  }

  /** When the next message goes, in milliseconds since 1970. */
  nextExpiry(): Promise<number | undefined> {
    return nextExpiry(this.#store);
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
    said: Message,
  ): Promise<Judged> {
    const user = userOfDevice(device);
    const entries = new Map<string, Placed>();
    for (const named of namedBy(content)) {
      const place = await this.placeOf(room, named);
      const entry = place === undefined ? undefined : await this.#entries.entry(room, place);
      if (entry !== undefined && place !== undefined) entries.set(hex(named), { ...entry, place });
    }
    const may = (capability: ContentCapability): boolean => this.#may(room, user, capability);
    return judged({ user, id, bytes, content, said, at, number, find: findIn(entries), may });
  }

  /** A message of its own, and what it changes of another. */
  async #adding(
    { room, device, number, at, content: bytes }: OpenedMessage,
    { id, content, said }: { readonly id: Uint8Array; readonly content: MimiContent; readonly said: Message },
    place: bigint,
    status: StoredEntry["status"],
    changed: Placed | undefined,
  ): Promise<Folded> {
    const readAt = status === "waiting" ? at : undefined;
    const timer = timerOf(this.#timers(room), said.kind, content.expires, at);
    const plain: StoredEntry = { ...plainEntry, id, device, status, number, at, content: bytes, timer, readAt };
    const entry = { ...plain, counts: countingOf(plain, said, userOfDevice(this.#device)) };
    return {
      unread: unreadChange("nothing", entry.counts),
      changes: [
        ...indexing(room, place, { said, at, isNew: true }),
        ...(await this.#entries.put(room, place, entry)),
        { put: messageKey(room, id), value: placeEntry.write(place) },
        ...(changed === undefined ? [] : putEntry(room, changed)),
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
        ...putEntry(room, { ...changed, counts }),
        ...index,
        ...(isOther ? await forgettingFiles(this.#store, room, place) : []),
        ...(await this.#keepingFirst(room, changed)),
        { put: messageKey(room, id), value: placeEntry.write(changed.place) },
      ],
      events: [{ kind: "entry-changed", room, entry: changed.place }],
    };
  }

  /**
   * The first version of a message of this device that says something else from now on: it is still to be sent, or may have to be said again while
   * its epoch may be taken back. Of what is taken back and was sent nothing is kept.
   */
  async #keepingFirst(room: string, { place, content, edit }: Placed): Promise<readonly StoreChange[]> {
    const before = await this.#entries.entry(room, place);
    if (before?.device !== this.#device) return [];
    const isFirst = before.edit === undefined && before.content.length > 0;
    if (before.status === "waiting" && isFirst && (content.length === 0 || edit !== undefined))
      return [{ put: firstKey(room, place), value: before.content }];
    if (before.status !== "sent") return [];
    const { number, edit: edited } = before;
    if (content.length === 0 && edited !== undefined)
      return [number, edited.number].map((each) => ({ delete: saidKey(room, each) }));
    if (content.length === 0 || edit === undefined || edited !== undefined) return [];
    return [{ put: saidKey(room, number), value: saidEntry.write({ entry: place, content: before.content }) }];
  }
}
