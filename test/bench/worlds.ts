/**
 * The groups that are measured in, made by copse before the clock starts. Each has a member of the peer, and copse members
 * that send it messages and follow what it sends.
 */

import { Group } from "../../src/group/group.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import type { CommitOptions } from "../../src/group/sending/send.ts";
import { CopseMember, copsePeer, groupOptions } from "./copse-peer.ts";
import type { Member, OwnKeyPackage, Peer } from "./peer.ts";
import type { Populated } from "./populated.ts";
import { runSuite } from "./suite.ts";

/** How many messages of each kind wait for the peer: no round takes in more. */
export interface Supplies {
  readonly messages: number;
  readonly commits: number;
  readonly removes: number;
}

/** Commits of one copse member, in order, and its epoch authenticator after each: proof that a receiver did the work. */
export interface Chain {
  readonly messages: readonly Uint8Array[];
  readonly authenticators: readonly Uint8Array[];
}

/** A Welcome for a member of the peer, and what a copse member has sent to that member's first epoch. */
export interface World {
  readonly keyPackage: OwnKeyPackage;
  readonly welcome: Uint8Array;
  /** The epoch authenticator of the first epoch. */
  readonly authenticator: Uint8Array;
  readonly messages: readonly Uint8Array[];
  readonly commits: Chain;
  /** Instead of the commits. */
  readonly removes: Chain;
  /** A copse member in the first epoch, made anew each time. */
  follower(): Promise<Member>;
}

/** A hundred bytes to send. */
export const plaintext: Uint8Array = new Uint8Array(100).fill(0x2a);

/** Leaves from the middle of the group's left half on: to be removed, and side by side, so that the tree stays populated. */
export function victims(size: number, count: number): readonly number[] {
  const first = Math.max(1, Math.floor(size / 4));
  return Array.from({ length: Math.min(count, size - 1 - first) }, (_, i) => first + i);
}

/**
 * A group in which every node of the tree is populated: the last leaf is the peer's, and what it takes in comes from the
 * first leaf, so that their lowest common ancestor is the root, as it is for half of all pairs.
 */
export async function populatedWorld(peer: Peer, base: Populated, supplies: Supplies): Promise<World> {
  const keyPackage = await (await peer.client("the peer")).keyPackage();
  const sender = await base.member(0);
  // The last member's path is above the new leaf all the way up: no node has unmerged leaves.
  const neighbour = base.size === 1 ? sender : await base.member(base.size - 1);
  const pending = await neighbour.commit({ add: [keyPackage.message], path: true });
  if (neighbour === sender) await sender.apply(pending);
  else await sender.receive(pending.commit);
  return supply(sender, keyPackage, pending.welcome, victims(base.size + 1, supplies.removes), supplies);
}

/** A group that one copse commit has just made: no parent node is populated. */
export async function blankWorld(peer: Peer, others: readonly Uint8Array[], supplies: Supplies): Promise<World> {
  const keyPackage = await (await peer.client("the peer")).keyPackage();
  const identity = await createIdentity({ suite: runSuite(), credential: basic("the creator") });
  const creator = await Group.create({ ...groupOptions, identity });
  const pending = await creator.commit({ add: [...others, keyPackage.message] });
  await creator.apply(pending);
  return supply(creator, keyPackage, pending.welcome, [], supplies);
}

/** Key packages of clients who do nothing but be in groups. */
export async function bystanders(count: number): Promise<readonly Uint8Array[]> {
  const messages: Uint8Array[] = [];
  const peer = copsePeer();
  for (let i = 0; i < count; i++) messages.push((await (await peer.client(`bystander ${i}`)).keyPackage()).message);
  return messages;
}

async function supply(
  sender: Group,
  keyPackage: OwnKeyPackage,
  welcome: Uint8Array | undefined,
  removed: readonly number[],
  supplies: Supplies,
): Promise<World> {
  if (welcome === undefined) throw new TypeError("a commit with an Add makes a Welcome");
  const { identity, epochAuthenticator: authenticator } = sender;
  const messages: Uint8Array[] = [];
  for (let i = 0; i < supplies.messages; i++) messages.push(await sender.seal(plaintext));
  const snapshot = sender.snapshot();
  const again = (): Promise<Group> => Group.restore({ ...groupOptions, identity, snapshot });
  return {
    keyPackage,
    welcome,
    authenticator,
    messages,
    commits: await chain(
      await again(),
      Array.from({ length: supplies.commits }, () => ({})),
    ),
    removes: await chain(
      await again(),
      removed.map((leafIndex) => ({ remove: [leafIndex] })),
    ),
    follower: async () => new CopseMember(await again()),
  };
}

async function chain(sender: Group, commits: readonly CommitOptions[]): Promise<Chain> {
  const messages: Uint8Array[] = [];
  const authenticators: Uint8Array[] = [];
  for (const options of commits) {
    const pending = await sender.commit(options);
    await sender.apply(pending);
    messages.push(pending.commit);
    authenticators.push(sender.epochAuthenticator);
  }
  return { messages, authenticators };
}
