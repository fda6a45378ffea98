/**
 * Accepting what is published: checked by the public half of the engine and the room's rules first, then written in one transaction
 * that compares what was checked with what is there. One commit an epoch wins; the others are told.
 */

import { decision } from "../../bytes/decision.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { hex } from "../../bytes/text.ts";
import { decodeMessage, type MlsMessage } from "../../wire/message.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { ratchetTreeAfter } from "../../public-group/observer/tree-after.ts";
import { CopseError } from "../../errors.ts";
import { publicEpochRecord } from "../../public-group/observer/values.ts";
import type { PendingProposal } from "../../public-group/proposals/proposal-store.ts";
import { checkBegunGroupInfo } from "../../public-group/published.ts";
import type { FramedContent } from "../../wire/framing.ts";
import type { Caller, Core } from "../core.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { Publication, Published } from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import type { Stamping } from "../options.ts";
import { once } from "../once.ts";
import type { Append, Appended, Once } from "../port.ts";
import { mayJoin } from "./access.ts";
import { keepingRules, viewOf, type FollowedRoom, type Step } from "./followed-rooms.ts";
import { isLetGo, waitsToCommit } from "./confirm.ts";
import { addedBy, addedByItself, changedDevices, senderOf, splitWelcome } from "./handshake.ts";
import { checkCanLeave, checkHoldsPending } from "./leavings.ts";
import { Moved, Refused, refusalOf } from "./refused.ts";
import { mayWriteTo } from "../users/consent.ts";
import { relayWelcomes } from "./welcomes.ts";

/** When to come again where a room is full, in milliseconds: its members have to read first. */
const untilRead = 60_000;

/** How often a room may move under a commit that is checked: each time somebody else was accepted. */
const mostTries = 8;

/** Put a message into its room's log. */
export async function publish(core: Core, caller: Caller, publication: Publication): Promise<Published> {
  try {
    return await published(core, caller, publication);
  } catch (error) {
    const refusal = refusalOf(error);
    const member = await core.port.rooms.member(publication.room, caller.device);
    // Whoever was never in a room is not told whether there is one.
    if (member === undefined && refusal.reason === "not-member") return { kind: "refused", reason: "no-room" };
    const isMember = member?.spans.some(({ through }) => through === undefined) === true;
    const row = isMember ? await core.port.rooms.row(publication.room) : undefined;
    return row === undefined ? refusal : { ...refusal, epoch: row.epoch, head: row.head };
  }
}

async function published(core: Core, caller: Caller, publication: Publication): Promise<Published> {
  const { limits } = core.settings;
  const { room, message, commit } = publication;
  if (message.length > limits.handshakeBytes) throw new Refused("too-large");
  if ((commit?.groupInfo.length ?? 0) > limits.groupInfoBytes) throw new Refused("too-large");
  if ((commit?.welcome?.length ?? 0) > limits.welcomeBytes) throw new Refused("too-large");
  const write = once(caller.device, publication.id, "publish", [
    room,
    message,
    commit !== undefined,
    commit?.groupInfo,
    commit?.welcome,
  ]);
  // What was accepted is answered again, whatever the room is now, and however this one reads.
  const unlessKnown = async (error: unknown): Promise<Published> => {
    const known = await core.port.rooms.written(room, write);
    if (known === undefined) throw error;
    return answered(known);
  };
  let decoded: MlsMessage;
  try {
    decoded = decodeMessage(message, core.settings.groupSettings.reading);
  } catch (error) {
    return unlessKnown(error);
  }
  if (decoded.wireFormat === "mls_private_message") {
    try {
      if (commit !== undefined) throw new Refused("invalid", "not-a-commit");
      return await publishMessage(core, caller, { room, message, write, decoded });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return unlessKnown(error); // where it did not come to writing it, which looks for that first
    }
  }
  const known = await core.port.rooms.written(room, write);
  if (known !== undefined) return answered(known);
  if (decoded.wireFormat !== "mls_public_message") throw new Refused("invalid", "not-a-group-message");
  const { content } = decoded.publicMessage;
  if ((content.content.type === "commit") !== (commit !== undefined)) throw new Refused("invalid", "group-info");
  const wait = core.rates.take("handshakes", caller.device);
  if (wait > 0) return { kind: "refused", reason: "rate", retryAfter: wait };
  const accepted = await core.rooms.inTurn(room, () => takenIn(core, caller, { publication, write, content }));
  if (commit?.welcome !== undefined) await relayWelcomes(core, room).catch(() => undefined); // else who sweeps does it
  return accepted;
}

