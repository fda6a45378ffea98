/**
 * The devices that are connected to this process: one connection each, the latest.
 */

import type { News } from "./delivery.ts";

export interface Session {
  readonly device: string;
  readonly user: string;
  /** As what it has signed in: whether its user's statements list it. */
  readonly listed: boolean;
  readonly isOpen: boolean;
  /** Of the opening of the device that it is of. */
  readonly incarnation: bigint;
  tell(news: News): void;
  /** It is over, for this reason. */
  end(reason: "replaced" | "unreachable" | "shutdown"): void;
}

export class Sessions {
  readonly #sessions = new Map<string, Session>();

  /** The device's session from now on: one that it had before is over. */
  begin(session: Session): void {
    const before = this.#sessions.get(session.device);
    this.#sessions.set(session.device, session);
    before?.end("replaced");
  }

  ended(session: Session): void {
    if (this.#sessions.get(session.device) === session) this.#sessions.delete(session.device);
  }

  of(device: string): Session | undefined {
    return this.#sessions.get(device);
  }

  ofUser(user: string): readonly Session[] {
    return [...this.#sessions.values()].filter((session) => session.user === user);
  }

  /** All that there are now. */
  all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  get size(): number {
    return this.#sessions.size;
  }

  endAll(reason: "shutdown"): void {
    for (const session of [...this.#sessions.values()]) session.end(reason);
  }
}
