/**
 * The default padding of messages, in a group.
 */

import { expect, test } from "vitest";
import { encodeContent } from "../../src/content/encode.ts";
import { writeMessage } from "../../src/content/messages/write.ts";
import type { Message } from "../../src/content/messages/message.ts";
import { messagePadding } from "../../src/content/padding.ts";
import { client, groupOf } from "../group/world.ts";

const address = { senderUri: "mimi://example.org/u/alice", roomUri: "mimi://example.org/r/hiking" };
const id = new Uint8Array(32).fill(1);

test("a reaction, a receipt, a vote and a line of text have one length on the wire", async () => {
  const [alice] = await groupOf(await Promise.all(["alice", "bob"].map((name) => client(name))), {
    padding: messagePadding,
  });
  const messages: Message[] = [
    { kind: "reaction", inReplyTo: id, reactions: ["👍"] },
    { kind: "status", reports: [{ id, status: "read" }] },
    { kind: "vote", inReplyTo: id, options: [1] },
    { kind: "unsend", replaces: id },
    { kind: "text", text: "See you there!", format: "plain" },
    { kind: "text", text: "Shall we go on Sunday? ".repeat(8), format: "markdown" },
  ];
  const lengths = new Set<number>();
  for (const message of messages) {
    lengths.add((await alice?.seal(encodeContent(writeMessage(message, address).content)))?.length ?? 0);
  }
  expect(lengths.size).toBe(1);
  expect(Object.isFrozen(messagePadding)).toBe(true);
});
