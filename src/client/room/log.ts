/**
 * What a device has read of a room's log, as one hash, which goes with each of its messages and commits: so members find out that the
 * service keeps something from one of them, or shows them different things, however it numbers the rest. The hash begins with each epoch
 * and its confirmed transcript hash, so that whoever joins begins where all others do. It is a SafeAAD item: section 4.9 of
 * draft-ietf-mls-extensions.
 */

import { attempt } from "../../bytes/attempt.ts";
import { hash } from "#symmetric";
import { bytesEqual } from "../../bytes/compare.ts";
import { concat } from "../../bytes/concat.ts";
import { decode, encode, fixed, opaque, struct, u32, type Codec } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import { readSafeAad, writeSafeAad, type SafeAadItem } from "../../extensions/app-data/safe-aad.ts";
import type { Group } from "../../group/group.ts";
import type { LogItem } from "../../delivery/delivery.ts";
import type { RoomCore } from "./core.ts";
import { nothingRead, type RoomState } from "./state.ts";

/** Its number, in the range for private use. */
const logComponentId = 0xf0ad;
const size = 16;

interface Said {
  readonly count: number;
  readonly hash: Uint8Array;
  readonly before: Uint8Array;
}
const Said: Codec<Said> = struct<Said>({ count: u32, hash: fixed(size), before: opaque });

function digest(...parts: readonly Uint8Array[]): Uint8Array {
  return hash("sha256", concat(...parts)).slice(0, size);
}

function now({ state, hashes }: RoomCore, { epoch, groupContext }: Group): Uint8Array {
  const { count, hash: read } = state.log;
  const value = count === 0 ? digest(groupContext.confirmedTranscriptHash) : read;
  hashes.put(epoch, count, value);
  return value;
}

/** An item was read that begins no epoch. */
export async function passed(
  core: RoomCore,
  { number, message }: { readonly number: bigint; readonly message: Uint8Array },
): Promise<Pick<RoomState, "cursor" | "log">> {
  const group = await core.group();
  const { count, before } = core.state.log;
  const next = digest(now(core, group), digest(message));
  core.hashes.put(group.epoch, count + 1, next);
  return { cursor: number, log: { count: count + 1, hash: next, before } };
}

/** The commit was read that ends the group's epoch, and is not applied yet. */
export async function ended(core: RoomCore, { number }: LogItem): Promise<Pick<RoomState, "cursor" | "log">> {
  return { cursor: number, log: { ...nothingRead, before: now(core, await core.group()) } };
}

/** What goes with a message or a commit of this device, behind the franking tag where it has one: its number is less. */
export function authenticatedLog(core: RoomCore, group: Group, frank: readonly SafeAadItem[] = []): Uint8Array {
  const { count, before } = core.state.log;
  const data = encode(Said, { count, hash: now(core, group), before });
  return writeSafeAad([...frank, { componentId: logComponentId, data }]);
}

/**
 * Whether a member had read another log when it said this, in this epoch, which is the first time that it is found. Nothing is found where
 * it says nothing of it, or where this device does not remember what it had read then: what its next message says holds that, too.
 */
export async function hasReadAnother(
  core: RoomCore,
  said: { readonly epoch: bigint; readonly authenticatedData: Uint8Array },
  by: string,
): Promise<boolean> {
  const what = itemIn(said.authenticatedData);
  if (what === undefined) return false;
  const group = await core.group();
  const isNow = said.epoch === group.epoch;
  if (isNow) now(core, group);
  const known = core.hashes.at(said.epoch, what.count);
  const { count, before } = core.state.log;
  const isOther =
    (known !== undefined && !bytesEqual(known, what.hash)) ||
    (isNow && what.count > count) ||
    (isNow && before.length > 0 && what.before.length > 0 && !bytesEqual(before, what.before));
  return isOther && core.hashes.isFirst(said.epoch, by);
}

function itemIn(authenticatedData: Uint8Array): Said | undefined {
  if (authenticatedData.length === 0) return undefined; // no need to fail for each message
  return attempt(CopseError, () => {
    const item = readSafeAad(authenticatedData).find(({ componentId }) => componentId === logComponentId);
    return item && decode(Said, item.data);
  });
}
