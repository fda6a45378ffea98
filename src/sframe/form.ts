/**
 * Two forms of the same operations: results at once, or promises of them. What is built on them (the tags, the
 * counters, the replay windows, the roles) is written once, over this function.
 */

/** Whether operations return their results or promises of them. */
export type Form = "sync" | "async";

/** What an operation of a form returns. */
export type Result<F extends Form, T> = F extends "sync" ? T : Promise<T>;

/**
 * An operation and what follows it. They pass values to each other in a state, so that their functions are made once
 * and not for every frame.
 */
export interface Steps<F extends Form, S, T, R> {
  /** Start it. Everything up to its first wait happens before `perform` returns. */
  readonly begin: (state: S) => Result<F, T>;
  /** Go on with its result. */
  readonly done: (value: T, state: S) => R | Result<F, R>;
  /** Clean up where either fails. What is thrown here takes the place of the failure. */
  readonly failed?: (error: unknown, state: S) => void;
}

/** Carry out an operation. A failure of any step is thrown in the synchronous form, and a rejection in the other. */
export function perform<F extends Form, S, T, R>(form: F, steps: Steps<F, S, T, R>, state: S): Result<F, R>;
/** The same, where there is nothing to note. */
export function perform<F extends Form, T, R>(form: F, steps: Steps<F, undefined, T, R>): Result<F, R>;
export function perform<F extends Form, S, T, R>(form: F, steps: Steps<F, S, T, R>, state?: S): Result<F, R> {
  const result: unknown =
    form === "sync"
      ? performNow(steps as Steps<"sync", S | undefined, T, R>, state)
      : performLater(steps as Steps<"async", S | undefined, T, R>, state);
  return result as Result<F, R>;
}

function performNow<S, T, R>(steps: Steps<"sync", S, T, R>, state: S): R {
  try {
    return steps.done(steps.begin(state), state);
  } catch (error) {
    steps.failed?.(error, state);
    throw error;
  }
}

async function performLater<S, T, R>(steps: Steps<"async", S, T, R>, state: S): Promise<R> {
  try {
    const result = steps.done(await steps.begin(state), state);
    return result instanceof Promise ? await result : result; // there is no need to wait for what is there
  } catch (error) {
    steps.failed?.(error, state);
    throw error;
  }
}
