/**
 * Who may edit, take back, react, vote: judged by the author and by what the message is about.
 */

import { describe, expect, test } from "vitest";
import { hex } from "../../../src/bytes/text.ts";
import {
  edited,
  judge,
  type Circumstances,
  type ContentCapability,
  type KnownMessage,
} from "../../../src/content/messages/judge.ts";
import type { Message, Said } from "../../../src/content/messages/message.ts";

const alice = "mimi://example.org/u/alice";
const bob = "mimi://example.org/u/bob";
const idOf = (n: number): Uint8Array => new Uint8Array(32).fill(n).fill(1, 0, 1);

const text: Said = { kind: "text", text: "hi", format: "plain" };
const file = { cardinality: "single", contentType: "image/png", content: idOf(0) } as const;
const picture: Said = { kind: "media", attachments: [{ as: "image", file }] };
const once: Said = { ...picture, viewOnce: true };
const poll: Said = { kind: "poll", question: "?", options: ["a", "b", "c"], choices: 2, endsAt: 100 };
const reaction = (n: number): Said => ({ kind: "reaction", inReplyTo: idOf(n), reactions: ["a"] });
const vote = (n: number, ...options: number[]): Said => ({ kind: "vote", inReplyTo: idOf(n), options });
const location: Said = { kind: "location", latitude: 1, longitude: 1 };
const contact: Said = { kind: "contact", contacts: [{ name: "Carol" }] };
const session: Said = { kind: "session", url: "https://a", description: "" };
const call: Said = { kind: "call", event: "ringing", call: idOf(9), expires: { relative: false, time: 1 } };
const status: Said = { kind: "status", reports: [{ id: idOf(1), status: "read" }] };
const pin = (n: number): Said => ({ kind: "pin", inReplyTo: idOf(n), pinned: true });
const end = (n: number): Said => ({ kind: "poll-end", inReplyTo: idOf(n) });
const edit = (n: number, becomes: Said): Message => ({ kind: "edit", replaces: idOf(n), becomes });
const unsend = (n: number): Message => ({ kind: "unsend", replaces: idOf(n) });

/** What Alice has said, by number; one hundred more is what Bob has. */
const said: readonly Message[] = [
  text,
  picture,
  once,
  poll,
  reaction(0),
  vote(3, 0),
  location,
  contact,
  session,
  call,
  status,
  pin(0),
  edit(0, text),
  end(3),
];
const known = new Map<string, KnownMessage>(
  said.flatMap((message, n) => [
    [hex(idOf(n)), { senderUri: alice, message }],
    [hex(idOf(n + 100)), { senderUri: bob, message }],
  ]),
);
known.set(hex(idOf(50)), { senderUri: alice, message: text, unsent: true });
known.set(hex(idOf(53)), { senderUri: alice, message: poll, ended: true });

const byAlice: Circumstances = { senderUri: alice, find: (id) => known.get(hex(id)) };

function ruling(message: Message, change: Partial<Circumstances> = {}): string {
  const result = judge(message, { ...byAlice, ...change });
  if (result.verdict !== "refuse") return result.verdict;
  return result.capability ?? result.reason;
}

const without =
  (...missing: ContentCapability[]) =>
  (capability: ContentCapability): boolean =>
    !missing.includes(capability);

