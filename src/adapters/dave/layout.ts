/**
 * How a media frame is sealed: the same for every codec.
 */

import type { Ranges } from "./frame.ts";

/** A media frame as it is to be sealed. Some codecs' are rewritten into what packetizers leave as it is. */
export interface Layout {
  readonly body: Uint8Array;
  readonly ranges: Ranges;
}
