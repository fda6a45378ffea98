/**
 * What went wrong with a PIN, in a person's words: how many tries are left, and which servers did not do their part.
 */

import { VaultError, vaultErrorCodes, type ServerFinding, type VaultErrorCode } from "copse/vault";
import { asSentence, codeOf, wordsOf } from "../state/words.ts";
import { wordsOfOthers, wordsOfTries } from "./servers.ts";

/** What of a VaultError is said. */
interface Told {
  readonly triesLeft?: number;
  readonly servers?: readonly ServerFinding[];
}

/** Whether nothing but the recovery code helps any more, where it takes so many servers. */
export function isOver(error: unknown, threshold: number): boolean {
  const code = codeOf(error);
  const { triesLeft, servers = [] } = error as Told;
  if (code === "recovery-exhausted") return true;
  if (code === "recovery-pin") return triesLeft === 0;
  const used = servers.filter(({ state }) => state === "exhausted").length;
  return code === "recovery-servers" && servers.length - used < threshold;
}

/** The sentence of an error. */
export function wordsOfPinProblem(error: unknown, threshold = 0): string {
  const code = codeOf(error);
  const { triesLeft, servers = [] } = (error ?? {}) as Told;
  const others = wordsOfOthers(servers);
  if (isOver(error, threshold))
    return "No tries are left, and the servers have forgotten. The recovery code still works.";
  if (code === "recovery-pin") return `This is not the PIN. ${wordsOfTries(triesLeft ?? 0)} ${others}`.trim();
  if (code === "recovery-servers") return `Too few recovery servers did their part. ${others} Try again later.`;
  if (error instanceof VaultError) return sentences[error.code] ?? asSentence(vaultErrorCodes[error.code]);
  return wordsOf(error);
}

/** In a person's words. */
const sentences: Readonly<Partial<Record<VaultErrorCode, string>>> = {
  "recovery-unknown": "No PIN was set for this name. The recovery code brings the account back.",
  "recovery-denied": "The recovery servers do not let you ask now. Try again later.",
  "recovery-busy": "The recovery servers are busy, or were asked too often. Try again in a minute.",
};
