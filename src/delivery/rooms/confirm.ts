/**
 * Whether the members can follow an epoch, which only they see: until a second one has said so, the commit that began it can be taken
 * back.
 */

import { decision } from "../../bytes/decision.ts";
import { verifyWithLabel } from "../../crypto/labels.ts";
import { encode, opaque, struct, u64, type Codec } from "../../codec/codec.ts";
import { utf8 } from "../../bytes/text.ts";
import { deviceOf, userOf, userOfDevice } from "../../rooms/uri.ts";
import type { Member } from "../../public-group/events.ts";
import type { Observer } from "../../public-group/observer/observer.ts";
import type { Caller, Core } from "../core.ts";
import type { Complained, Complaint, Confirmation } from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import { within } from "../invalid.ts";
import type { RecordChanges, Unconfirmed } from "../port.ts";
import { membership } from "./access.ts";
import type { FollowedRoom } from "./followed-rooms.ts";
import { proposalReference } from "./proposal-reference.ts";

/** The label under which a member signs that it has reached an epoch. */
export const confirmationLabel = "copse epoch confirmation";

interface ConfirmationContent {
  readonly room: Uint8Array;
  readonly epoch: bigint;
  readonly confirmedTranscriptHash: Uint8Array;
}
const ConfirmationContent: Codec<ConfirmationContent> = struct<ConfirmationContent>({
  room: opaque,
  epoch: u64,
  confirmedTranscriptHash: opaque,
});

/** What a member signs with its leaf's key, by SignWithLabel under `confirmationLabel`. */
export function confirmationContent(room: string, epoch: bigint, confirmedTranscriptHash: Uint8Array): Uint8Array {
  return encode(ConfirmationContent, { room: utf8(room), epoch, confirmedTranscriptHash });
}

/** An epoch that this member has reached. */
export async function confirmEpoch(core: Core, caller: Caller, confirmation: Confirmation): Promise<void> {
  const { room, epoch, signature } = confirmation;
  await asMember(core, caller, room, async (followed, leaf) => {
    const { observer, row } = followed;
    if (epoch > row.epoch) throw new DeliveryError("invalid", { detail: "the room has not come to that epoch" });
    if (epoch < row.epoch || row.unconfirmed === undefined) return;
    const { confirmedTranscriptHash } = observer.groupContext;
    const content = confirmationContent(room, epoch, confirmedTranscriptHash);
    const { signatureKey: publicKey } = leaf;
    const isSigned = await verifyWithLabel(followed.suite, { publicKey, label: confirmationLabel, content, signature });
    if (!isSigned) throw new DeliveryError("invalid", { detail: "the signature does not verify" });
    if (!mayConfirm(followed, caller.device)) return;
    await followed.confirm(epoch, async (changes) => {
      if (!(await core.port.rooms.confirm(room, row.revision, changes))) throw new DeliveryError("unreachable");
    });
    followed.row = { ...row, revision: row.revision + 1n };
  });
}

/**
 * Whether a device's word makes a commit final: another user's, who was in the epoch before and would go back to it. Who made the commit
 * can always follow it, and may have brought a device of its own with it. Where no other user was there, any other device counts.
 */
function mayConfirm({ row, devices }: Pick<FollowedRoom, "row" | "devices">, device: string): boolean {
  const { unconfirmed } = row;
  if (unconfirmed === undefined || device === unconfirmed.committer) return false;
  const others = othersBefore(unconfirmed, devices.keys());
  return others.size === 0 || others.has(device);
}

/** Devices of other users than the committer's that were in the epoch before a commit, and are members still. */
function othersBefore({ committer, joined }: Unconfirmed, devices: Iterable<string>): ReadonlySet<string> {
  const by = userOfDevice(committer);
  const came = new Set(joined);
  return new Set([...devices].filter((device) => userOfDevice(device) !== by && !came.has(device)));
}

/**
 * How long a user waits before it may commit once more, in milliseconds: its last commit is not confirmed, and if another stood on it,
 * it could not be taken back any more. Where the service holds commits to the rules of rooms itself, there is none that members would refuse to
 * go past; else others have so long to say what they think of it, and longer where one has complained.
 */
export function waitsToCommit(core: Core, { row, devices }: FollowedRoom, user: string): number {
  const { unconfirmed, epochAt } = row;
  const { rooms, limits, clock } = core.settings;
  if (rooms !== undefined || unconfirmed === undefined || userOfDevice(unconfirmed.committer) !== user) return 0;
  if (othersBefore(unconfirmed, devices.keys()).size === 0) return 0;
  const isOver = unconfirmed.complaints.length === 0 && clock() - epochAt >= limits.unconfirmed;
  return isOver ? 0 : askAgain;
}

