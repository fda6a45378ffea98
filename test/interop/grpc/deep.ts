/**
 * The random configuration: a group that changes with every commit. Some are external joins, half of those in place of a
 * former self; the others hold Adds and Removes by value and Updates by reference.
 */

import type { Play } from "./play.ts";

/** How long it goes on, and how large the group gets. */
export interface DeepOptions {
  readonly seed: number;
  readonly commits: number;
  readonly most: number;
  /** Adds in one commit. Default 20. */
  readonly adds?: number;
}

/** A script that is the same for the same options. */
export function deepRandom({ seed, commits, most, adds = 20 }: DeepOptions): (play: Play) => Promise<void> {
  return async (play) => {
    const random = generator(seed);
    let named = 0;
    const newcomer = (): string => `actor ${named++}`;
    const first = newcomer();
    let members = [first, newcomer(), newcomer(), newcomer(), newcomer()];
    await play.create(first, members.slice(1));
    for (let n = 0; n < commits; n++) {
      if (members.length > 1 && random() < 0.1) {
        const replace = random() < 0.5;
        const joiner = replace ? pick(random, members, 1)[0]! : newcomer();
        const stay = members.filter((name) => name !== joiner);
        const [host] = pick(random, stay, 1);
        await play.externalJoin(host!, joiner, { members: stay.filter((name) => name !== host), replace });
        members = [...stay, joiner];
        continue;
      }
      const joiners = Array.from({ length: upTo(random, Math.min(adds, most - members.length)) }, newcomer);
      const leavers = pick(random, members, upTo(random, 0.4 * members.length));
      const stay = members.filter((name) => !leavers.includes(name));
      const updaters = pick(random, stay, upTo(random, 0.4 * members.length)).slice(0, stay.length - 1);
      const [committer] = pick(
        random,
        stay.filter((name) => !updaters.includes(name)),
        1,
      );
      const references: Uint8Array[] = [];
      for (const updater of updaters) references.push(await play.update(updater));
      for (const joiner of joiners) await play.keyPackage(joiner);
      const values = [...joiners.map((add) => ({ add })), ...leavers.map((remove) => ({ remove }))];
      const others = stay.filter((name) => name !== committer);
      await play.commit(committer!, { references, values, members: others, joiners });
      members = [...stay, ...joiners];
    }
    await play.agree(...(members as [string, ...string[]]));
  };
}

type Generator = () => number;

/** Numbers below one, the same ones from the same seed: a linear congruence is random enough for a script. */
function generator(seed: number): Generator {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function upTo(random: Generator, most: number): number {
  return Math.floor(random() * (Math.floor(Math.max(0, most)) + 1));
}

/** So many of them, in no order. */
function pick(random: Generator, names: readonly string[], count: number): readonly string[] {
  const left = [...names];
  return Array.from(
    { length: Math.min(count, left.length) },
    () => left.splice(Math.floor(random() * left.length), 1)[0]!,
  );
}