/** A user takes four times as much of what it has as of what all have: so that it has a quarter. */
const shares = 4;

/** Take a handshake of a room's rate, and of one user's part of it: 0, or how many milliseconds to wait, and nothing is taken. */
function takeOfRoom({ rates }: Core, room: string, user: string): number {
  const own = `${room} ${user}`;
  const ofOwn = rates.take("handshakesOfRoom", own, shares);
  if (ofOwn > 0) return ofOwn;
  const ofAll = rates.take("handshakesOfRoom", room);
  if (ofAll > 0) rates.giveBack("handshakesOfRoom", own, shares);
  return ofAll;
}

/** Look at a handshake, and write it; again where another was accepted meanwhile. */
async function takenIn(
  core: Core,
  caller: Caller,
  given: { readonly publication: Publication; readonly write: Once; readonly content: FramedContent },
): Promise<Published> {
  for (let tries = 0; tries < mostTries; tries++) {
    try {
      return await publishHandshake(core, caller, { ...given, isFirst: tries === 0 });
    } catch (error) {
      if (!(error instanceof Moved)) throw error;
      core.rooms.forget(given.publication.room);
    }
  }
  throw new Refused("epoch");
}

/** A message, whose sender only members see: from a device that is a member, in the current epoch or for a short while the one before. */
async function publishMessage(
  core: Core,
  caller: Caller,
  given: {
    readonly room: string;
    readonly message: Uint8Array;
    readonly write: Once;
    readonly decoded: Extract<MlsMessage, { wireFormat: "mls_private_message" }>;
  },
): Promise<Published> {
  const { room, message, write } = given;
  const { groupId, epoch, contentType, authenticatedData } = given.decoded.privateMessage;
  const { settings } = core;
  if (message.length > settings.limits.messageBytes) throw new Refused("too-large");
  // A private handshake can't be followed.
  if (contentType !== "application") throw new Refused("policy", "private-handshake");
  const ofRoom = await core.rooms.groupId(room);
  if (ofRoom === undefined) throw new Refused("not-member");
  const isOfRoom = bytesEqual(groupId, ofRoom);
  const retryAfter = isOfRoom ? core.rates.take("messagesOfRoom", room) : 0;
  if (!isOfRoom || retryAfter > 0) {
    // Whoever was never in the room is told nothing else of it.
    if ((await core.port.rooms.member(room, caller.device)) === undefined) throw new Refused("not-member");
    if (!isOfRoom) throw new Refused("invalid", "wrong-group");
    return { kind: "refused", reason: "rate", retryAfter };
  }
  try {
    const at = settings.clock();
    const since = at - settings.limits.epochBefore;
    const append = async (followed?: FollowedRoom): Promise<Published> => {
      const stamp = await stamped(core, { room, user: caller.user, at, authenticatedData }, followed);
      const revision = followed?.row.revision;
      const change = { kind: "message", epoch, since, stamp, ...(revision !== undefined && { revision }) } as const;
      return appended(core, { room, once: write, message, at, mostBytes: settings.limits.logBytes, change });
    };
    return await (settings.rooms === undefined ? append() : appendWhereMay(core, caller, room, append));
  } catch (error) {
    // Nobody else than members takes anything of a room's.
    if (error instanceof Refused) core.rates.giveBack("messagesOfRoom", room);
    throw error;
  }
}

/**
 * Write a message where the room's rules let its sender say something, in the revision in which they do: by what this process knows of the room,
 * which costs no look at the database, and anew where it is not that any more.
 */
