/**
 * Which secrets are alive: what the deletion schedule of RFC 9420 section 9.2 is held against.
 */

import { observeSecrets, type Secret, type SecretObserver } from "../../src/bytes/secret.ts";
import { hex } from "../../src/bytes/text.ts";

/** The secrets that were made since watching began, and have not been wiped. */
export class LiveSecrets {
  readonly #alive = new Set<Secret<string>>();
  readonly #observer: SecretObserver = {
    created: (secret) => this.#alive.add(secret),
    wiped: (secret) => this.#alive.delete(secret),
  };

  /** Watch from now on. There is one watcher a process: end with `stop`. */
  constructor() {
    observeSecrets(this.#observer);
  }

  /** Do something without watching: what others do, so that only one member's secrets are counted. */
  async aside<T>(operation: () => Promise<T>): Promise<T> {
    observeSecrets({ created: () => undefined, wiped: this.#observer.wiped });
    try {
      return await operation();
    } finally {
      observeSecrets(this.#observer);
    }
  }

  get count(): number {
    return this.#alive.size;
  }

  /** Their bytes in hex, sorted; equal ones as often as there are. */
  bytes(): string[] {
    return [...this.#alive].map((secret) => secret.use(hex)).sort();
  }

  /** Their names, sorted. */
  names(): string[] {
    return [...this.#alive].map(({ name }) => name).sort();
  }

  stop(): void {
    observeSecrets(undefined);
  }
}
