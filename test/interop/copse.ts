/**
 * copse behind the common face.
 */

import { hex, utf8, utf8Decode } from "../../src/bytes/text.ts";
import type { EpochSource } from "../../src/call/epoch-source.ts";
import type { Change as GroupChange } from "../../src/public-group/proposals/changes.ts";
import { proposeToJoin } from "../../src/group/joining/propose-to-join.ts";
import { Group, type LinkedGroup } from "../../src/group/group.ts";
import { basic, createIdentity, type LocalIdentity } from "../../src/public-group/identity.ts";
import { createKeyPackage, type KeyPackageBundle } from "../../src/group/joining/key-package-bundle.ts";
import { trustAnyCredential, type GroupOptions } from "../../src/public-group/options/settings.ts";
import type { ExtensionRegistry } from "../../src/rules/registry.ts";
import { groupInfoOf } from "./mending.ts";
import {
  sharedExtension,
  type Change,
  type Client,
  type ClientOptions,
  type Engine,
  type Linked,
  type LinkingParticipant,
  type Made,
  type Participant,
  type Plan,
  type Psk,
  type Received,
  type Successor,
  type View,
} from "./participant.ts";
import { suiteOf } from "./x-wing.ts";

export const copse: Engine = {
  name: "copse",
  can: { commitOneRemoveOrUpdate: true, commitExtensions: true, treeBeside: true },
  client: async (name, options) => {
    const suite = suiteOf(options.suite);
    return new CopseClient(name, await createIdentity({ suite, credential: basic(name) }), options);
  },
};

const registry: ExtensionRegistry = { extensions: [{ type: sharedExtension, places: ["group_context"] }] };

class CopseClient implements Client {
  readonly name: string;
  readonly engine = copse.name;
  readonly #identity: LocalIdentity;
  readonly #options: GroupOptions;
  readonly #keyPackages: KeyPackageBundle[] = [];

  constructor(name: string, identity: LocalIdentity, { handshake, psks }: ClientOptions) {
    this.name = name;
    this.#identity = identity;
    this.#options = {
      authentication: trustAnyCredential,
      handshake,
      registry,
      // As long as ts-mls keeps past epochs, so that both can open the same late messages.
      window: { pastEpochs: 4 },
      psks: (id) => (id.type === "external" ? psks?.find(id.pskId) : undefined),
    };
  }

  async create(groupId: Uint8Array): Promise<Participant> {
    return new CopseParticipant(this, await Group.create({ ...this.#options, identity: this.#identity, groupId }));
  }

  async keyPackage(): Promise<Uint8Array> {
    const bundle = await createKeyPackage({ identity: this.#identity, registry });
    this.#keyPackages.push(bundle);
    return bundle.keyPackage;
  }

  async join(welcome: Uint8Array, ratchetTree?: Uint8Array, previous?: Group): Promise<Participant> {
    const group = await Group.join({
      ...this.#options,
      identity: this.#identity,
      welcome,
      keyPackages: this.#keyPackages,
      ...(ratchetTree === undefined ? {} : { ratchetTree }),
      ...(previous === undefined ? {} : { previous }),
    });
    return new CopseParticipant(this, group);
  }

  async proposeToJoin(groupInfo: Uint8Array): Promise<Uint8Array> {
    const { groupId, epoch } = groupInfoOf(groupInfo).groupContext;
    const keyPackage = await createKeyPackage({ identity: this.#identity, registry });
    this.#keyPackages.push(keyPackage);
    return proposeToJoin({ identity: this.#identity, groupId, epoch, keyPackage });
  }

  async joinExternally(groupInfo: Uint8Array, replace?: number): ReturnType<Client["joinExternally"]> {
    const join = await Group.joinExternally({
      ...this.#options,
      identity: this.#identity,
      groupInfo,
      ...(replace === undefined ? {} : { replace }),
    });
    return { commit: join.commit, participant: new CopseParticipant(this, await join.complete()) };
  }
}

class CopseParticipant implements LinkingParticipant {
  readonly client: CopseClient;
  readonly #group: Group;

  constructor(client: CopseClient, group: Group) {
    this.client = client;
    this.#group = group;
  }

  get source(): EpochSource {
    return this.#group;
  }

  get leafIndex(): number {
    return this.#group.self.leafIndex;
  }

  view(): Promise<View> {
    const { epoch, epochAuthenticator, groupContext } = this.#group;
    const exported = this.#group.exportSecret("interop", utf8("context"), 48);
    return Promise.resolve({
      epoch,
      epochAuthenticator: hex(epochAuthenticator),
      treeHash: hex(groupContext.treeHash),
      exported: hex(exported),
    });
  }

  seal(text: string): Promise<Uint8Array> {
    return this.#group.seal(utf8(text));
  }

  propose(change: Change): Promise<Uint8Array> {
    return this.#group.propose(this.#changeOf(change));
  }

  async commit({ psks = [], reinit, treeBeside = false, ...plan }: Plan = {}): Promise<Made> {
    const pending = await this.#group.commit({
      ...plan,
      ...(reinit === undefined ? {} : { reinit: this.#reInitOf(reinit) }),
      psks: psks.map((psk) => this.#pskOf(psk)),
      welcome: { ratchetTree: !treeBeside },
    });
    return {
      commit: pending.commit,
      welcome: pending.welcome,
      apply: async () => {
        await this.#group.apply(pending);
      },
      drop: () => pending.drop(),
    };
  }

  async receive(message: Uint8Array): Promise<Received> {
    const event = await this.#group.receive(message);
    switch (event.kind) {
      case "message":
        return { kind: "message", text: utf8Decode(event.plaintext) ?? "" };
      case "proposal":
      case "commit":
      case "removed":
        return { kind: event.kind };
      case "own":
      case "later":
        throw new Error(`an event of kind ${event.kind} that no test asks for`);
    }
  }

  groupInfo(): Promise<Uint8Array> {
    return this.#group.groupInfo();
  }

  ratchetTree(): Uint8Array {
    return this.#group.ratchetTree();
  }

  branch(groupId: Uint8Array, keyPackages: readonly Uint8Array[]): Promise<Linked> {
    return this.#linked(this.#group.branch({ groupId, keyPackages }));
  }

  reinitialize(_: Successor, keyPackages: readonly Uint8Array[]): Promise<Linked> {
    return this.#linked(this.#group.reinitialize({ keyPackages }));
  }

  follow({ welcome, ratchetTree }: Omit<Linked, "participant">): Promise<Participant> {
    return this.client.join(welcome, ratchetTree, this.#group);
  }

  async #linked(made: Promise<LinkedGroup>): Promise<Linked> {
    const { group, pending } = await made;
    if (pending.welcome === undefined) throw new TypeError("nobody was taken along");
    await group.apply(pending);
    return {
      participant: new CopseParticipant(this.client, group),
      welcome: pending.welcome,
      ratchetTree: group.ratchetTree(),
    };
  }

  #changeOf(change: Change): GroupChange {
    if ("update" in change) return { update: {} };
    if ("psk" in change) return { psk: this.#pskOf(change.psk) };
    if ("reinit" in change) return { reinit: this.#reInitOf(change.reinit) };
    return change;
  }

  #pskOf(psk: Psk): Extract<GroupChange, { psk: unknown }>["psk"] {
    if (psk instanceof Uint8Array) return { type: "external", pskId: psk };
    return { type: "resumption", groupId: this.#group.id, epoch: psk.resumption };
  }

  #reInitOf(successor: Successor): Extract<GroupChange, { reinit: unknown }>["reinit"] {
    return { ...successor, cipherSuite: this.#group.suite.id };
  }
}
