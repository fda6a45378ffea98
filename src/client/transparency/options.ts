/**
 * What key transparency takes and tells, for whoever does not use it, too.
 */

import { bytes, having, thing, type Takes } from "../../bytes/takes.ts";
import type { TransparencyErrorCode } from "../../transparency/errors.ts";
import type { LoggedComparison } from "../../transparency/monitor.ts";

/** The keys of a service's log of accounts. */
export const logKeysTakes: Takes = thing(
  "the keys of a log of accounts",
  { suite: having("a cipher suite", "verify"), publicKey: bytes, vrfKey: bytes },
  ["suite", "publicKey", "vrfKey"],
);

/** What is wrong with what the log says of somebody: as `compareLogged` of copse/transparency says it. */
export type LoggedFinding = Exclude<LoggedComparison, "same">;

/** What is wrong with the log: a code of `TransparencyError`, or that the service answers with nothing where it ought to have a log. */
export type LogFinding = TransparencyErrorCode | "no-log";
