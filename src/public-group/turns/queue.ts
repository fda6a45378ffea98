/**
 * One thing at a time: calls on a group are carried out in the order in which they were made, whatever the caller awaits.
 * A hook that calls the very thing that waits for it is told so: it would wait for itself.
 */

import type { Awaitable } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { endTurn, heldTurns, outsideTurns, waitsForAny, withinTurn, type Turn } from "./turns.ts";

/** A turn that others can wait for. */
interface QueuedTurn extends Turn {
  before: QueuedTurn | undefined;
  /** Resolved by `end` when it is over, where somebody waits for that. */
  over: Promise<void> | undefined;
  end: (() => void) | undefined;
}

/** A queue of operations. */
export class Queue {
  /** The turn that was taken last, as long as it is not over. */
  #last: QueuedTurn | undefined;
  /** The turn whose operation is under way. */
  #current: QueuedTurn | undefined;

  /**
   * Run an operation after all that were queued before it: at once, up to its first await, where there is none. Fails with
   * CopseError "reentrant-call" where one of those waits for the caller.
   */
  run<T>(operation: () => Promise<T>): Promise<T> {
    const turn = this.#take();
    if (turn === undefined) return Promise.reject(new CopseError("reentrant-call"));
    const begin = (): Promise<T> => {
      turn.before = undefined;
      this.#current = turn;
      return operation();
    };
    const result = turn.before === undefined ? attempt(begin) : whenOver(turn.before).then(begin);
    // Before anybody else can wait for the result: who does finds the queue idle, and goes on before the next operation.
    const leave = (): void => {
      this.#leave(turn);
    };
    result.then(leave, leave);
    return result;
  }

  /** Run a synchronous operation: at once where nothing is under way, else in its turn, as `run` does. */
  runNow<T>(operation: () => T): Awaitable<T> {
    const turn = this.#last === undefined ? this.#take() : undefined;
    if (turn === undefined) {
      return this.run(
        () =>
          new Promise((resolve) => {
            resolve(operation());
          }),
      );
    }
    // What listeners start in the meantime takes its turn after this.
    this.#current = turn;
    try {
      return operation();
    } finally {
      this.#leave(turn);
    }
  }

  /**
   * Run a synchronous operation that can't fail and that nobody waits for: at once where nothing is under way, else in its
   * turn. Hooks may do it, too.
   */
  runSoon(operation: () => void): void {
    void outsideTurns(() => this.runNow(operation));
  }

  /**
   * Call what the operation under way waits for: a hook of the application, or an operation of another queue. What it
   * starts on this queue fails at once, instead of waiting for the operation that waits for it.
   */
  call<T>(call: () => T): T {
    return this.#current === undefined ? call() : withinTurn(this.#current, call);
  }

  /** The next turn, or undefined where one before it waits for the caller. */
  #take(): QueuedTurn | undefined {
    const held = heldTurns();
    const before = this.#last;
    if (held.length > 0 && before !== undefined && waitsForAny(before, new Set(held))) return undefined;
    const turn: QueuedTurn = {
      held,
      before,
      started: undefined,
      hasHooks: false,
      isOver: false,
      over: undefined,
      end: undefined,
    };
    const holder = held.at(-1);
    if (holder !== undefined) (holder.started ??= new Set()).add(turn);
    return (this.#last = turn);
  }

  #leave(turn: QueuedTurn): void {
    endTurn(turn);
    turn.held.at(-1)?.started?.delete(turn);
    if (this.#last === turn) this.#last = undefined;
    if (this.#current === turn) this.#current = undefined;
    turn.end?.();
  }
}

function whenOver(turn: QueuedTurn): Promise<void> {
  return (turn.over ??= new Promise((resolve) => {
    turn.end = resolve;
  }));
}

/** A throw becomes a rejection. */
function attempt<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return operation();
  } catch (error) {
    return new Promise(() => {
      throw error;
    });
  }
}