describe("edits", () => {
  test.each<[string, Message, string]>([
    ["of one's own words", edit(0, text), "accept"],
    ["of words into a picture", edit(0, picture), "accept"],
    ["of a picture into words", edit(1, text), "accept"],
    ["of a place", edit(6, location), "accept"],
    ["of contacts", edit(7, contact), "accept"],
    ["of a session", edit(8, session), "accept"],
    ["of a reaction", edit(4, reaction(0)), "accept"],
    ["of somebody else's words", edit(100, text), "not-author"],
    ["of somebody else's reaction", edit(104, reaction(0)), "not-author"],
    ["of what is not known", edit(77, text), "wait"],
    ["of an edit, in place of the first version", edit(12, text), "not-first-version"],
    ["of somebody else's edit", edit(112, text), "not-first-version"],
    ["of what was taken back", edit(50, text), "unsent"],
    ["of words into a reaction", edit(0, reaction(0)), "other-kind"],
    ["of a reaction into words", edit(4, text), "other-kind"],
    ["of words into a poll", edit(0, poll), "other-kind"],
    ["of a place into words", edit(6, text), "other-kind"],
    ["of words into a picture to be seen once", edit(0, once), "other-kind"],
    ["of a picture to be seen once", edit(2, picture), "wrong-kind"],
    ["of a poll that others have answered", edit(3, poll), "wrong-kind"],
    ["of a vote, which a new one replaces", edit(5, vote(3, 1)), "wrong-kind"],
    ["of a call", edit(9, call), "wrong-kind"],
    ["of a report", edit(10, status), "wrong-kind"],
    ["of a pin", edit(11, pin(0)), "wrong-kind"],
  ])("%s", (_what, message, expected) => {
    expect(ruling(message)).toBe(expected);
  });

  test("by a role that may not", () => {
    expect(ruling(edit(0, text), { can: without("canEditOwnMessage") })).toBe("canEditOwnMessage");
    expect(ruling(edit(4, reaction(0)), { can: without("canEditReaction") })).toBe("canEditReaction");
    expect(ruling(edit(4, reaction(0)), { can: without("canEditOwnMessage") })).toBe("accept");
    expect(ruling(edit(0, picture), { can: without("canUploadImage") })).toBe("canUploadImage");
    const link: Said = { ...text, text: "https://a" };
    expect(ruling(edit(0, link), { can: without("canSendLink") })).toBe("canSendLink");
  });

  test("change the words and nothing else", () => {
    const first: Said = {
      ...text,
      inReplyTo: idOf(1),
      topicId: idOf(2),
      expires: { relative: true, time: 5 },
      forwarded: 3,
    };
    const becomes: Said = { ...text, text: "ho", inReplyTo: idOf(7), expires: { relative: true, time: 500 } };
    expect(edited(first, { kind: "edit", replaces: idOf(0), becomes })).toEqual({ ...first, text: "ho" });
    expect(edited(text, { kind: "edit", replaces: idOf(0), becomes: first })).toEqual(text);
  });
});

describe("taking back", () => {
  test.each<[string, Message, string]>([
    ["one's own words", unsend(0), "accept"],
    ["a picture to be seen once", unsend(2), "accept"],
    ["a poll", unsend(3), "accept"],
    ["a reaction", unsend(4), "accept"],
    ["a vote", unsend(5), "accept"],
    ["somebody else's words", unsend(100), "not-author"],
    ["somebody else's reaction", unsend(104), "not-author"],
    ["somebody else's vote", unsend(105), "not-author"],
    ["what is not known", unsend(77), "wait"],
    ["an edit", unsend(12), "not-first-version"],
    ["what was taken back", unsend(50), "unsent"],
    ["a call", unsend(9), "wrong-kind"],
    ["a report", unsend(10), "wrong-kind"],
    ["a pin", unsend(11), "wrong-kind"],
    ["the end of a poll", unsend(13), "wrong-kind"],
  ])("%s", (_what, message, expected) => {
    expect(ruling(message)).toBe(expected);
  });

  test("by a role that may, or may not", () => {
    const everything = (): boolean => true;
    expect(ruling(unsend(100), { can: everything })).toBe("accept");
    expect(ruling(unsend(104), { can: everything })).toBe("accept");
    expect(ruling(unsend(105), { can: everything })).toBe("not-author");
    expect(ruling(unsend(100), { can: without("canDeleteOtherMessage") })).toBe("not-author");
    expect(ruling(unsend(104), { can: without("canDeleteOtherReaction") })).toBe("not-author");
    expect(ruling(unsend(0), { can: without("canDeleteOwnMessage") })).toBe("canDeleteOwnMessage");
    expect(ruling(unsend(4), { can: without("canDeleteOwnReaction") })).toBe("canDeleteOwnReaction");
    expect(ruling(edit(100, text), { can: everything })).toBe("not-author");
  });
});

describe("votes", () => {
  test.each<[string, Message, string]>([
    ["for as many options as one may choose", vote(3, 0, 2), "accept"],
    ["for none, which takes the vote back", vote(3), "accept"],
    ["on somebody else's poll", vote(103, 1), "accept"],
    ["for too many", vote(3, 0, 1, 2), "invalid-vote"],
    ["for an option that there is not", vote(3, 3), "invalid-vote"],
    ["on a poll that has ended", vote(53, 0), "invalid-vote"],
    ["on what is no poll", vote(0, 0), "wrong-kind"],
    ["on what is not known", vote(77, 0), "wait"],
    ["on what was taken back", vote(50, 0), "unsent"],
  ])("%s", (_what, message, expected) => {
    expect(ruling(message)).toBe(expected);
  });

  test("until the poll ends by itself, by the hub's clock", () => {
    expect(ruling(vote(3, 0), { acceptedAt: 99_999 })).toBe("accept");
    expect(ruling(vote(3, 0), { acceptedAt: 100_000 })).toBe("invalid-vote");
  });

  test("a poll is ended by its author alone", () => {
    expect(ruling(end(3))).toBe("accept");
    expect(ruling(end(103))).toBe("not-author");
    expect(ruling(end(0))).toBe("wrong-kind");
    expect(ruling(end(77))).toBe("wait");
  });
});

