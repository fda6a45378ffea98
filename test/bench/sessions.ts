/**
 * What one peer does in one round: the timed operations, in the groups that were made for it. Each session joins or
 * creates a group afresh, so that every round starts from the same state.
 */

import { bytesEqual } from "../../src/bytes/compare.ts";
import { latency, times } from "./clock.ts";
import { CopseMember, copsePeer } from "./copse-peer.ts";
import { floors } from "./floor.ts";
import type { Changes, Member, Peer } from "./peer.ts";
import { dictionaryRowNames, median, persistRowNames, type RowName, type Stored } from "./rows.ts";
import { plaintext, victims, type Chain, type Supplies, type World } from "./worlds.ts";

/** Where a session's figures go, and which are wanted: others are made on the way, and may be given all the same. */
export interface Notes {
  readonly wanted: (row: RowName) => boolean;
  readonly add: (row: RowName, value: number, stored?: Stored) => void;
}

export type SessionName =
  "keyPackage" | "adding" | "joiningBlank" | "sending" | "receiving" | "removing" | "persisting" | "dictionary";

/** The rows of each session. */
export const sessionRows: { readonly [K in SessionName]: readonly RowName[] } = {
  keyPackage: ["key-package"],
  adding: ["add-many", "welcome-bytes", "commit-create-blank"],
  joiningBlank: ["join-blank", "commit-process-blank"],
  sending: [
    "join-populated",
    "seal",
    "open",
    "seal-floor",
    "open-floor",
    "export",
    "commit-create",
    "commit-bytes",
    "remove-create",
  ],
  receiving: ["commit-process", "snapshot", "restore", "snapshot-bytes"],
  removing: ["remove-process"],
  persisting: persistRowNames,
  dictionary: dictionaryRowNames,
};

/**
 * After so many commits every peer keeps as many past epochs as it ever will: copse 2, ts-mls 4, each with what opens late
 * messages. ts-mls keeps their whole trees, and copse the leaves that have changed since.
 */
const livedEpochs = 5;

/** How much a member gets to take in, in a group of this size. */
export function suppliesFor(size: number, tree: "blank" | "populated"): Supplies {
  if (tree === "blank") return { messages: 0, commits: size > 2_000 ? 1 : 4, removes: 0 };
  return { messages: 300, commits: 40, removes: 12 };
}

/** A key package of a client that has its signature key. */
export async function keyPackageSession(peer: Peer, { add }: Notes): Promise<void> {
  const client = await peer.client("the peer");
  add("key-package", await latency(() => client.keyPackage()));
}

/**
 * What uses a group up is done this often a round at the most, each time in a group of its own, as long as the round's time
 * lasts: one run of two milliseconds says more about the compiler than about the work.
 */
const repeats = 30;

/** A member alone adds all others in one commit, then commits in the tree that is still blank. */
export async function addingSession(peer: Peer, others: readonly Uint8Array[], { wanted, add }: Notes): Promise<void> {
  const verifier = await (await copsePeer().client("the verifier")).keyPackage();
  const client = await peer.client("the peer");
  const lonely = await Promise.all(Array.from({ length: others.length > 100 ? 1 : repeats }, () => client.create()));
  const grown: { readonly member: Member; readonly welcome: Uint8Array }[] = [];
  const time = await times(lonely.length, async (run) => {
    const member = lonely[run]!;
    const { welcome } = await member.commit({ add: [...others, verifier.message] });
    if (welcome === undefined) throw new Error("no Welcome");
    grown.push({ member, welcome });
  });
  add("add-many", time);
  add("welcome-bytes", grown[0]!.welcome.length);
  const commitTimes: number[] = [];
  for (const { member, welcome } of grown) {
    const follower = await verifier.join(welcome);
    checkAgreement(member, follower.epochAuthenticator());
    if (!wanted("commit-create-blank")) continue;
    commitTimes.push((await commitAll(member, new Array<Changes>(4).fill({}), follower)).time);
  }
  if (commitTimes.length > 0) add("commit-create-blank", median(commitTimes));
}

/** A client joins a group that was just made, and takes in commits in its blank tree. */
export async function joiningBlankSession(world: World, { wanted, add }: Notes): Promise<void> {
  const members = await join(world, (time) => add("join-blank", time));
  if (!wanted("commit-process-blank")) return;
  const received: number[] = [];
  for (const member of members) received.push(await receiveAll(member, world.commits));
  add("commit-process-blank", median(received));
}

