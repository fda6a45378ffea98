/**
 * Registering a secret under a PIN with recovery servers, and forgetting it.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { Secret } from "../../bytes/secret.ts";
import { hook, is, options as optionsOf, type Takes } from "../../bytes/takes.ts";
import { hex } from "../../bytes/text.ts";
import { blindInput, finalizeEvaluated } from "../../crypto/oprf.ts";
import type { Random } from "../../crypto/provider.ts";
import { checkedRandom, platformRandom, randomBytes } from "../../crypto/random.ts";
import { Asking, askingShape, type AskingOptions, type RecoveryLink } from "./asking.ts";
import type { ServerFinding } from "./finding.ts";
import type { Registered } from "./protocol.ts";
import { longestSecret, makeRecord, mostServers, readRecord, saltLength } from "./record.ts";
import { stretch, wasmArgon2id, type Argon2id } from "./stretch.ts";

/** How a secret is registered. */
export interface RegisterOptions extends AskingOptions {
  /** How many servers it takes to recover: 2 or more, and all others may be lost. Fewer of them, colluding, learn nothing. */
  readonly threshold: number;
  /** Four characters or more: digits, or any text. */
  readonly pin: string;
  /** What a recovery gives back: 1 to 1,024 bytes, such as the seed of a recovery code. */
  readonly secret: Secret<string>;
  /** How many servers must have stored it before the registration before it is forgotten. Default: one more than the threshold, or all */
  readonly atLeast?: number;
  /** Argon2id of the platform. Default: that of the optional package hash-wasm */
  readonly argon2id?: Argon2id;
  readonly random?: Random;
}

/** A registration that a threshold of servers has confirmed. */
export interface Registration {
  /** Its number, from 1 on. */
  readonly registration: number;
  /** What was found of each server: one that is not "well" has no part in it. */
  readonly servers: readonly ServerFinding[];
}

export const aPin: Takes = /* @__PURE__ */ is(
  "a text of 4 to 1,024 characters",
  (value) => typeof value === "string" && value.length >= 4 && value.length <= 1_024,
);
const aSecret = /* @__PURE__ */ is(
  "a Secret of 1 to 1,024 bytes",
  (value) => value instanceof Secret && value.length >= 1 && value.length <= longestSecret,
);
export const aThreshold: Takes = /* @__PURE__ */ is(
  "a whole number, 2 to 16",
  (value) => Number.isInteger(value) && (value as number) >= 2 && (value as number) <= mostServers,
);
const takes = /* @__PURE__ */ optionsOf(
  {
    ...askingShape,
    threshold: aThreshold,
    pin: aPin,
    secret: aSecret,
    atLeast: aThreshold,
    argon2id: hook,
    random: hook,
  },
  "servers",
  "account",
  "threshold",
  "pin",
  "secret",
);

/**
 * Register a secret under a PIN. What was registered before stays valid until a threshold of servers has stored this one, whatever
 * breaks off in between; then it is gone, and the guesses begin anew. Call it again after each recovery.
 *
 * @throws VaultError "recovery-servers" where too few servers stored it: what was registered before is still valid;
 * "recovery-package".
 */
export async function register(options: RegisterOptions): Promise<Registration> {
  takes("register", options);
  const { servers, threshold, pin, secret, argon2id = wasmArgon2id } = options;
  const { atLeast = Math.min(servers.length, threshold + 1) } = options;
  if (atLeast < threshold || atLeast > servers.length) {
    throw new TypeError("register.atLeast must be from register.threshold to the number of servers");
  }
  const random = checkedRandom(options.random ?? platformRandom);
  const account = copyBytes(options.account);
  const asking = new Asking({ ...options, account });
  const { reached, registration } = await settle(asking, { ...options, account, atLeast });
  if (reached.length < atLeast) asking.fail("before anything was changed");

  const salt = randomBytes(random, saltLength);
  const stretched = await stretch(argon2id, pin, salt);
  const begun = await all(reached, async (server) => {
    const blind = blindInput(random, stretched);
    const answer = await asking.ask(server, { kind: "begin", registration, blinded: blind.blinded }, "begun");
    if (answer === undefined) return undefined;
    const output = finalizeEvaluated(stretched, blind, answer, answer.publicKey);
    blind.blind.fill(0);
    if (output === undefined) asking.find(server, "lies", { lie: "proof" });
    return output === undefined ? undefined : { server, publicKey: answer.publicKey, output };
  });
  if (begun.length < atLeast) asking.fail("what was registered before is still valid");

  const record = secret.use((bytes) =>
    makeRecord({ account, registration, threshold, salt, stretched, servers: begun, secret: bytes, random }),
  );
  stretched.fill(0);
  for (const { output } of begun) output.fill(0);
  const stored = await all(begun, async ({ server, publicKey }) => {
    const answer = await asking.ask(server, { kind: "store", registration, publicKey, record }, "done");
    return answer === undefined ? undefined : server;
  });
  if (stored.length < atLeast) asking.fail("what was registered before is still valid");
  // A threshold has it, so that what breaks off from here on leaves it or the one before with a threshold of servers.
  await all(stored, (server) => asking.ask(server, { kind: "confirm", registration }, "done"));
  return { registration, servers: asking.findings };
}

