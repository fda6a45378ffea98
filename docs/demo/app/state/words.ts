/**
 * The sentence of whatever went wrong: what happened, and what can be done. Those of codes are in sentences.ts.
 */

import { sentences } from "./sentences.ts";

/** The sentence of a code. */
export function sentenceOf(code: string): string {
  return sentences[code] ?? `Something went wrong (${code}). Try again, or reload the page.`;
}

/** With a capital and a full stop. */
export function asSentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
}

/** The sentence of what failed later: the reason in detail, where a person's words are here for it, and else the kind of it. */
export function sentenceOfFailure(code: string, detail: string): string {
  return sentenceOf(detail in sentences ? detail : code);
}

/** The sentence of whatever was thrown. */
export function wordsOf(error: unknown): string {
  const code = codeOf(error);
  if (code !== undefined) return [sentenceOf(code), particulars(error)].join(" ").trim();
  if (error instanceof DOMException && error.name === "AbortError") return sentenceOf("given-up");
  if (error instanceof DOMException && error.name === "NotAllowedError")
    return "This browser did not allow it. Allow it beside the address of the page, and try again.";
  if (error instanceof DOMException && error.name === "NotFoundError")
    return "There is none of that kind here any more.";
  if (error instanceof DOMException && (error.name === "NotReadableError" || error.name === "OverconstrainedError"))
    return "It can’t be used now: it may be in use by another program, or not be connected any more.";
  if (error instanceof DOMException && error.name === "QuotaExceededError")
    return "This browser has no more room for this page. Free some space, then try again.";
  return `Something went wrong: ${error instanceof Error ? error.message : String(error)}`;
}

/** What an error says beside its code: which groups of a recovery code to look at, when to come again. */
function particulars(error: unknown): string {
  const { groups = [], retryAfter } = error as { readonly groups?: readonly number[]; readonly retryAfter?: number };
  const [last, ...others] = [...groups].reverse();
  if (last !== undefined) {
    const which = others.length === 0 ? "group" : "groups";
    return `Look at ${which} ${[others.reverse().join(", "), String(last)].filter((each) => each !== "").join(" and ")}.`;
  }
  return retryAfter === undefined ? "" : `In ${String(Math.max(1, Math.ceil(retryAfter / 1000)))} s it can be done.`;
}

/** The code of an error that has one. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}
