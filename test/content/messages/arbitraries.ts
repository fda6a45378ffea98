/**
 * Any message that there is.
 */

import fc from "fast-check";
import { statuses } from "../../../src/content/messages/records.ts";
import type { Attachment } from "../../../src/content/messages/media.ts";
import type { Message, Said } from "../../../src/content/messages/message.ts";
import { bytes, ids, texts } from "../arbitraries.ts";

const some = (least: number, most: number): fc.Arbitrary<string> => texts(most).filter((text) => text.length >= least);
const word = some(1, 12);
const u32 = fc.nat({ max: 0x7fff_ffff });
const filled = (most: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: 1, maxLength: most }).map((each) => new Uint8Array(each));

/** An object with all of these fields, or some of the optional ones. */
function made<Needed extends object, Optional extends object>(
  needed: { [K in keyof Needed]: fc.Arbitrary<Needed[K]> },
  optional: { [K in keyof Optional]: fc.Arbitrary<Optional[K]> },
): fc.Arbitrary<Needed & Partial<Optional>> {
  return fc.record({ ...needed, ...optional }, { requiredKeys: Object.keys(needed) as never }) as never;
}

const clockTime = fc.record({ relative: fc.constant(false), time: u32 });
const expirations = fc.oneof(
  clockTime,
  fc.record({ relative: fc.constant(true), time: fc.integer({ min: 0, max: 366 * 86_400 }) }),
);

const surroundings = {
  inReplyTo: ids,
  topicId: filled(20),
  expires: expirations,
  forwarded: fc.integer({ min: 1, max: 255 }),
};

const pictures = fc.record({ contentType: fc.constantFrom("image/jpeg", "image/png"), content: bytes() });

const url = "https://example.org/a";

const textMessages = made(
  { kind: fc.constant("text" as const), text: texts(), format: fc.constantFrom("plain" as const, "markdown" as const) },
  {
    ...surroundings,
    language: fc.constantFrom("en", "de-CH"),
    previews: fc.array(made({ url: fc.constant(url) }, { title: word, description: word, image: pictures }), {
      minLength: 1,
      maxLength: 2,
    }),
  },
).map((message) => (message.previews === undefined ? message : { ...message, text: `${message.text} ${url}` }));

const externalFiles = (contentType: fc.Arbitrary<string>): fc.Arbitrary<Attachment["file"]> =>
  fc
    .record({
      contentType,
      url: texts(),
      expires: u32,
      size: fc.maxSafeNat(),
      encAlg: fc.nat({ max: 65_535 }),
      key: bytes(),
      nonce: bytes(),
      aad: bytes(),
      hashAlg: fc.nat({ max: 255 }),
      contentHash: bytes(),
      description: texts(),
      filename: texts(),
    })
    .map((fields) => ({ cardinality: "external", ...fields }));

const inlineFiles = (contentType: fc.Arbitrary<string>): fc.Arbitrary<Attachment["file"]> =>
  made({ cardinality: fc.constant("single" as const), contentType, content: bytes() }, { filename: word });

const attachments: fc.Arbitrary<Attachment> = fc
  .constantFrom<[Attachment["as"], string[]]>(
    ["file", ["application/pdf", "image/png", "text/plain"]],
    ["image", ["image/png", "image/jpeg"]],
    ["video", ["video/mp4"]],
    ["audio", ["audio/ogg"]],
    ["voice", ["audio/ogg"]],
    ["sticker", ["image/webp"]],
    ["animation", ["image/gif", "video/mp4"]],
    ["round-video", ["video/mp4"]],
  )
  .chain(([as, types]) => {
    const contentType = fc.constantFrom(...types);
    return made(
      { as: fc.constant(as), file: fc.oneof(externalFiles(contentType), inlineFiles(contentType)) },
      {
        width: fc.integer({ min: 1, max: 65_535 }),
        height: fc.integer({ min: 1, max: 65_535 }),
        duration: u32,
        waveform: filled(30),
        emoji: fc.constantFrom("😀", "👍🏽"),
        pack: word,
        thumbnail: pictures,
      },
    );
  });