/** A confirmation is no news to anybody: so often a committer asks whether it has come, in milliseconds. */
const askAgain = 10_000;

/** A commit that this member can't follow, or a proposal that it can't take in. */
export async function complain(core: Core, caller: Caller, complaint: Complaint): Promise<Complained> {
  const { room, epoch, code, evidence } = complaint;
  within(evidence, core.settings.limits.evidenceBytes);
  within(utf8(code), 64);
  return asMember(core, caller, room, async (followed) => {
    const { row } = followed;
    // By its number: the next commit may begin an epoch of the same number, and nobody complains of that one.
    if (complaint.number > row.head) throw new DeliveryError("invalid", { detail: "there is no such item" });
    if (epoch === row.epoch && complaint.number > row.epochHead) {
      doubt(core, caller, followed, evidence);
      return "kept";
    }
    if (epoch !== row.epoch || complaint.number !== row.epochHead) return epoch >= row.epoch ? "rolled-back" : "kept";
    const { unconfirmed } = row;
    if (unconfirmed === undefined) return "kept";
    const cannotComplain = new Set([unconfirmed.committer, ...unconfirmed.joined]);
    if (cannotComplain.has(caller.device)) return "kept";
    const others = unconfirmed.complaints.filter(({ device }) => device !== caller.device);
    const complaints = [...others, { device: caller.device, code }].map((each) => ({
      ...each,
      user: userOfDevice(each.device),
    }));
    // Nothing else is compared: another complaint between is only counted later.
    if (!(await core.port.rooms.complain(room, row.revision, { device: caller.device, code }))) return "kept";
    const members = followed.devices.size - cannotComplain.size;
    const isProven = core.settings.isProven({ room, epoch, members, complaints, evidence });
    if (!(await decision("isProven", isProven))) return "kept";
    await rollBack(core, followed);
    return "rolled-back";
  });
}

/** A proposal of this epoch, which the evidence is, that the member can't take in. */
function doubt(core: Core, { user }: Caller, { row, pending, suite }: FollowedRoom, evidence: Uint8Array): void {
  const { groupSettings, clock } = core.settings;
  const ref = proposalReference(evidence, suite, groupSettings.reading);
  if (ref !== undefined && pending.has(ref)) core.rooms.doubts.add(row.room, row.epoch, { ref, user, at: clock() });
}

/**
 * Whether commits may leave out a proposal that waits, since members can't take it in: two users say so, or all who could; or one, and
 * for so long nobody has committed it. So nobody alone keeps another from leaving: whoever has it commits it meanwhile.
 */
export function isLetGo(core: Core, { row, pending, devices, observer }: FollowedRoom, ref: string): boolean {
  const said = core.rooms.doubts.of(row.room, row.epoch, ref);
  const sender = pending.get(ref)?.sender;
  if (said === undefined || sender === undefined) return false;
  const author = sender.type === "member" ? observer.member(sender.leafIndex)?.credential : undefined;
  const by = author && userOf(author);
  const others = new Set([...devices.keys()].map(userOfDevice));
  const users = new Set([...said.users].filter((user) => user !== by && others.has(user)));
  if (by !== undefined) others.delete(by);
  if (users.size === 0) return false;
  return users.size >= Math.min(2, others.size) || core.settings.clock() - said.at >= core.settings.limits.doubt;
}

async function rollBack(core: Core, followed: FollowedRoom): Promise<void> {
  const { row } = followed;
  let number: bigint | undefined;
  await followed.rollBack(row.epoch, async (changes: RecordChanges) => {
    number = await core.port.rooms.rollBack(row.room, row.revision, changes, core.settings.clock());
    if (number === undefined) throw new DeliveryError("unreachable");
  });
  core.rooms.forget(row.room); // its members are others again
  if (number !== undefined) core.news.item(row.room, number);
}

async function asMember<T>(
  core: Core,
  caller: Caller,
  room: string,
  operation: (followed: FollowedRoom, leaf: Member) => Promise<T>,
): Promise<T> {
  await membership(core, caller, room);
  return core.rooms.inTurn(room, async () => {
    const followed = await core.rooms.load(room);
    const leaf = followed && leafOf(followed.observer, caller.device);
    if (followed === undefined || leaf === undefined) throw new DeliveryError("not-allowed");
    return operation(followed, leaf);
  });
}

function leafOf({ members }: Observer, device: string): Member | undefined {
  for (const member of members) if (deviceOf(member.credential) === device) return member;
  return undefined;
}
