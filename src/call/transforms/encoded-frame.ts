/**
 * Encoded frames as browsers give them (W3C WebRTC Encoded Transform), and the media frame in each.
 */

import { codecOfMimeType } from "../codecs/codecs.ts";
import type { CodecName, MediaFrame } from "../media.ts";

/** RTCEncodedVideoFrame or RTCEncodedAudioFrame, as far as a call needs it. */
export interface EncodedFrame {
  data: ArrayBuffer;
  /** Of video only. */
  readonly type?: string;
  getMetadata(): { readonly mimeType?: string; readonly payloadType?: number };
}

/** Where frames come from, and where they go: a ReadableStream and a WritableStream, as far as a call needs them. */
export interface EncodedStreams {
  readonly readable: {
    getReader(): {
      read(): Promise<
        | { readonly done: false; readonly value: EncodedFrame }
        | { readonly done: true; readonly value?: EncodedFrame | undefined }
      >;
      cancel(): Promise<void>;
    };
  };
  readonly writable: { getWriter(): FrameWriter };
}

/** What takes frames. */
export interface FrameWriter {
  write(frame: EncodedFrame): Promise<void>;
}

/**
 * A frame of the browser as the engine takes it. Its codec is what the frame itself says, else what its payload type
 * stands for. Where neither is known it gets a name that no codec has: the engine drops it.
 */
export function mediaFrame(frame: EncodedFrame, payloadTypes: ReadonlyMap<number, string>): MediaFrame {
  const { mimeType, payloadType } = frame.getMetadata();
  const type = mimeType ?? (payloadType === undefined ? undefined : payloadTypes.get(payloadType)) ?? "unknown";
  return {
    data: new Uint8Array(frame.data),
    codec: codecOfMimeType(type) ?? (type as CodecName),
    isKeyFrame: frame.type === "key",
  };
}

/** Put other bytes into a frame. */
export function replaceData(frame: EncodedFrame, data: Uint8Array): void {
  const isWhole = data.byteOffset === 0 && data.byteLength === data.buffer.byteLength;
  frame.data = (isWhole ? data.buffer : data.slice().buffer) as ArrayBuffer;
}