async function appendWhereMay(
  core: Core,
  { device, user }: Caller,
  room: string,
  append: (followed?: FollowedRoom) => Promise<Published>,
): Promise<Published> {
  let followed = core.rooms.kept(room);
  for (let tries = 0; tries < mostTries; tries++) {
    if (followed?.devices.has(device) === true && isAllowed(followed, user)) {
      try {
        return await append(followed);
      } catch (error) {
        if (!(error instanceof Moved)) throw error;
      }
    }
    // Nobody has a room loaded who is not in it, and nothing is stamped for whom it is not accepted of.
    if ((await core.port.rooms.member(room, device)) === undefined) throw new Refused("not-member");
    followed = await core.rooms.inTurn(room, () => core.rooms.load(room));
    if (followed?.devices.has(device) !== true) throw new Refused("not-member");
    keepingRules(() => followed?.mimi?.checkMessage(user));
  }
  throw new Refused("epoch");
}

/** What the service says of a message. @throws Refused where the room's members would drop it without. */
async function stamped(
  { settings }: Core,
  accepting: Pick<Stamping, "room" | "user" | "at" | "authenticatedData">,
  followed: FollowedRoom | undefined,
): Promise<Uint8Array | undefined> {
  const agent = followed?.mimi?.data.franking_agent;
  const stamp = await settings.stamp?.({
    ...accepting,
    authenticatedData: copyBytes(accepting.authenticatedData),
    ...(agent !== undefined && { agent }),
    ...(followed !== undefined && { cipherSuite: followed.row.cipherSuite }),
  });
  if (stamp === undefined && agent !== undefined) throw new Refused("policy", "not-franked");
  if (stamp !== undefined && stamp.length > settings.limits.stampBytes) throw new TypeError("the stamp is too long");
  return stamp;
}

function isAllowed({ mimi }: FollowedRoom, user: string): boolean {
  return mimi?.mayDo(user, { kind: "can", capability: "canSendMessage" }) !== false;
}

async function publishHandshake(
  core: Core,
  caller: Caller,
  given: {
    readonly publication: Publication;
    readonly write: Once;
    readonly content: FramedContent;
    readonly isFirst: boolean;
  },
): Promise<Published> {
  const { publication, write, content, isFirst } = given;
  const { room, message } = publication;
  const followed = await core.rooms.load(room);
  if (followed === undefined) throw new Refused("not-member");
  const { observer, row } = followed;
  await checkSender(core, caller, content, followed);
  // Nobody else than members, and who may join, takes anything of a room's, or is told how much is left.
  const wait = isFirst ? takeOfRoom(core, room, caller.user) : 0;
  if (wait > 0) return { kind: "refused", reason: "rate", retryAfter: wait };
  if (!bytesEqual(content.groupId, row.groupId)) throw new Refused("invalid", "wrong-group");
  if (content.epoch !== observer.epoch) {
    // Another may have been accepted under this id since it was looked for.
    const known = await core.port.rooms.written(room, write);
    if (known !== undefined) return answered(known);
    throw new Refused("epoch");
  }
  await checkConsent(core, caller, content, followed);
  const retryAfter = content.content.type === "commit" ? waitsToCommit(core, followed, caller.user) : 0;
  if (retryAfter > 0) return { kind: "refused", reason: "rate", retryAfter };
  const at = core.settings.clock();
  let answer: Published | undefined;
  let follow: (() => void) | undefined;
  const step: Step = async ({ whole, puts, deletes }, event) => {
    if (event.kind !== "received") throw new TypeError("another step");
    const records = { whole, puts, deletes };
    const { logBytes, welcomeBytesOfRoom: mostWelcomeBytes } = core.settings.limits;
    const mostBytes = event.event.kind === "commit" ? logBytes + Math.floor(logBytes / 4) : logBytes;
    const base = { room, once: write, message, at, mostBytes };
    const { revision } = row;
    if (event.event.kind === "proposal") {
      const { event: proposal } = event;
      keepingRules(() => followed.mimi?.checkProposal(proposal));
      checkCanLeave(proposal, followed, core.settings);
      const { reviewProposal } = core.settings;
      if (
        reviewProposal !== undefined &&
        !(await decision("reviewProposal", reviewProposal(event.event, viewOf(room, observer))))
      ) {
        throw new Refused("policy", "commit-refused");
      }
      const pending: PendingProposal = event.event;
      answer = await appended(core, { ...base, change: { kind: "proposal", revision, records } });
      follow = () => followed.pending.set(hex(pending.ref), pending);
      return;
    }
    const change = event.event;
    const { commit } = publication;
    if (change.kind !== "commit" || content.content.type !== "commit" || commit === undefined)
      throw new TypeError("another step");
    const { groupSettings } = core.settings;
    const holds = content.content.commit;
    checkHoldsPending(followed, change, core.settings, (ref) => isLetGo(core, followed, ref));
    const begun = puts.get("epoch");
    if (begun === undefined) throw new TypeError("a commit begins an epoch");
    const epoch = { ...publicEpochRecord.read(begun), committer: change.committer };
    await checkBegunGroupInfo(followed.suite, commit.groupInfo, epoch, groupSettings).catch(asRefused);
    const welcomes = splitWelcome(commit.welcome, addedBy(followed, holds), followed, groupSettings);
    const { devices, joined, left } = changedDevices(followed.devices, change);
    answer = await appended(core, {
      ...base,
      change: {
        kind: "commit",
        revision,
        records,
        epoch: change.epoch,
        groupInfo: commit.groupInfo,
        committer: caller.device,
        joined,
        left,
        welcomes,
        ratchetTree: welcomes.length === 0 ? undefined : ratchetTreeAfter(observer, { puts, deletes }),
        mostWelcomeBytes,
      },
    });
    follow = () => {
      followed.mimi?.follow(change);
      followed.pending.clear();
      followed.devices.clear();
      for (const [device, leaves] of devices) followed.devices.set(device, leaves);
    };
  };
  const event = await followed.receive(message, step);
  if (event.kind === "later") throw new Refused("epoch");
  if (answer === undefined || follow === undefined) throw new TypeError("nothing was written");
  follow();
  followed.row = { ...row, revision: row.revision + 1n };
  return answer;
}

