/**
 * Frames as bytes: what is told to a thousand devices is written once.
 */

import type { Bytes } from "../bytes/bytes.ts";
import type { News } from "../delivery/delivery.ts";
import { writeServerFrame, type ServerFrame } from "../delivery/protocol/frames.ts";

export class FrameWriter {
  #last: { readonly news: News; readonly bytes: Bytes } | undefined;

  bytesOf(frame: ServerFrame): Bytes {
    if (frame.kind !== "news") return writeServerFrame(frame);
    if (this.#last?.news !== frame.news) this.#last = { news: frame.news, bytes: writeServerFrame(frame) };
    return this.#last.bytes;
  }
}
