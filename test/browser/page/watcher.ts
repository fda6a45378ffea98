/**
 * What comes of somebody through an SFU: pictures that show their sign, and sound that has their tone.
 */

import { reception } from "./media.ts";
import { shows, sounds } from "./sign.ts";

/** MediaStreamTrackProcessor, which TypeScript's library does not know on a page. */
declare class MediaStreamTrackProcessor<T> {
  constructor(init: { readonly track: MediaStreamTrack });
  readonly readable: ReadableStream<T>;
}

/** Watches a video for a sign. */
export class Watcher {
  readonly #receiver: RTCRtpReceiver;
  /** How many pictures of each width have shown the sign. */
  readonly #legible = new Map<number, number>();
  #illegible = 0;
  #last: { readonly width: number; readonly height: number } | undefined;

  constructor(receiver: RTCRtpReceiver, name: string) {
    this.#receiver = receiver;
    void forEach<VideoFrame>(receiver.track, (frame) => {
      const { displayWidth: width, displayHeight: height } = frame;
      this.#last = { width, height };
      if (shows(frame, name)) this.#legible.set(width, (this.#legible.get(width) ?? 0) + 1);
      else this.#illegible++;
    });
  }

  get last(): { readonly width: number; readonly height: number } | undefined {
    return this.#last;
  }

  get illegible(): number {
    return this.#illegible;
  }

  /** How many pictures have come. */
  get count(): number {
    return this.legible() + this.#illegible;
  }

  /** How many pictures have shown the sign: of a width, or all. */
  legible(width?: number): number {
    if (width !== undefined) return this.#legible.get(width) ?? 0;
    return [...this.#legible.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How many packets are missing in the numbers that came. */
  async lost(): Promise<number> {
    return (await reception(this.#receiver)).lost;
  }

  /** For a complaint. */
  async state(): Promise<string> {
    const { bytes, framesDecoded, codec } = await reception(this.#receiver);
    const widths = [...this.#legible].map(([width, count]) => `${count} of ${width}`).join(", ");
    return `${bytes} bytes of ${codec}, ${framesDecoded} frames decoded, legible ${widths || "none"}, ${this.#illegible} not`;
  }
}

/** Listens to a sound for a tone. */
export class Listener {
  #legible = 0;

  constructor(track: MediaStreamTrack, name: string) {
    void forEach<AudioData>(track, (audio) => {
      const samples = new Float32Array(audio.numberOfFrames);
      audio.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      if (sounds(samples, audio.sampleRate, name)) this.#legible++;
    });
  }

  /** How many stretches had the tone. */
  get legible(): number {
    return this.#legible;
  }
}

async function forEach<T extends { close(): void }>(track: MediaStreamTrack, take: (data: T) => void): Promise<void> {
  const reader = new MediaStreamTrackProcessor<T>({ track }).readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(value);
    value.close();
  }
}