/**
 * Forget all registrations of an account on all servers that answer.
 *
 * @throws VaultError "recovery-servers" where one did not.
 */
export async function forgetRecovery(options: AskingOptions): Promise<void> {
  takesAsking("forgetRecovery", options);
  const asking = new Asking({ ...options, account: copyBytes(options.account) });
  const done = await all(options.servers, (server) => asking.ask(server, { kind: "forget" }, "done"));
  if (done.length < options.servers.length) asking.fail("ask these again");
}
const takesAsking = /* @__PURE__ */ optionsOf(askingShape, "servers", "account");

/** How far the numbers of honest servers may be apart: a server that counts further would use them all up. */
const mostApart = 1_000_000;

/**
 * What an earlier call has left: a registration that enough servers have stored is confirmed, as that call would have done. Which
 * servers answered, and the number that follows all they know.
 */
async function settle(
  asking: Asking,
  options: {
    readonly servers: readonly RecoveryLink[];
    readonly account: Uint8Array;
    readonly threshold: number;
    readonly atLeast: number;
  },
): Promise<{ readonly reached: readonly RecoveryLink[]; readonly registration: number }> {
  const { servers, account, threshold, atLeast } = options;
  const answers = await all(servers, async (server) => {
    const answer = await asking.ask(server, { kind: "status" }, "status");
    return answer === undefined ? undefined : { server, ...answer };
  });
  // Of the threshold's greatest numbers one is an honest server's, where fewer than the threshold lie.
  const greatest = answers.map(({ begun }) => begun).sort((a, b) => b - a);
  const bound = (greatest[threshold - 1] ?? 0) + mostApart;
  const statuses = answers.filter(({ server, begun }) => {
    if (begun > bound) asking.find(server, "lies", { lie: "record" });
    return begun <= bound;
  });
  const newest = heldByThreshold(statuses, account).find(({ holders }) => holders.length >= atLeast);
  if (newest !== undefined) {
    const { registration } = newest;
    await all(newest.holders, ({ server }) => asking.ask(server, { kind: "confirm", registration }, "done"));
  }
  return {
    reached: statuses.map(({ server }) => server),
    registration: Math.max(0, ...statuses.map(({ begun }) => begun)) + 1,
  };
}

/** What a server told, and where. */
export interface Told {
  readonly server: RecoveryLink;
  readonly registered: readonly Registered[];
}

/** A registration that as many servers hold as it takes to recover it. */
export interface HeldRegistration {
  readonly registration: number;
  readonly record: Uint8Array;
  readonly holders: readonly { readonly server: RecoveryLink; readonly publicKey: Uint8Array }[];
}

/** The registrations of which as many servers have the same record as it takes, the newest first. */
export function heldByThreshold(told: readonly Told[], account: Uint8Array, least = 2): readonly HeldRegistration[] {
  const held = new Map<string, HeldRegistration>();
  for (const { server, registered } of told) {
    for (const { registration, publicKey, record } of registered) {
      const id = `${String(registration)} ${hex(record)}`;
      const { holders = [] } = held.get(id) ?? {};
      held.set(id, { registration, record, holders: [...holders, { server, publicKey }] });
    }
  }
  return [...held.values()]
    .filter(({ registration, record, holders }) => {
      const threshold = thresholdOf(record, account, registration);
      return threshold !== undefined && threshold >= least && holders.length >= threshold;
    })
    .sort((a, b) => b.registration - a.registration);
}

function thresholdOf(record: Uint8Array, account: Uint8Array, registration: number): number | undefined {
  try {
    return readRecord(record, account, registration).threshold;
  } catch {
    return undefined;
  }
}

/** Ask for each of them at the same time: those that gave something, in their order. */
export async function all<Item, Result>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Result | undefined>,
): Promise<readonly Result[]> {
  const results = await Promise.all(items.map(ask));
  return results.filter((result) => result !== undefined);
}

/** Whether a public key stands in a record, and where. */
export function placeOf(publicKey: Uint8Array, servers: readonly { readonly publicKey: Uint8Array }[]): number {
  return servers.findIndex((server) => bytesEqual(server.publicKey, publicKey));
}
