/**
 * Errors in whole sentences. To import this is enough: groups and key packages do. The bundles of SFrame, of calls and of an
 * observer have no room for it.
 */

import { hex } from "../bytes/text.ts";
import { engineErrorCodes, explainErrors, type ErrorCode, type ErrorDetail } from "../errors.ts";
import { sentences } from "../rules/sentences.ts";

/** What the code means, then what is known of this case. */
function words(
  code: ErrorCode,
  { rule, offset, detail, ref, leafIndex, type, limit, got, expected }: ErrorDetail,
): string {
  const facts: string[] = [];
  const say = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) facts.push(`${name} ${String(value)}`);
  };
  say("leaf", leafIndex);
  say("ref", ref && hex(ref));
  say("type", type);
  say("limit", limit);
  say("got", got);
  say("expected", expected);
  if (rule !== undefined) facts.push(rule);
  const known = facts.length === 0 ? "" : ` [${facts.join(", ")}]`;
  const where = offset === undefined ? "" : ` at byte ${String(offset)}`;
  return `${code}: ${sentences[code] ?? ""}${detail === undefined ? "" : `: ${detail}`}${where}${known}`;
}

Object.assign(sentences, engineErrorCodes);
explainErrors(words);
