/**
 * Media types and records that are nearly what they look like; and what a caller gives that is none of a message, named.
 */

import { beforeEach, describe, expect, test } from "vitest";
import { encodeCbor, type CborKey, type CborValue } from "../../../src/content/cbor.ts";
import { decodeContent, decodePart } from "../../../src/content/decode.ts";
import { encodeContent, encodePart } from "../../../src/content/encode.ts";
import { decodeEphemeral, encodeEphemeral } from "../../../src/content/ephemeral.ts";
import { ContentError } from "../../../src/content/errors.ts";
import { defaultContentLimits } from "../../../src/content/limits.ts";
import { isType, mediaTypes, parseMediaType } from "../../../src/content/messages/media-types.ts";
import type { Message } from "../../../src/content/messages/message.ts";
import { readMessage } from "../../../src/content/messages/read.ts";
import { writeMessage } from "../../../src/content/messages/write.ts";
import type { MultiPart, Part, SinglePart } from "../../../src/content/mimi.ts";

const address = { senderUri: "mimi://example.org/u/alice", roomUri: "mimi://example.org/r/hiking" };
const salt = new Uint8Array(16);
const id = new Uint8Array(32).fill(1);
const picture: SinglePart = {
  ...{ disposition: "inline", cardinality: "single", contentType: "image/png" },
  content: Uint8Array.of(1),
};
const single = (contentType: string, content: Uint8Array): SinglePart => ({
  ...{ disposition: "unspecified", cardinality: "single", contentType, content },
});
const cbor = (contentType: string, entries: readonly (readonly [CborKey, CborValue])[]): SinglePart =>
  single(contentType, encodeCbor(new Map(entries)));
const all = (...parts: readonly Part[]): MultiPart => ({
  ...{ disposition: "inline", cardinality: "multi", partSemantics: "processAll", parts },
});
const read = (nestedPart: Part): Message => readMessage({ salt, nestedPart });

function code(run: () => unknown): string {
  try {
    run();
    return "none";
  } catch (error) {
    if (error instanceof ContentError) return `${error.code} ${error.message}`;
    throw error;
  }
}

describe("a media type", () => {
  beforeEach(() => {
    parseMediaType("text/other"); // the last one is remembered
  });

  test.each(["", "text", "text/", "/plain", "te xt/plain", "text/pl ain", "text/plain/more", "text/plain; charset"])(
    "is none: %j",
    (written) => {
      expect(parseMediaType(written)).toBe(undefined);
    },
  );

  test.each(["text/plain; a b=1", "text/plain; =1", "text/plain; a=1; a=2", "text/plain; a=1; A=2", "text/plain;"])(
    "has parameters that are none: %j",
    (written) => {
      expect(parseMediaType(written)).toBe(undefined);
    },
  );

  test("is the same whatever its case and its parameters", () => {
    expect(parseMediaType('Text/PLAIN; Charset="UTF-8"; a=b')).toEqual({
      essence: "text/plain",
      parameters: new Map([
        ["charset", "UTF-8"],
        ["a", "b"],
      ]),
    });
    expect(isType("TEXT/plain;charset=us-ascii", "plain")).toBe(true);
    expect(isType("text/markdown", "plain")).toBe(false);
  });
});

describe("what only looks like something", () => {
  const info = [
    [2, 100],
    [3, 50],
  ] as const;

  test("is not said of a file by a part of another type", () => {
    expect(read(all(picture, cbor(mediaTypes.media, info)))).toMatchObject({
      attachments: [{ as: "image", width: 100 }],
    });
    const other = read(all(picture, cbor("application/vnd.example+cbor", info)));
    expect(other).toMatchObject({ kind: "media", rest: [{ contentType: "application/vnd.example+cbor" }] });
    expect(other).not.toHaveProperty("attachments.0.width");
  });

  test("is not shown once because it holds a part", () => {
    const held = encodePart(picture);
    expect(read(single(mediaTypes.viewOnce, held))).toMatchObject({ kind: "media", viewOnce: true });
    expect(read(single("application/vnd.example", held))).toMatchObject({ kind: "unknown" });
  });

  test("is no file with two pictures, or two records, of it", () => {
    const preview: SinglePart = { ...picture, disposition: "preview" };
    const about = cbor(mediaTypes.media, info);
    for (const parts of [
      [picture, preview, preview],
      [picture, about, about],
    ]) {
      const message = read(all(...parts));
      expect(message).toMatchObject({ kind: "media", attachments: [{ as: "image" }] });
      expect(message).toHaveProperty("rest.length", 2);
    }
  });

  test("is nothing that copse has a record for", () => {
    expect(read(single("application/vnd.copse.later+cbor", encodeCbor(new Map([[1, 1]]))))).toMatchObject({
      kind: "unknown",
    });
  });

  test("is no poll whose votes are hidden by something that is not true", () => {
    const { content } = writeMessage({ kind: "poll", question: "When?", options: ["a", "b"], hidden: true }, address);
    const part = content.nestedPart as SinglePart;
    const written = new Map([
      [1, "When?"],
      [2, ["a", "b"]],
    ] as readonly (readonly [CborKey, CborValue])[]);
    expect(read(part)).toMatchObject({ kind: "poll", hidden: true });
    expect(read({ ...part, content: encodeCbor(new Map([...written, [4, true]])) })).toMatchObject({ kind: "poll" });
    for (const hidden of [false, 1, "true"])
      expect(read({ ...part, content: encodeCbor(new Map([...written, [4, hidden]])) })).toMatchObject({
        kind: "unknown",
      });
  });
});

