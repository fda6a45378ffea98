/**
 * Which commits of a call count for a device that is in it: those that its group takes. Any member of the room can say in the log that it has made
 * one, and who is about to be removed would be the first to: what nobody takes must not stand in the way of the commit that locks that member out.
 * Who is not in the call can't tell, and is told the group's epoch by one who is in it.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { Scheduler } from "../../call/clock.ts";
import type { CallGroup } from "../../call/group/call-group.ts";
import type { Incoming } from "../../call/group/transport.ts";
import { deviceOf, userOf, userOfDevice } from "../../rooms/uri.ts";
import type { RoomCore } from "../room/core.ts";
import { callKey } from "../store/keys.ts";
import type { CallHandshake } from "./handshake.ts";
import { callRecord } from "./record.ts";

/** What it needs of the call. */
export interface DecidingParts {
  readonly core: RoomCore;
  readonly id: Uint8Array;
  readonly scheduler: Scheduler;
  readonly group: () => CallGroup | undefined;
  readonly isSilent: (device: string) => boolean;
  readonly receive: (incoming: Incoming) => Promise<void>;
  /** A message that nothing came of: it is not brought again. */
  readonly forget: (message: Uint8Array) => void;
  readonly say: (handshake: CallHandshake) => Promise<void>;
  readonly track: (work: Promise<unknown>) => void;
}

/**
 * How long the group's epoch is not said again, in milliseconds, however often somebody says another one; and how long each user leaves it to those
 * before.
 */
const resetAfter = 2_000;
/** With each time in one epoch it is said again twice as late, so many times. */
const mostDoublings = 4;
/** So many users of the call, or all others, are believed that the group is beyond this device. */
const believed = 2;

export class Deciding {
  readonly #parts: DecidingParts;
  #isBehind = false;
  /** Whether it has believed others that it is. */
  #believes = false;
  /** Users in the call who have spoken of an epoch that this device has not reached. */
  readonly #ahead = new Set<string>();
  #seen = 0n;
  /** How often this device has said its epoch. */
  #resets = 0;
  #pending = 0;
  /** The GroupInfo that came with the group's last commit. */
  #info: { readonly epoch: bigint; readonly groupInfo: Uint8Array } | undefined;
  #cancel: (() => void) | undefined;
  /** Whether a user of the call has spoken of another epoch since it was looked at last: that device may have lost the group, or this one. */
  #isContested = false;
  /** The users of the call who have said this device's epoch since somebody said another one, and how many are to. */
  readonly #agreed = new Set<string>();
  #wanted = 0;

  constructor(parts: DecidingParts) {
    this.#parts = parts;
  }

  /** The epoch of the group that decides; undefined where the log does: this device is not in, or can't follow. */
  get epoch(): bigint | undefined {
    return this.#isBehind || (this.#believes && this.#areBelieved()) ? undefined : this.#parts.group()?.group?.epoch;
  }

  /** This device is in, or has entered another epoch. */
  moved(): void {
    this.#isBehind = this.#believes = false;
    this.#ahead.clear();
  }

