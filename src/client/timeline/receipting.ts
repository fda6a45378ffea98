/**
 * Receipts in timelines: those that this device is to send, and what others say of this user's messages.
 */

import type { Status } from "../../content/messages/records.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { receiptEntry, receiptKey } from "../room/receipts.ts";
import type { Folded, OpenedMessage } from "../surroundings.ts";
import { putEntry, type Entries } from "./entries.ts";
import { mostReports, reported, type Placed, type ReceiptsAllowed } from "./judging.ts";

/** Which receipts there are in a room whose group is in memory. */
export interface ReceiptRules {
  /** What this device is to say. */
  wanted(room: string): ReceiptsAllowed;
  /** What others may say. */
  allowed(room: string): ReceiptsAllowed;
  /** One waits to be sent. */
  waits(): void;
}

export interface ReceiptingParts {
  readonly store: Store;
  readonly device: string;
  readonly rules: ReceiptRules;
  readonly entries: Entries;
}

export class Receipting {
  readonly #parts: ReceiptingParts;

  constructor(parts: ReceiptingParts) {
    this.#parts = parts;
  }

  get rules(): ReceiptRules {
    return this.#parts.rules;
  }

  /** A receipt that is to be sent. */
  waiting(room: string, number: bigint, id: Uint8Array, isRead: boolean): StoreChange[] {
    this.#parts.rules.waits();
    return [{ put: receiptKey(room, number), value: receiptEntry.write({ id, isRead }) }];
  }

  /** What somebody says of messages. What another device of this user has said is not said again. */
  async reported(
    { room, device, at, number }: OpenedMessage,
    reports: readonly Status[],
  ): Promise<Pick<Folded, "changes" | "events">> {
    if (reports.length > mostReports) {
      return { changes: [], events: [{ kind: "refused", room, item: number, by: device, reason: "too-many" }] };
    }
    const [user, me] = [userOfDevice(device), userOfDevice(this.#parts.device)];
    const allowed = this.#parts.rules.allowed(room);
    const after = new Map<bigint, Placed>();
    const said = new Map<bigint, StoreChange>();
    for (const report of reports) {
      const place = await this.#parts.entries.placeOf(room, report.id);
      const entry =
        place === undefined ? undefined : (after.get(place) ?? (await this.#parts.entries.entry(room, place)));
      if (entry === undefined || place === undefined) continue;
      const key = receiptKey(room, entry.number);
      const own = user === me ? await this.#parts.store.get(key) : undefined;
      if (own !== undefined && (report.status === "read" || !receiptEntry.read(own).isRead))
        said.set(place, { delete: key });
      const changed = reported({ ...entry, place }, report, { user, me, at, allowed });
      if (changed !== undefined) after.set(place, changed);
    }
    const changed = [...after.values()];
    return {
      changes: [...said.values(), ...changed.flatMap((entry) => putEntry(room, entry))],
      events: changed.map(({ place }) => ({ kind: "entry-changed", room, entry: place })),
    };
  }
}
