/**
 * What a person does about a fork: looks at both branches, and goes on with one of them. Software can't choose: one branch may hold whom
 * the other one has removed.
 */

import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { encode } from "../../codec/codec.ts";
import { readGroupInfo } from "../../public-group/unverified/group-info.ts";
import type { StoreChange } from "../../storage/store.ts";
import { ClientError } from "../errors.ts";
import { catchUp } from "../room/incoming.ts";
import type { RoomCore } from "../room/core.ts";
import { rejoin } from "../room/rejoin.ts";
import { EpochStatement, forkEntry } from "./statements.ts";

/** Two branches of a room: another device is in the other one. */
export interface Fork {
  /** The device that is there. */
  readonly device: string;
  /** The first epoch of which both have spoken, and differ. */
  readonly epoch: bigint;
  /** What this device has signed of it, and what the other one has: evidence for anybody who has their keys. */
  readonly known: Bytes;
  readonly other: Bytes;
}

/** The forks of a room that nobody has decided yet. */
export async function forksOf({ around, id }: RoomCore): Promise<readonly Fork[]> {
  const forks: Fork[] = [];
  for await (const { key, value } of around.store.range({ prefix: ["fork", id] })) {
    const { own, other } = forkEntry.read(value);
    const [known, theirs] = [encode(EpochStatement, own), encode(EpochStatement, other)];
    forks.push({ device: String(key[2]), epoch: own.epoch, known: asBytes(known), other: asBytes(theirs) });
  }
  return forks;
}

/** Whether the service has shown another branch than this device's, and no person has chosen yet. */
export async function isUndecided({ around, id, isShownLess }: RoomCore): Promise<boolean> {
  if (isShownLess) return true;
  for await (const entry of around.store.range({ prefix: ["fork", id], limit: 1 })) return entry.key.length > 0;
  return false;
}

/**
 * Go on with this device's branch, or join the other one from outside, as the service shows it: what waits to be sent waits on. A service that
 * has gone back to an older state of the room shows another branch, too.
 *
 * @throws ClientError "offline", "room-unknown" where there is no other branch, "impossible" where the service does not show the branch
 */
export async function chooseBranch(core: RoomCore, branch: "own" | "other"): Promise<void> {
  const { around, id } = core;
  const decided: StoreChange[] = [];
  const others: EpochStatement[] = [];
  for await (const { key, value } of around.store.range({ prefix: ["fork", id] })) {
    decided.push({ delete: key });
    others.push(forkEntry.read(value).other);
  }
  if (others.length === 0 && !core.isShownLess) throw new ClientError("room-unknown");
  // The service goes on with the other one: this device could only join that.
  if (branch === "own" && core.state.status === "behind") throw new ClientError("impossible");
  if (branch === "other") {
    const connection = around.connection();
    if (connection === undefined) throw new ClientError("offline");
    await catchUp(core);
    const { groupContext } = readGroupInfo((await connection.groupInfo({ room: id })).groupInfo);
    const group = await core.group();
    const { epoch, confirmedTranscriptHash: shown } = groupContext;
    const isOurs = epoch === group.epoch && bytesEqual(shown, group.groupContext.confirmedTranscriptHash);
    const told = others.filter((other) => other.epoch === epoch);
    const isTheirs = told.length === 0 || told.some((each) => bytesEqual(each.confirmedTranscriptHash, shown));
    const isBefore = !core.isShownLess && others.every((other) => other.epoch > epoch);
    if (isOurs || !isTheirs || isBefore) throw new ClientError("impossible");
    for await (const { key } of around.store.range({ prefix: ["epoch", id] })) decided.push({ delete: key });
    await core.write({ state: { status: "behind", stuckAt: 0n }, flush: true });
    core.rejoined = undefined;
    if (!(await rejoin(core))) throw new ClientError("impossible");
  }
  await core.write({ changes: decided, flush: true });
}