  /** It can't follow the group any more. */
  lost(): void {
    this.#isBehind = true;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** What the log has brought of the group, in its order. */
  async take(handshake: Exclude<CallHandshake, { kind: "proposal" }>, device: string): Promise<void> {
    const { kind, epoch: said, message } = handshake;
    this.#pending++;
    try {
      this.#doubt();
      if (kind === "commit") await this.#parts.receive({ kind, message });
      const epoch = this.epoch;
      if (epoch === undefined) return;
      const isTaken = epoch > this.#seen;
      if (isTaken) this.#resets = 0;
      this.#seen = epoch;
      if (kind === "commit" && isTaken && said + 1n === epoch && handshake.groupInfo !== undefined)
        this.#info = { epoch, groupInfo: handshake.groupInfo };
      if (kind === "commit" && said >= epoch) this.#parts.forget(message);
      const spoken = kind === "commit" ? said + 1n : said;
      const user = userOfDevice(device);
      if (this.#users(true).has(user)) {
        if (spoken !== epoch) this.#isContested = true;
        else if (kind === "reset") this.#agreed.add(user);
      }
      if (this.#agreed.size >= this.#wanted) this.stop();
      if (spoken > epoch && this.#users().has(user)) {
        this.#ahead.add(user);
        this.#believes = this.#areBelieved();
        if (this.#believes) void this.#parts.receive({ kind: "epoch", epoch: spoken });
      }
    } finally {
      this.#pending--;
    }
    await this.#settle();
  }

  /** The users who are in the call, and may be: of all devices, or of all others. */
  #users(isOwnToo = false): ReadonlySet<string> {
    const { core, group } = this.#parts;
    const users = new Set<string>();
    for (const { credential } of group()?.members ?? []) {
      const user = userOf(credential);
      if (user === undefined || (!isOwnToo && deviceOf(credential) === core.around.device)) continue;
      if (core.may(user, "canJoinCall")) users.add(user);
    }
    return users;
  }

  /** Whether enough users speak of a later epoch who are in the call, and in the room. */
  #areBelieved(): boolean {
    const users = this.#users();
    const all = [...this.#ahead].filter((each) => users.has(each));
    return all.length > 0 && all.length >= Math.min(believed, users.size);
  }

  /** Whom it has believed may be out of the room: then the group is where this device is. */
  #doubt(): void {
    const { epoch } = this;
    if (!this.#believes || epoch === undefined) return;
    this.#believes = false;
    void this.#parts.receive({ kind: "epoch", epoch });
  }

  /** What is kept of the call is where the group is. */
  async #settle(): Promise<void> {
    const { core, id, group } = this.#parts;
    await core.turn(async () => {
      const epoch = this.epoch;
      const key = callKey(core.id, id);
      const stored = await core.around.store.get(key);
      if (stored === undefined || epoch === undefined || this.#pending > 0) return;
      const isContested = this.#isContested;
      this.#isContested = false;
      const record = callRecord.read(stored);
      const info = this.#info?.epoch === epoch ? this.#info.groupInfo : undefined;
      const isSame = info === undefined || (record.groupInfo !== undefined && bytesEqual(record.groupInfo, info));
      if (record.epoch === epoch && isSame) return;
      const groupInfo = info ?? (await group()?.group?.groupInfo());
      await core.write({ changes: [{ put: key, value: callRecord.write({ ...record, epoch, groupInfo }) }] });
      this.#resetSoon(isContested ? Math.min(believed, this.#users(true).size) : 1);
    });
  }

  /**
   * Of those who are in the call so many users say where its group is: one, and as many as are believed where somebody who is in it too has said
   * otherwise, so that whoever is alone with an epoch hears it. The first in the tree who are not silent are the first.
   */
  #resetSoon(wanted: number): void {
    const { scheduler, track } = this.#parts;
    this.#agreed.clear();
    this.#wanted = wanted;
    const wait = resetAfter * 2 ** Math.min(this.#resets, mostDoublings);
    this.#cancel ??= scheduler.after(wait * (1 + this.#before()), () => {
      this.#cancel = undefined;
      track(this.#reset());
    });
  }

  /** How many users there are before this one in the tree. */
  #before(): number {
    const { group, isSilent } = this.#parts;
    const call = group();
    const users = new Set<string>();
    for (const { leafIndex, credential } of call?.members ?? []) {
      const device = deviceOf(credential) ?? "";
      if (call !== undefined && leafIndex < call.self.leafIndex && !isSilent(device)) users.add(userOfDevice(device));
    }
    return users.size;
  }

  async #reset(): Promise<void> {
    const { group, say } = this.#parts;
    const [call, epoch] = [group(), this.epoch];
    if (call?.group === undefined || epoch === undefined) return;
    const message = await call.group.groupInfo();
    if (this.epoch !== epoch) return;
    this.#resets++;
    await say({ kind: "reset", epoch, message });
  }
}
