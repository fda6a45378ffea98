/** What a member can't make of others' messages, and how long a message stays, whatever its sender's client makes of the policy. */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { judged, type Case, type Placed } from "../../../src/client/timeline/judging.ts";
import { plainEntry } from "../../../src/client/timeline/entry.ts";
import { timerOf } from "../../../src/client/timeline/timing.ts";
import { encodeContent } from "../../../src/content/encode.ts";
import { decodeContent } from "../../../src/content/decode.ts";
import { readMessage } from "../../../src/content/messages/read.ts";
import { writeMessage } from "../../../src/content/messages/write.ts";
import type { Message } from "../../../src/content/messages/message.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { delivery, person, plain, settle, user, words } from "../world.ts";

const room = "mimi://example.org/r/hiking";
const first = writeMessage(
  { kind: "text", text: "by mistake", format: "plain" },
  { senderUri: user("alice"), roomUri: room },
);
const entry: Placed = {
  ...plainEntry,
  id: new Uint8Array(32).fill(1),
  device: "mimi://example.org/d/alice/phone",
  status: "received",
  number: 1n,
  at: 0,
  content: first.bytes,
  place: 1n,
};
let made = 0;
const freshId = (): Uint8Array =>
  new Uint8Array(32)
    .fill(2)
    .fill(made++ % 256, 0, 1)
    .fill(made >> 8, 1, 2);

function said(name: string, message: Message, about: Placed = entry): ReturnType<typeof judged> {
  const bytes = writeMessage(message, { senderUri: user(name), roomUri: room }).bytes;
  const content = decodeContent(bytes);
  const it: Case = {
    ...{ user: user(name), id: freshId(), bytes, content, said: readMessage(content), at: 1, number: 2n },
    ...{ find: () => about, may: () => true },
  };
  return judged(it);
}

const reaction: Message = { kind: "reaction", inReplyTo: entry.id, reactions: ["👍"] };
const refusedFor = (reason: string): object => ({ kind: "refused", reason });

describe("reactions of others", () => {
  it("are bounded for one user, and do not bind another", () => {
    let about = entry;
    for (let i = 0; i < 16; i++) {
      const ruling = said("mallory", reaction, about);
      if (ruling.kind !== "changes") throw new Error(ruling.kind);
      about = ruling.changed;
    }
    expect(said("mallory", reaction, about)).toEqual(refusedFor("too-many"));
    expect(said("bob", reaction, about).kind).toBe("changes");
  });

  it("that are long are refused, before anything grows", () => {
    const content = { ...decodeContent(first.bytes), inReplyTo: entry.id };
    const nestedPart = {
      disposition: "reaction",
      language: "",
      cardinality: "single",
      contentType: "text/plain;charset=utf-8",
      content: utf8("👍"),
    } as const;
    const extensions = new Map([["padding", new Uint8Array(2_000)]]);
    const bytes = encodeContent({ ...content, nestedPart, extensions });
    const it: Case = {
      ...{ user: user("mallory"), id: freshId(), bytes, content, said: reaction, at: 1, number: 2n },
      ...{ find: () => entry, may: () => true },
    };
    expect(judged(it)).toEqual(refusedFor("too-long"));
  });

  it("that are long are refused also as edits of what was short", () => {
    const ruling = said("mallory", reaction);
    if (ruling.kind !== "changes") throw new Error(ruling.kind);
    const id = new Uint8Array(32).fill(1, 0, 1);
    const about: Placed = { ...ruling.changed, reactions: [{ ...ruling.changed.reactions[0]!, id }] };
    const edit = (count: number): ReturnType<typeof judged> => {
      const parts = Array.from({ length: count }, (_, i) => {
        const [contentType, language] = ["text/plain;charset=utf-8", "x".repeat(200)];
        const said = { disposition: "reaction", cardinality: "single", contentType, language } as const;
        return { ...said, content: utf8(String(i)) };
      });
      const several = {
        disposition: "reaction",
        cardinality: "multi",
        partSemantics: "processAll",
        language: "",
      } as const;
      const nestedPart = { ...several, parts };
      const edited = { ...decodeContent(first.bytes), replaces: id, inReplyTo: entry.id, nestedPart };
      const bytes = encodeContent(edited);
      const content = decodeContent(bytes);
      return judged({
        ...{ user: user("mallory"), id: freshId(), bytes, content, said: readMessage(content), at: 1, number: 3n },
        ...{ find: () => about, may: () => true },
      });
    };
    expect(edit(2).kind).toBe("changes");
    expect(edit(32)).toEqual(refusedFor("too-long"));
  });

  it("keep no author from taking a message back, or from editing it", () => {
    const flooded: Placed = { ...entry, otherIds: Array.from({ length: 1_000 }, freshId) };
    expect(said("mallory", reaction, flooded)).toEqual(refusedFor("too-many"));
    const edit: Message = {
      kind: "edit",
      replaces: entry.id,
      becomes: { kind: "text", text: "better", format: "plain" },
    };
    expect(said("alice", edit, flooded).kind).toBe("changes");
    const own: Placed = { ...entry, otherIds: Array.from({ length: 2_000 }, freshId) };
    expect(said("alice", edit, own)).toEqual(refusedFor("too-many"));
    expect(said("alice", { kind: "unsend", replaces: entry.id }, own).kind).toBe("changes");
  });
});