const mediaMessages = made(
  { kind: fc.constant("media" as const), attachments: fc.array(attachments, { minLength: 1, maxLength: 3 }) },
  {
    ...surroundings,
    caption: fc.record({ text: texts(), format: fc.constantFrom("plain" as const, "markdown" as const) }),
    viewOnce: fc.constant(true as const),
  },
);

const reactions = made(
  {
    kind: fc.constant("reaction" as const),
    inReplyTo: ids,
    reactions: fc.uniqueArray(fc.constantFrom("❤", "👍", "🥳", "👩🏽‍⚕️", "ok"), { minLength: 1, maxLength: 4 }),
  },
  { expires: expirations },
);

const polls = fc.array(word, { minLength: 2, maxLength: 32 }).chain((options) =>
  made(
    { kind: fc.constant("poll" as const), question: word, options: fc.constant(options) },
    {
      ...surroundings,
      choices: fc.integer({ min: 1, max: options.length }),
      hidden: fc.constant(true as const),
      endsAt: u32,
      correct: fc.integer({ min: 0, max: options.length - 1 }),
      fallback: texts(),
    },
  ),
);

const votes = made(
  {
    kind: fc.constant("vote" as const),
    inReplyTo: ids,
    options: fc.uniqueArray(fc.nat({ max: 31 })).map((each) => [...each].sort((a, b) => a - b)),
  },
  {},
);

const degrees = (most: number): fc.Arbitrary<number> =>
  fc.integer({ min: -most * 1e7, max: most * 1e7 }).map((each) => (each === 0 ? 0 : each / 1e7));

const locations = made(
  { kind: fc.constant("location" as const), latitude: degrees(90), longitude: degrees(180) },
  { ...surroundings, accuracy: u32, name: word, address: word, liveUntil: u32, fallback: texts() },
);

const contacts = made(
  {
    kind: fc.constant("contact" as const),
    contacts: fc.array(
      made(
        { name: word },
        {
          uri: fc.constant("mimi://example.org/u/alice"),
          phones: fc.array(word, { minLength: 1, maxLength: 2 }),
          emails: fc.array(word, { minLength: 1, maxLength: 2 }),
        },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { ...surroundings, fallback: texts() },
);

const calls = made(
  {
    kind: fc.constant("call" as const),
    event: fc.constantFrom("ringing", "accepted", "declined", "busy", "cancelled", "ended"),
    call: filled(64),
    expires: clockTime,
  },
  { inReplyTo: ids, video: fc.constant(true as const), room: word, duration: u32 },
);

const sessions = made({ kind: fc.constant("session" as const), url: word, description: texts() }, surroundings);

const reports = made(
  {
    kind: fc.constant("status" as const),
    reports: fc.array(
      fc.record({ id: ids, status: fc.oneof(fc.constantFrom(...statuses), fc.integer({ min: 7, max: 255 })) }),
      { minLength: 1, maxLength: 5 },
    ),
  },
  {},
);

const pins = made({ kind: fc.constant("pin" as const), inReplyTo: ids, pinned: fc.boolean() }, {});

const ends = made({ kind: fc.constant("poll-end" as const), inReplyTo: ids }, {});

export const said: fc.Arbitrary<Said> = fc.oneof(
  textMessages,
  mediaMessages,
  reactions,
  polls,
  votes,
  ends,
  locations,
  contacts,
  calls as fc.Arbitrary<Said>,
  sessions,
  reports,
  pins,
);

export const messages: fc.Arbitrary<Message> = fc.oneof(
  { weight: 5, arbitrary: said },
  fc.record({ kind: fc.constant("edit" as const), replaces: ids, becomes: said }),
  made({ kind: fc.constant("unsend" as const), replaces: ids }, { inReplyTo: ids, topicId: filled(20) }),
);
