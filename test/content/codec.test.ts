/**
 * MIMI content, in bytes: what is written is read again, and every other encoding is refused.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { fromHex, hex, utf8 } from "../../src/bytes/text.ts";
import { decodeCbor, encodeCbor, type CborValue } from "../../src/content/cbor.ts";
import { decodeContent, decodePart } from "../../src/content/decode.ts";
import { encodeContent, encodePart } from "../../src/content/encode.ts";
import { ContentError, type ContentErrorCode } from "../../src/content/errors.ts";
import { defaultContentLimits } from "../../src/content/limits.ts";
import { acceptContent, messageId } from "../../src/content/message-id.ts";
import type { MimiContent, Part } from "../../src/content/mimi.ts";
import { contents, parts } from "./arbitraries.ts";
import { examples, testPresence } from "./examples.ts";

const salt = new Uint8Array(16).fill(7);
const id = new Uint8Array(32).fill(1);
const nothing = new Uint8Array(0);
const senderUri = "mimi://example.com/u/alice";
const roomUri = "mimi://example.com/r/hiking";
const text: Part = { disposition: "render", cardinality: "single", contentType: "text/plain", content: utf8("hi") };

/** The fields of a message as CBOR, which a test may spoil. */
const fields: readonly CborValue[] = [salt, null, nothing, null, null, new Map(), [1, "", 0]];

/** The bytes of a message with some of its fields changed. */
function withFields(change: Readonly<Record<number, CborValue>>): Uint8Array {
  return encodeCbor(fields.map((field, i) => change[i] ?? field));
}

/** The code that reading these bytes is refused with. */
function refusal(bytes: Uint8Array, limits = {}): ContentErrorCode | "none" {
  try {
    decodeContent(bytes, limits);
    return "none";
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    return error.code;
  }
}

