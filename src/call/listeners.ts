/**
 * Who wants to be told of something. What a listener throws stays with it: it must not break what it listens to.
 */

/** The listeners of one kind of event. */
export class Listeners<Event = void> {
  readonly #listeners = new Set<{ readonly listener: (event: Event) => void }>();

  /** Tell a listener from now on, until the returned function is called. */
  add(listener: (event: Event) => void): () => void {
    if (typeof listener !== "function") throw new TypeError("a listener is a function");
    const entry = { listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  /** Tell everybody who listens now, in the order in which they came. */
  tell(event: Event): void {
    for (const entry of [...this.#listeners]) {
      if (!this.#listeners.has(entry)) continue; // it left while others were told
      try {
        entry.listener(event);
      } catch {
        // it is the listener's failure
      }
    }
  }

  /** Forget everybody. */
  clear(): void {
    this.#listeners.clear();
  }
}
