/**
 * What leaves a worker: ciphertext, and nothing else.
 */

import { codecOfMimeType, frameCodec } from "../../../src/call/codecs/codecs.ts";
import { NalUnits } from "../../../src/call/codecs/h264-nal.ts";
import type { FrameCodec } from "../../../src/call/media.ts";
import { readSFrameHeader } from "../../../src/sframe/header.ts";
import { link } from "./link.ts";
import { fakeMedia, must, until } from "./media.ts";
import { room, type Participant } from "./room.ts";
import type { Tapped, TappedFrame } from "./tap.ts";

/** The worker's script, with a tap. */
export const script = "/tapped-worker.js";

/** Bytes in a row that two frames have in common by no accident. */
const window = 16;

/** The most that any codec leaves clear of a frame: two parameter sets and some heads. */
const mostClear = 80;

/** What has come to a participant's worker, and what has left it. */
export function tapped({ worker }: Participant): Promise<Tapped> {
  return new Promise((resolve) => {
    worker.addEventListener("message", ({ data }: MessageEvent<{ readonly tapped?: Tapped }>) => {
      if (data.tapped !== undefined) resolve(data.tapped);
    });
    worker.postMessage({ tap: true });
  });
}

/** The pieces of some bytes, as text that a set can hold. */
function* pieces(bytes: Uint8Array): Generator<string> {
  for (let place = 0; place + window <= bytes.length; place++) {
    yield String.fromCharCode(...bytes.subarray(place, place + window));
  }
}

const codecOf = ({ mimeType }: TappedFrame): FrameCodec => frameCodec(codecOfMimeType(mimeType) ?? "")!;

/** What of a frame of H264 is nowhere clear: all but start codes, parameter sets, which go beside the ciphertext too, and heads. */
function secretOfH264(frame: Uint8Array): Uint8Array {
  const secret: number[] = [];
  const units = new NalUnits(frame);
  while (units.next()) {
    const start = units.kind === "slice" ? units.clearEnd() : units.start + 1;
    if (units.kind !== "parameter-set") secret.push(...frame.subarray(start, units.end));
  }
  return Uint8Array.from(secret);
}

/** What of an encoder's frame is encrypted, and nowhere clear: nearly all of it. */
function secretOf(frame: TappedFrame): Uint8Array {
  const codec = codecOf(frame);
  const secret =
    codec.name === "h264" ? secretOfH264(frame.data) : (codec.split(frame.data, false)?.secret ?? frame.data);
  const clear = frame.data.length - secret.length;
  must(`${clear} bytes of a frame are clear`, clear <= mostClear);
  return secret;
}

/** `KID CTR` of a frame on the wire. */
export function header(frame: TappedFrame): string {
  const parts = codecOf(frame).join(frame.data, false);
  if (parts === undefined) throw new Error("a frame that is none of ours has left");
  const { kid, ctr } = readSFrameHeader(parts.secret);
  return `${kid} ${ctr}`;
}

/** No piece of what the encoder gave is in what leaves. */
export async function ciphertext(options: { readonly video: string }): Promise<string> {
  const [alice, bob] = await room(["alice", "bob"], { script });
  const { ends } = await link([alice, bob], [await fakeMedia(), undefined], options);
  await until("decoded frames", () => ends[1].receivers.length === 2 && ends[1].viewer().frames.length >= 15);
  const { encoded, sent } = await tapped(alice);
  must("nothing was sent", sent.length > 10);
  const known = new Set(encoded.flatMap((frame) => [...pieces(secretOf(frame))]));
  must("the encoder gave nothing of any length", known.size > 1000);
  const leaked = sent.filter((frame) => [...pieces(frame.data)].some((piece) => known.has(piece)));
  must(`${leaked.length} of ${sent.length} frames hold clear pieces`, leaked.length === 0);
  return `${sent.length} frames, none with ${window} bytes of the ${known.size} that the encoder gave`;
}
