import fc from "fast-check";
import { expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { AuthenticatedContent } from "../../src/wire/framing.ts";
import { confirmedTranscriptHashInput } from "../../src/wire/transcript.ts";
import * as arbitrary from "./arbitraries.ts";
import * as naive from "./naive.ts";

test("ConfirmedTranscriptHashInput is wire format, content and signature, without the confirmation tag", () => {
  fc.assert(
    fc.property(arbitrary.authenticatedContent, (value) => {
      const expected = concat(
        naive.uint(2, naive.wireFormats[value.wireFormat]),
        naive.framedContent(value.content),
        naive.vec(value.auth.signature),
      );
      expect(hex(confirmedTranscriptHashInput(value))).toBe(hex(expected));
      const read = decode(AuthenticatedContent, encode(AuthenticatedContent, value), arbitrary.reading);
      expect(hex(confirmedTranscriptHashInput(read))).toBe(hex(expected));
    }),
  );
});