/** A client joins a populated group, uses its epoch, and commits. */
export async function sendingSession(world: World, size: number, { wanted, add }: Notes): Promise<void> {
  const member = (await join(world, (time) => add("join-populated", time))).at(-1)!;
  if (wanted("export")) add("export", await latency(() => member.export(), 300));
  if (wanted("open")) add("open", await openAll(member, world.messages));
  if (wanted("seal")) add("seal", await latency(() => member.seal(plaintext), 300));
  await floorRows(member, { wanted, add });
  const follower = await world.follower();
  if (wanted("commit-create") || wanted("commit-bytes")) {
    const { time, bytes } = await commitAll(member, new Array<Changes>(40).fill({}), follower);
    add("commit-create", time);
    add("commit-bytes", bytes);
  }
  if (wanted("remove-create")) {
    // In a group of two the other one has to go, and can't follow.
    const changes = (size === 2 ? [0] : victims(size, 12)).map((leafIndex) => ({ remove: [leafIndex] }));
    const { time } = await commitAll(member, changes, size === 2 ? undefined : follower);
    add("remove-create", time);
  }
}

/** The primitives of sealing and opening, beside them: how fast copse is where nothing else happens. */
async function floorRows(member: Member, { wanted, add }: Notes): Promise<void> {
  if (!(member instanceof CopseMember) || !(wanted("seal-floor") || wanted("open-floor"))) return;
  const { seal, open } = await floors();
  if (wanted("seal-floor")) add("seal-floor", await latency(seal, 300));
  if (wanted("open-floor")) add("open-floor", await latency(open, 300));
}

/**
 * A client joins a populated group, takes in commits with a path and no proposals, and stores its state: that of a member
 * of a group that lives, with as many past epochs as its implementation keeps by default.
 */
export async function receivingSession(world: World, { wanted, add }: Notes): Promise<void> {
  const [member] = await join(world);
  add("commit-process", await receiveAll(member, world.commits, livedEpochs));
  const snapshot = member.snapshot();
  add("snapshot-bytes", snapshot.length);
  if (wanted("snapshot")) add("snapshot", await latency(() => member.snapshot()));
  if (wanted("restore")) add("restore", await latency(() => member.restore(snapshot)));
}

/** A client joins a populated group, and takes in commits that remove others. */
export async function removingSession(world: World, { add }: Notes): Promise<void> {
  const [member] = await join(world);
  add("remove-process", await receiveAll(member, world.removes));
}

/** Join: once, or where the time is wanted as often as it takes, each time from the start. */
async function join(world: World, add?: (time: number) => void): Promise<readonly [Member, ...Member[]]> {
  const members: Member[] = [];
  const time = await times(add === undefined ? 1 : repeats, async () => {
    members.push(await world.keyPackage.join(world.welcome));
  });
  for (const member of members) checkAgreement(member, world.authenticator);
  add?.(time);
  return [members[0]!, ...members.slice(1)];
}

async function receiveAll(member: Member, { messages, authenticators }: Chain, least = 1): Promise<number> {
  let received = 0;
  const work = async (run: number): Promise<void> => {
    await member.receive(messages[run]!);
    received = run + 1;
  };
  const time = await times(messages.length, work, least);
  checkAgreement(member, authenticators[received - 1]);
  return time;
}

async function openAll(member: Member, messages: readonly Uint8Array[]): Promise<number> {
  let opened = 0;
  const time = await latency(async () => {
    const text = await member.receive(messages[opened++]!);
    if (text?.length !== plaintext.length) throw new Error("a message that does not open");
  }, messages.length);
  if (opened !== messages.length) throw new Error("messages were left over");
  return time;
}

/** The time of a commit, and the bytes of the first. The follower takes all of them in. */
async function commitAll(
  member: Member,
  changes: readonly Changes[],
  follower: Member | undefined,
): Promise<{ readonly time: number; readonly bytes: number }> {
  const commits: Uint8Array[] = [];
  const time = await times(changes.length, async (run) => {
    commits.push((await member.commit(changes[run])).commit);
  });
  if (follower !== undefined) {
    for (const commit of commits) await follower.receive(commit);
    checkAgreement(member, follower.epochAuthenticator());
  }
  return { time, bytes: commits[0]!.length };
}

export function checkAgreement(member: Member, authenticator: Uint8Array | undefined): void {
  if (authenticator === undefined || !bytesEqual(member.epochAuthenticator(), authenticator)) {
    throw new Error("the members do not agree on the epoch");
  }
}
