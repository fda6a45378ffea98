/**
 * The application's decisions: only `true` is a yes and only `false` is a no. An object, a string or a forgotten `return`
 * must let nobody in, and put nobody out.
 */

type Awaitable<T> = T | Promise<T>;

/** Whether an answer is still to come. */
export function isThenable<T>(answer: Awaitable<T>): answer is Promise<T> {
  return typeof (answer as { readonly then?: unknown } | undefined | null)?.then === "function";
}

/**
 * What a hook has decided.
 *
 * @throws TypeError where that is neither true nor false.
 */
export function decision(hook: string, answer: Awaitable<boolean>): Awaitable<boolean> {
  return isThenable(answer) ? answer.then((value) => yesOrNo(hook, value)) : yesOrNo(hook, answer);
}

/** As `decision`, of a hook that nobody waits for: a promise is no answer. */
export function yesOrNo(hook: string, answer: unknown): boolean {
  if (typeof answer !== "boolean") throw new TypeError(`${hook} must answer with true or false`);
  return answer;
}