describe("reactions and pins", () => {
  test.each([0, 1, 2, 3, 6, 7, 8, 9, 12, 100])("to message %i, which one can look at", (n) => {
    expect(ruling(reaction(n))).toBe("accept");
    expect(ruling(pin(n))).toBe("accept");
  });

  test.each([4, 5, 10, 11, 13])("not to message %i, which one can't", (n) => {
    expect(ruling(reaction(n))).toBe("wrong-kind");
    expect(ruling(pin(n))).toBe("wrong-kind");
  });

  test("to what is not known, or was taken back", () => {
    expect([ruling(reaction(77)), ruling(reaction(50))]).toEqual(["wait", "unsent"]);
  });
});

describe("what a role may not say", () => {
  const reply: Said = { ...text, inReplyTo: idOf(0) };
  const topic: Said = { ...text, topicId: idOf(5) };
  known.set(hex(idOf(60)), { senderUri: bob, message: topic });
  known.set(hex(idOf(61)), { senderUri: bob, message: edit(60, topic) });
  const media = (as: "file" | "video" | "audio", contentType: string): Said => ({
    kind: "media",
    attachments: [{ as, file: { ...file, contentType } }],
  });
  const previews = [{ url: "https://a" }];

  test.each<[ContentCapability, Message]>([
    ["canSendMessage", text],
    ["canSendMessage", poll],
    ["canSendMessage", vote(3, 0)],
    ["canReplyToMessage", reply],
    ["canReplyToMessage", { ...location, inReplyTo: idOf(0) }],
    ["canReactToMessage", reaction(0)],
    ["canStartTopic", topic],
    ["canStartTopic", { ...topic, inReplyTo: idOf(0) }],
    ["canStartTopic", { ...topic, topicId: idOf(6), inReplyTo: idOf(60) }],
    ["canStartTopic", { ...topic, topicId: idOf(5).subarray(0, 31), inReplyTo: idOf(60) }],
    ["canStartTopic", { ...topic, topicId: new Uint8Array([...idOf(5), 5]), inReplyTo: idOf(60) }],
    ["canReplyInTopic", { ...topic, inReplyTo: idOf(60) }],
    ["canReplyInTopic", { ...topic, inReplyTo: idOf(61) }],
    ["canSendLink", { ...text, text: "see https://example.org" }],
    ["canSendLink", { ...text, text: "see www.example.org" }],
    ["canSendLink", { ...picture, caption: { text: "https://a", format: "plain" } }],
    ["canSendLinkPreview", { ...text, text: "https://a", previews }],
    ["canUploadImage", picture],
    ["canUploadVideo", media("video", "video/mp4")],
    ["canUploadAudio", media("audio", "audio/ogg")],
    ["canUploadAttachment", media("file", "image/png")],
    ["canStartCall", call],
  ])("%s", (capability, message) => {
    expect(ruling(message, { can: without(capability) })).toBe(capability);
    expect(ruling(message, { can: () => true })).toBe("accept");
    expect(ruling(message)).toBe("accept");
  });

  test("a mention is no link, a reaction no message, a report neither", () => {
    const mention = { kind: "text", text: `[@Bob](${bob}) hi`, format: "markdown" } as const;
    expect(ruling(mention, { can: without("canSendLink") })).toBe("accept");
    expect(ruling(reaction(0), { can: without("canSendMessage") })).toBe("accept");
    expect(ruling(status, { can: () => false })).toBe("accept");
    expect(ruling({ ...call, event: "declined" }, { can: without("canStartCall") })).toBe("accept");
  });

  test("only yes is a yes", () => {
    expect(() => ruling(text, { can: () => undefined as never })).toThrow(TypeError);
    expect(() => judge(text, {} as never)).toThrow(TypeError);
    expect(() => judge(text, { ...byAlice, acceptedAt: -1 })).toThrow(TypeError);
  });
});