/** A handshake is published by the device that it is from. */
async function checkSender(
  core: Core,
  { device, user }: Caller,
  content: FramedContent,
  followed: FollowedRoom,
): Promise<void> {
  const { observer } = followed;
  if (!followed.devices.has(device)) {
    const isFromOutside = content.sender.type === "new_member_commit" || content.sender.type === "new_member_proposal";
    if (!isFromOutside || !(await mayJoin(core, { device, user }, followed))) throw new Refused("not-member");
  }
  if (senderOf(content, observer) !== device) throw new Refused("invalid", "not-the-sender");
}

/**
 * Whoever adds a user's device has the user's consent, as for its key packages: another may have handed one on. Who is in the room already
 * is not asked again for another device.
 */
async function checkConsent(
  core: Core,
  caller: Caller,
  content: FramedContent,
  { devices, row }: FollowedRoom,
): Promise<void> {
  const users = new Set(addedByItself(content).map(userOfDevice));
  for (const device of devices.keys()) users.delete(userOfDevice(device));
  for (const user of users) {
    if (!(await mayWriteTo(core, caller.user, user, row.room))) throw new Refused("policy", "no-consent");
  }
}

/** What is wrong beside a commit is no matter of the epoch. */
function asRefused(error: unknown): never {
  throw error instanceof CopseError ? new Refused("invalid", error.code) : error;
}

async function appended(core: Core, append: Append): Promise<Published> {
  const answer = await core.port.rooms.append(append);
  const left = append.change.kind === "commit" ? append.change.left : [];
  if (answer.kind === "accepted") {
    if (append.change.kind === "message") core.news.message(append.room, answer.number, answer.revision);
    else core.news.item(append.room, answer.number, left);
  }
  return answered(answer);
}

function answered(answer: Appended): Published {
  switch (answer.kind) {
    case "accepted":
    case "known":
      return { kind: "accepted", number: answer.number, at: answer.at };
    case "taken":
      throw new DeliveryError("id-taken");
    case "moved":
      throw new Moved();
    case "epoch":
    case "gone":
      throw new Refused("epoch");
    case "log-full":
    case "welcomes-full":
      throw new Refused("rate", answer.kind, untilRead);
    case "not-member":
    case "no-room":
      throw new Refused("not-member");
  }
}
