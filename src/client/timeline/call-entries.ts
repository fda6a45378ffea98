/**
 * The calls of timelines: what notices of the log make of them.
 */

import type { CallMessage } from "../../content/messages/message.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import type { CallEnvelope } from "../calls/handshake.ts";
import { callRecord, type CallRecord } from "../calls/record.ts";
import { callKey, messageKey } from "../store/keys.ts";
import type { Folded, OpenedMessage } from "../surroundings.ts";
import { afterNotice, ringingCall } from "./call-entry.ts";
import type { Entries } from "./entries.ts";
import { placeEntry, plainEntry, type StoredEntry } from "./entry.ts";

/** What a timeline asks of whoever keeps the calls. */
export interface CallFolding {
  /** Whether the room's policy lets a user do that now. */
  may(room: string, user: string, capability: "canStartCall" | "canJoinCall"): boolean;
  /** Whether this device is in that call. */
  isIn(room: string, call: Uint8Array): boolean;
  /** A message of a call's group, at its place in the log. */
  handshake(message: OpenedMessage, envelope: CallEnvelope): Promise<readonly StoreChange[]>;
  /** What a device says of a call, when it is folded in. */
  noticed(room: string, device: string, notice: CallMessage): void;
}

export interface CallEntriesParts {
  readonly store: Store;
  readonly device: string;
  readonly calls: CallFolding;
  readonly entries: Entries;
}

export class CallEntries {
  readonly #parts: CallEntriesParts;

  constructor(parts: CallEntriesParts) {
    this.#parts = parts;
  }

  /** What is known of a call. */
  async record(room: string, call: Uint8Array): Promise<CallRecord | undefined> {
    const value = await this.#parts.store.get(callKey(room, call));
    return value && callRecord.read(value);
  }

  /** A call rings, or something is said of it. */
  async opened(
    message: OpenedMessage,
    id: Uint8Array,
    notice: CallMessage,
    nextEntry: bigint,
    status?: "waiting",
  ): Promise<Folded> {
    const { room, device, number, at } = message;
    const user = userOfDevice(device);
    const me = userOfDevice(this.#parts.device);
    const nothingNew: Folded = { changes: [], events: [], nextEntry };
    const known = await this.record(room, notice.call);
    const isRinging = notice.event === "ringing";
    if (isRinging === (known !== undefined)) return nothingNew;
    if (!this.#parts.calls.may(room, user, isRinging ? "canStartCall" : "canJoinCall")) return nothingNew;
    if (known === undefined) {
      const call = ringingCall(notice, user === me, at);
      const own = device === this.#parts.device ? "sent" : "received";
      const entry: StoredEntry = {
        ...plainEntry,
        ...{ id, device, number, at, content: message.content, call, status: status ?? own },
      };
      const record = { place: nextEntry, caller: device, epoch: 0n, groupInfo: undefined, isOver: false };
      return {
        changes: [
          ...(await this.#parts.entries.put(room, nextEntry, entry)),
          { put: messageKey(room, id), value: placeEntry.write(nextEntry) },
          { put: callKey(room, notice.call), value: callRecord.write(record) },
        ],
        events: [{ kind: "call", room, entry: nextEntry, call: notice.call, state: call.state }],
        nextEntry: nextEntry + 1n,
      };
    }
    const { place } = known;
    const entry = await this.#parts.entries.entry(room, place);
    if (entry?.call === undefined) return nothingNew;
    this.#parts.calls.noticed(room, device, notice);
    const caller = userOfDevice(entry.device);
    const call = afterNotice(entry.call, notice, { caller, user, me });
    if (call === undefined) return nothingNew;
    // What others say of its end is shown, and keeps nobody from joining: the call may go on.
    const isEnd = user === caller && (notice.event === "cancelled" || notice.event === "ended");
    return {
      changes: [
        ...(await this.#parts.entries.put(room, place, { ...entry, call })),
        ...(isEnd ? [{ put: callKey(room, notice.call), value: callRecord.write({ ...known, isOver: true }) }] : []),
      ],
      events: [{ kind: "call", room, entry: place, call: call.call, state: call.state }],
      nextEntry,
    };
  }
}
