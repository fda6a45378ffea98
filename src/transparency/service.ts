/**
 * The service's half: a log over a store, which appends, signs and proves.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { checkCount } from "../bytes/numbers.ts";
import type { Secret } from "../bytes/secret.ts";
import { having, hook, is, list, options as optionsOf, thing, type Takes } from "../bytes/takes.ts";
import { hex, utf8 } from "../bytes/text.ts";
import { decode, encode } from "../codec/codec.ts";
import type { Random, Signer } from "../crypto/provider.ts";
import { checkedRandom, platformRandom } from "../crypto/random.ts";
import { proveVrf, vrfPublicKey } from "../crypto/vrf.ts";
import { checkedClock, type Clock } from "../bytes/clock.ts";
import type { StoreKey } from "../storage/key.ts";
import {
  anAccount,
  entryLength,
  formatVersion,
  hashLength,
  Hashes,
  LogEntry,
  Opened,
  SignedHead,
  type LoggedAccount,
} from "./formats.ts";
import { signHead } from "./head.ts";
import { commitmentTo, indexOf, Lookup, vrfInput } from "./lookup.ts";
import { consistencyRanges, emptyRoot } from "./log.ts";
import { nowhere } from "./map.ts";
import { appendLeaf, Changes, findInMap, putInMap, rangeRoot, type TransparencyStore } from "./stored-trees.ts";

/** The longest name of a user, in bytes. */
const longestUser = 1_024;
/** The most updates of one append, and the most entries that are read at once. */
const mostAtOnce = 10_000;

/** What a log is made of. */
export interface TransparencyLogOptions {
  /** A store of copse/storage that is this log's alone, or at least its keys below "transparency". */
  readonly store: TransparencyStore;
  /** Signs heads. */
  readonly signer: Signer;
  /** The secret key of the VRF, 32 bytes: who has it can look for a user's index in the log. */
  readonly vrfKey: Secret<"vrf_key">;
  /** Default: the platform's */
  readonly random?: Random;
  /** Milliseconds since 1970. Default: the platform's */
  readonly clock?: Clock;
}

/** What an account is from now on. */
export interface LogUpdate {
  /** mimi://host/u/name, or whatever names users to the service, at most 1,024 bytes. */
  readonly user: string;
  readonly account: LoggedAccount;
}

/** A caller's options. */
export const takesOptions: Takes = /* @__PURE__ */ optionsOf(
  {
    store: having("a store", "get", "getMany", "batch"),
    signer: having("an object with sign", "sign"),
    vrfKey: is("a Secret of 32 bytes", (value) => (value as Secret<"vrf_key"> | undefined)?.length === 32),
    random: hook,
    clock: hook,
  },
  "store",
  "signer",
  "vrfKey",
);
const aUser: Takes = /* @__PURE__ */ is(
  "a text of at most 1,024 bytes",
  (value) => typeof value === "string" && utf8(value).length <= longestUser,
);
/** A caller's updates. */
export const someUpdates: Takes = /* @__PURE__ */ list(
  thing("an update", { user: aUser, account: anAccount }, ["user", "account"]),
);

/** Where a store has the newest head. */
export const headKey: StoreKey = ["transparency", "head"];
const entryKey = (place: number): StoreKey => ["transparency", "entry", BigInt(place)];
const openedKey = (index: Uint8Array, version: number): StoreKey => [
  "transparency",
  "opened",
  hex(index),
  BigInt(version),
];

/**
 * A log of accounts. One process writes to it at a time.
 *
 *     const log = await TransparencyLog.open({ store, signer, vrfKey });
 *     await log.append([{ user: view.user, account: view }]);
 *     const lookup = await log.lookup(user);
 *
 * A look-up costs the service one evaluation of the VRF. Who may ask for whom, and how often, is the service's to say.
 */
