/**
 * Tokens that let one ask recovery servers for an account: made by whatever signs people in, checked by a server that shares its secret.
 */

import { hmac } from "#symmetric";
import { constantTimeEqual } from "../../bytes/compare.ts";
import { concat } from "../../bytes/concat.ts";
import { bytes as aBytes, hook, is, options as optionsOf, type Shape } from "../../bytes/takes.ts";
import { checkCount } from "../../bytes/numbers.ts";
import { fromHex, hex, utf8 } from "../../bytes/text.ts";
import { checkedClock, type Clock } from "../../bytes/clock.ts";

/** How tokens are made. */
export interface RecoveryTokenOptions {
  /** What the recovery server has in the file of `--recovery-secret`: 32 characters or more. Each server should have one of its own. */
  readonly secret: string;
  /** How long a token is good, in seconds. Default: ten minutes */
  readonly lifetime?: number;
  readonly clock?: Clock;
}

/** The shortest secret, in characters. */
export const shortestRecoverySecret = 32;

const shape: Shape<RecoveryTokenOptions> = {
  secret: is(
    "32 characters or more",
    (value) => typeof value === "string" && value.trim().length >= shortestRecoverySecret,
  ),
  lifetime: (place, value) => {
    checkCount(place, value as number, [1, 2 ** 31 - 1]);
  },
  clock: hook,
};
const takes = optionsOf(shape, "secret");

/**
 * What makes tokens: for an account, when its person has shown who it is, by whatever the application asks for. The token's bytes are the
 * `proof` of `register` and `recover`. It is good for any request for this account, at each server with this secret, until it ends.
 *
 *     const tokenOf = recoveryTokens({ secret });
 *     const proof = tokenOf(new TextEncoder().encode("mimi://example.org/u/alice"));
 *
 * @throws TypeError for options that make no sense
 */
export function recoveryTokens(options: RecoveryTokenOptions): (account: Uint8Array) => string {
  takes("recoveryTokens", options);
  const { secret, lifetime = 600 } = options;
  const clock = checkedClock(options.clock);
  return (account) => {
    aBytes("account", account);
    const until = Math.floor(clock() / 1000) + lifetime;
    return `${String(until)}:${hex(tagOf(secret, until, account))}`;
  };
}

/** Whether a proof is a token for the account that is still good. */
export function isRecoveryToken(secret: string, account: Uint8Array, proof: Uint8Array, now: number): boolean {
  const [, until, tag] = /^([0-9]{1,12}):([0-9a-f]{64})$/.exec(new TextDecoder().decode(proof)) ?? [];
  if (until === undefined || tag === undefined) return false;
  return constantTimeEqual(fromHex(tag), tagOf(secret, Number(until), account)) && now < Number(until) * 1000;
}

function tagOf(secret: string, until: number, account: Uint8Array): Uint8Array {
  return hmac("sha256", utf8(secret.trim()), concat(utf8(`copse recovery ${String(until)} `), account));
}
