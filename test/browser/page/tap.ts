/**
 * Imported before the worker of a call: writes down the frames of the outgoing tracks as the encoder gives them, and as
 * they leave. The worker itself is the one that is shipped.
 */

import type { EncodedFrame } from "../../../src/call/transforms/encoded-frame.ts";
import type { ScriptTransformer } from "../../../src/call/transforms/serve.ts";

/** A frame of an outgoing track. */
export interface TappedFrame {
  readonly track: string;
  readonly mimeType: string;
  readonly data: Uint8Array;
}

/** What the page gets when it posts `{ tap: true }`. */
export interface Tapped {
  readonly encoded: readonly TappedFrame[];
  readonly sent: readonly TappedFrame[];
}

const encoded: TappedFrame[] = [];
const sent: TappedFrame[] = [];

interface Scope {
  addEventListener(type: string, listener: (event: never) => void): void;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as Scope;
const listen = scope.addEventListener.bind(scope);

scope.addEventListener = (type, listener) => {
  if (type !== "rtctransform") listen(type, listener);
  else {
    listen(type, ({ transformer }: { readonly transformer: ScriptTransformer }) => {
      listener({ transformer: tapped(transformer) } as never);
    });
  }
};
listen("message", ({ data }: MessageEvent<{ readonly tap?: boolean }>) => {
  if (data.tap === true) scope.postMessage({ tapped: { encoded, sent } satisfies Tapped });
});

function tapped(transformer: ScriptTransformer): ScriptTransformer {
  const { options } = transformer as { readonly options: { readonly copse: { track: string; direction: string } } };
  const { track, direction } = options.copse;
  if (direction === "incoming") return transformer;
  const note = (frames: TappedFrame[], frame: EncodedFrame): void => {
    const { mimeType = "" } = frame.getMetadata();
    frames.push({ track, mimeType, data: new Uint8Array(frame.data.slice(0)) });
  };
  const writer = transformer.writable.getWriter();
  return {
    options,
    readable: (transformer.readable as ReadableStream<EncodedFrame>).pipeThrough(
      new TransformStream<EncodedFrame, EncodedFrame>({
        transform: (frame, controller) => {
          note(encoded, frame);
          controller.enqueue(frame);
        },
      }),
    ),
    writable: new WritableStream({
      write: (frame) => {
        note(sent, frame);
        return writer.write(frame);
      },
    }),
    sendKeyFrameRequest: () => transformer.sendKeyFrameRequest(),
  };
}
