/**
 * A tab's side of the chat: one MLS group, kept in step with the delivery service.
 */

import {
  cipherSuite,
  CopseError,
  createIdentity,
  createKeyPackage,
  Group,
  trustAnyCredential,
  type CommitEvent,
  type CommitOptions,
  type GroupOptions,
  type KeyPackageBundle,
  type LocalIdentity,
  type Member,
  type Pending,
} from "copse";
import type { Connection } from "./connection.ts";
import { credentialOf, namedBy, type Named } from "./people.ts";
import type { FromService } from "./protocol.ts";

/** For a demonstration: the codes on the page are what people verify. */
export const groupOptions: GroupOptions = { authentication: trustAnyCredential, handshake: "public" };

/** What the page is told. */
export interface ChatListener {
  /** The group has another epoch, or there is a group at last. */
  readonly onEpoch: (group: Group, change: CommitEvent | undefined) => void;
  readonly onMessage: (from: Named, text: string) => void;
  /** This tab was removed by somebody. */
  readonly onRemoved: (by: string) => void;
  readonly onNote: (text: string) => void;
}

/** What a tab's own commit is for, as the service is told. */
interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Who this tab is, in the chat and in its calls. */
export interface Self extends Named {
  readonly identity: LocalIdentity;
  readonly bundle: KeyPackageBundle;
}

/** A fresh identity for a tab: it lives as long as the tab. */
export async function newSelf(name: string): Promise<Self> {
  const id = crypto.randomUUID().slice(0, 8);
  const suite = cipherSuite("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519");
  const identity = await createIdentity({ suite, credential: credentialOf({ id, name }) });
  return { id, name, identity, bundle: await createKeyPackage({ identity }) };
}

/** The chat. */
export class Chat {
  readonly #self: Self;
  readonly #listener: ChatListener;
  readonly #connection: Connection;
  #group: Group | undefined;
  #pending: Pending | undefined;
  /** Messages of an epoch that has not come yet. */
  #early: Uint8Array[] = [];

  constructor(self: Self, connection: Connection, listener: ChatListener) {
    this.#self = self;
    this.#connection = connection;
    this.#listener = listener;
  }

  /** The group, once this tab is in it. */
  get group(): Group | undefined {
    return this.#group;
  }

  /** The member with this id. */
  member(id: string): Member | undefined {
    return [...(this.#group?.members ?? [])].find(({ credential }) => namedBy(credential).id === id);
  }

  /** Take in what the service says of the chat's group. */
  async handle(message: FromService): Promise<void> {
    switch (message.kind) {
      case "create":
        this.#enter(await Group.create({ ...groupOptions, identity: this.#self.identity }));
        return;
      case "welcome": {
        const { identity, bundle } = this.#self;
        const { bytes: welcome } = message;
        this.#enter(await Group.join({ ...groupOptions, identity, welcome, keyPackages: [bundle] }));
        return;
      }
      case "please": {
        const removed = message.remove.filter((id) => this.member(id) !== undefined);
        await this.#commit(
          {
            add: message.add.map(({ keyPackage }) => keyPackage),
            remove: removed.map((id) => this.#leafOf(id)),
            path: true,
          },
          { added: message.add.map(({ id }) => id), removed: message.remove },
        );
        return;
      }
      case "accepted":
        await this.#apply();
        return;
      case "refused":
        this.#pending?.drop();
        this.#pending = undefined;
        return;
      case "commit":
      case "message":
        await this.#receive(message.bytes);
        return;
      default:
        return;
    }
  }

  /** Say something to everybody. */
  async say(text: string): Promise<void> {
    if (this.#group === undefined) return;
    const bytes = await this.#group.seal(new TextEncoder().encode(text));
    this.#connection.send({ kind: "message", bytes });
    this.#listener.onMessage(this.#self, text);
  }

  /** Put somebody out. */
  async remove(id: string): Promise<void> {
    if (this.member(id) === undefined) return;
    await this.#commit({ remove: [this.#leafOf(id)] }, { added: [], removed: [id] });
  }

  /** Fresh keys for this tab, and with them for everybody: whoever had stolen some is out. */
  async refresh(): Promise<void> {
    await this.#commit({ path: true }, { added: [], removed: [] });
  }

  #leafOf(id: string): number {
    const member = this.member(id);
    if (member === undefined) throw new TypeError("nobody of that id");
    return member.leafIndex;
  }

  #enter(group: Group): void {
    this.#group = group;
    this.#listener.onEpoch(group, undefined);
  }

  async #commit(options: CommitOptions, { added, removed }: Changes): Promise<void> {
    const group = this.#group;
    if (group === undefined || this.#pending !== undefined) return;
    const pending = await group.commit(options);
    this.#pending = pending;
    const { commit, welcome } = pending;
    const publication = { epoch: group.epoch, commit, added, removed };
    this.#connection.send({
      kind: "commit",
      publication: welcome === undefined ? publication : { ...publication, welcome },
    });
  }

  async #apply(): Promise<void> {
    const [group, pending] = [this.#group, this.#pending];
    if (group === undefined || pending === undefined) return;
    this.#pending = undefined;
    await group.apply(pending);
    await this.#entered(group, pending.change);
  }

  async #receive(bytes: Uint8Array): Promise<void> {
    const group = this.#group;
    if (group === undefined) return;
    try {
      const event = await group.receive(bytes);
      if (event.kind === "message") {
        this.#listener.onMessage(namedBy(event.sender.credential), new TextDecoder().decode(event.plaintext));
      } else if (event.kind === "later") this.#early.push(bytes);
      else if (event.kind === "commit") {
        this.#pending = undefined; // ours has lost, if there was one
        await this.#entered(group, event);
      } else if (event.kind === "removed") {
        this.#group = undefined;
        const by = event.by.type === "member" ? group.member(event.by.leafIndex) : undefined;
        this.#listener.onRemoved(by === undefined ? "somebody" : namedBy(by.credential).name);
      }
    } catch (error) {
      if (!(error instanceof CopseError)) throw error;
      this.#listener.onNote(`Something came that this tab does not accept (${error.code}). Nothing has changed.`);
    }
  }

  async #entered(group: Group, change: CommitEvent): Promise<void> {
    this.#listener.onEpoch(group, change);
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) await this.#receive(bytes);
  }
}
