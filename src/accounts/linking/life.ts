/**
 * How long a linking lives: until it is done, refused, or too old. Then its secrets are gone.
 */

import { checkCount } from "../../bytes/numbers.ts";
import { hook, type Shape } from "../../bytes/takes.ts";
import { checkedClock, type Clock } from "../../bytes/clock.ts";
import { AccountError } from "../errors.ts";

/** Until when a linking is to be done, in milliseconds from its beginning: long enough for a person with two devices. */
export const linkTimeout: number = 10 * 60 * 1000;

/** When a linking ends. */
export interface LifeOptions {
  /** In milliseconds. Default: ten minutes. */
  readonly timeout?: number;
  /** Milliseconds since 1970. Default: the platform's. */
  readonly clock?: Clock;
}

export const lifeShape: Shape<LifeOptions> = {
  timeout: (place, value) => {
    checkCount(place, value as number, [1, Number.MAX_SAFE_INTEGER]);
  },
  clock: hook,
};

/** The life of one linking. */
export class LinkLife {
  readonly #now: Clock;
  readonly #until: number;
  readonly #wipe: () => void;
  #end: AccountError | undefined;

  constructor({ timeout = linkTimeout, clock }: LifeOptions, wipe: () => void) {
    this.#now = checkedClock(clock);
    this.#until = this.#now() + timeout;
    this.#wipe = wipe;
  }

  /** @throws AccountError "link-expired", "link-code", "link-ended" */
  check(): void {
    if (this.#end === undefined && this.#now() > this.#until) this.end(new AccountError("link-expired"));
    if (this.#end !== undefined) throw this.#end;
  }

  /** It is over, for this reason. */
  end(reason: AccountError = new AccountError("link-ended")): void {
    this.#end ??= reason;
    this.#wipe();
  }
}