describe("a caller's mistake", () => {
  const file = { cardinality: "single", contentType: "image/png", content: Uint8Array.of(1) } as const;

  test.each<[string, unknown, RegExp]>([
    ["a width below zero", { kind: "media", attachments: [{ as: "image", file, width: -1 }] }, /width/],
    ["a width that is no whole number", { kind: "media", attachments: [{ as: "image", file, width: 1.5 }] }, /width/],
    ["passed on no times", { kind: "text", text: "hi", format: "plain", forwarded: 0 }, /forwarded/],
    ["passed on too often", { kind: "text", text: "hi", format: "plain", forwarded: 256 }, /forwarded/],
    ["HTML", { kind: "text", text: "hi", format: "html" }, /format/],
    [
      "another type than the part has",
      { kind: "unknown", part: single("a/b", salt), contentTypes: [] },
      /as it was meant/,
    ],
    ["a place that is none", { kind: "location", latitude: 91, longitude: 0 }, /as it was meant/],
    ["a poll with one answer", { kind: "poll", question: "When?", options: ["now"] }, /as it was meant/],
  ])("is named: %s", (_, message, words) => {
    expect(() => writeMessage(message as never, address)).toThrow(TypeError);
    expect(() => writeMessage(message as never, address)).toThrow(words);
  });

  test.each([
    ["size", -1],
    ["size", 1.5],
    ["size", 2 ** 53],
    ["hashAlg", 256],
    ["hashAlg", -1],
    ["expires", 2 ** 32],
    ["encAlg", 65_536],
  ])("is named where an external part has %s %d", (name, value) => {
    const none = new Uint8Array(0);
    const external = {
      ...{ disposition: "attachment", cardinality: "external", contentType: "image/png", url: "https://example.org" },
      ...{ expires: 0, size: 1, encAlg: 0, key: none, nonce: none, aad: none, hashAlg: 0, contentHash: none },
      ...{ description: "", filename: "" },
      [name]: value,
    } as unknown as Part;
    expect(() => encodeContent({ salt, nestedPart: external })).toThrow(TypeError);
    expect(() => encodeContent({ salt, nestedPart: external })).toThrow(new RegExp(`${name} must be`));
  });
});

describe("a limit", () => {
  test("is on the bytes of a part by itself, and on those of an ephemeral", () => {
    const bytes = encodePart(picture);
    expect(code(() => decodePart(bytes, { ...defaultContentLimits, bytes: bytes.length }))).toBe("none");
    expect(code(() => decodePart(bytes, { ...defaultContentLimits, bytes: bytes.length - 1 }))).toMatch(/limit.*bytes/);
    expect(code(() => decodeEphemeral(new Uint8Array(65_537)))).toMatch(/^content-limit/);
  });

  test("is on how deep parts lie, also where CBOR may go deeper", () => {
    const bytes = encodeContent({ salt, nestedPart: all(picture, picture) });
    expect(code(() => decodeContent(bytes, { depth: 2 }))).toBe("none");
    expect(code(() => decodeContent(bytes, { depth: 1 }))).toMatch(/limit.*depth/);
  });

  test("is on the bytes of a name, whatever its characters", () => {
    const bytes = encodeContent({ salt, nestedPart: { ...picture, language: "€€€" } });
    expect(code(() => decodeContent(bytes, { nameBytes: 9 }))).toBe("none");
    expect(code(() => decodeContent(bytes, { nameBytes: 8 }))).toMatch(/limit.*(language|contentType)/);
  });
});

describe("an ephemeral", () => {
  test("is bytes", () => {
    expect(() => decodeEphemeral("typing" as never)).toThrow(TypeError);
  });

  test("names a device in whole characters", () => {
    const to = "mimi://example.org/d/bob/phone";
    const bytes = encodeEphemeral({ kind: "signal", call: id, to, signal: "offer", data: salt });
    const at = bytes.findIndex((_, i) => String.fromCharCode(...bytes.subarray(i, i + 7)) === "mimi://");
    expect(code(() => decodeEphemeral(bytes))).toBe("none");
    bytes[at] = 0xff;
    expect(code(() => decodeEphemeral(bytes))).toMatch(/^content-shape/);
  });
});
