/**
 * A clock that is set, and everybody who looks at it.
 */

import { settle, type Person } from "../world.ts";

export interface Time {
  readonly clock: () => number;
  /** So many milliseconds later, when all of these people have done what is due. */
  pass(milliseconds: number, ...people: readonly Person[]): Promise<void>;
}

export function time(): Time {
  let now = 1_790_000_000_000;
  return {
    clock: () => now,
    pass: async (milliseconds, ...people) => {
      now += milliseconds;
      for (const { client } of people) client.tick();
      await settle(...people);
    },
  };
}
