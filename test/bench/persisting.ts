/**
 * A group that is stored as it changes: what each operation writes, and how much longer it takes than in a group that stores
 * nothing. The two take turns, message by message.
 */

import { settleMemory, times } from "./clock.ts";
import type { Member, StoredMember, Written } from "./peer.ts";
import { median } from "./rows.ts";
import { checkAgreement, type Notes } from "./sessions.ts";
import { plaintext, type World } from "./worlds.ts";

/** How long one row of one round may take, in milliseconds, and how often it is repeated at least. */
const budget = 400;
const least = 4;

/** A client joins a populated group twice, once with a store and once without, and does everything in both. */
export async function persistingSession(world: World, { wanted, add }: Notes): Promise<void> {
  const stored = await world.keyPackage.joinStored(world.welcome);
  const plain = await world.keyPackage.join(world.welcome);
  settleMemory();
  const both = async (row: Row, most: number, work: Work): Promise<void> => {
    const { time, ...rest } = await inTurns(stored, plain, most, work);
    add(row, time, rest);
  };
  const { messages, commits } = world;
  if (wanted("open-persist")) {
    await both("open-persist", messages.length, async (member, run) => {
      const text = await member.receive(messages[run]!);
      if (text?.length !== plaintext.length) throw new Error("a message that does not open");
    });
  }
  if (wanted("seal-persist"))
    await both("seal-persist", 3_000, async (member) => {
      await member.seal(plaintext);
    });
  let received = 0;
  if (wanted("receive-commit-persist") || wanted("restore-records")) {
    await both("receive-commit-persist", commits.messages.length, async (member, run) => {
      await member.receive(commits.messages[run]!);
      received = run + 1;
    });
    for (const member of [stored.member, plain]) checkAgreement(member, commits.authenticators[received - 1]);
  }
  if (wanted("restore-records")) {
    const time = await times(20, async () => {
      await stored.restore();
    });
    add("restore-records", time, { bytes: [stored.size], made: [0] });
  }
  if (wanted("commit-persist"))
    await both("commit-persist", 40, async (member) => {
      await member.commit();
    });
}

type Row = "seal-persist" | "open-persist" | "commit-persist" | "receive-commit-persist";

type Work = (member: Member, run: number) => Promise<void>;

/** The median time of an operation with the store and without, and what each has written. */
async function inTurns(
  stored: StoredMember,
  plain: Member,
  most: number,
  work: Work,
): Promise<{ readonly time: number; readonly without: number; readonly bytes: number[]; readonly made: number[] }> {
  const samples: { readonly stored: number[]; readonly plain: number[] } = { stored: [], plain: [] };
  const written: Written[] = [];
  const timed = async (into: number[], operation: () => Promise<void>): Promise<void> => {
    const start = performance.now();
    await operation();
    into.push(performance.now() - start);
  };
  const withStore = (run: number): Promise<void> =>
    timed(samples.stored, async () => {
      await work(stored.member, run);
      stored.store();
    });
  const end = performance.now() + 2 * budget;
  for (let run = 0; run < most && (run < least || performance.now() < end); run++) {
    // Who is second finds the processor's caches warm.
    if (run % 2 === 0) await withStore(run);
    await timed(samples.plain, () => work(plain, run));
    if (run % 2 === 1) await withStore(run);
    written.push(stored.written());
  }
  return {
    time: median(samples.stored),
    without: median(samples.plain),
    bytes: written.map(({ bytes }) => bytes),
    made: written.map(({ made }) => made),
  };
}
