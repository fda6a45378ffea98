/**
 * Recovering a secret by a PIN, from a threshold of recovery servers.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import type { Secret } from "../../bytes/secret.ts";
import { hook, options as optionsOf, uint32 } from "../../bytes/takes.ts";
import { blindInput, finalizeEvaluated } from "../../crypto/oprf.ts";
import type { Random } from "../../crypto/provider.ts";
import { checkedRandom, platformRandom } from "../../crypto/random.ts";
import { VaultError } from "../errors.ts";
import { Asking, askingShape, type AskingOptions, type RecoveryLink } from "./asking.ts";
import { wholeTries, type ServerFinding } from "./finding.ts";
import { openRecord, readRecord, type Output, type RecoveryRecord } from "./record.ts";
import { all, aPin, aThreshold, heldByThreshold, placeOf, type HeldRegistration } from "./register.ts";
import { stretch, wasmArgon2id, type Argon2id } from "./stretch.ts";

/** How a secret is recovered. */
export interface RecoverOptions extends AskingOptions {
  /** The least threshold that is believed: what fewer servers agree on, they may have made up. */
  readonly threshold: number;
  readonly pin: string;
  /** The number of the registration. Default: the newest one that a threshold of servers has */
  readonly registration?: number;
  /** Argon2id of the platform. Default: that of the optional package hash-wasm */
  readonly argon2id?: Argon2id;
  readonly random?: Random;
}

/** What a recovery gives. */
export interface Recovered {
  readonly secret: Secret<"recovered">;
  /** The number of the registration. */
  readonly registration: number;
  /** What was found of each server: report one that lies, and register again without it. */
  readonly servers: readonly ServerFinding[];
}

/** What a status of recovery says. */
export interface RecoveryStatus {
  /** The registrations that a threshold of servers has, the newest first: none where nothing can be recovered. */
  readonly registrations: readonly number[];
  /** How many whole tries are left of the newest one, by what the servers say. */
  readonly triesLeft: number;
  readonly servers: readonly ServerFinding[];
}

const takes = /* @__PURE__ */ optionsOf(
  { ...askingShape, threshold: aThreshold, pin: aPin, registration: uint32, argon2id: hook, random: hook },
  "servers",
  "account",
  "threshold",
  "pin",
);
const takesStatus = /* @__PURE__ */ optionsOf(
  { ...askingShape, threshold: aThreshold },
  "servers",
  "account",
  "threshold",
);

/**
 * The secret that was registered under a PIN. It costs a guess on as many servers as the threshold; where one of these lies or does
 * not answer, another one is asked in its place, and the finding names it.
 *
 * @throws VaultError "recovery-pin" with `triesLeft`, "recovery-servers" with what was found of each, "recovery-exhausted",
 * "recovery-unknown", "recovery-package".
 */
export async function recover(options: RecoverOptions): Promise<Recovered> {
  takes("recover", options);
  const { argon2id = wasmArgon2id, pin } = options;
  const random = checkedRandom(options.random ?? platformRandom);
  const account = copyBytes(options.account);
  const asking = new Asking({ ...options, account });
  const { held, guesses } = await look(asking, options, account);
  const chosen = held.find(({ registration }) => registration === (options.registration ?? registration));
  if (chosen === undefined) return nothingToRecover(asking);

  const record = readRecord(chosen.record, account, chosen.registration);
  const stretched = await stretch(argon2id, pin, record.salt);
  const outputs = await evaluate({ asking, chosen, record, stretched, guesses, random });
  if (outputs.length < record.threshold) asking.fail("the guesses that were answered are counted");
  const secret = openRecord(record, outputs, stretched);
  stretched.fill(0);
  for (const { output } of outputs) output.fill(0);
  if (secret === undefined) {
    throw new VaultError("recovery-pin", {
      triesLeft: wholeTries(leftOf(asking, chosen), record.threshold),
      registration: chosen.registration,
      older: held.flatMap(({ registration }) => (registration < chosen.registration ? [registration] : [])),
      servers: asking.findings,
    });
  }
  return { secret, registration: chosen.registration, servers: asking.findings };
}

/** What could be recovered, and how many tries are left. It costs no guess. */
export async function recoveryStatus(options: AskingOptions & { readonly threshold: number }): Promise<RecoveryStatus> {
  takesStatus("recoveryStatus", options);
  const account = copyBytes(options.account);
  const asking = new Asking({ ...options, account });
  const { held } = await look(asking, options, account);
  const [newest] = held;
  const triesLeft =
    newest === undefined
      ? 0
      : wholeTries(leftOf(asking, newest), readRecord(newest.record, account, newest.registration).threshold);
  return { registrations: held.map(({ registration }) => registration), triesLeft, servers: asking.findings };
}