function detail(run: () => unknown): string {
  try {
    run();
    return "nothing";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("the examples of the draft", () => {
  testPresence();

  test.each(examples)(
    "$name decodes, encodes to the same bytes, and has its id",
    ({ bytes, id, senderUri, roomUri }) => {
      const content = decodeContent(bytes);
      expect(hex(encodeContent(content))).toBe(hex(bytes));
      expect([content.senderUri, content.roomUri]).toEqual([senderUri, roomUri]);
      expect(hex(messageId(bytes, { senderUri, roomUri }))).toBe(hex(id));
    },
  );

  test.each(examples)(
    "$name with any bit turned, any byte cut off or added: read, or refused by its code",
    ({ bytes }) => {
      for (let bit = 0; bit < 8 * bytes.length; bit++) {
        const changed = bytes.slice();
        changed[bit >> 3]! ^= 1 << (bit & 7);
        // Where it is read, it is the one encoding of what was read.
        if (refusal(changed) === "none") expect(hex(encodeContent(decodeContent(changed)))).toBe(hex(changed));
      }
      for (let length = 0; length < bytes.length; length++) {
        expect(refusal(bytes.subarray(0, length))).toBe("content-cbor");
      }
      expect(refusal(concat(bytes, Uint8Array.of(0)))).toBe("content-cbor");
    },
  );
});

describe("whatever is written is read again", () => {
  test("contents", () => {
    fc.assert(
      fc.property(contents, (content) => {
        const bytes = encodeContent(content);
        expect(decodeContent(bytes)).toEqual(content);
        expect(hex(encodeContent(decodeContent(bytes)))).toBe(hex(bytes));
      }),
    );
  });

  test("parts by themselves", () => {
    fc.assert(
      fc.property(parts, (part) => {
        expect(decodePart(encodePart(part), defaultContentLimits)).toEqual(part);
      }),
    );
  });

  test("what is read has memory of its own", () => {
    const bytes = encodeContent({ salt, nestedPart: text });
    const content = decodeContent(bytes);
    bytes.fill(0);
    expect(content.salt).toEqual(salt);
    expect(decodeContent(Buffer.from(encodeContent(content))).nestedPart).toEqual(text);
  });
});

function isSafe(n: bigint): boolean {
  return BigInt(Number.MIN_SAFE_INTEGER) <= n && n <= BigInt(Number.MAX_SAFE_INTEGER);
}

describe("other bytes are refused", () => {
  test("random ones, by a ContentError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(refusal(bytes)).not.toBe("none");
      }),
    );
  });

  test("those of a value with one of them changed, put in or taken out, unless they are the one encoding of another value", () => {
    const values = fc.letrec<{ value: CborValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<CborValue>(null, true, false),
        fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }).map((n) => (isSafe(n) ? Number(n) : n)),
        fc.oneof(fc.string({ unit: "grapheme", maxLength: 40 }), fc.string({ maxLength: 300 })),
        fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes)),
        fc.double().map((float) => ({ float })),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.record({ tag: fc.nat(), value: tie("value") }),
      ),
    })).value;
    let accepted = 0;
    fc.assert(
      fc.property(values, fc.nat(), fc.nat({ max: 255 }), fc.nat({ max: 2 }), (value, place, byte, how) => {
        const whole = encodeCbor(value);
        const at = place % whole.length;
        const put = how === 2 ? [] : [byte];
        const bytes = Uint8Array.of(...whole.subarray(0, at), ...put, ...whole.subarray(how === 1 ? at : at + 1));
        let read: CborValue;
        try {
          read = decodeCbor(bytes, { depth: 20, items: 1_000 });
        } catch (error) {
          expect(error).toBeInstanceOf(ContentError);
          return;
        }
        accepted++;
        expect(hex(encodeCbor(read))).toBe(hex(bytes));
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  const good = hex(encodeContent({ salt, nestedPart: { disposition: "render", cardinality: "null" } }));

  test.each<[string, string]>([
    ["nothing at all", ""],
    ["an array of indefinite length", `9f${good.slice(2)}ff`],
    ["a length in more bytes than it takes", `9807${good.slice(2)}`],
    ["a byte string in pieces", good.replace(/^8750/, "875f50").replace("f640", "fff640")],
    ["an integer in more bytes than it takes", good.replace(/83016000$/, "8318016000")],
    ["undefined", good.replace("50" + "07".repeat(16) + "f6", "50" + "07".repeat(16) + "f7")],
    ["a simple value", good.replace("50" + "07".repeat(16) + "f6", "50" + "07".repeat(16) + "e0")],
    ["keys out of order", good.replace("a083", "a20300010083".replace("0100", "0180"))],
    ["a key twice", good.replace("a083", "a20300030083")],
    ["a byte string as a key twice", good.replace("a083", "a103a2410000410000" + "83")],
    ["an array as a key", good.replace("a083", "a103a18000" + "83")],
    ["text that is not UTF-8", good.replace("a083", "a10361ff83")],
    ["half a UTF-16 pair in text", good.replace("a083", "a10363eda08083")],
    ["a float that is not the shortest", good.replace("a083", "a103fa3fc0000083")],
    ["a NaN that is not the half one", good.replace("a083", "a103fb7ff800000000000083")],
    ["a tag beyond 2^53", good.replace("a083", "a103db0020000000000000" + "00" + "83")],
    ["a break where nothing is open", good.replace("a083", "a103ff83")],
    ["a second item", `${good}00`],
  ])("%s", (_what, encoded) => {
    expect(encoded).not.toBe(good);
    expect(refusal(fromHex(encoded))).toBe("content-cbor");
  });

  test("the bytes that these are made from are good", () => {
    expect(refusal(fromHex(good))).toBe("none");
    expect(good.includes("a083")).toBe(true);
  });

  test.each<[string, Uint8Array]>([
    ["six fields", encodeCbor(fields.slice(0, 6))],
    ["eight fields", encodeCbor([...fields, null])],
    ["no array", encodeCbor(new Map([[1, 1]]))],
    ["a salt of 15 bytes", withFields({ 0: salt.subarray(1) })],
    ["a salt of 17 bytes", withFields({ 0: new Uint8Array(17) })],
    ["a salt that is text", withFields({ 0: "0123456789abcdef" })],
    ["replaces of 31 bytes", withFields({ 1: id.subarray(1) })],
    ["replaces of an unknown hash", withFields({ 1: new Uint8Array(32).fill(2) })],
    ["replaces that is a number", withFields({ 1: 1 })],
    ["a topic that is text", withFields({ 2: "topic" })],
    ["a topic of null", withFields({ 2: false })],
    ["expires with one item", withFields({ 3: [true] })],
    ["expires with three items", withFields({ 3: [true, 1, 1] })],
    ["expires with numbers alone", withFields({ 3: [1, 1] })],
    ["expires that is negative", withFields({ 3: [true, -1] })],
    ["expires of 33 bits", withFields({ 3: [false, 2 ** 32] })],
    ["inReplyTo of 33 bytes", withFields({ 4: new Uint8Array(33).fill(1) })],
    ["extensions that are an array", withFields({ 5: [] })],
    ["a sender that is no text", withFields({ 5: new Map([[1, 1]]) })],
    ["a room that is no text", withFields({ 5: new Map([[2, id]]) })],
    ["the reserved extension", withFields({ 5: new Map([[0, 1]]) })],
    ["an extension without a name", withFields({ 5: new Map([["", 1]]) })],
    ["bytes that name an extension", withFields({ 5: new Map([[id, 1]]) })],
    ["a body of null", withFields({ 6: 1 })],
    ["a part without a cardinality", withFields({ 6: [1, ""] })],
    ["a cardinality of 4", withFields({ 6: [1, "", 4] })],
    ["a float where an integer belongs", withFields({ 6: [{ float: 1 }, "", 0] })],
    ["a disposition of 256", withFields({ 6: [256, "", 0] })],
    ["a disposition that is negative", withFields({ 6: [-1, "", 0] })],
    ["a disposition that is text", withFields({ 6: ["render", "", 0] })],
    ["a language that is a number", withFields({ 6: [1, 1, 0] })],
    ["a null part with content", withFields({ 6: [1, "", 0, "text/plain", id] })],
    ["a single part without content", withFields({ 6: [1, "", 1, "text/plain"] })],
    ["a single part whose content is text", withFields({ 6: [1, "", 1, "text/plain", "hi"] })],
    ["a single part with more", withFields({ 6: [1, "", 1, "text/plain", id, 0] })],
    ["an external part with one field less", withFields({ 6: [1, "", 2, "a/b", "u", 0, 0, 0, id, id, id, 0, id, ""] })],
    ["a size that is negative", withFields({ 6: [1, "", 2, "a/b", "u", 0, -1, 0, id, id, id, 0, id, "", ""] })],
    ["a size of 2^53", withFields({ 6: [1, "", 2, "a/b", "u", 0, 2n ** 53n, 0, id, id, id, 0, id, "", ""] })],
    ["an algorithm of 17 bits", withFields({ 6: [1, "", 2, "a/b", "u", 0, 0, 65_536, id, id, id, 0, id, "", ""] })],
    ["an end of 33 bits", withFields({ 6: [1, "", 2, "a/b", "u", 2 ** 32, 0, 0, id, id, id, 0, id, "", ""] })],
    ["a hash of 9 bits", withFields({ 6: [1, "", 2, "a/b", "u", 0, 0, 0, id, id, id, 256, id, "", ""] })],
    ["a key that is text", withFields({ 6: [1, "", 2, "a/b", "u", 0, 0, 0, "key", id, id, 0, id, "", ""] })],
    ["a part of one part", withFields({ 6: [1, "", 3, 0, [[1, "", 0]]] })],
    [
      "unknown semantics",
      withFields({
        6: [
          1,
          "",
          3,
          3,
          [
            [1, "", 0],
            [1, "", 0],
          ],
        ],
      }),
    ],
    ["parts that are no array", withFields({ 6: [1, "", 3, 0, new Map()] })],
    [
      "a part of parts with more",
      withFields({
        6: [
          1,
          "",
          3,
          0,
          [
            [1, "", 0],
            [1, "", 0],
          ],
          0,
        ],
      }),
    ],
  ])("%s", (_what, encoded) => {
    expect(refusal(encoded)).toBe("content-shape");
  });

  test("but not what is unknown: a disposition, a media type, an extension", () => {
    const extensions = new Map<number, CborValue>([
      [
        256,
        [
          [fromHex("1234"), { tag: 32, value: "http://example.com" }],
          [fromHex("3456"), 5771],
        ],
      ],
      [257, { float: 1.5 }],
      [-1, 2n ** 60n],
    ]);
    const content = decodeContent(withFields({ 5: extensions, 6: [200, "x-klingon", 1, "x/y", nothing] }));
    expect(content.nestedPart.disposition).toBe(200);
    expect(content.extensions).toEqual(extensions);
  });
});

describe("limits", () => {
  const nested = (depth: number): CborValue =>
    depth === 1 ? [1, "", 0] : [1, "", 3, 2, [[1, "", 0], nested(depth - 1)]];
  const long = (length: number): string => "a".repeat(length);
  const external = (change: Readonly<Record<number, CborValue>>): Uint8Array =>
    withFields({
      6: [1, "", 2, "a/b", "u", 0, 0, 0, id, id, id, 0, id, "", ""].map((each, i) => change[i] ?? each),
    });

  test.each<[string, Uint8Array, object?]>([
    ["parts inside of one another", withFields({ 6: nested(5) })],
    ["parts far inside of one another", withFields({ 6: nested(9) })],
    ["parts inside of one another, of fewer", withFields({ 6: nested(3) }), { depth: 2 }],
    ["parts", withFields({ 6: [1, "", 3, 2, Array.from({ length: 1024 }, () => [1, "", 0] as CborValue)] })],
    ["parts, of fewer", withFields({ 6: nested(2) }), { parts: 2 }],
    ["bytes", withFields({ 6: [1, "", 1, "a/b", new Uint8Array(1024 * 1024)] })],
    ["bytes, of fewer", withFields({}), { bytes: 20 }],
    ["a topic", withFields({ 2: new Uint8Array(4097) })],
    ["a URL", external({ 4: long(4097) })],
    ["additional data", external({ 10: new Uint8Array(4097) })],
    ["a key", external({ 8: new Uint8Array(256) })],
    ["a nonce", external({ 9: new Uint8Array(256) })],
    ["a hash", external({ 12: new Uint8Array(256) })],
    ["a description", external({ 13: long(4097) })],
    ["a file name", external({ 14: long(256) })],
    ["a media type", withFields({ 6: [1, "", 1, long(256), id] })],
    ["a language", withFields({ 6: [1, long(256), 0] })],
    ["a sender", withFields({ 5: new Map([[1, long(4097)]]) })],
    ["extensions", withFields({ 5: new Map(Array.from({ length: 65 }, (_, i) => [i + 3, 0])) })],
    ["an extension", withFields({ 5: new Map([[3, new Uint8Array(4095)]]) })],
    ["an extension's name", withFields({ 5: new Map([[long(256), 0]]) })],
    ["an extension's depth", withFields({ 5: new Map<number, CborValue>([[3, [[[[]]]]]]) })],
    ["an extension's depth, by tags", withFields({ 5: new Map<number, CborValue>([[3, [[{ tag: 1, value: [] }]]]]) })],
    ["items", withFields({ 5: new Map([[3, Array.from({ length: 30_000 }, () => 0)]]) })],
  ])("%s", (_what, encoded, limits) => {
    expect(refusal(encoded, limits)).toBe("content-limit");
  });

  test.each<[string, Uint8Array]>([
    ["parts inside of one another", withFields({ 6: nested(4) })],
    ["parts", withFields({ 6: [1, "", 3, 2, Array.from({ length: 1023 }, () => [1, "", 0] as CborValue)] })],
    ["a topic", withFields({ 2: new Uint8Array(4096) })],
    ["a URL", external({ 4: long(4096) })],
    ["extensions", withFields({ 5: new Map(Array.from({ length: 64 }, (_, i) => [i + 3, 0])) })],
    ["an extension", withFields({ 5: new Map([[3, new Uint8Array(4093)]]) })],
    ["an extension's depth", withFields({ 5: new Map<number, CborValue>([[3, [[[]]]]]) })],
    ["an expiry", withFields({ 3: [true, 366 * 86_400] })],
  ])("%s up to the limit", (_what, encoded) => {
    expect(refusal(encoded)).toBe("none");
  });

  test("a hundred thousand arrays inside of one another cost no stack", () => {
    expect(refusal(new Uint8Array(100_000).fill(0x81))).toBe("content-limit");
    expect(refusal(concat(Uint8Array.of(0x87), new Uint8Array(100_000).fill(0xc1)))).toBe("content-limit");
  });

  test("a count of four thousand million items takes no memory", () => {
    expect(refusal(fromHex("9affffffff00"))).toBe("content-cbor");
    expect(refusal(fromHex("baffffffff0000"))).toBe("content-cbor");
    expect(refusal(fromHex("5affffffff00"))).toBe("content-cbor");
  });

  test("an expiry of more than a year from the reading", () => {
    expect(refusal(withFields({ 3: [true, 366 * 86_400 + 1] }))).toBe("content-expiry");
  });

  test("limits are numbers of their names, and depth is at most the draft's", () => {
    expect(() => decodeContent(withFields({}), { bytes: -1 })).toThrow(TypeError);
    expect(() => decodeContent(withFields({}), { depth: 5 })).toThrow(TypeError);
    expect(() => decodeContent(withFields({}), { depth: 0 })).toThrow(TypeError);
    expect(() => decodeContent(withFields({}), { sections: 1 } as object)).toThrow(TypeError);
    expect(() => decodeContent("00" as never)).toThrow(TypeError);
  });
});

describe("what callers give", () => {
  const content: MimiContent = { salt, nestedPart: text };

  test.each<[string, object]>([
    ["no salt", { nestedPart: text }],
    ["a short salt", { ...content, salt: id }],
    ["no part", { salt }],
    ["an option that there is not", { ...content, topic: id }],
    ["an id of another hash", { ...content, replaces: salt }],
    ["a sender that is no text", { ...content, senderUri: 1 }],
    ["extensions as an object", { ...content, extensions: { 1: 2 } }],
    ["a sender among the extensions", { ...content, extensions: new Map([[1, "a"]]) }],
    ["a room among the extensions", { ...content, extensions: new Map([[2, "a"]]) }],
    ["a float among the extensions", { ...content, extensions: new Map([[3, 1.5]]) }],
    ["a number beyond 2^64", { ...content, extensions: new Map([[3, 2n ** 64n]]) }],
    ["a key that is a float", { ...content, extensions: new Map([[3, new Map([[1.5, 1]])]]) }],
    ["a function among the extensions", { ...content, extensions: new Map([[3, () => 1]]) }],
    ["an extension that holds itself", { ...content, extensions: new Map([[3, loop()]]) }],
    ["an extension of 4097 bytes", { ...content, extensions: new Map([[3, new Uint8Array(4095)]]) }],
    ["a disposition by its number", { ...content, nestedPart: { ...text, disposition: 1 } }],
    ["a disposition that there is not", { ...content, nestedPart: { ...text, disposition: "shout" } }],
    ["a cardinality that there is not", { ...content, nestedPart: { ...text, cardinality: "double" } }],
    ["a part of one part", { ...content, nestedPart: multi([text]) }],
    ["a part that holds itself", { ...content, nestedPart: holdsItself() }],
    ["half a character", { ...content, nestedPart: { ...text, contentType: "a/\ud800" } }],
    ["half a character in the sender", { ...content, senderUri: "mimi://\udfff" }],
    ["an expiry of more than a year", { ...content, expires: { relative: true, time: 366 * 86_400 + 1 } }],
    ["more bytes than receivers take", { ...content, nestedPart: { ...text, content: new Uint8Array(1024 * 1024) } }],
  ])("%s", (_what, wrong) => {
    expect(() => encodeContent(wrong as MimiContent)).toThrow(TypeError);
  });

  test("nothing of what is said stands in an error", () => {
    const words = "a secret that nobody may log";
    const wrong = { ...content, nestedPart: { ...text, contentType: words.repeat(20) } };
    expect(detail(() => encodeContent(wrong))).not.toContain("secret");
    const bytes = withFields({ 6: [1, words.repeat(20), 0] });
    expect(detail(() => decodeContent(bytes))).not.toContain("secret");
  });
});

describe("ids", () => {
  const bytes = encodeContent({ salt, nestedPart: text });
  const address = { senderUri, roomUri };

  test("another salt, sender, room or word makes another id", () => {
    const ids = [
      messageId(bytes, address),
      messageId(bytes, { ...address, senderUri: `${senderUri}x` }),
      messageId(bytes, { ...address, roomUri: `${roomUri}x` }),
      messageId(bytes, { senderUri: senderUri.slice(0, -1), roomUri: `e${roomUri}` }),
      messageId(encodeContent({ salt: id.subarray(0, 16), nestedPart: text }), address),
      messageId(encodeContent({ salt, nestedPart: { ...text, content: utf8("ho") } }), address),
    ].map(hex);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((each) => each.length === 64 && each.startsWith("01"))).toBe(true);
  });

  test("what does not begin with a salt has none", () => {
    for (const wrong of [bytes.subarray(0, 17), concat(Uint8Array.of(0x86), bytes.subarray(1)), nothing]) {
      expect(() => messageId(wrong, address)).toThrow(ContentError);
    }
    expect(() => messageId(concat(Uint8Array.of(0x87, 0x51), bytes.subarray(2)), address)).toThrow(ContentError);
    expect(() => messageId("x" as never, address)).toThrow(TypeError);
    expect(() => messageId(bytes, { senderUri } as never)).toThrow(TypeError);
    expect(() => messageId(bytes, { ...address, roomUri: "x".repeat(65_536) })).toThrow(TypeError);
  });
});

