/**
 * What the SFU can make of the frames that it forwards: it decodes them as what they claim to be, and looks for the sign
 * of their sender.
 */

import { sounds, shows } from "./sign.ts";

/** A frame, as the SFU puts it together. */
export interface WireFrame {
  readonly data: Uint8Array;
  readonly isKey: boolean;
  readonly timestamp: number;
}

/** What came of reading frames. */
export interface Reading {
  /** How many frames there were. */
  readonly frames: number;
  /** The bytes of the largest. */
  readonly largest: number;
  /** How many of them gave something that shows the sender's sign; for sound, whether any did. */
  readonly legible: number;
}

const codecs: Readonly<Record<string, string>> = {
  VP8: "vp8",
  VP9: "vp09.00.10.08",
  H264: "avc1.42001f",
  AV1: "av01.0.05M.08",
};

/** Decode video from its first key frame on. A decoder that fails is given up, and another one begins at the next key frame. */
export async function watch(frames: readonly WireFrame[], codec: string, name: string): Promise<Reading> {
  let legible = 0;
  for (let place = frames.findIndex(({ isKey }) => isKey); place >= 0 && place < frames.length;) {
    const decoder = new VideoDecoder({
      output: (frame) => {
        if (shows(frame, name)) legible++;
        frame.close();
      },
      error: () => undefined,
    });
    decoder.configure({ codec: codecs[codec]!, optimizeForLatency: true });
    const next = frames.findIndex(({ isKey }, at) => isKey && at > place);
    const end = next < 0 ? frames.length : next;
    for (const { data, isKey, timestamp } of frames.slice(place, end)) {
      try {
        decoder.decode(new EncodedVideoChunk({ type: isKey ? "key" : "delta", timestamp, data }));
      } catch {
        break; // the decoder has failed and is closed
      }
    }
    await decoder.flush().catch(() => undefined);
    if (decoder.state !== "closed") decoder.close();
    place = end;
  }
  return { ...sizesOf(frames), legible };
}

/** Decode sound, and listen to stretches of it. */
export async function overhear(frames: readonly WireFrame[], name: string): Promise<Reading> {
  const heard: Float32Array[] = [];
  let legible = 0;
  const decoder = new AudioDecoder({
    output: (audio) => {
      const samples = new Float32Array(audio.numberOfFrames);
      audio.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      heard.push(samples);
      audio.close();
    },
    error: () => undefined,
  });
  decoder.configure({ codec: "opus", sampleRate: 48_000, numberOfChannels: 2 });
  for (const { data, timestamp } of frames) {
    try {
      decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, data }));
    } catch {
      break;
    }
  }
  await decoder.flush().catch(() => undefined);
  if (decoder.state !== "closed") decoder.close();
  for (const samples of heard) if (sounds(samples, 48_000, name)) legible++;
  return { ...sizesOf(frames), legible };
}

function sizesOf(frames: readonly WireFrame[]): { readonly frames: number; readonly largest: number } {
  return { frames: frames.length, largest: Math.max(...frames.map(({ data }) => data.length)) };
}
