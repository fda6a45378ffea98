/**
 * The log of a delivery service: the accounts of its users, logged once each, and looked up by its devices. Any number of processes
 * keep it together, of which one appends at a time.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { checkCount } from "../bytes/numbers.ts";
import { text } from "../bytes/takes.ts";
import type { StoreKey } from "../storage/key.ts";
import {
  headKey,
  someUpdates,
  takesOptions,
  TransparencyLog,
  type LogUpdate,
  type TransparencyLogOptions,
} from "./service.ts";
import type { TransparencyStore } from "./stored-trees.ts";

/** Where a log is kept, by all processes that keep it. */
export type AccountLogStore = TransparencyStore & {
  /** Work on what is there, which nobody else changes meanwhile: all of it is written or nothing. */
  alone<T>(work: (store: TransparencyStore) => Promise<T>): Promise<T>;
};

/** What a service's log is made of. */
export interface AccountLogOptions extends Omit<TransparencyLogOptions, "store"> {
  /** A store of copse/storage that is this log's alone and this process's alone; or one that several processes share. */
  readonly store: TransparencyStore | AccountLogStore;
}

/** A look-up, and the proof that the log has grown to it from the size that was named. */
export interface ProvenAccount {
  readonly lookup: Bytes;
  readonly consistency?: Bytes;
}

/** A log of accounts, for the option `accountLog` of a delivery service. */
export interface AccountLog {
  /** Log lists of devices: of each user in their order. What does not follow what is logged, as what is logged already, is passed over. */
  append(updates: readonly LogUpdate[]): Promise<void>;
  /**
   * What the log has of a user, or that it has nothing.
   *
   * @param size The size of the head that the asker knows. Default: none
   */
  lookUp(user: string, size?: number): Promise<ProvenAccount>;
  /** The proof that the log has only grown between two sizes, or undefined where they are none of this log's. */
  proof(from: number, to: number): Promise<Bytes | undefined>;
  /** The newest signed head. */
  head(): Promise<Bytes>;
  /** Entries as an auditor reads them, as many of these as there are, and at most 10,000. */
  entries(from: number, below: number): Promise<Bytes>;
}

/** How often it is looked up again, where others append meanwhile, before they have to wait. */
const mostTries = 5;

/** Sizes of a log. */
const sizes = [0, Number.MAX_SAFE_INTEGER] as const;

/**
 * A log of accounts over a store.
 *
 *     const log = await accountLog({ store, signer, vrfKey });
 *     const delivery = deliveryOver(port, { ...options, accountLog: log });
 */
export async function accountLog(options: AccountLogOptions): Promise<AccountLog> {
  takesOptions("accountLog", options);
  const { store: given, ...rest } = options;
  const store = "alone" in given ? given : aloneIn(given);
  const open = (where: TransparencyStore): Promise<TransparencyLog> => TransparencyLog.open({ ...rest, store: where });
  await store.alone(open); // a new log begins here, and nowhere else

  /** Of one state of the log: others may append meanwhile. */
  const atOnce = async <T>(read: (log: TransparencyLog) => Promise<T>): Promise<T> => {
    for (let tries = 0; tries < mostTries; tries++) {
      const log = await open(store);
      let answer: T;
      try {
        answer = await read(log);
      } catch {
        continue; // it may have read of two states; what is wrong by itself shows below
      }
      if (await isUnchanged(store, log)) return answer;
    }
    return store.alone(async (where) => read(await open(where)));
  };

  return {
    async append(updates) {
      someUpdates("updates", updates);
      await store.alone(async (where) => {
        const log = await open(where);
        const numbers = new Map<string, bigint>();
        const next: LogUpdate[] = [];
        for (const update of updates) {
          const { user, account } = update;
          const before = numbers.get(user) ?? (await log.logged(user))?.number;
          if (before !== undefined && account.number !== before + 1n) continue;
          numbers.set(user, account.number);
          next.push(update);
        }
        if (next.length > 0) await log.append(next);
      });
    },
    lookUp(user, size) {
      text("user", user);
      return atOnce(async (log) => {
        const lookup = await log.lookup(user);
        if (size === undefined || size > log.size) return { lookup };
        return { lookup, consistency: await log.consistency(size, log.size) };
      });
    },
    proof(from, to) {
      checkCount("to", to, sizes);
      checkCount("from", from, sizes);
      return atOnce((log) => (from > to || to > log.size ? Promise.resolve(undefined) : log.consistency(from, to)));
    },
    head: () => atOnce((log) => Promise.resolve(log.head)),
    entries(from, below) {
      checkCount("below", below, sizes);
      checkCount("from", from, sizes);
      return atOnce((log) => {
        const first = Math.min(from, log.size);
        return log.entries(first, Math.max(first, Math.min(below, log.size, first + TransparencyLog.mostEntries)));
      });
    },
  };
}

async function isUnchanged(store: TransparencyStore, log: TransparencyLog): Promise<boolean> {
  const now = await store.get(headKey);
  return now !== undefined && bytesEqual(now, log.head);
}

/** A store that one process has: who works on it waits for the one before. */
function aloneIn(store: TransparencyStore): AccountLogStore {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    get: (key: StoreKey) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    batch: (changes, options) => store.batch(changes, options),
    alone: (work) => {
      const own = turn.then(() => work(store));
      turn = own.catch(() => undefined);
      return own;
    },
  };
}
