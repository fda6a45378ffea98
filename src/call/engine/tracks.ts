/**
 * The tracks of one direction that are open.
 */

import type { TrackStatistics } from "./protocol.ts";

/** What an engine needs of a track, whatever its frames are. */
export interface OpenTrack {
  readonly statistics: TrackStatistics;
  close(): void;
}

/** What a track is told when it is made. */
export interface TrackPlace {
  /** Whether there are too many tracks: this one passes nothing. */
  readonly isOverLimit: boolean;
  /** To be called when the track is closed. */
  readonly onClose: () => void;
}

/** Tracks by name. */
export class Tracks<Track extends OpenTrack> {
  readonly #max: number;
  readonly #isOver: () => boolean;
  readonly #open = new Map<string, Track>();

  /** @param isOver whether the engine is closed: then tracks are made, and not kept. */
  constructor(max: number, isOver: () => boolean) {
    this.#max = max;
    this.#isOver = isOver;
  }

  /** All that are open. A copy: they may close while one walks over them. */
  [Symbol.iterator](): IterableIterator<Track> {
    return [...this.#open.values()].values();
  }

  find(name: string): Track | undefined {
    return this.#open.get(name);
  }

  /** Make a track, which takes the place of an open one of the same name. */
  open<Made extends Track>(name: string, make: (place: TrackPlace) => Made): Made {
    this.#open.get(name)?.close();
    const isOverLimit = this.#open.size >= this.#max;
    const onClose = (): void => {
      if (this.#open.get(name) === made) this.#open.delete(name);
    };
    const made = make({ isOverLimit, onClose });
    if (!isOverLimit && !this.#isOver()) this.#open.set(name, made);
    return made;
  }

  close(): void {
    for (const track of this) track.close();
  }
}
