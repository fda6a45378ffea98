/**
 * copse behind the common face.
 */

import type { CipherSuite } from "../../src/crypto/provider.ts";
import { Group } from "../../src/group/group.ts";
import { basic, createIdentity, type LocalIdentity } from "../../src/public-group/identity.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import { trustAnyCredential, type GroupOptions } from "../../src/public-group/options/settings.ts";
import type { StateChanges } from "../../src/public-group/records/persist.ts";
import {
  exporterContext,
  exporterLabel,
  type Changes,
  type Client,
  type Made,
  type Member,
  type OwnKeyPackage,
  type Peer,
  type StoredMember,
  type Written,
} from "./peer.ts";
import { runSuite } from "./suite.ts";

/** The defaults, but for the limits: they are for servers on the open internet, and the largest groups here are larger. */
export const groupOptions: GroupOptions = {
  authentication: trustAnyCredential,
  limits: { leaves: 2 ** 18, proposals: 2 ** 17 },
};

/** copse, in the suite of the run or in one of the caller's. */
export function copsePeer(suite: CipherSuite = runSuite()): Peer {
  return {
    name: "copse",
    client: async (name) => new CopseClient(await createIdentity({ suite, credential: basic(name) })),
  };
}

class CopseClient implements Client {
  readonly #identity: LocalIdentity;

  constructor(identity: LocalIdentity) {
    this.#identity = identity;
  }

  async keyPackage(): Promise<OwnKeyPackage> {
    const identity = this.#identity;
    const bundle = await createKeyPackage({ identity, lastResort: true });
    return {
      message: bundle.keyPackage,
      join: async (welcome) => {
        return new CopseMember(await Group.join({ ...groupOptions, identity, welcome, keyPackages: [bundle] }));
      },
      joinStored: async (welcome) => {
        const store = new Store();
        const options = { ...groupOptions, identity, persist: store.persist };
        const group = await Group.join({ ...options, welcome, keyPackages: [bundle] });
        store.written();
        return new StoredCopse(new CopseMember(group), store);
      },
    };
  }

  async create(): Promise<Member> {
    return new CopseMember(await Group.create({ ...groupOptions, identity: this.#identity }));
  }
}

/** A copse group as a member. */
export class CopseMember implements Member {
  readonly group: Group;

  constructor(group: Group) {
    this.group = group;
  }

  epochAuthenticator(): Uint8Array {
    return this.group.epochAuthenticator;
  }

  async commit(changes: Changes = {}): Promise<Made> {
    const pending = await this.group.commit(changes);
    await this.group.apply(pending);
    return { commit: pending.commit, welcome: pending.welcome };
  }

  async receive(message: Uint8Array): Promise<Uint8Array | undefined> {
    const event = await this.group.receive(message);
    return event.kind === "message" ? event.plaintext : undefined;
  }

  seal(plaintext: Uint8Array): Promise<Uint8Array> {
    return this.group.seal(plaintext);
  }

  export(): Uint8Array {
    return this.group.exportSecret(exporterLabel, exporterContext, 32);
  }

  snapshot(): Uint8Array {
    return this.group.snapshot();
  }

  restore(snapshot: Uint8Array): Promise<Group> {
    return Group.restore({ ...groupOptions, identity: this.group.identity, snapshot });
  }
}

/** Keeps write sets as they come; what they are is looked at when nobody's time is taken. */
class Store {
  readonly #log: StateChanges[] = [];
  readonly #records = new Map<string, Uint8Array>();

  readonly persist = (changes: StateChanges): void => {
    this.#log.push(changes);
  };

  /** What was written since this was last asked. */
  written(): Written {
    let [bytes, made] = [0, 0];
    for (const { puts, deletes } of this.#log.splice(0)) {
      for (const [name, value] of puts) {
        this.#records.set(name, value);
        if (name.startsWith("pending/")) made += name.length + value.length;
        else bytes += name.length + value.length;
      }
      for (const name of deletes) {
        this.#records.delete(name);
        bytes += name.length;
      }
    }
    return { bytes, made };
  }

  get records(): ReadonlyMap<string, Uint8Array> {
    return this.#records;
  }
}

class StoredCopse implements StoredMember {
  readonly member: CopseMember;
  readonly #store: Store;

  constructor(member: CopseMember, store: Store) {
    this.member = member;
    this.#store = store;
  }

  store(): void {
    // Every operation has done so.
  }

  written(): Written {
    return this.#store.written();
  }

  restore(): Promise<Group> {
    const { identity } = this.member.group;
    return Group.restore({ ...groupOptions, identity, records: this.#store.records, persist: () => undefined });
  }

  get size(): number {
    let size = 0;
    for (const [name, value] of this.#store.records) size += name.length + value.length;
    return size;
  }
}
