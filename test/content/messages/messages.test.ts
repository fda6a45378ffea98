/**
 * What messages say: written and read again; and what nobody wrote so, told as unknown.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { encodeCbor, type CborKey, type CborValue } from "../../../src/content/cbor.ts";
import { decodeContent } from "../../../src/content/decode.ts";
import { encodeContent, encodePart } from "../../../src/content/encode.ts";
import { without } from "../../../src/content/messages/without.ts";
import { isRinging } from "../../../src/content/messages/ringing.ts";
import { mediaTypes, parseMediaType } from "../../../src/content/messages/media-types.ts";
import type { Media, Message, Said } from "../../../src/content/messages/message.ts";
import { readMessage, wordsOf } from "../../../src/content/messages/read.ts";
import { forwarded, writeMessage } from "../../../src/content/messages/write.ts";
import type { MimiContent, Part } from "../../../src/content/mimi.ts";
import { contents, parts } from "../arbitraries.ts";
import { example, examples } from "../examples.ts";
import { messages, said } from "./arbitraries.ts";

const address = { senderUri: "mimi://example.org/u/alice", roomUri: "mimi://example.org/r/hiking" };
const salt = new Uint8Array(16);
const id = new Uint8Array(32).fill(1);
const heart = "❤";

const single = (
  contentType: string,
  content: Uint8Array | string,
  disposition: Part["disposition"] = "render",
): Part => ({
  disposition,
  cardinality: "single",
  contentType,
  content: typeof content === "string" ? utf8(content) : content,
});
const multi = (
  partSemantics: "chooseOne" | "singleUnit" | "processAll",
  parts: readonly Part[],
  disposition: Part["disposition"] = "render",
): Part => ({ disposition, cardinality: "multi", partSemantics, parts });
const external: Part = {
  disposition: "inline",
  cardinality: "external",
  contentType: "image/png",
  url: "https://example.org/x",
  expires: 0,
  size: 10,
  encAlg: 0,
  key: new Uint8Array(0),
  nonce: new Uint8Array(0),
  aad: new Uint8Array(0),
  hashAlg: 0,
  contentHash: new Uint8Array(0),
  description: "",
  filename: "",
};
const cbor = (name: keyof typeof mediaTypes, entries: readonly (readonly [CborKey, CborValue])[]): Part =>
  single(mediaTypes[name], encodeCbor(new Map(entries)), "unspecified");
const read = (nestedPart: Part, fields: Partial<MimiContent> = {}, html = false): Message =>
  readMessage({ salt, nestedPart, ...fields }, { html });
const text = (words: string): Part => single(mediaTypes.plain, words);
const alien = single("application/vnd.example", "?");

describe("what is written is read", () => {
  test("every message there is", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const written = writeMessage(message, address);
        expect(readMessage(decodeContent(written.bytes))).toEqual(message);
      }),
      { numRuns: 500 },
    );
  });

  test("with an id and 16 new random bytes each time", () => {
    const message: Message = { kind: "text", text: "hi", format: "plain" };
    const [a, b] = [writeMessage(message, address), writeMessage(message, address)];
    expect(a.id).not.toEqual(b.id);
    expect(a.content).toMatchObject(address);
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(9);
    expect(writeMessage(message, { ...address, random }).content.salt).toEqual(random(16));
    expect(() => writeMessage(message, { ...address, random: () => new Uint8Array(8) })).toThrow();
  });
});

describe("the examples of the draft", () => {
  test.skipIf(examples.length === 0)("say what they are called", () => {
    const say = (name: string, html = false): Message =>
      readMessage(decodeContent(example(name)?.bytes ?? new Uint8Array(0)), { html });
    expect(say("original")).toEqual({
      kind: "text",
      format: "markdown",
      text: "Hi everyone, we just shipped release 2.0. __Good  work__!",
    });
    expect(say("reply")).toMatchObject({ kind: "text", inReplyTo: example("original")?.id });
    expect(say("reaction")).toMatchObject({ kind: "reaction", reactions: [heart], inReplyTo: example("original")?.id });
    expect(say("multipart-2")).toMatchObject({ kind: "unknown" }); // reactions to nothing
    expect(say("mention")).toMatchObject({ kind: "text" });
    expect(say("mention-html")).toMatchObject({ kind: "unknown", contentTypes: ["text/html;charset=utf-8"] });
    expect(say("mention-html", true)).toMatchObject({ kind: "text", format: "html" });
    expect(say("edit")).toMatchObject({ kind: "edit", replaces: example("reply")?.id, becomes: { kind: "text" } });
    expect(say("delete")).toMatchObject({ kind: "unsend", replaces: example("reply")?.id });
    expect(say("unlike")).toMatchObject({ kind: "unsend", replaces: example("reaction")?.id });
    expect(say("expiring")).toMatchObject({ kind: "text", expires: { relative: false, time: 1644390004 } });
    expect(say("attachment")).toMatchObject({
      kind: "media",
      attachments: [{ as: "file", file: { contentType: "video/mp4", size: 708234961, filename: "bigfile.mp4" } }],
    });
    expect(say("conferencing")).toMatchObject({
      kind: "session",
      url: "https://example.com/join/12345",
      description: "Join the Foo 118 conference",
      topicId: utf8("Foo 118"),
    });
    expect(say("multipart-1")).toMatchObject({ kind: "text", text: "# Welcome!" });
    expect(say("multipart-3")).toMatchObject({ kind: "media", attachments: [{ as: "image" }] });
    expect(say("multipart-3", true)).toMatchObject({ kind: "media", caption: { format: "html" } });
  });
});

describe("whatever a stranger writes", () => {
  test("is told, and throws nothing", () => {
    fc.assert(
      fc.property(contents, fc.boolean(), (content, html) => {
        const message = readMessage(content, { html });
        expect(typeof wordsOf(message)).toBe("string");
      }),
    );
    const types = Object.values(mediaTypes);
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 60 }), (contentType, content) => {
        expect(read(single(contentType, content), { inReplyTo: id })).toHaveProperty("kind");
      }),
    );
    const values = fc.dictionary(fc.constantFrom("1", "2", "3", "4", "5", "6"), fc.anything({ maxDepth: 1 }));
    fc.assert(
      fc.property(fc.constantFrom(...types), values, (contentType, entries) => {
        const plain = Object.entries(entries).filter(([, each]) => ["string", "boolean"].includes(typeof each));
        const map = new Map(plain.map(([key, each]) => [Number(key), each as CborValue]));
        expect(read(single(contentType, encodeCbor(map)), { inReplyTo: id })).toHaveProperty("kind");
      }),
    );
  });

  test("of any parts in any order is read the same way twice", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(parts, fc.constantFrom(text("a"), external, alien)), { minLength: 2 }),
        (several) => {
          expect(read(multi("processAll", several))).toEqual(read(multi("processAll", several)));
        },
      ),
    );
  });

  test.each<[string, Part, Partial<MimiContent>?]>([
    ["a media type that nobody knows", alien],
    ["a media type that is none", single("text", "hi")],
    ["a media type with a parameter twice", single("text/plain;charset=utf-8;charset=utf-8", "hi")],
    ["text that is not UTF-8", single("text/plain", Uint8Array.of(0xff))],
    ["text in another charset", single("text/plain;charset=utf-16", "hi")],
    ["HTML that was not asked for", single("text/html", "<script>alert(1)</script>")],
    ["text that is an icon", single("text/plain", "hi", "icon")],
    ["nothing in the place of nothing", { disposition: "render", cardinality: "null" }],
    ["a file that is somebody's profile", { ...external, disposition: "profile" }],
    ["a picture that is a preview of nothing", { ...external, disposition: "preview" }],
    ["a session under a key", { ...external, disposition: "session", encAlg: 1 }],
    ["a reaction to nothing", single(mediaTypes.plain, heart, "reaction")],
    ["a reaction of 65 bytes", single(mediaTypes.plain, "a".repeat(65), "reaction"), { inReplyTo: id }],
    ["an empty reaction", single(mediaTypes.plain, "", "reaction"), { inReplyTo: id }],
    ["a reaction that is a file", { ...external, disposition: "reaction" }, { inReplyTo: id }],
    ["a reaction that is code", single("application/x", heart, "reaction"), { inReplyTo: id }],
    ["one reaction twice", multi("processAll", [reaction(heart), reaction(heart)], "reaction"), { inReplyTo: id }],
    [
      "a reaction of parts to choose from",
      multi("chooseOne", [reaction(heart), reaction("a")], "reaction"),
      { inReplyTo: id },
    ],
    ["a reaction with words", multi("processAll", [reaction(heart), text("a")], "reaction"), { inReplyTo: id }],
    [
      "33 reactions",
      multi(
        "processAll",
        Array.from({ length: 33 }, (_, i) => reaction(String(i))),
        "reaction",
      ),
      { inReplyTo: id },
    ],
    ["a unit of which a part is unknown", multi("singleUnit", [text("hi"), alien])],
    ["two unknown ones to choose from", multi("chooseOne", [alien, alien])],
    ["two polls", multi("processAll", [goodPoll(), goodPoll()])],
    ["a poll and words", multi("processAll", [goodPoll(), text("hi")])],
    [
      "a poll with one option",
      cbor("poll", [
        [1, "?"],
        [2, ["a"]],
      ]),
    ],
    [
      "a poll with 33 options",
      cbor("poll", [
        [1, "?"],
        [2, Array.from({ length: 33 }, String)],
      ]),
    ],
    ["a poll without a question", cbor("poll", [[2, ["a", "b"]]])],
    [
      "a poll with an empty question",
      cbor("poll", [
        [1, ""],
        [2, ["a", "b"]],
      ]),
    ],
    [
      "a poll of which one may choose more than there are",
      cbor("poll", [
        [1, "?"],
        [2, ["a", "b"]],
        [3, 3],
      ]),
    ],
    [
      "a poll of which one may choose none",
      cbor("poll", [
        [1, "?"],
        [2, ["a", "b"]],
        [3, 0],
      ]),
    ],
    [
      "a quiz whose answer is not there",
      cbor("poll", [
        [1, "?"],
        [2, ["a", "b"]],
        [6, 2],
      ]),
    ],
    [
      "a poll that is hidden falsely",
      cbor("poll", [
        [1, "?"],
        [2, ["a", "b"]],
        [4, false],
      ]),
    ],
    [
      "a poll whose options are one text",
      cbor("poll", [
        [1, "?"],
        [2, "ab"],
      ]),
    ],
    ["a poll with more after it", single(mediaTypes.poll, new Uint8Array([...pollBytes(), 0]))],
    ["a poll in an array", single(mediaTypes.poll, encodeCbor(["?", ["a", "b"]]))],
    ["a vote on nothing", cbor("vote", [[1, [0]]])],
    ["a vote for an option twice", cbor("vote", [[1, [0, 0]]]), { inReplyTo: id }],
    ["a vote in no order", cbor("vote", [[1, [1, 0]]]), { inReplyTo: id }],
    ["a vote for option 32", cbor("vote", [[1, [32]]]), { inReplyTo: id }],
    ["the end of nothing", single(mediaTypes.pollEnd, "")],
    ["an end with more", single(mediaTypes.pollEnd, "x"), { inReplyTo: id }],
    [
      "a place beyond the pole",
      cbor("location", [
        [1, 900_000_001],
        [2, 0],
      ]),
    ],
    [
      "a place beyond the date line",
      cbor("location", [
        [1, 0],
        [2, -1_800_000_001],
      ]),
    ],
    [
      "a place in floats",
      cbor("location", [
        [1, { float: 1.5 }],
        [2, { float: 1.5 }],
      ]),
    ],
    ["a place without a longitude", cbor("location", [[1, 0]])],
    ["no contacts", single(mediaTypes.contact, encodeCbor([]))],
    ["65 contacts", single(mediaTypes.contact, encodeCbor(Array.from({ length: 65 }, () => new Map([[1, "a"]]))))],
    ["a contact without a name", single(mediaTypes.contact, encodeCbor([new Map([[2, "mimi://x"]])]))],
    [
      "ringing without an end",
      cbor("call", [
        [1, 0],
        [2, id],
      ]),
    ],
    [
      "ringing that ends when it is read",
      cbor("call", [
        [1, 0],
        [2, id],
      ]),
      { expires: { relative: true, time: 60 } },
    ],
    [
      "a call that does what nobody knows",
      cbor("call", [
        [1, 6],
        [2, id],
      ]),
    ],
    [
      "a call without a name",
      cbor("call", [
        [1, 1],
        [2, new Uint8Array(0)],
      ]),
    ],
    [
      "a call with a long name",
      cbor("call", [
        [1, 1],
        [2, new Uint8Array(65)],
      ]),
    ],
    ["no reports", single(mediaTypes.status, encodeCbor([]))],
    ["4097 reports", single(mediaTypes.status, encodeCbor(Array.from({ length: 4097 }, () => [id, 1])))],
    ["a report of three", single(mediaTypes.status, encodeCbor([[id, 1, 1]]))],
    ["a report of another hash", single(mediaTypes.status, encodeCbor([[new Uint8Array(32), 1]]))],
    ["a report of status 256", single(mediaTypes.status, encodeCbor([[id, 256]]))],
    ["a report as a map", single(mediaTypes.status, encodeCbor(new Map([[1, [id, 1]]])))],
    ["a pin to nothing", cbor("pin", [[1, true]])],
    ["a pin of a number", cbor("pin", [[1, 1]]), { inReplyTo: id }],
    ["words to be shown once", viewOnce(text("hi"))],
    ["a file to be shown once, once more", viewOnce(viewOnce(external))],
    ["a file to be shown once, with what is unknown", viewOnce(multi("processAll", [external, alien]))],
    ["bytes to be shown once", single(mediaTypes.viewOnce, "hi")],
    ["a file to be shown once, too deeply", viewOnceOf(4)],
    ["what a file's bytes don't say, without a file", cbor("media", [[2, 3]])],
    ["a preview of a link, without the link", cbor("linkPreview", [[1, "https://example.org"]])],
  ])("%s is unknown", (_what, part, fields = {}) => {
    const message = read(part, fields);
    expect(message).toMatchObject({ kind: "unknown", part });
    expect((message as Said & { kind: "unknown" }).contentTypes).toBeInstanceOf(Array);
  });

  test("what one of the parts above is, is known where it is right", () => {
    expect(read(goodPoll())).toEqual({ kind: "poll", question: "?", options: ["a", "b"] });
    expect(read(viewOnce(external))).toMatchObject({ kind: "media", viewOnce: true });
    expect(read(viewOnceOf(3))).toMatchObject({ kind: "media", viewOnce: true });
    const clock = { expires: { relative: false, time: 60 } };
    expect(
      read(
        cbor("call", [
          [1, 0],
          [2, id],
        ]),
        clock,
      ),
    ).toMatchObject({ kind: "call", event: "ringing" });
    expect(read(single('TEXT/Plain; Charset="UTF-8"', "hi"))).toMatchObject({ kind: "text", text: "hi" });
    expect(read(single("text/plain", "hi", 200))).toMatchObject({ kind: "text", text: "hi" });
    expect(read(multi("processAll", [reaction(heart), reaction("a")], "reaction"), { inReplyTo: id })).toMatchObject({
      kind: "reaction",
      reactions: [heart, "a"],
    });
    expect(read(multi("singleUnit", [text("hi"), external]))).toMatchObject({ kind: "media", caption: { text: "hi" } });
  });

  test("keys that a newer copse may add are passed over", () => {
    expect(
      read(
        cbor("pin", [
          [1, true],
          [99, "new"],
        ]),
        { inReplyTo: id },
      ),
    ).toMatchObject({ kind: "pin", pinned: true });
    const media = cbor("media", [
      [1, 200],
      [2, 3],
    ]);
    expect(read(multi("processAll", [external, media]))).toMatchObject({ attachments: [{ as: "image", width: 3 }] });
  });

  test("beside what is understood, the rest is told", () => {
    expect(read(multi("processAll", [text("hi"), alien, text("there")]))).toEqual({
      kind: "text",
      text: "hi",
      format: "plain",
      rest: [alien, text("there")],
    });
    expect(read(multi("processAll", [external, alien]))).toMatchObject({ kind: "media", rest: [alien] });
  });

  test("a sound is no sticker, and a picture no voice", () => {
    const voice = cbor("media", [
      [1, 0],
      [4, 1000],
    ]);
    expect(read(multi("processAll", [external, voice]))).toMatchObject({
      attachments: [{ as: "image", duration: 1000 }],
    });
    const attached: Part = { ...external, disposition: "attachment", contentType: "audio/ogg" };
    expect(read(multi("processAll", [attached, voice]))).toMatchObject({ attachments: [{ as: "file" }] });
  });

  test("a preview of another link than the text has is none", () => {
    const preview = cbor("linkPreview", [
      [1, "https://bank.example"],
      [2, "Log in"],
    ]);
    const spoofed = multi("processAll", [text("see https://evil.example"), preview]);
    expect(read(spoofed)).toEqual({ kind: "text", text: "see https://evil.example", format: "plain", rest: [preview] });
    const honest = multi("processAll", [text("see https://bank.example"), preview]);
    expect(read(honest)).toMatchObject({ previews: [{ url: "https://bank.example", title: "Log in" }] });
  });

  test("what others see instead of a poll is told", () => {
    expect(read(multi("chooseOne", [text("Vote for me"), goodPoll()]))).toMatchObject({ kind: "text" });
    expect(read(multi("chooseOne", [goodPoll(), text("Vote for me")]))).toMatchObject({
      kind: "poll",
      fallback: "Vote for me",
    });
    expect(read(multi("chooseOne", [alien, multi("processAll", [external, alien])]))).toMatchObject({ kind: "media" });
  });

  test("how often it was passed on is a number from 1 to 255, or not told", () => {
    const times = (value: CborValue): unknown =>
      (read(text("hi"), { extensions: new Map([["copse.forwarded", value]]) }) as Said).forwarded;
    expect([1, 255, 0, 256, "2", null, { float: 1.5 }].map(times)).toEqual([
      1,
      255,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("what callers give", () => {
  const poll = { kind: "poll", question: "?", options: ["a", "b"] };
  const media = { kind: "media", attachments: [{ as: "image", file: withoutHead(external) }] };

  test.each<[string, object]>([
    ["no kind", { text: "hi" }],
    ["a kind that there is not", { kind: "shout", text: "hi" }],
    ["an option that there is not", { kind: "text", text: "hi", format: "plain", bold: true }],
    ["no format", { kind: "text", text: "hi" }],
    ["HTML", { kind: "text", text: "hi", format: "html" }],
    ["half a character", { kind: "text", text: "\ud800", format: "plain" }],
    ["an empty topic", { kind: "text", text: "hi", format: "plain", topicId: new Uint8Array(0) }],
    ["passed on no times", { kind: "text", text: "hi", format: "plain", forwarded: 0 }],
    [
      "a preview of a link that is not in the text",
      { kind: "text", text: "hi", format: "plain", previews: [{ url: "x" }] },
    ],
    ["a preview whose picture is a sound", previewWith("audio/ogg")],
    ["no files", { ...media, attachments: [] }],
    ["a picture that is a sound", { kind: "media", attachments: [{ as: "audio", file: withoutHead(external) }] }],
    ["a voice that is a picture", { kind: "media", attachments: [{ as: "voice", file: withoutHead(external) }] }],
    ["a width of nothing", { kind: "media", attachments: [{ as: "image", file: withoutHead(external), width: 0 }] }],
    ["a caption in HTML", { ...media, caption: { text: "a", format: "html" } }],
    ["a view that is not once", { ...media, viewOnce: false }],
    ["a reaction to nothing", { kind: "reaction", reactions: [heart] }],
    ["no reaction", { kind: "reaction", inReplyTo: id, reactions: [] }],
    ["a reaction twice", { kind: "reaction", inReplyTo: id, reactions: [heart, heart] }],
    ["a long reaction", { kind: "reaction", inReplyTo: id, reactions: ["a".repeat(65)] }],
    ["a poll with one option", { ...poll, options: ["a"] }],
    ["a poll with an empty option", { ...poll, options: ["a", ""] }],
    ["more choices than options", { ...poll, choices: 3 }],
    ["an answer that is not there", { ...poll, correct: 2 }],
    ["a vote in no order", { kind: "vote", inReplyTo: id, options: [1, 0] }],
    ["a vote on nothing", { kind: "vote", options: [1] }],
    ["a place beyond the pole", { kind: "location", latitude: 91, longitude: 0 }],
    ["a place that is no number", { kind: "location", latitude: NaN, longitude: 0 }],
    ["no contacts", { kind: "contact", contacts: [] }],
    ["ringing without an end", { kind: "call", event: "ringing", call: id }],
    ["ringing that ends when it is read", ringing({ relative: true, time: 60 })],
    ["a call that does what nobody knows", { kind: "call", event: "exploded", call: id }],
    ["no reports", { kind: "status", reports: [] }],
    ["a status that there is not", { kind: "status", reports: [{ id, status: "loved" }] }],
    ["a status by its number", { kind: "status", reports: [{ id, status: 2 }] }],
    ["a pin to nothing", { kind: "pin", pinned: true }],
    ["an edit of an edit", { kind: "edit", replaces: id, becomes: { kind: "unsend", replaces: id } }],
    ["an id of another hash", { kind: "unsend", replaces: new Uint8Array(32) }],
  ])("%s is a TypeError", (_what, message) => {
    expect(() => writeMessage(message as Message, address)).toThrow(TypeError);
  });

  test("and what is right is not", () => {
    for (const message of [poll, media, ringing({ relative: false, time: 60 }), previewWith("image/png")]) {
      expect(writeMessage(message as Message, address).bytes.length).toBeGreaterThan(100);
    }
  });
});

describe("passing on", () => {
  test("leaves behind whom it answered, its topic, its timer; and counts", () => {
    fc.assert(
      fc.property(said, (message) => {
        const isPassedOn = ["text", "media", "poll", "location", "contact", "session"].includes(message.kind);
        if (!isPassedOn || (message as Media).viewOnce === true) {
          expect(() => forwarded(message)).toThrow(TypeError);
          return;
        }
        const passedOn = forwarded(message);
        expect(passedOn.forwarded).toBe(Math.min((message.forwarded ?? 0) + 1, 255));
        for (const name of ["inReplyTo", "topicId", "expires", "liveUntil"]) expect(passedOn).not.toHaveProperty(name);
        expect(readMessage(writeMessage(passedOn, address).content)).toEqual(passedOn);
      }),
    );
  });

  test("what is unknown can be passed on as it came", () => {
    const message = read(alien) as Said;
    expect(readMessage(writeMessage(forwarded(message), address).content)).toEqual({ ...message, forwarded: 1 });
  });
});

describe("ringing", () => {
  const rings = { kind: "call", event: "ringing", call: id, expires: { relative: false, time: 1000 } } as const;

  test("ends by itself, so that who wakes up later does not ring", () => {
    expect(isRinging(rings, 999_999)).toBe(true);
    expect(isRinging(rings, 1_000_000)).toBe(false);
    expect(isRinging({ ...rings, event: "declined" }, 0)).toBe(false);
    expect(isRinging({ kind: "text", text: "hi", format: "plain", expires: rings.expires }, 0)).toBe(false);
    expect(() => isRinging(rings, NaN)).toThrow(TypeError);
  });
});

test("the words of a message are those that a search finds", () => {
  const words = (message: object): string => wordsOf(message as Message);
  expect(words({ kind: "text", text: "a" })).toBe("a");
  expect(words({ kind: "media", attachments: [], caption: { text: "b" } })).toBe("b");
  expect(words({ kind: "media", attachments: [] })).toBe("");
  expect(words({ kind: "poll", question: "c" })).toBe("c");
  expect(words({ kind: "edit", becomes: { kind: "text", text: "d" } })).toBe("d");
  expect(words({ kind: "pin" })).toBe("");
});

test("media types are parsed, or are none", () => {
  expect(parseMediaType("Text/Markdown; variant=GFM-MIMI")).toEqual({
    essence: "text/markdown",
    parameters: new Map([["variant", "GFM-MIMI"]]),
  });
  for (const wrong of [
    "",
    "text",
    "text/",
    "/plain",
    "a/b/c",
    "a b/c",
    "text/plain;x",
    "text/plain;=x",
    `a/${"b".repeat(128)}`,
  ]) {
    expect(parseMediaType(wrong)).toBeUndefined();
  }
});

test("a longest text is read in no time", () => {
  const { bytes } = writeMessage({ kind: "text", text: "<[`".repeat(300_000), format: "markdown" }, address);
  expect(readMessage(decodeContent(bytes)).kind).toBe("text");
  expect(encodeContent(decodeContent(bytes))).toEqual(bytes);
});

function reaction(words: string): Part {
  return single(mediaTypes.plain, words, "reaction");
}

function pollBytes(): Uint8Array {
  return encodeCbor(
    new Map<CborKey, CborValue>([
      [1, "?"],
      [2, ["a", "b"]],
    ]),
  );
}

function goodPoll(): Part {
  return single(mediaTypes.poll, pollBytes(), "unspecified");
}

function viewOnce(part: Part): Part {
  return single(mediaTypes.viewOnce, encodePart(part));
}

/** A file inside of so many parts. */
function viewOnceOf(depth: number): Part {
  const inside = (left: number): Part => (left === 1 ? external : multi("processAll", [external, inside(left - 1)]));
  return viewOnce(inside(depth));
}

function withoutHead(part: Part): object {
  return without(part, ["disposition"]);
}

function previewWith(contentType: string): object {
  const image = { contentType, content: salt };
  return { kind: "text", text: "see https://a", format: "plain", previews: [{ url: "https://a", image }] };
}

function ringing(expires: object): object {
  return { kind: "call", event: "ringing", call: id, expires };
}
