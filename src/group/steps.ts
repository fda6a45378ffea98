/**
 * The turns of a group's operations: they are carried out one behind the other, in the order in which they were called.
 */

import type { Awaitable } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import { outsideTurns } from "../public-group/turns/turns.ts";
import type { GroupState } from "./state.ts";

/** Run an operation in its turn. Where the group was wiped in the middle of it, that is why it failed. */
export function runTurn<T>(state: GroupState, operation: () => Promise<T>): Promise<T> {
  return state.settings.queue.run(async () => {
    try {
      return await operation();
    } catch (error) {
      const says = error instanceof CopseError && ["group-gone", "state-unknown"].includes(error.code);
      const isCause = state.gone && !says;
      throw isCause ? new CopseError("group-gone", { cause: error }) : error;
    }
  });
}

/** A step in its turn: at once where nothing is under way and nothing is stored. */
export function stepInTurn(state: GroupState, step: () => Awaitable<void>): Awaitable<void> {
  if (state.ledger === undefined) return state.settings.queue.runNow(() => void step());
  return runTurn(state, async () => {
    await step();
  });
}

/**
 * As `stepInTurn`, for what nobody waits for: hooks may do it, too. A write that fails is told by the next operation, or made
 * up for by its write.
 */
export function stepSoon(state: GroupState, step: () => Awaitable<void>): void {
  const { queue } = state.settings;
  if (state.ledger === undefined) {
    queue.runSoon(() => void step());
    return;
  }
  const written = outsideTurns(() =>
    queue.run(async () => {
      await step();
    }),
  );
  written.catch(() => undefined);
}
