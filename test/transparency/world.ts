/**
 * A log and its keys, for tests. A log that is opened twice with one seed has one signing key: what a service that shows two people two
 * logs has.
 */

import { Secret } from "../../src/bytes/secret.ts";
import { cipherSuite, type CipherSuite } from "../../src/index.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import type { Store } from "../../src/storage/store.ts";
import type { LoggedAccount } from "../../src/transparency/formats.ts";
import type { LogKeys } from "../../src/transparency/head.ts";
import { TransparencyLog } from "../../src/transparency/service.ts";
import { pseudorandom } from "../crypto/pseudorandom.ts";

export const suite: CipherSuite = cipherSuite(1);
export const alice = "mimi://example.org/u/alice";
export const bob = "mimi://example.org/u/bob";

/** An account, of which a key may be another. */
export function account(number: bigint, key = 1): LoggedAccount {
  const hash = new Uint8Array(32).fill(key + Number(number));
  return { cipherSuite: 1, rootKey: new Uint8Array(32).fill(key), keyNumber: 1, number, hash };
}

/** A log with its keys. Logs of one `key` share their keys. */
export async function aLog({
  key = 1,
  store = memoryStore(),
}: { readonly key?: number; readonly store?: Store } = {}): Promise<{
  readonly log: TransparencyLog;
  readonly keys: LogKeys;
}> {
  const { privateKey, publicKey } = await suite.generateSignatureKeyPair(pseudorandom(key));
  const signer = await suite.signer(privateKey);
  const vrfKey = Secret.of("vrf_key", new Uint8Array(32).fill(key));
  let now = 1_000;
  const log = await TransparencyLog.open({ store, signer, vrfKey, random: pseudorandom(key + 9), clock: () => now++ });
  return { log, keys: { suite, publicKey, vrfKey: log.vrfPublicKey } };
}

/** Other users, so that there is somebody beside. */
export async function crowd(log: TransparencyLog, from: number, below: number): Promise<void> {
  const users = Array.from({ length: below - from }, (_, i) => `mimi://example.org/u/user${String(from + i)}`);
  await log.append(users.map((user) => ({ user, account: account(0n) })));
}
