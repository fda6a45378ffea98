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

/** How long the group's epoch is not said again, in milliseconds, however often somebody says another one. */
const resetAfter = 2_000;
/** So many users of the call, or all others, are believed that the group is beyond this device. */
const believed = 2;

export class Deciding {
  readonly #parts: DecidingParts;
  #isBehind = false;
  /** Users in the call who have spoken of an epoch that this device has not reached. */
  readonly #ahead = new Set<string>();
  #seen = 0n;
  #pending = 0;
  /** The GroupInfo that came with the group's last commit. */
  #info: { readonly epoch: bigint; readonly groupInfo: Uint8Array } | undefined;
  #cancel: (() => void) | undefined;

  constructor(parts: DecidingParts) {
    this.#parts = parts;
  }

  /** The epoch of the group that decides; undefined where the log does: this device is not in, or can't follow. */
  get epoch(): bigint | undefined {
    return this.#isBehind ? undefined : this.#parts.group()?.group?.epoch;
  }

  /** This device is in, or has entered another epoch. */
  moved(): void {
    this.#isBehind = false;
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
      if (kind === "commit") await this.#parts.receive({ kind, message });
      const epoch = this.epoch;
      if (epoch === undefined) return;
      const isTaken = epoch > this.#seen;
      this.#seen = epoch;
      if (kind === "commit" && isTaken && said + 1n === epoch && handshake.groupInfo !== undefined)
        this.#info = { epoch, groupInfo: handshake.groupInfo };
      if (kind === "commit" && said >= epoch) this.#parts.forget(message);
      if (said > epoch && this.#isBelieved(device)) {
        this.#isBehind = true;
        void this.#parts.receive({ kind: "epoch", epoch: kind === "commit" ? said + 1n : said });
      }
    } finally {
      this.#pending--;
    }
    await this.#settle();
  }

  /** Whether enough users speak of a later epoch who are in the call, and in the room. */
  #isBelieved(device: string): boolean {
    const { core, group } = this.#parts;
    const users = new Set<string>();
    for (const { credential } of group()?.members ?? []) {
      const user = userOf(credential);
      if (user === undefined || deviceOf(credential) === core.around.device) continue;
      if (core.may(user, "canJoinCall")) users.add(user);
    }
    const user = userOfDevice(device);
    if (users.has(user)) this.#ahead.add(user);
    const all = [...this.#ahead].filter((each) => users.has(each));
    return all.length > 0 && all.length >= Math.min(believed, users.size);
  }

  /** What is kept of the call is where the group is. */
  async #settle(): Promise<void> {
    const { core, id, group } = this.#parts;
    await core.turn(async () => {
      const epoch = this.epoch;
      const key = callKey(core.id, id);
      const stored = await core.around.store.get(key);
      if (stored === undefined || epoch === undefined || this.#pending > 0) return;
      const record = callRecord.read(stored);
      const info = this.#info?.epoch === epoch ? this.#info.groupInfo : undefined;
      const isSame = info === undefined || (record.groupInfo !== undefined && bytesEqual(record.groupInfo, info));
      if (record.epoch === epoch && isSame) return;
      const groupInfo = info ?? (await group()?.group?.groupInfo());
      await core.write({ changes: [{ put: key, value: callRecord.write({ ...record, epoch, groupInfo }) }] });
      this.#resetSoon();
    });
  }

  /** One of those who are in the call says to the others where its group is. */
  #resetSoon(): void {
    const { scheduler, track } = this.#parts;
    this.#cancel ??= scheduler.after(resetAfter, () => {
      this.#cancel = undefined;
      track(this.#reset());
    });
  }

  async #reset(): Promise<void> {
    const { group, isSilent, say } = this.#parts;
    const [call, epoch] = [group(), this.epoch];
    if (call?.group === undefined || epoch === undefined) return;
    for (const { leafIndex, credential } of call.members)
      if (leafIndex < call.self.leafIndex && !isSilent(deviceOf(credential) ?? "")) return;
    const message = await call.group.groupInfo();
    if (this.epoch === epoch) await say({ kind: "reset", epoch, message });
  }
}
