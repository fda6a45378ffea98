/**
 * New keys of this device's leaves on a schedule, so that what a thief has taken of a room ends there: an Update path in a commit of its own.
 * RFC 9420 section 16.6. Each device has its own time in each room, so that not all commit at once.
 */

import { bits32 } from "../../bytes/bits.ts";
import { asking } from "../outbox/asking.ts";
import { hasPassed } from "../passed.ts";
import type { RoomCore } from "./core.ts";

/** Seven days, in milliseconds. */
export const renewalPeriod: number = 7 * 24 * 60 * 60 * 1000;

/** Rooms whose renewal one look at them asks for: a client of a thousand rooms has not all of them in memory. */
const mostAtOnce = 8;

/** Ask for new keys where it is time, and remember when a room was seen first. */
export async function renewDue(cores: Iterable<RoomCore>, every: number): Promise<readonly string[]> {
  if (every === 0) return [];
  const asked: string[] = [];
  for (const core of cores) {
    if (asked.length >= mostAtOnce) break;
    if (isDue(core, every) && (await core.turn(() => renew(core, every)))) asked.push(core.id);
  }
  return asked;
}

/** Between three and five quarters of the period after the last time, as device and room have it. */
function isDue({ id, state, around }: RoomCore, every: number): boolean {
  if (state.status !== "member") return false;
  const share = 0.75 + 0.5 * (bits32(`${around.device} ${id}`) / 2 ** 32);
  return state.renewedAt === 0 || hasPassed(every * share, state.renewedAt, around.clock());
}

/** Whether it is asked for. Of a room that was never looked at, the time begins now. */
async function renew(core: RoomCore, every: number): Promise<boolean> {
  if (!isDue(core, every)) return false;
  const { around, state } = core;
  const now = Math.max(1, around.clock());
  if (state.renewedAt === 0) {
    await core.write({ state: { renewedAt: now } });
    return false;
  }
  const { state: next, changes } = asking(core, { kind: "change", change: { kind: "renew" } });
  await core.write({ state: { ...next, renewedAt: now }, changes, flush: true });
  return true;
}