export class TransparencyLog {
  /** The most entries that are read at once. */
  static readonly mostEntries: number = mostAtOnce;
  readonly #store: TransparencyStore;
  readonly #signer: Signer;
  readonly #vrfKey: Secret<"vrf_key">;
  readonly #random: Random;
  readonly #clock: Clock;
  #head: SignedHead;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: TransparencyLogOptions, head: SignedHead) {
    const { store, signer, vrfKey, random = platformRandom, clock } = options;
    this.#store = store;
    this.#signer = signer;
    this.#vrfKey = vrfKey;
    this.#random = checkedRandom(random);
    this.#clock = checkedClock(clock);
    this.#head = head;
  }

  /** The log that a store has, or a new one. */
  static async open(options: TransparencyLogOptions): Promise<TransparencyLog> {
    takesOptions("TransparencyLog.open", options);
    const { store, signer, clock } = options;
    const stored = await store.get(headKey);
    if (stored !== undefined) return new TransparencyLog(options, decode(SignedHead, stored));
    const fresh = {
      version: formatVersion,
      size: 0,
      logRoot: emptyRoot(),
      mapRoot: nowhere,
      at: Math.floor(checkedClock(clock)()),
    };
    const head = await signHead(signer, fresh);
    await store.batch([{ put: headKey, value: head }], { flush: true });
    return new TransparencyLog(options, decode(SignedHead, head));
  }

  /** The public key of the VRF, which clients are configured with. */
  get vrfPublicKey(): Bytes {
    return this.#vrfKey.use(vrfPublicKey);
  }

  /** The newest signed head. */
  get head(): Bytes {
    return encode(SignedHead, this.#head);
  }

  /** How many entries the log has. */
  get size(): number {
    return this.#head.size;
  }

  /**
   * Log updates, each of which is the next list of its account, in their order: all or none. The new head.
   *
   * @throws TypeError for more than 10,000, or a list that doesn't follow the logged one: then nothing is written.
   */
  async append(updates: readonly LogUpdate[]): Promise<Bytes> {
    someUpdates("updates", updates);
    checkCount("the number of updates", updates.length, [1, mostAtOnce]);
    const copies = updates.map(({ user, account }) => ({ user, account: copyAccount(account) }));
    return this.#inTurn(() => this.#append(copies));
  }

  async #append(updates: readonly LogUpdate[]): Promise<Bytes> {
    const changes = new Changes(this.#store);
    let { size, mapRoot } = this.#head;
    for (const { user, account } of updates) {
      const index = this.#vrfKey.use((key) => indexOf(proveVrf(key, vrfInput(user)).output));
      const { entry: before } = await findInMap(changes, index);
      const version = before === undefined ? 0 : before.version + 1;
      if (before !== undefined) {
        const logged = decode(Opened, (await changes.get(openedKey(index, before.version)))!);
        if (account.number !== logged.account.number + 1n) {
          throw new TypeError("an update must be the list that follows the logged one: log each of them");
        }
      }
      const opened: Opened = { version, opening: this.#random(hashLength), account };
      const entry: LogEntry = { index, version, commitment: commitmentTo(user, opened) };
      changes.put(openedKey(index, version), encode(Opened, opened));
      changes.put(entryKey(size), encode(LogEntry, entry));
      await appendLeaf(changes, size, encode(LogEntry, entry));
      mapRoot = await putInMap(changes, entry);
      size += 1;
    }
    const logRoot = await rangeRoot(changes, { from: 0, below: size });
    const at = Math.max(Math.floor(this.#clock()), this.#head.at);
    const head = await signHead(this.#signer, { version: formatVersion, size, logRoot, mapRoot, at });
    changes.put(headKey, head);
    await this.#store.batch(changes.list, { flush: true });
    this.#head = decode(SignedHead, head);
    return new Uint8Array(head);
  }

  /** What the log has of a user, without a proof: for the service itself. */
  async logged(user: string): Promise<LoggedAccount | undefined> {
    aUser("user", user);
    return this.#inTurn(async () => {
      const index = this.#vrfKey.use((key) => indexOf(proveVrf(key, vrfInput(user)).output));
      const { entry } = await findInMap(this.#store, index);
      if (entry === undefined) return undefined;
      return decode(Opened, (await this.#store.get(openedKey(index, entry.version)))!).account;
    });
  }

  /** What the log has of a user, or that it has nothing, proven under the newest head. */
  async lookup(user: string): Promise<Bytes> {
    aUser("user", user);
    return this.#inTurn(async () => {
      const { output, proof: vrfProof } = this.#vrfKey.use((key) => proveVrf(key, vrfInput(user)));
      const index = indexOf(output);
      const { entry, proof: mapProof } = await findInMap(this.#store, index);
      const stored = entry === undefined ? undefined : await this.#store.get(openedKey(index, entry.version));
      const opened = stored === undefined ? undefined : decode(Opened, stored);
      return encode(Lookup, { head: this.#head, vrfProof, mapProof, opened });
    });
  }

  /**
   * The proof that the log of one size begins with all entries of the log of another.
   *
   * @throws TypeError where the sizes are none of this log's, in this order.
   */
  async consistency(from: number, to: number): Promise<Bytes> {
    checkCount("to", to, [0, this.size]);
    checkCount("from", from, [0, to]);
    return this.#inTurn(async () => {
      const hashes: Uint8Array[] = [];
      for (const range of consistencyRanges(from, to)) hashes.push(await rangeRoot(this.#store, range));
      return encode(Hashes, hashes);
    });
  }

  /**
   * Entries as an auditor reads them, 72 bytes each, one behind the other.
   *
   * @throws TypeError where they are none of this log's, or more than 10,000.
   */
  async entries(from: number, below: number): Promise<Bytes> {
    checkCount("below", below, [0, this.size]);
    checkCount("from", from, [Math.max(0, below - mostAtOnce), below]);
    const keys = Array.from({ length: below - from }, (_, i) => entryKey(from + i));
    const bytes = new Uint8Array(entryLength * keys.length);
    for (const [i, entry] of (await this.#store.getMany(keys)).entries()) bytes.set(entry!, entryLength * i);
    return bytes;
  }

  /** One after the other: a proof is of one head. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function copyAccount({ cipherSuite, rootKey, keyNumber, number, hash }: LoggedAccount): LoggedAccount {
  return { cipherSuite, rootKey: new Uint8Array(rootKey), keyNumber, number, hash: new Uint8Array(hash) };
}