describe("the timer of a message", () => {
  const bounds = { min: 5, max: 100, default: 50 };
  const own = (time: number, relative = true): { relative: boolean; time: number } => ({ relative, time });

  it("is its own within the room's bounds, the room's where one is required, and none where it is forbidden", () => {
    const optional = { expiringMessages: "optional", ...bounds } as const;
    const required = { expiringMessages: "required", ...bounds } as const;
    expect(timerOf(undefined, "text", own(1), 0)).toEqual(own(1));
    expect(timerOf({ expiringMessages: "forbidden" }, "text", own(30), 0)).toBe(undefined);
    expect(timerOf(optional, "text", undefined, 0)).toBe(undefined);
    expect([1, 30, 1_000].map((time) => timerOf(optional, "text", own(time), 0)?.time)).toEqual([5, 30, 100]);
    expect(timerOf(optional, "text", own(5_000, false), 1_000_000)).toEqual(own(1_100, false));
    expect(timerOf(optional, "text", own(3, false), 1_000_000)).toEqual(own(1_005, false));
    expect(timerOf(required, "text", undefined, 0)).toEqual(own(50));
    expect(timerOf({ ...required, default: undefined }, "text", undefined, 0)).toEqual(own(100));
    // A call's ringing has its own time.
    expect(timerOf(required, "call", own(200), 0)).toEqual(own(200));
  });

  it("is set by the readers, whatever the sender's client leaves out", async () => {
    let now = Date.UTC(2026, 11, 1);
    const clock = (): number => now;
    const service = delivery({ rooms: roomAppData(), clock });
    const alice = await person(service, "alice", "phone", { clock });
    const mallory = await person(service, "mallory", "phone", { clock });
    await settle(alice, mallory);
    const { id } = await alice.client.createRoom({ participants: [user("mallory")], policy: "secret" });
    await settle(alice, mallory);
    const bytes = encodeContent({
      salt: new Uint8Array(16),
      senderUri: user("mallory"),
      roomUri: id,
      ...plain("for ever"),
    });
    await mallory.client.room(id).send(bytes);
    await settle(alice, mallory);
    const [received] = await alice.client.room(id).timeline();
    await alice.client.room(id).markRead(received!.place);
    now += 23 * 3_600_000;
    alice.client.tick();
    await settle(alice);
    expect(await words(alice, id)).toEqual(["for ever"]);
    now += 2 * 3_600_000;
    alice.client.tick();
    await settle(alice);
    expect(await words(alice, id)).toEqual([]);
  });
});
