/**
 * A message in one line: for the list of chats, quotes, and what is found.
 */

import type { CallEntry, TimelineEntry } from "copse/client";
import type { Said } from "copse/content";
import { plainWords } from "../components/words.tsx";
import { duration } from "../components/time.ts";
import { nameOf } from "../state/names.ts";

/** What an entry says, and who, in one line. Name and words are isolated: neither turns the line around. */
export function summaryOf({ user, said, call, status }: TimelineEntry, me: string): string {
  if (call !== undefined) return callWords(call);
  const words = said === undefined ? "A message that was taken back" : saidInOneLine(said);
  const begin = status === "failed" ? "Not sent: " : user === me ? "You: " : `${isolated(nameOf(user))}: `;
  return begin + isolated(words);
}

/** Text whose direction is its own: between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE. Unicode UAX #9 */
function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** What is said, in one line. */
export function saidInOneLine(said: Said): string {
  switch (said.kind) {
    case "text":
      return plainWords(said.text, said.format).replace(/\s+/g, " ").slice(0, 200);
    case "media": {
      if (said.viewOnce === true) return "Something to be seen once";
      const [first] = said.attachments;
      const what = {
        file: "File",
        image: "Picture",
        video: "Video",
        audio: "Sound",
        voice: "Voice message",
        sticker: "Sticker",
        animation: "Animation",
        "round-video": "Video message",
      }[first?.as ?? "file"];
      const name = first?.as === "file" ? (first.file.filename ?? "") : (said.caption?.text ?? "");
      return name === "" ? what : `${what}: ${name.slice(0, 100)}`;
    }
    case "poll":
      return `Poll: ${said.question.slice(0, 150)}`;
    case "location":
      return "A place";
    case "contact":
      return `Contact: ${said.contacts
        .map(({ name }) => name)
        .join(", ")
        .slice(0, 100)}`;
    case "session":
      return `A conference: ${said.description.slice(0, 100)}`;
    case "call":
      return "A call";
    case "reaction":
    case "vote":
    case "poll-end":
    case "status":
    case "pin":
      return "";
    case "unknown":
      return "Something that a newer version would show";
  }
}

/** What came of a call. */
export function callWords({ state, outgoing, video, duration: seconds }: CallEntry): string {
  const call = video ? "video call" : "call";
  const length = seconds === undefined || seconds === 0 ? "" : `, ${duration(seconds)}`;
  switch (state) {
    case "ringing":
      return outgoing ? `You are calling` : `Incoming ${call}`;
    case "accepted":
      return `A ${call} is going on`;
    case "declined":
      return outgoing ? `Your ${call} was declined` : `You declined a ${call}`;
    case "missed":
      return `You missed a ${call}`;
    case "unanswered":
      return `Nobody answered your ${call}`;
    case "failed":
      return `A ${call} broke off`;
    case "ended":
      return `${video ? "Video call" : "Call"}${length}`;
  }
}
