/**
 * This user's devices in a room: those that the user's list names, under the keys that it names, and no others. What is missing is
 * asked for, and what is too much, whoever of the user's devices is there to do it.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { Device } from "../../accounts/devices.ts";
import type { Group } from "../../group/group.ts";
import { deviceOf, userOfDevice } from "../../rooms/uri.ts";
import { idleDevices } from "../idle/record.ts";
import { asking } from "../outbox/asking.ts";
import type { Wish } from "../outbox/intent.ts";
import { missesRooms } from "../recovering/returning.ts";
import { formerSelfKey } from "../store/keys.ts";
import type { RoomCore } from "./core.ts";

/** A list of devices, as far as rooms go. */
export interface ListedDevices {
  readonly number: bigint;
  readonly devices: readonly Pick<Device, "uri" | "suspended" | "signatureKey">[];
}

/**
 * Ask for what the room lacks, or has too much, beside the list. Gives whether it is in line: from then on the room's state says so. A
 * device that has no key package yet is waited for, where `waits` says so.
 */
export async function bringInLine(
  core: RoomCore,
  { number, devices }: ListedDevices,
  waits: boolean,
): Promise<boolean> {
  const { user, device: self } = core.around;
  return core.turn(async () => {
    if (core.state.status !== "member") return false;
    const group = await core.group();
    const wanted = keysOf(devices);
    const there = new Set<string>();
    for (const { credential } of group.members) {
      const device = deviceOf(credential);
      if (device !== undefined && device !== self && userOfDevice(device) === user) there.add(device);
    }
    const surplus = surplusIn(core, group, wanted);
    const { rules } = core;
    // A device that has never had the account key that a room of the user's devices is named by would take it for a room like others.
    const isFormerSelf = (await core.around.store.get(formerSelfKey(core.id))) !== undefined;
    const takesMore =
      !isFormerSelf && rules.data.base_room_policy.multiDevice && rules.mayDo(user, { kind: "add-own-client" });
    const idle = await idleDevices(core.around.store);
    const missing = takesMore
      ? [...wanted.keys()].filter((device) => device !== self && !there.has(device) && !idle.has(device))
      : [];
    const wishes: Wish[] = [
      ...surplus.map((device) => ({ kind: "change", change: { kind: "remove-device", device } }) as const),
      ...missing.map((device) => ({ kind: "change", change: { kind: "add-device", device } }) as const),
    ];
    const isDone = surplus.length === 0 && (missing.length === 0 || !waits);
    const asked = new Set<string>();
    for (const { wish } of await core.outbox.intents()) {
      if (wish.kind === "change" && "device" in wish.change) asked.add(wish.change.kind + wish.change.device);
    }
    const more = asking(
      core,
      ...wishes.filter((wish) => {
        return wish.kind === "change" && "device" in wish.change && !asked.has(wish.change.kind + wish.change.device);
      }),
    );
    const listed = isDone ? number + 1n : core.state.listed;
    const changes = [...more.changes, ...(surplus.length > 0 ? [missesRooms(core.around)] : [])];
    if (changes.length > 0 || listed !== core.state.listed) {
      await core.write({ state: { ...more.state, listed }, changes, flush: changes.length > 0 });
    }
    return isDone;
  });
}

/** Devices of this user in a room that the list known here does not have: what is said there meanwhile would be said to them. */
export async function strangersIn(core: RoomCore): Promise<readonly string[]> {
  const view = await core.around.book?.viewOf(core.around.user);
  return view === undefined ? [] : surplusIn(core, await core.group(), keysOf(view.devices));
}

function keysOf(devices: ListedDevices["devices"]): ReadonlyMap<string, Uint8Array> {
  return new Map(devices.flatMap(({ uri, suspended, signatureKey }) => (suspended ? [] : [[uri, signatureKey]])));
}

/** This user's other devices that are there, and not wanted, or not under this key. */
function surplusIn({ around }: RoomCore, group: Group, wanted: ReadonlyMap<string, Uint8Array>): string[] {
  const surplus: string[] = [];
  for (const { credential, signatureKey } of group.members) {
    const device = deviceOf(credential);
    if (device === undefined || device === around.device || userOfDevice(device) !== around.user) continue;
    const listed = wanted.get(device);
    if (listed === undefined || !bytesEqual(listed, signatureKey)) surplus.push(device);
  }
  return surplus;
}
