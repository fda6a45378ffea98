/**
 * What a store has of an observer, and how it comes to have what the observer becomes.
 */

import { CopseError } from "../../errors.ts";
import type { Followed } from "./followed.ts";
import { followedChanges } from "./write.ts";
import { writeError, type Persist, type StateEvent } from "../records/persist.ts";

/** Follows what is stored of one observer. */
export class ObserverLedger {
  readonly #persist: Persist;
  #stored: Followed | undefined;
  #isLost = false;

  constructor(persist: Persist, stored?: Followed) {
    this.#persist = persist;
    this.#stored = stored;
  }

  /** @throws CopseError "state-unknown" where a write has failed, so that nobody knows what is stored. */
  check(): void {
    if (this.#isLost) throw new CopseError("state-unknown");
  }

  /**
   * Store what the observer becomes: all of it where it has begun anew, and nothing of what is stored belongs to it.
   *
   * @throws CopseError "state-not-written", after which the next write tells the same again; "state-unknown".
   */
  async write(after: Followed, event: StateEvent): Promise<void> {
    const isAnew = event.kind === "followed" || event.kind === "restarted";
    const stored = isAnew ? undefined : this.#stored;
    const { puts, deletes } = followedChanges(stored, after);
    const groupId = after.epoch.context.groupId.slice();
    const changes = { groupId, whole: stored === undefined, puts, deletes: stored === undefined ? [] : [...deletes] };
    try {
      await this.#persist(changes, event);
    } catch (cause) {
      const error = writeError(cause);
      this.#isLost = error.code === "state-unknown";
      throw error;
    }
    this.#stored = after;
  }
}
