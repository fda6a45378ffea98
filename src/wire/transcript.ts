/**
 * The inputs of the transcript hashes. RFC 9420 section 8.2.
 */

import { opaque, struct, type Codec } from "../codec/codec.ts";
import { encodingOf } from "../codec/retained.ts";
import { Writer } from "../codec/writer.ts";
import { FramedContent, type AuthenticatedContent } from "./framing.ts";
import { wireFormats } from "./registries.ts";

/** The encoded ConfirmedTranscriptHashInput of a commit. RFC 9420 section 8.2 */
export function confirmedTranscriptHashInput({ wireFormat, content, auth }: AuthenticatedContent): Uint8Array {
  const framed = encodingOf(FramedContent, content);
  const out = new Writer();
  out.u16(wireFormats[wireFormat]);
  out.raw(framed);
  out.vectorBytes(auth.signature);
  return out.finish();
}

/** RFC 9420 section 8.2 */
export interface InterimTranscriptHashInput {
  readonly confirmationTag: Uint8Array;
}
export const InterimTranscriptHashInput: Codec<InterimTranscriptHashInput> = struct<InterimTranscriptHashInput>({
  confirmationTag: opaque,
});
