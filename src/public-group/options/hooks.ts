/**
 * The hooks of an application, as the engine calls them: here and nowhere else. Each is called within the turn of the
 * operation that waits for it, and a decision is yes or no and nothing else.
 */

import type { Awaitable } from "../../crypto/provider.ts";
import { decision, isThenable } from "../../bytes/decision.ts";
import type { Queue } from "../turns/queue.ts";
import type { GroupOptions, Settings } from "./settings.ts";

/** Hooks that know in whose turn they are called. */
export function hooksOf(
  { authentication, psks, hasGroup, review, persist }: GroupOptions,
  queue: Queue,
): Pick<Settings, "authentication" | "psks" | "hasGroup" | "review" | "persist"> {
  const { clientKey, memberKey } = authentication;
  return {
    authentication: {
      validate: (candidate) =>
        decision(
          "validate",
          callHook(queue, () => authentication.validate(candidate)),
        ),
      ...(clientKey === undefined ? {} : { clientKey: clientKey.bind(authentication) }),
      ...(memberKey === undefined ? {} : { memberKey: memberKey.bind(authentication) }),
    },
    psks: psks === undefined ? () => undefined : (id) => callHook(queue, () => psks(id)),
    hasGroup:
      hasGroup &&
      ((id) =>
        decision(
          "hasGroup",
          callHook(queue, () => hasGroup(id)),
        )),
    review:
      review &&
      ((change) =>
        decision(
          "review",
          callHook(queue, () => review(change)),
        )),
    persist: persist && ((changes, event) => callHook(queue, () => persist(changes, event))),
  };
}

/**
 * Call a hook within the turn of the operation under way. Where it returns a promise of some other library, that one's
 * `then` is called within the turn, too.
 */
export function callHook<T>(queue: Queue, hook: () => Awaitable<T>): Awaitable<T> {
  return queue.call(() => {
    const answer = hook();
    return isThenable(answer) ? Promise.resolve(answer) : answer;
  });
}
