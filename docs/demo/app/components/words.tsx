/**
 * What somebody has written, as text: nothing of it becomes markup, and nothing is loaded from anywhere. Of markdown there is what a messenger needs:
 * mentions, bold, italic, code, and links that say where they lead.
 */

import type { ComponentChildren, JSX } from "preact";
import { nameOf } from "../state/names.ts";
import { isUri } from "copse/rooms";

/** Longer texts are cut: whoever wants to read on opens all of it. */
const longestShown = 4_000;

/** A text of somebody. */
export function Words({
  text,
  format,
  me,
}: {
  readonly text: string;
  readonly format: "plain" | "markdown" | "html";
  readonly me: string;
}): JSX.Element {
  const shown = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
  return (
    <span class="words" dir="auto">
      {format === "markdown" ? markdown(shown, me) : linked(shown)}
    </span>
  );
}

/** What a text says, without its marks: for previews and the titles of messages. */
export function plainWords(text: string, format: "plain" | "markdown" | "html"): string {
  if (format !== "markdown") return text;
  return text
    .replace(/\[([^\]]{0,200})\]\((mimi:[^)\s]{1,255})\)/g, (_all, _label: string, uri: string) => `@${nameOf(uri)}`)
    .replace(/<(mimi:[^>\s]{1,255})>/g, (_all, uri: string) => `@${nameOf(uri)}`)
    .replace(/\\([!-/:-@[-`{-~])/g, "$1");
}

/** Only the web's own addresses become links. */
const address = /https?:\/\/[^\s<>"'`]{1,2000}[^\s<>"'`.,;:!?)\]]/g;

function linked(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let done = 0;
  for (const found of text.matchAll(address)) {
    if (found.index > done) parts.push(text.slice(done, found.index));
    parts.push(<Away href={found[0]} />);
    done = found.index + found[0].length;
  }
  parts.push(text.slice(done));
  return parts;
}

function Away({ href }: { readonly href: string }): JSX.Element {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {href}
    </a>
  );
}

/** One mark of markdown, or a piece of text. Each alternative is bounded, so that no text takes long. */
const mark =
  /\\([!-/:-@[-`{-~])|\[([^\]]{0,200})\]\((mimi:[^)\s]{1,255})\)|<(mimi:[^>\s]{1,255})>|`([^`\n]{1,500})`|\*\*([^*\n]{1,500})\*\*|\*([^*\n]{1,500})\*/g;

function markdown(text: string, me: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let plain = "";
  let done = 0;
  const flush = (): void => {
    if (plain !== "") parts.push(...linked(plain));
    plain = "";
  };
  for (const found of text.matchAll(mark)) {
    plain += text.slice(done, found.index);
    done = found.index + found[0].length;
    const [all, escaped, , labelled, bare, code, bold, italic] = found;
    const uri = labelled ?? bare;
    if (escaped !== undefined) {
      plain += escaped;
      continue;
    }
    if (uri !== undefined && !isUri(uri, "user")) {
      plain += all;
      continue;
    }
    flush();
    if (uri !== undefined) parts.push(<bdi class={uri === me ? "mention me" : "mention"}>@{nameOf(uri)}</bdi>);
    else if (code !== undefined) parts.push(<code>{code}</code>);
    else if (bold !== undefined) parts.push(<strong>{bold}</strong>);
    else if (italic !== undefined) parts.push(<em>{italic}</em>);
  }
  plain += text.slice(done);
  flush();
  return parts;
}
