/**
 * From a stream of encoded frames through the engine to the next stream. A frame that the engine drops goes nowhere: the
 * only way from the one stream to the other is through a key.
 */

import type { FrameEngine } from "../engine/frame-engine.ts";
import { mediaFrame, replaceData, type EncodedFrame, type EncodedStreams, type FrameWriter } from "./encoded-frame.ts";
import type { TrackDescription } from "./messages.ts";

/** A track's way through the engine. */
export interface PipelineOptions {
  readonly engine: FrameEngine;
  readonly description: TrackDescription;
  readonly streams: EncodedStreams;
  /** Media types by payload type, as the page learns them. */
  readonly payloadTypes: ReadonlyMap<number, string>;
  /** Ask the sender of an incoming track for a key frame. */
  readonly requestKeyFrame?: () => void;
}

/** Carry frames until the stream ends, and then close the track. The promise is never rejected. */
export function runPipeline(options: PipelineOptions): Promise<void> {
  return options.description.direction === "outgoing" ? runOutgoing(options) : runIncoming(options);
}

async function runOutgoing({ engine, description, streams, payloadTypes }: PipelineOptions): Promise<void> {
  const { track: name, kind } = description;
  const track = engine.outgoing({ track: name, kind });
  const writer = streams.writable.getWriter();
  await forEachFrame(streams, async (frame) => {
    const data = await track.seal(mediaFrame(frame, payloadTypes));
    if (data === undefined) return;
    replaceData(frame, data);
    write(writer, frame);
  });
  track.close();
}

async function runIncoming(options: PipelineOptions): Promise<void> {
  const { engine, description, streams, payloadTypes, requestKeyFrame } = options;
  const writer = streams.writable.getWriter();
  const { track: name, kind } = description;
  const track = engine.incoming<EncodedFrame>({
    track: name,
    kind,
    ...(requestKeyFrame && kind === "video" ? { requestKeyFrame } : {}),
    deliver: (frame, data) => {
      replaceData(frame, data);
      write(writer, frame);
    },
  });
  await forEachFrame(streams, (frame) => {
    track.push(frame, mediaFrame(frame, payloadTypes));
  });
  track.close();
}

async function forEachFrame(
  { readable }: EncodedStreams,
  take: (frame: EncodedFrame) => Promise<void> | void,
): Promise<void> {
  const reader = readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      await take(value);
    }
  } catch {
    // The connection or the track is gone, or the browser gave a frame that can't be read: nothing more is let through.
    await reader.cancel().catch(() => undefined);
  }
}

/** A stream that takes no more frames has lost its track. */
function write(writer: FrameWriter, frame: EncodedFrame): void {
  writer.write(frame).catch(() => undefined);
}
