/**
 * Leaves of a room that contradict what this device knows of their users' accounts. Nothing of it makes a commit invalid, for others
 * may know less or more: it is told, messages wait where somebody may be there under another's name, and the leaf is taken out.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { Finding } from "../../accounts/attestation.ts";
import { opaque, optional, struct, vector, u64, type Codec } from "../../codec/codec.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import type { ClientEvent } from "../events.ts";
import { entryKind, flag, text, type EntryKind } from "../store/entry.ts";
import { alarmsKey } from "../store/keys.ts";

/** A leaf of a room that contradicts what this device knows of its user's account. */
export interface MemberAlarm {
  /** Who the leaf says it is. */
  readonly user: string;
  readonly device: string;
  /** What contradicts, as docs/accounts.md has it: "root" is another account under this user's name. */
  readonly findings: readonly Finding[];
  /** The device whose commit has brought the leaf in; undefined where it was there when this device looked first. */
  readonly by: string | undefined;
  /** The epoch in which it was seen first: what `device` has said before may have been the right one's. */
  readonly since: bigint;
  /** Whether this device's messages wait for it, until the leaf is out or the person has looked. */
  readonly holds: boolean;
}

/** An alarm, and what the leaf is known by. */
export interface LeafAlarm extends MemberAlarm {
  readonly signatureKey: Uint8Array;
  readonly rootKey: Uint8Array;
}

/** What a person has looked at: another root of the same user is something new. */
interface Acknowledged {
  readonly user: string;
  readonly rootKey: Uint8Array;
}

interface StoredAlarms {
  readonly alarms: readonly LeafAlarm[];
  readonly acknowledged: readonly Acknowledged[];
}

const LeafAlarm: Codec<LeafAlarm> = struct<LeafAlarm>({
  user: text,
  device: text,
  findings: vector(text as Codec<Finding>, "proposals"),
  by: optional(text),
  since: u64,
  holds: flag,
  signatureKey: opaque,
  rootKey: opaque,
});
const Acknowledged: Codec<Acknowledged> = struct<Acknowledged>({ user: text, rootKey: opaque });
const alarmsEntry: EntryKind<StoredAlarms> = entryKind(
  struct<StoredAlarms>({ alarms: vector(LeafAlarm, "proposals"), acknowledged: vector(Acknowledged, "proposals") }),
);

/** What was acknowledged and is remembered: the oldest is forgotten, and holds again. */
const mostAcknowledged = 256;

const none: StoredAlarms = { alarms: [], acknowledged: [] };

/** A room's alarms as the store has them. */
export class Alarms {
  readonly #store: Store;
  readonly #room: string;
  #stored: StoredAlarms | undefined;

  constructor(store: Store, room: string) {
    this.#store = store;
    this.#room = room;
  }

  async all(): Promise<readonly LeafAlarm[]> {
    return (await this.#read()).alarms;
  }

  /** Whether messages wait. */
  async isHolding(): Promise<boolean> {
    return (await this.all()).some(({ holds }) => holds);
  }

  /**
   * Those that were found, in place of those of leaves that are gone or were looked at anew.
   *
   * @param gone Whether what is known of a leaf, by its signature key, is over.
   */
  async after(
    gone: (signatureKey: Uint8Array) => boolean,
    found: readonly LeafAlarm[],
  ): Promise<{ readonly changes: readonly StoreChange[]; readonly events: readonly ClientEvent[] }> {
    const { alarms: before, acknowledged } = await this.#read();
    const kept = before.filter(({ signatureKey }) => !gone(signatureKey));
    if (found.length === 0 && kept.length === before.length) return { changes: [], events: [] };
    const events: ClientEvent[] = [];
    const next = found.map((alarm): LeafAlarm => {
      const isLooked = acknowledged.some(
        ({ user, rootKey }) => user === alarm.user && bytesEqual(rootKey, alarm.rootKey),
      );
      const known = before.find(({ signatureKey }) => bytesEqual(signatureKey, alarm.signatureKey));
      const holds = !isLooked && (alarm.holds || known?.holds === true);
      if (known === undefined || (holds && !known.holds)) events.push(eventOf(this.#room, { ...alarm, holds }));
      return { ...alarm, holds, ...(known !== undefined && { by: known.by, since: known.since }) };
    });
    return { changes: [this.#put({ alarms: [...kept, ...next], acknowledged })], events };
  }

  /** The person has looked at what a user's leaves contradict: messages don't wait for it any more. */
  async acknowledging(user: string): Promise<readonly StoreChange[]> {
    const { alarms, acknowledged } = await this.#read();
    const looked = alarms.filter((alarm) => alarm.user === user && alarm.holds);
    if (looked.length === 0) return [];
    return [
      this.#put({
        alarms: alarms.map((alarm) => (alarm.user === user ? { ...alarm, holds: false } : alarm)),
        acknowledged: [...acknowledged, ...looked.map(({ rootKey }) => ({ user, rootKey }))].slice(-mostAcknowledged),
      }),
    ];
  }

  /** These changes are in the store. */
  written(changes: readonly StoreChange[]): void {
    for (const change of changes) {
      if ("put" in change && change.put[0] === "alarms" && change.put[1] === this.#room)
        this.#stored = alarmsEntry.read(change.value);
    }
  }

  /** Keep nothing in memory. */
  forget(): void {
    this.#stored = undefined;
  }

  async #read(): Promise<StoredAlarms> {
    if (this.#stored !== undefined) return this.#stored;
    const value = await this.#store.get(alarmsKey(this.#room));
    return (this.#stored ??= value === undefined ? none : alarmsEntry.read(value));
  }

  #put(alarms: StoredAlarms): StoreChange {
    return { put: alarmsKey(this.#room), value: alarmsEntry.write(alarms) };
  }
}

function eventOf(room: string, { user, device, by, findings, holds }: MemberAlarm): ClientEvent {
  return { kind: "member-alarm", room, user, device, by, findings, holds };
}
