/**
 * News for a device that reads slowly: of each room the last, whether there is something in its queue, and no whispers.
 */

import type { News } from "../delivery/delivery.ts";

export class Untold {
  readonly #rooms = new Map<string, News>();
  readonly #most: number;
  #queue: News | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** "lost": nobody is harmed. "full": so much is untold that the device had better look for itself. */
  keep(news: News): "kept" | "lost" | "full" {
    switch (news.kind) {
      case "room":
        if (!this.#rooms.has(news.room) && this.#rooms.size >= this.#most) return "full";
        this.#rooms.set(news.room, news);
        return "kept";
      case "queue":
        this.#queue = news;
        return "kept";
      case "whisper":
        return "lost";
      case "closed":
        return "full";
    }
  }

  all(): readonly News[] {
    return this.#queue === undefined ? [...this.#rooms.values()] : [this.#queue, ...this.#rooms.values()];
  }
}
