/**
 * What whoever runs the service decides: about reports, and who is let in.
 */

import { flag, is, options as optionsOf, text } from "../../bytes/takes.ts";
import { hostOf, isUri } from "../../rooms/uri.ts";
import type { Core } from "../core.ts";

/** What is decided about a report. */
export interface ReportVerdict {
  /** That nothing is to be done, or that the user was shut out: `shutOut` does that, this notes it. */
  readonly what: "dismissed" | "shut-out";
  /** The user that it is about. Default: nobody, as where a report proves nothing */
  readonly about?: string;
  /** In words, at most 2,000 characters. Default: none */
  readonly words?: string;
}

/** What was decided about a report. */
export interface ReportDecision extends Required<ReportVerdict> {
  /** Who had reported. */
  readonly user: string;
  readonly room: string;
  /** When the report came, and when was decided, in milliseconds since 1970. */
  readonly at: number;
  readonly decidedAt: number;
}

/** A user whose devices are let in no more. */
export interface ShutOutUser {
  readonly user: string;
  /** Since when, in milliseconds since 1970. */
  readonly at: number;
}

const longestWords = 2_000;
const takes = optionsOf(
  {
    what: is("dismissed or shut-out", (value) => value === "dismissed" || value === "shut-out"),
    about: is(
      "the URI of a user, or empty",
      (value) => typeof value === "string" && (value === "" || isUri(value, "user")),
    ),
    words: is(
      "a text of at most 2,000 characters",
      (value) => typeof value === "string" && value.length <= longestWords,
    ),
  },
  "what",
);

/** Note a decision in the place of a report. */
export async function decideReport(
  { port, settings }: Core,
  { user, key }: { readonly user: string; readonly key: string },
  verdict: ReportVerdict,
): Promise<boolean> {
  text("decideReport.user", user);
  text("decideReport.key", key);
  takes("decideReport", verdict);
  const { what, about = "", words = "" } = verdict;
  return port.users.decideReport(user, key, { what, about, words, decidedAt: settings.clock() });
}

/** Let nobody in who is this user, or let them in again. */
export async function shutOut({ port, settings, news }: Core, user: string, isOut: boolean): Promise<void> {
  text("shutOut.user", user);
  flag("shutOut.isOut", isOut);
  if (!isUri(user, "user") || hostOf(user) !== settings.host)
    throw new TypeError("shutOut.user must be the URI of a user of this service");
  await port.users.shutOut(user, isOut ? settings.clock() : undefined);
  if (!isOut) return;
  for (const { device } of await port.devices.ofUser(user)) news.gone(device);
}
