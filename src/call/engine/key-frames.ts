/**
 * Requests for key frames: after a gap a decoder shows nothing before the next one. Many receivers that ask often
 * bring a sender down, so each asks seldom, and less and less often as long as no key frame comes.
 */

/** What a track's requests depend on. */
export interface KeyFrameRequestOptions {
  readonly now: () => number;
  readonly keyFrameInterval: number;
  readonly maxKeyFrameInterval: number;
  /** Ask for a key frame. */
  readonly request: () => void;
}

/** When to ask for a key frame of one video track. */
export class KeyFrameRequests {
  readonly #options: KeyFrameRequestOptions;
  #interval: number;
  #notBefore = -Infinity;
  #hasGap = false;
  #requests = 0;

  constructor(options: KeyFrameRequestOptions) {
    this.#options = options;
    this.#interval = options.keyFrameInterval;
  }

  /** How often it was asked. */
  get requests(): number {
    return this.#requests;
  }

  /** A frame that the sender meant for us is lost. */
  lost(): void {
    this.#hasGap = true;
    this.#ask();
  }

  /** A frame goes to the decoder. */
  passed(isKeyFrame: boolean): void {
    if (isKeyFrame) {
      this.#hasGap = false;
      this.#interval = this.#options.keyFrameInterval;
    } else if (this.#hasGap) this.#ask();
  }

  /** A key has come: what was asked for before it could not be read, so that a new request need not wait. */
  keyed(): void {
    if (!this.#hasGap) return;
    this.#interval = this.#options.keyFrameInterval;
    this.#notBefore = -Infinity;
  }

  #ask(): void {
    const { now, maxKeyFrameInterval, request } = this.#options;
    const time = now();
    if (time < this.#notBefore) return;
    this.#notBefore = time + this.#interval;
    this.#interval = Math.min(2 * this.#interval, maxKeyFrameInterval);
    this.#requests++;
    request();
  }
}
