/**
 * A fake camera and microphone, and what arrives of them: decoded frames and when they came, and how loud it is.
 */

/** MediaStreamTrackProcessor, which TypeScript's library does not know on a page. */
declare class MediaStreamTrackProcessor {
  constructor(init: { readonly track: MediaStreamTrack });
  readonly readable: ReadableStream<VideoFrame>;
}

/** Small, so that what is measured is the protocol and not the processor. */
const picture: { readonly width: number; readonly height: number; readonly frameRate: number } = {
  width: 320,
  height: 180,
  frameRate: 15,
};

/** The browser's fake devices. */
export function fakeMedia(video: MediaTrackConstraints = picture): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false }, video });
}

/** One decoded frame. */
export interface SeenFrame {
  /** When it came, on the page's clock. */
  readonly at: number;
  readonly width: number;
  readonly height: number;
}

/** Watches a video track. */
export class Viewer {
  readonly frames: SeenFrame[] = [];
  #stopped = false;

  constructor(track: MediaStreamTrack) {
    void this.#watch(new MediaStreamTrackProcessor({ track }).readable.getReader());
  }

  get last(): SeenFrame | undefined {
    return this.frames.at(-1);
  }

  /** The longest time without a new frame, from one moment to another. */
  longestGap(from: number, to: number): number {
    const times = this.frames.map(({ at }) => at).filter((at) => at > from && at < to);
    return [...times, to].reduce((longest, at, place) => Math.max(longest, at - (times[place - 1] ?? from)), 0);
  }

  /** How many frames came since a moment. */
  since(moment: number): number {
    return this.frames.filter(({ at }) => at > moment).length;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #watch(reader: ReadableStreamDefaultReader<VideoFrame>): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#stopped) {
        value?.close();
        return;
      }
      this.frames.push({ at: performance.now(), width: value.displayWidth, height: value.displayHeight });
      value.close();
    }
  }
}

/** Sound is decoded only where somebody listens. */
export function listen(track: MediaStreamTrack): void {
  const element = document.createElement("audio");
  element.srcObject = new MediaStream([track]);
  element.autoplay = true;
  document.body.append(element);
}

/** What a receiver has decoded so far. */
export interface Reception {
  readonly bytes: number;
  /** Packets. */
  readonly lost: number;
  readonly framesDecoded: number;
  /** The energy of the sound that was played: zero for silence. */
  readonly energy: number;
  readonly codec: string;
}

export async function reception(receiver: RTCRtpReceiver): Promise<Reception> {
  const report = await receiver.getStats();
  let inbound: Record<string, unknown> = {};
  report.forEach((entry: Record<string, unknown>) => {
    if (entry["type"] === "inbound-rtp") inbound = entry;
  });
  const codec = report.get(String(inbound["codecId"])) as { readonly mimeType?: string } | undefined;
  return {
    bytes: Number(inbound["bytesReceived"] ?? 0),
    lost: Number(inbound["packetsLost"] ?? 0),
    framesDecoded: Number(inbound["framesDecoded"] ?? 0),
    energy: Number(inbound["totalAudioEnergy"] ?? 0),
    codec: codec?.mimeType ?? "",
  };
}

/** What a sender has sent so far. */
export async function bytesSent(sender: RTCRtpSender): Promise<number> {
  let bytes = 0;
  (await sender.getStats()).forEach((entry: Record<string, unknown>) => {
    if (entry["type"] === "outbound-rtp") bytes += Number(entry["bytesSent"]);
  });
  return bytes;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Wait until something holds. @throws Error naming it where it does not in time. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  milliseconds = 10_000,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${milliseconds} ms`);
    await pause(20);
  }
}

/** @throws Error naming what does not hold. */
export function must(what: string, holds: boolean): void {
  if (!holds) throw new Error(what);
}
