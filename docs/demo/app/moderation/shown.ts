/**
 * What a reported message says, as text: whoever wrote it is accused of something, and nothing of it is loaded or made into markup.
 */

import { decodeContent, readMessage, type Message } from "copse/content";

/** So much of a text is shown. */
const longest = 4_000;

/** In words. @param content the application data, in hex */
export function wordsOfContent(content: string): string {
  try {
    return wordsOf(readMessage(decodeContent(bytesOf(content)))).slice(0, longest);
  } catch {
    return "(something that this page can’t read)";
  }
}

function wordsOf(said: Message): string {
  switch (said.kind) {
    case "edit":
      return `(edited) ${wordsOf(said.becomes)}`;
    case "text":
      return said.text;
    case "media": {
      const names = said.attachments.map(({ as, file }) => `${as} ${file.filename ?? "without a name"}`);
      return [said.caption?.text ?? "", `(${names.join(", ")})`].join(" ").trim();
    }
    case "poll":
      return `(a poll) ${said.question}: ${said.options.join(", ")}`;
    case "reaction":
      return `(a reaction) ${said.reactions.join(" ")}`;
    case "contact":
      return `(contacts) ${said.contacts.map(({ name }) => name).join(", ")}`;
    case "call":
      return "(a call that rang)";
    default:
      return `(${said.kind})`;
  }
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Why a message proves nothing, in words. */
export function wordsOfUnproven(why: string): string {
  const known: Readonly<Record<string, string>> = {
    content: "it is no message that could have been sent here",
    time: "this service has no key of its time any more",
    frank: "this service has taken no such message of this sender, in this chat, at this time",
    signature: "it was changed after this service took it",
    sender: "it is somebody else’s than the one who is accused",
    room: "it is of another chat than the one that is named",
  };
  return known[why] ?? why;
}

/** The number that this messenger has for what is wrong: views/report.tsx writes them. */
export function wordsOfReason(reason: number): string {
  const known: Readonly<Record<number, string>> = {
    1: "Spam or fraud",
    2: "Threats",
    3: "Harassment",
    4: "Something illegal",
    255: "Something else",
  };
  return known[reason] ?? "Nothing that can be read";
}

/** The last part of a URI: who or which chat it is at this service. The whole of it, where it is none. */
export function nameIn(uri: string): string {
  const [, name] = /^mimi:\/\/[^/]+\/[ur]\/([^/]+)$/.exec(uri) ?? [];
  try {
    return decodeURIComponent(name ?? uri);
  } catch {
    return uri;
  }
}
