/**
 * What a native peer does in a populated group of copse's: the same as everybody else, with its own clock.
 */

import { bytesEqual } from "../../src/bytes/compare.ts";
import type { Answer, NativePeer } from "./native.ts";
import { median, nativeRowNames, type RowName } from "./rows.ts";
import { plaintext, type World } from "./worlds.ts";
import type { Peer } from "./peer.ts";

/** Where its figures go: what the operation took, and what it took with merging or applying the commit. */
export type AddNative = (row: RowName, time: number, merged?: number) => void;

/** A peer as worlds are made for it: somebody with a key package, who does not join here. */
export function asGuest(native: NativePeer): Peer {
  const nobody = (): Promise<never> => Promise.reject(new Error(`${native.name} is measured by itself`));
  return {
    name: native.name,
    client: () =>
      Promise.resolve({
        keyPackage: async () => ({
          message: (await native.ask("key-package")).bytes,
          join: nobody,
          joinStored: nobody,
        }),
        create: nobody,
      }),
  };
}

/** Join, take in messages, send as many, and make commits that a copse member follows. */
export async function nativeSending(native: NativePeer, world: World, add: AddNative): Promise<void> {
  await join(native, world, add);
  const times: number[] = [];
  for (const message of world.messages) {
    const { time, bytes } = await native.ask("receive", message);
    checkSame("a plaintext", plaintext, bytes);
    times.push(time);
  }
  add("open", median(times));

  const follower = await world.follower();
  times.length = 0;
  for (let i = 0; i < world.messages.length; i++) {
    const { time, bytes } = await native.ask("seal", plaintext);
    times.push(time);
    if (i === 0) checkSame("a plaintext", plaintext, (await follower.receive(bytes)) ?? new Uint8Array(0));
  }
  add("seal", median(times));

  const made: Answer[] = [];
  for (let i = 0; i < world.commits.messages.length; i++) {
    const commit = await native.ask("commit");
    made.push(commit);
    await follower.receive(commit.bytes);
  }
  checkSame("the epoch", follower.epochAuthenticator(), (await native.ask("authenticator")).bytes);
  addCommits("commit-create", made, add);
}

/** Join, and take in commits. */
export async function nativeReceiving(native: NativePeer, world: World, add: AddNative): Promise<void> {
  await join(native, world, add);
  const { messages, authenticators } = world.commits;
  const received: Answer[] = [];
  for (const [i, message] of messages.entries()) {
    received.push(await native.ask("receive", message));
    checkSame("the epoch", authenticators[i]!, (await native.ask("authenticator")).bytes);
  }
  addCommits("commit-process", received, add);
}

async function join(native: NativePeer, { welcome, authenticator }: World, add: AddNative): Promise<void> {
  const { time, bytes } = await native.ask("join", welcome);
  checkSame("the epoch", authenticator, bytes);
  add("join-populated", time);
}

function addCommits(row: RowName, commits: readonly Answer[], add: AddNative): void {
  add(row, median(commits.map(({ time }) => time)), median(commits.map(({ merged }) => merged)));
}

/** Whether a native peer has anything to do. */
export function isForNative(rows: ReadonlySet<RowName>): boolean {
  return nativeRowNames.some((name) => rows.has(name));
}

/** @throws Error where two answers are not the same bytes. */
function checkSame(what: string, mine: Uint8Array, theirs: Uint8Array): void {
  if (!bytesEqual(mine, theirs)) throw new Error(`${what} is another one`);
}
