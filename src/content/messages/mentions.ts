/**
 * Mentions: links to users in markdown. draft-ietf-mimi-content section 8.6: "An IM URI link to a user who has a member client in the MLS
 * group in which the message was sent is considered a mention."
 */

import { is, text, type Takes } from "../../bytes/takes.ts";
import { utf8 } from "../../bytes/text.ts";

/** A link to somebody. Whether they are in the room, and what they are called there, is the application's to know. */
export interface Mention {
  readonly uri: string;
  /** What the sender calls them: a hint, which may be anybody's name. Absent where the URI stands by itself. */
  readonly label?: string;
}

/** More mentions than these in one message are not told. */
const most = 256;

/**
 * A mention, to be put into a text whose format is markdown.
 *
 *     const text = `Kudos to ${mention("mimi://example.org/u/alice", "@Alice")}!`;
 *
 * @throws TypeError where the URI is not a MIMI URI that markdown leaves as it is.
 */
export function mention(uri: string, label?: string): string {
  takesUri("uri", uri);
  if (label === undefined) return `<${uri}>`;
  text("label", label);
  return `[${escapeMarkdown(label)}](${uri})`;
}

/**
 * Text as markdown that shows it as it stands: every character that markdown could take for its own is escaped.
 */
export function escapeMarkdown(words: string): string {
  return words.replace(/[!-/:-@[-`{-~]/g, (mark) => `\\${mark}`).replace(/\s+/g, " ");
}

/**
 * The mentions in a markdown text, in order: links and bare URIs in angle brackets. What stands in code is none.
 *
 *     const isForMe = mentionsIn(message.text).some(({ uri }) => uri === me);
 */
export function mentionsIn(markdown: string): readonly Mention[] {
  text("markdown", markdown);
  const found: Mention[] = [];
  const opened: number[] = []; // where labels may begin
  const code = new CodeEnds(markdown);
  for (let i = 0; i < markdown.length && found.length < most; i++) {
    switch (markdown.charAt(i)) {
      case "\\":
        i++;
        break;
      case "`":
        i = code.behind(i) - 1;
        break;
      case "[":
        opened.push(i + 1);
        if (opened.length > most) opened.shift();
        break;
      case "]": {
        const start = opened.pop();
        if (start === undefined || markdown[i + 1] !== "(") break;
        const uri = uriAt(markdown, i + 2, ")");
        if (uri === undefined) break;
        found.push({ uri, label: unescaped(markdown.slice(start, i)) });
        opened.length = 0; // links hold no links
        i += 2 + uri.length;
        break;
      }
      case "<": {
        const uri = uriAt(markdown, i + 1, ">");
        if (uri === undefined) break;
        found.push({ uri });
        i += 1 + uri.length;
        break;
      }
    }
  }
  return found;
}

/** Where code ends: looked up, since text that is searched anew for each mark takes as long as its length to the power of one and a half. */
class CodeEnds {
  readonly #markdown: string;
  /** Behind each run of marks, by its length, the last one first. */
  readonly #ends = new Map<number, number[]>();

  constructor(markdown: string) {
    this.#markdown = markdown;
    for (const { 0: marks, index } of markdown.matchAll(/`+/g)) {
      const ends = this.#ends.get(marks.length) ?? [];
      ends.push(index + marks.length);
      this.#ends.set(marks.length, ends);
    }
    for (const ends of this.#ends.values()) ends.reverse();
  }

  /** Where a code span or block that begins here ends, or where its marks end, if it never does. Asked from front to back. */
  behind(start: number): number {
    let end = start;
    while (this.#markdown[end] === "`") end++;
    const ends = this.#ends.get(end - start) ?? [];
    while ((ends.at(-1) ?? Infinity) <= end) ends.pop();
    return ends.at(-1) ?? end;
  }
}

/** The MIMI URI from here to a mark, or undefined where there is none. */
function uriAt(markdown: string, start: number, end: string): string | undefined {
  if (!markdown.startsWith("mimi://", start)) return undefined;
  const stop = markdown.slice(start, start + longestUri + 1).indexOf(end);
  const uri = stop < 0 ? "" : markdown.slice(start, start + stop);
  return isUri(uri) ? uri : undefined;
}

function unescaped(label: string): string {
  return label.replace(/\\([!-/:-@[-`{-~])/g, "$1");
}

const longestUri = 255;

/** What neither ends a link nor is invisible. */
function isUri(value: string): boolean {
  return /^mimi:\/\/[A-Za-z0-9._~:/@!$&*+,;=%-]+$/.test(value) && utf8(value).length <= longestUri;
}

const takesUri: Takes = /* @__PURE__ */ is(
  "a mimi: URI of at most 255 characters that need no escapes",
  (value) => typeof value === "string" && isUri(value),
);
