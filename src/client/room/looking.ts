/**
 * Looking at the leaves of a room: beside what this device knows of accounts, without asking anybody. Those that a commit brings are
 * looked at in its batch, before anything that they say is read; all of them when the group comes into memory, and when somebody's list
 * has changed.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { statedFindings, type Finding } from "../../accounts/attestation.ts";
import type { CommitEvent, Member } from "../../public-group/events.ts";
import { deviceOf, userOfDevice } from "../../rooms/uri.ts";
import type { StoreChange } from "../../storage/store.ts";
import type { ClientEvent } from "../events.ts";
import type { LeafAlarm } from "./alarms.ts";
import type { RoomCore } from "./core.ts";

/** Somebody else under this name, or two who say what only one can have said. */
const contradictions: ReadonlySet<Finding> = new Set<Finding>(["root", "key-conflict", "list-conflict"]);
/** A device that its user does not have any more. Who adds a device looks first: one that comes in so was not brought by its user. */
const outs: ReadonlySet<Finding> = new Set<Finding>(["not-listed", "suspended"]);

type Looked = Promise<{ readonly changes: readonly StoreChange[]; readonly events: readonly ClientEvent[] }>;

/** What a commit brings, and takes away. */
export async function lookAtCommit(core: RoomCore, change: CommitEvent): Looked {
  const { added, removed, updated, committer, epoch } = change;
  const keys = [...removed, ...updated.map(({ before }) => before)].map(({ signatureKey }) => signatureKey);
  const entering = [
    ...added,
    ...updated.filter(({ before, after }) => isAnother(before, after)).map(({ after }) => after),
  ];
  const found = await foundIn(core, entering, { isNew: true, by: deviceOf(committer.credential), epoch });
  const staying = updated.filter(({ before, after }) => !isAnother(before, after)).map(({ after }) => after);
  found.push(...(await foundIn(core, staying, { isNew: false, by: undefined, epoch })));
  return core.alarms.after((key) => keys.some((gone) => bytesEqual(gone, key)), found);
}

function isAnother({ signatureKey: before }: Member, { signatureKey: after }: Member): boolean {
  return !bytesEqual(before, after);
}

/** All leaves, where there is a reason to look. Gives whether it has looked. */
export async function lookAgain(core: RoomCore): Promise<boolean> {
  if (core.isLookedAt) return false;
  core.isLookedAt = true;
  const group = await core.group();
  const found = await foundIn(core, group.members, { isNew: false, by: undefined, epoch: group.epoch });
  const outcome = await core.alarms.after(() => true, found);
  if (outcome.changes.length > 0) await core.write(outcome);
  return true;
}

async function foundIn(
  { around }: RoomCore,
  members: Iterable<Member>,
  { isNew, by, epoch }: { readonly isNew: boolean; readonly by: string | undefined; readonly epoch: bigint },
): Promise<LeafAlarm[]> {
  const { book, device: own, clock } = around;
  const alarms: LeafAlarm[] = [];
  if (book === undefined) return alarms;
  for (const { credential, signatureKey, extensions } of members) {
    const device = deviceOf(credential);
    if (device === undefined || device === own) continue;
    const user = userOfDevice(device);
    const view = await book.viewOf(user);
    const stated = view && statedFindings({ credential, signatureKey, extensions }, view, { now: clock() });
    if (stated === undefined) continue;
    const { findings: all, rootKey } = stated;
    const contradicts = all.some((finding) => contradictions.has(finding)) || isBelated(all);
    const isOut = all.some((finding) => outs.has(finding));
    if (!contradicts && !isOut) continue; // what is new will be fetched
    const findings = all.filter((finding) => finding !== "stale");
    const holds = contradicts || isNew;
    alarms.push({ user, device, findings, by, since: epoch, holds, signatureKey, rootKey });
  }
  return alarms;
}

/** A retired account key that has signed a list of later than its time. */
function isBelated(findings: readonly Finding[]): boolean {
  return findings.includes("key-retired") && findings.includes("list-newer");
}
