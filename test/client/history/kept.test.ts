/** What the history keeps of entries that others have made long. */

import { describe, expect, it } from "vitest";
import { keptOf, restoredOf } from "../../../src/client/history/kept.ts";
import { plainEntry, type StoredEntry } from "../../../src/client/timeline/entry.ts";
import { writeMessage } from "../../../src/content/messages/write.ts";
import { anEntry } from "../../../src/vault/entry.ts";

const room = "mimi://example.org/r/hiking";
const alice = "mimi://example.org/u/alice";

function entry(text: string, reactions: StoredEntry["reactions"]): StoredEntry {
  const { bytes: content } = writeMessage({ kind: "text", text, format: "plain" }, { senderUri: alice, roomUri: room });
  const id = new Uint8Array(32).fill(1);
  return {
    ...plainEntry,
    id,
    device: "mimi://example.org/d/alice/phone",
    status: "received",
    number: 1n,
    at: 9,
    content,
    reactions,
  };
}

/** As many reactions as an entry has at the most, each as long as one is. */
function flood(): StoredEntry["reactions"] {
  return Array.from({ length: 1_000 }, (_, i) => ({
    user: `mimi://example.org/u/${String(i)}`,
    id: new Uint8Array(32)
      .fill(2)
      .fill(i % 256, 0, 1)
      .fill(i >> 8, 1, 2),
    content: new Uint8Array(1_024),
  }));
}

describe("an entry that is longer than a record may be", () => {
  it("is kept without the reactions of others, so that it keeps nothing behind it from being written", () => {
    const kept = keptOf(entry("words ".repeat(30_000), flood()), { room, place: 1n });
    if (!(kept instanceof Uint8Array)) throw new Error("it is not kept");
    expect(() => {
      anEntry("entry", { room, at: 9, content: kept });
    }).not.toThrow();
    expect(restoredOf(kept)).toMatchObject({ number: 1n, reactions: [] });
  });

  it("is not kept where its own words are too many", () => {
    const long = entry("w".repeat(2 ** 20 - 150), []);
    expect(keptOf(long, { room, place: 1n })).toBe(undefined);
  });
});
