import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import {
  AuthenticatedContent,
  ContentType,
  FramedContent,
  framedContentAuthData,
  framedContentTbs,
  Sender,
} from "../../src/wire/framing.ts";
import { failure } from "../codec/failure.ts";
import * as arbitrary from "./arbitraries.ts";
import * as naive from "./naive.ts";
import { framedContent, groupContext } from "./values.ts";

describe("FramedContentTBS", () => {
  test("is the naive encoding of its fields, for contents made here and for contents read", () => {
    fc.assert(
      fc.property(
        arbitrary.framingFormat,
        arbitrary.framedContent,
        arbitrary.groupContext,
        (wireFormat, content, context) => {
          const expected = hex(naive.framedContentTbs(wireFormat, content, context));
          expect(hex(framedContentTbs(wireFormat, content, context))).toBe(expected);
          const read = decode(FramedContent, encode(FramedContent, content), arbitrary.reading);
          expect(hex(framedContentTbs(wireFormat, read, context))).toBe(expected);
        },
      ),
    );
  });

  test.each<[Sender, boolean]>([
    [{ type: "member", leafIndex: 0 }, true],
    [{ type: "new_member_commit" }, true],
    [{ type: "external", senderIndex: 0 }, false],
    [{ type: "new_member_proposal" }, false],
  ])("by %o covers the group context: %s", (sender, covers) => {
    const content = { ...framedContent, sender };
    const tbs = framedContentTbs("mls_public_message", content, groupContext);
    const other = framedContentTbs("mls_public_message", content, { ...groupContext, epoch: 11n });
    expect(hex(tbs) !== hex(other)).toBe(covers);
  });

  test("tells the wire formats apart", () => {
    const tbs = (format: "mls_public_message" | "mls_private_message"): string =>
      hex(framedContentTbs(format, framedContent, groupContext));
    expect(tbs("mls_public_message")).not.toBe(tbs("mls_private_message"));
  });
});

describe("the confirmation tag", () => {
  const signature = fromHex("aa");
  const confirmationTag = fromHex("bb");

  test("is there for a commit", () => {
    expect(hex(encode(framedContentAuthData("commit"), { signature, confirmationTag }))).toBe("01aa01bb");
    expect(() => encode(framedContentAuthData("commit"), { signature })).toThrow(
      new TypeError("a commit has a confirmation tag"),
    );
    expect(failure(() => decode(framedContentAuthData("commit"), fromHex("01aa")))[0]).toBe("decode-truncated");
  });

  test.each(["application", "proposal"] as const)("is not there for content of type %s", (type) => {
    expect(hex(encode(framedContentAuthData(type), { signature, confirmationTag }))).toBe("01aa");
    expect(failure(() => decode(framedContentAuthData(type), fromHex("01aa01bb")))).toEqual(["decode-trailing", 2]);
  });
});

describe("numbers that RFC 9420 does not define", () => {
  test.each([0, 4, 255])("content type %i", (number) => {
    expect(failure(() => decode(ContentType, new Uint8Array([number])))).toEqual(["decode-value", 1]);
  });

  test.each([0, 5, 255])("sender type %i", (number) => {
    expect(failure(() => decode(Sender, new Uint8Array([number, 0, 0, 0, 0])))).toEqual(["decode-value", 1]);
  });

  test.each([0, 3, 4, 5, 6, 0x0a0a, 0xffff])("wire format %i does not frame content", (number) => {
    const bytes = encode(AuthenticatedContent, {
      wireFormat: "mls_public_message",
      content: framedContent,
      auth: { signature: fromHex("aa") },
    });
    bytes.set(naive.uint(2, number));
    expect(failure(() => decode(AuthenticatedContent, bytes))).toEqual(["decode-value", 2]);
  });
});
