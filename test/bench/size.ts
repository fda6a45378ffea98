/**
 * The benchmark in groups of one size: the groups are made, then every session is gone through, round by round, the peers
 * taking turns.
 */

import { settleMemory } from "./clock.ts";
import { groupOptions } from "./copse-peer.ts";
import type { NativePeer } from "./native.ts";
import { asGuest, isForNative, nativeReceiving, nativeSending, type AddNative } from "./native-session.ts";
import type { Peer } from "./peer.ts";
import { populated, type Populated } from "./populated.ts";
import { dictionarySession } from "./dictionary.ts";
import { leftOut, type PeerName, type RowName, type Stored } from "./rows.ts";
import { persistingSession } from "./persisting.ts";
import {
  addingSession,
  joiningBlankSession,
  keyPackageSession,
  receivingSession,
  removingSession,
  sendingSession,
  sessionRows,
  suppliesFor,
  type Notes,
} from "./sessions.ts";
import { blankWorld, bystanders, populatedWorld, type World } from "./worlds.ts";
import { runSuite } from "./suite.ts";

/** What a process gets whose memory is measured: others to add to its own group, and a way into a populated one. */
export interface MemoryJob {
  readonly others: readonly Uint8Array[];
  welcomeFor(keyPackage: Uint8Array): Promise<Uint8Array>;
}

/** What to measure in groups of one size. */
export interface SizeOptions {
  readonly rows: ReadonlySet<RowName>;
  readonly peers: readonly Peer[];
  /** Peers that measure themselves, each in the same groups. */
  readonly natives?: readonly NativePeer[];
  readonly rounds: number;
  readonly peakMemory?: ((peer: PeerName, job: MemoryJob) => Promise<number>) | undefined;
  /** Where each round's values go. */
  readonly add: (row: RowName, peer: PeerName, value: number, stored?: Stored) => void;
  readonly addMerged?: (row: RowName, peer: PeerName, value: number) => void;
  readonly progress: (text: string) => void;
}

/** One round of one peer. */
type Turn = (peer: Peer, notes: Notes) => Promise<void>;

export async function measureSize(size: number, options: SizeOptions): Promise<void> {
  const turns = new Turns(size, options);
  await turns.take("key packages", sessionRows.keyPackage, keyPackageSession);

  await turns.take("dictionary", sessionRows.dictionary, (_, notes) => dictionarySession(size, notes));
  const { sending, receiving, removing, persisting, adding, joiningBlank } = sessionRows;
  const { peakMemory } = options;
  const memory: readonly RowName[] = peakMemory === undefined ? [] : ["peak-memory"];
  const populatedRows = [...sending, ...receiving, ...removing, ...persisting];
  if (turns.any([...populatedRows, ...memory]) || turns.natives.length > 0) {
    options.progress(`${size} members: populating a tree`);
    const base = await populated(runSuite(), size - 1, groupOptions);
    const supplies = suppliesFor(size, "populated");
    const worldOf = await turns.worlds(populatedRows, (peer) => populatedWorld(peer, base, supplies));
    const native = async (peer: NativePeer): Promise<void> => {
      const add: AddNative = (row, time, merged) => {
        if (!options.rows.has(row)) return;
        options.add(row, peer.name, time);
        if (merged !== undefined) options.addMerged?.(row, peer.name, merged);
      };
      // Its key package is used up by joining: each session has a world of its own.
      for (const session of [nativeSending, nativeReceiving]) {
        await session(peer, await populatedWorld(asGuest(peer), base, supplies), add);
      }
    };
    await turns.take("sending", sending, (peer, notes) => sendingSession(worldOf(peer), size, notes), native);
    await turns.take("receiving", receiving, (peer, notes) => receivingSession(worldOf(peer), notes));
    await turns.take("removing", removing, (peer, notes) => removingSession(worldOf(peer), notes));
    await turns.take("persisting", persisting, (peer, notes) => persistingSession(worldOf(peer), notes));
    if (peakMemory !== undefined && turns.any(memory)) {
      const job = { others: await bystanders(size - 1), welcomeFor: welcomesInto(base) };
      await turns.take("memory", memory, async ({ name }, notes) => {
        notes.add("peak-memory", await peakMemory(name, job));
      });
    }
  }

  if (turns.any([...adding, ...joiningBlank])) {
    options.progress(`${size} members: making key packages`);
    const others = await bystanders(size - 2);
    const supplies = suppliesFor(size, "blank");
    const worldOf = await turns.worlds(joiningBlank, (peer) => blankWorld(peer, others, supplies));
    await turns.take("adding", adding, (peer, notes) => addingSession(peer, others, notes));
    await turns.take("joining", joiningBlank, (peer, notes) => joiningBlankSession(worldOf(peer), notes));
  }
}

/** Welcomes into a populated group, which lacks one member. */
function welcomesInto(base: Populated): MemoryJob["welcomeFor"] {
  return async (keyPackage) => {
    const pending = await (await base.member(base.size - 1)).commit({ add: [keyPackage], path: true });
    if (pending.welcome === undefined) throw new Error("no Welcome");
    return pending.welcome;
  };
}

/** Whose turn it is, and what is wanted of whom. */
class Turns {
  readonly #size: number;
  readonly #options: SizeOptions;

  constructor(size: number, options: SizeOptions) {
    this.#size = size;
    this.#options = options;
  }

  /** Whether one of these rows is wanted of somebody, or of this one. */
  any(rows: readonly RowName[], peers: readonly Peer[] = this.#options.peers): boolean {
    return peers.some((peer) => rows.some((row) => this.#isWanted(row, peer)));
  }

  /** The native peers that have something to do. */
  get natives(): readonly NativePeer[] {
    return isForNative(this.#options.rows) ? (this.#options.natives ?? []) : [];
  }

  /** Every round, everybody in turn of whom one of these rows is wanted; then the native peers, where it is their session. */
  async take(
    session: string,
    rows: readonly RowName[],
    turn: Turn,
    native?: (peer: NativePeer) => Promise<void>,
  ): Promise<void> {
    const { peers, rounds, add, progress } = this.#options;
    for (let round = 1; round <= rounds; round++) {
      for (const peer of peers) {
        if (!this.any(rows, [peer])) continue;
        progress(`${this.#size} members, ${session}: round ${round} of ${rounds}, ${peer.name}`);
        settleMemory();
        await turn(peer, {
          wanted: (row) => this.#isWanted(row, peer),
          add: (row, value, stored) => {
            if (this.#isWanted(row, peer)) add(row, peer.name, value, stored);
          },
        });
      }
      for (const peer of native === undefined ? [] : this.natives) {
        progress(`${this.#size} members, ${session}: round ${round} of ${rounds}, ${peer.name}`);
        await native?.(peer);
      }
    }
  }

  /** A world for everybody of whom one of these rows is wanted. */
  async worlds(rows: readonly RowName[], make: (peer: Peer) => Promise<World>): Promise<(peer: Peer) => World> {
    const worlds = new Map<Peer, World>();
    for (const peer of this.#options.peers) if (this.any(rows, [peer])) worlds.set(peer, await make(peer));
    return (peer) => worlds.get(peer)!;
  }

  #isWanted(row: RowName, { name }: Peer): boolean {
    return this.#options.rows.has(row) && leftOut(row, this.#size, name) === undefined;
  }
}