/** What the servers have, and how many guesses each says are left. */
async function look(
  asking: Asking,
  { servers, threshold }: { readonly servers: readonly RecoveryLink[]; readonly threshold: number },
  account: Uint8Array,
): Promise<{ readonly held: readonly HeldRegistration[]; readonly guesses: ReadonlyMap<RecoveryLink, number> }> {
  const told = await all(servers, async (server) => {
    const answer = await asking.ask(server, { kind: "status" }, "status");
    return answer === undefined ? undefined : { server, ...answer };
  });
  const held = heldByThreshold(told, account, threshold);
  const [newest] = held;
  const guesses = new Map<RecoveryLink, number>();
  for (const { server, registered, guessesLeft, begun } of told) {
    guesses.set(server, guessesLeft);
    if (guessesLeft === 0) asking.find(server, "exhausted", { guessesLeft });
    else if (registered.length === 0) asking.find(server, begun === 0 ? "unknown" : "behind", { guessesLeft });
    else if (newest === undefined || newest.holders.some((holder) => holder.server === server)) {
      asking.find(server, "well", { guessesLeft });
    } else {
      // It has another record under the number that a threshold agrees on, or only older ones.
      const other = registered.find(({ registration }) => registration === newest.registration);
      const isLie = other !== undefined && !bytesEqual(other.record, newest.record);
      asking.find(server, isLie ? "lies" : "behind", { guessesLeft, ...(isLie ? { lie: "record" } : {}) });
    }
  }
  return { held, guesses };
}

/** The outputs of a threshold of servers, those with the most guesses first, others in place of those that fail. */
async function evaluate(options: {
  readonly asking: Asking;
  readonly chosen: HeldRegistration;
  readonly record: RecoveryRecord;
  readonly stretched: Uint8Array;
  readonly guesses: ReadonlyMap<RecoveryLink, number>;
  readonly random: Random;
}): Promise<readonly Output[]> {
  const { asking, chosen, record, stretched, guesses, random } = options;
  const { registration } = chosen;
  const left = chosen.holders
    .filter(({ server }) => (guesses.get(server) ?? 0) > 0)
    .sort((a, b) => (guesses.get(b.server) ?? 0) - (guesses.get(a.server) ?? 0));
  const outputs = new Map<number, Output>();
  while (outputs.size < record.threshold) {
    const next = left.splice(0, record.threshold - outputs.size);
    if (next.length === 0) break;
    const made = await all(next, async ({ server, publicKey }) => {
      const place = placeOf(publicKey, record.servers);
      if (place < 0 || outputs.has(place)) {
        asking.find(server, "lies", { lie: "record" });
        return undefined;
      }
      const blind = blindInput(random, stretched);
      const answer = await asking.ask(server, { kind: "evaluate", registration, blinded: blind.blinded }, "evaluated");
      if (answer === undefined) return undefined;
      const output = finalizeEvaluated(stretched, blind, answer, publicKey);
      blind.blind.fill(0);
      const { guessesLeft } = answer;
      if (output === undefined) asking.find(server, "lies", { lie: "proof", guessesLeft });
      else asking.find(server, guessesLeft === 0 ? "exhausted" : "well", { guessesLeft });
      return output === undefined ? undefined : { place, output };
    });
    for (const output of made) outputs.set(output.place, output);
  }
  return [...outputs.values()];
}

/** The guesses left at those that hold a registration and have not failed. */
function leftOf(asking: Asking, { holders }: HeldRegistration): readonly number[] {
  const names = new Set(holders.map(({ server }) => server.name));
  return asking.findings.flatMap(({ name, state, guessesLeft = 0 }) =>
    names.has(name) && state === "well" ? [guessesLeft] : [],
  );
}

/** @throws VaultError that says why nothing can be recovered. */
function nothingToRecover(asking: Asking): never {
  const { findings: servers } = asking;
  if (servers.every(({ state }) => state === "unknown")) throw new VaultError("recovery-unknown", { servers });
  if (servers.every(({ state }) => state === "exhausted" || state === "unknown")) {
    throw new VaultError("recovery-exhausted", { servers });
  }
  return asking.fail("no registration is held by enough servers");
}