describe("a message that arrives", () => {
  const acceptedAt = 1_700_000_000_000;
  const arrival = { senderUri, roomUri, acceptedAt };
  const code = (content: Partial<MimiContent>, change: object = {}): string => {
    try {
      acceptContent(encodeContent({ salt, nestedPart: text, ...content }), { ...arrival, ...change });
      return "none";
    } catch (error) {
      if (error instanceof ContentError) return error.code;
      throw error;
    }
  };
  const at = (seconds: number): Partial<MimiContent> => ({ expires: { relative: false, time: seconds } });
  const now = acceptedAt / 1000;
  const year = 366 * 86_400;

  test("is taken with its id", () => {
    const bytes = encodeContent({ salt, senderUri, roomUri, nestedPart: text });
    const { id, content } = acceptContent(bytes, arrival);
    expect(id).toEqual(messageId(bytes, { senderUri, roomUri }));
    expect(content.nestedPart).toEqual(text);
  });

  test("names nobody else and no other room", () => {
    expect(code({ senderUri, roomUri })).toBe("none");
    expect(code({})).toBe("none");
    expect(code({ senderUri: "mimi://example.com/u/bob" })).toBe("content-sender");
    expect(code({ roomUri: "mimi://example.com/r/other" })).toBe("content-room");
  });

  test("expires within a year of when the hub accepted it, whatever clock the receiver has", () => {
    expect([code(at(now + year)), code(at(now + year + 1))]).toEqual(["none", "content-expiry"]);
    expect([code(at(now - year)), code(at(now - year - 1))]).toEqual(["none", "content-expiry"]);
    expect(code({ expires: { relative: true, time: 30 } })).toBe("none");
  });

  test("is no second one", () => {
    expect(code({}, { isKnown: () => true })).toBe("content-duplicate");
    expect(code({}, { isKnown: () => false })).toBe("none");
    expect(() => code({}, { isKnown: () => undefined })).toThrow(TypeError);
  });

  test("is within the caller's limits", () => {
    expect(code({}, { limits: { bytes: 20 } })).toBe("content-limit");
    expect(() => code({}, { acceptedAt: -1 })).toThrow(TypeError);
    expect(() => code({}, { limits: { bytes: "1" } })).toThrow(TypeError);
  });
});

function multi(parts: readonly Part[]): Part {
  return { disposition: "render", cardinality: "multi", partSemantics: "processAll", parts };
}

function holdsItself(): Part {
  const parts: Part[] = [text];
  parts.push(multi(parts));
  return multi(parts);
}

function loop(): unknown[] {
  const list: unknown[] = [];
  list.push(list);
  return list;
}
