/**
 * What the server remembers between two RPCs: states, which are members of groups; transactions, which are key packages that
 * wait for a Welcome; successors, which wait for the Welcome of a reinitialization; and the keys of external senders.
 */

import { hex } from "../../../src/bytes/text.ts";
import { cipherSuite } from "../../../src/crypto/choose.ts";
import type { CipherSuite, Random } from "../../../src/crypto/provider.ts";
import { platformRandom } from "../../../src/crypto/random.ts";
import { platformClock, type Clock } from "../../../src/bytes/clock.ts";
import { basic, createIdentity, type LocalIdentity } from "../../../src/public-group/identity.ts";
import { createKeyPackage, type KeyPackageBundle } from "../../../src/group/joining/key-package-bundle.ts";
import { trustAnyCredential, type GroupOptions } from "../../../src/public-group/options/settings.ts";
import { refuse } from "./status.ts";
import type { State } from "./state.ts";
import { Numbers, Table } from "./table.ts";

/** How much a server remembers, and where it takes time and randomness from. */
export interface MemoryOptions {
  /** States, and each other kind of thing. Default 4,096: more than the harness's longest script makes. */
  readonly limit?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** External PSKs of one client, by id. */
export class PskStore {
  readonly #keys = new Map<string, Uint8Array>();

  set(id: Uint8Array, key: Uint8Array): void {
    if (this.#keys.size >= 256 && !this.#keys.has(hex(id))) refuse("too many PSKs");
    this.#keys.set(hex(id), key.slice());
  }

  find(id: Uint8Array): Uint8Array | undefined {
    return this.#keys.get(hex(id));
  }

  copy(): PskStore {
    const copy = new PskStore();
    for (const [id, key] of this.#keys) copy.#keys.set(id, key.slice());
    return copy;
  }

  wipe(): void {
    for (const key of this.#keys.values()) key.fill(0);
    this.#keys.clear();
  }
}

/** A key package that waits for a Welcome. */
export interface Transaction {
  readonly identity: LocalIdentity;
  readonly bundle: KeyPackageBundle;
  readonly psks: PskStore;
}

/** A member of a reinitialized group, on its way to the next. */
export interface Successor {
  readonly previous: State;
  readonly identity: LocalIdentity;
  readonly bundle: KeyPackageBundle;
}

/** Everything, each kind bounded. */
export class Memory {
  readonly states: Table<State>;
  readonly transactions: Table<Transaction>;
  readonly successors: Table<Successor>;
  readonly signers: Table<LocalIdentity>;
  readonly numbers: Numbers = new Numbers();
  readonly #clock: Clock;
  readonly #random: Random;

  constructor({ limit = 4_096, clock = platformClock, random = platformRandom }: MemoryOptions = {}) {
    const { numbers } = this;
    this.#clock = clock;
    this.#random = random;
    this.states = new Table<State>({ what: "state", numbers, limit, end: (state) => state.end() });
    this.transactions = new Table<Transaction>({
      what: "transaction",
      numbers,
      limit,
      end: ({ identity, bundle }) => endKeys(identity, bundle),
    });
    this.successors = new Table<Successor>({
      what: "reinit",
      numbers,
      limit,
      end: ({ identity, bundle }) => endKeys(identity, bundle),
    });
    this.signers = new Table<LocalIdentity>({
      what: "signer",
      numbers,
      limit,
      end: ({ privateKey }) => privateKey.wipe(),
    });
  }

  /** A fresh identity of a basic credential: the harness knows no other. */
  identity(suite: CipherSuite, name: Uint8Array): Promise<LocalIdentity> {
    return createIdentity({ suite, credential: basic(name), random: this.#random });
  }

  /** A fresh identity and a key package of it. */
  async transaction(suite: CipherSuite, name: Uint8Array): Promise<Transaction> {
    const identity = await this.identity(suite, name);
    return { identity, bundle: await this.keyPackage(identity), psks: new PskStore() };
  }

  keyPackage(identity: LocalIdentity): Promise<KeyPackageBundle> {
    return createKeyPackage({ identity, clock: this.#clock, random: this.#random });
  }

  /**
   * How a member behaves. Some clients make key packages that never expire, so that no total lifetime is too long; the
   * scripts look further back than an application should.
   */
  options(psks: PskStore, encryptHandshake: boolean): GroupOptions {
    return {
      authentication: trustAnyCredential,
      handshake: encryptHandshake ? "private" : "public",
      psks: (id) => (id.type === "external" ? psks.find(id.pskId) : undefined),
      lifetime: { maximum: Infinity },
      window: { pastEpochs: 8, resumptionPsks: 32 },
      clock: this.#clock,
      random: this.#random,
    };
  }

  clear(): void {
    for (const table of [this.states, this.transactions, this.successors, this.signers]) table.clear();
  }
}

/** @throws CopseError "suite-unsupported" */
export function suiteOf(id: number): CipherSuite {
  return cipherSuite(id);
}

function endKeys({ privateKey }: LocalIdentity, bundle: KeyPackageBundle): void {
  privateKey.wipe();
  void bundle.wipe();
}
