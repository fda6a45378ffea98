/**
 * Taking leaves out that contradict what is known of accounts: fetched where there are any.
 */

import { asking } from "../outbox/asking.ts";
import type { RoomCore } from "./core.ts";

/** Within how long those who may take a leaf out begin, spread so that they don't race, in milliseconds. */
const spread = 10_000;
/** How long a device waits that has tried. */
const untilNext = 10 * 60_000;

/** Take out what contradicts, where this user may, after a while: one of many will be the first. */
export async function takeOut(core: RoomCore): Promise<boolean> {
  const { around, rules } = core;
  const alarms = (await core.alarms.all()).filter(({ user }) =>
    rules.mayDo(around.user, user === around.user ? { kind: "remove-own-client" } : { kind: "kick", user }),
  );
  if (alarms.length === 0) {
    core.takesOutAt = undefined;
    return false;
  }
  const now = around.clock();
  const [byte = 0] = core.takesOutAt === undefined ? around.random(1) : [];
  core.takesOutAt ??= now + Math.ceil((spread * (byte + 1)) / 256);
  if (core.takesOutAt > now) {
    around.later(core.id, core.takesOutAt - now);
    return false;
  }
  core.takesOutAt = now + untilNext;
  const asked = new Set<string>();
  for (const { wish } of await core.outbox.intents()) {
    if (wish.kind === "change" && wish.change.kind === "remove-device") asked.add(wish.change.device);
  }
  const out = alarms.filter(({ device }) => !asked.has(device));
  const { state, changes } = asking(
    core,
    ...out.map(({ device }) => ({ kind: "change", change: { kind: "remove-device", device } }) as const),
  );
  if (changes.length > 0) await core.write({ state, changes, flush: true });
  return changes.length > 0;
}
