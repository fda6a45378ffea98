import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import {
  privateContentAad,
  PrivateMessage,
  readPrivateMessageContent,
  SenderData,
  writePrivateMessageContent,
} from "../../src/wire/private-message.ts";
import { failure } from "../codec/failure.ts";
import * as arbitrary from "./arbitraries.ts";
import * as naive from "./naive.ts";

const parts = arbitrary.authenticatedContent.map(({ content: { content }, auth }) => ({ content, auth }));

describe("PrivateMessageContent", () => {
  test("is content, auth data and zeros, and the zeros are all that is lost in reading", () => {
    fc.assert(
      fc.property(parts, fc.nat(300), ({ content, auth }, padding) => {
        let unpadded = -1;
        const bytes = writePrivateMessageContent({ content, auth }, (length) => {
          unpadded = length;
          return padding;
        });
        const expected = concat(naive.contentBody(content), naive.authData(auth));
        expect(unpadded).toBe(expected.length);
        expect(hex(bytes)).toBe(hex(concat(expected, new Uint8Array(padding))));
        expect(readPrivateMessageContent(content.type, bytes, arbitrary.reading)).toEqual({ content, auth });
      }),
    );
  });

  test("is refused with a byte of padding that is not zero, wherever it is", () => {
    const content = { type: "application" as const, applicationData: new Uint8Array([1, 2]) };
    const auth = { signature: new Uint8Array([3]) };
    const bytes = writePrivateMessageContent({ content, auth }, () => 40);
    const start = bytes.length - 40;
    for (let at = start; at < bytes.length; at++) {
      for (const byte of [1, 0x80, 0xff]) {
        const damaged = bytes.with(at, byte);
        const error = expect.objectContaining({ code: "decode-trailing", rule: "valn1303" }) as Error;
        expect(() => readPrivateMessageContent("application", damaged)).toThrow(error);
      }
    }
  });

  test("is refused where it is cut off before its padding", () => {
    fc.assert(
      fc.property(parts, ({ content, auth }) => {
        const bytes = writePrivateMessageContent({ content, auth }, () => 0);
        for (let length = 0; length < bytes.length; length++) {
          const cut = bytes.subarray(0, length);
          expect(failure(() => readPrivateMessageContent(content.type, cut, arbitrary.reading))[0]).toBe(
            "decode-truncated",
          );
        }
      }),
      { numRuns: 10 },
    );
  });
});

test("the associated data of the content is the message without what is encrypted", () => {
  fc.assert(
    fc.property(arbitrary.privateMessage, (message) => {
      expect(hex(privateContentAad(message))).toBe(hex(naive.privateContentAad(message)));
    }),
  );
});

test("the content type of a private message is known from outside, and must be one", () => {
  const message = { groupId: new Uint8Array(0), epoch: 0n, authenticatedData: new Uint8Array(0) };
  const sealed = { encryptedSenderData: new Uint8Array(0), ciphertext: new Uint8Array(0) };
  const bytes = encode(PrivateMessage, { ...message, ...sealed, contentType: "commit" });
  expect(bytes[9]).toBe(3);
  for (const type of [0, 4, 255]) {
    expect(failure(() => decode(PrivateMessage, bytes.with(9, type)))).toEqual(["decode-value", 10]);
  }
});

test("a reuse guard has four bytes", () => {
  for (const length of [0, 3, 5]) {
    const value = { leafIndex: 0, generation: 0, reuseGuard: new Uint8Array(length) };
    expect(() => encode(SenderData, value)).toThrow(TypeError);
  }
});
