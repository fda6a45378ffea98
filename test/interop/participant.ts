/**
 * One face for members of any implementation, so that a test can let copse and ts-mls share a group and not ask who is
 * who. Everything that crosses it is bytes on the wire: MLSMessages, and ratchet trees as section 12.4.3.3 lists them.
 */

import { hex } from "../../src/bytes/text.ts";
import type { EpochSource } from "../../src/call/epoch-source.ts";
import type { Extension } from "../../src/wire/extension.ts";

/** An MLS implementation. */
export interface Engine {
  readonly name: string;
  readonly can: Abilities;
  client(name: string, options: ClientOptions): Promise<Client>;
}

/** What not every implementation gets right, or offers: docs/interop.md says which and why. */
export interface Abilities {
  /** Whether its commit of a single Remove or Update has the path that section 12.4 requires. */
  readonly commitOneRemoveOrUpdate: boolean;
  /** Whether its commit of GroupContextExtensions has the path that section 12.4 requires, sealed in the right context. */
  readonly commitExtensions: boolean;
  /** Whether it takes and gives a ratchet tree apart from a GroupInfo (section 12.4.3.3). */
  readonly treeBeside: boolean;
}

/** How a client behaves in its groups. */
export interface ClientOptions {
  readonly suite: number;
  /** How its proposals and commits travel. */
  readonly handshake: Handshake;
  /** Its external PSKs. */
  readonly psks?: PskStore;
}

export type Handshake = "private" | "public";

/** External PSKs by id. */
export class PskStore {
  readonly #keys = new Map<string, Uint8Array>();

  /** A key under an id that is new. */
  add(key: Uint8Array): Uint8Array {
    const id = Uint8Array.of(0x70, 0x73, 0x6b, this.#keys.size);
    this.#keys.set(hex(id), key);
    return id;
  }

  find(id: Uint8Array): Uint8Array | undefined {
    return this.#keys.get(hex(id));
  }

  *[Symbol.iterator](): Iterator<readonly [id: string, key: Uint8Array]> {
    yield* this.#keys;
  }
}

/** The extension type, of the private range, that every client here says it supports. */
export const sharedExtension = 0xf123;

/** Somebody who can be in groups. */
export interface Client {
  readonly name: string;
  readonly engine: string;
  create(groupId: Uint8Array): Promise<Participant>;
  /** A fresh key package; its private keys wait for the next Welcome. */
  keyPackage(): Promise<Uint8Array>;
  join(welcome: Uint8Array, ratchetTree?: Uint8Array): Promise<Participant>;
  /** An Add of itself, to the group of this GroupInfo: section 12.1.8. Its private keys wait for the next Welcome. */
  proposeToJoin(groupInfo: Uint8Array): Promise<Uint8Array>;
  /** Section 12.4.3.2. With `replace`, a resync that removes this client's own former leaf. */
  joinExternally(
    groupInfo: Uint8Array,
    replace?: number,
  ): Promise<{ readonly commit: Uint8Array; readonly participant: Participant }>;
}

/** A PSK: an external one by its id, or the resumption PSK of an epoch of the same group. */
export type Psk = Uint8Array | { readonly resumption: bigint };

/** The group that takes this one's place: its id, and its extensions. Suite and version stay. */
export interface Successor {
  readonly groupId: Uint8Array;
  readonly extensions: readonly Extension[];
}

/** What a participant may ask for; an update is of its own leaf. */
export type Change =
  | { readonly add: Uint8Array }
  | { readonly update: true }
  | { readonly remove: number }
  | { readonly psk: Psk }
  | { readonly reinit: Successor }
  | { readonly extensions: readonly Extension[] };

/** What a commit holds by value, next to every proposal that is pending. */
export interface Plan {
  readonly add?: readonly Uint8Array[];
  readonly remove?: readonly number[];
  readonly psks?: readonly Psk[];
  readonly extensions?: readonly Extension[];
  /** Alone, as section 12.2 asks. */
  readonly reinit?: Successor;
  /** Whether the Welcome leaves the tree out. */
  readonly treeBeside?: boolean;
}

/** A commit that was made, and changes nothing until it is applied. */
export interface Made {
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array | undefined;
  apply(): Promise<void>;
  drop(): void;
}

/** What became of a message. */
export type Received =
  { readonly kind: "message"; readonly text: string } | { readonly kind: "proposal" | "commit" | "removed" };

/** What all members of an epoch must agree on. */
export interface View {
  readonly epoch: bigint;
  readonly epochAuthenticator: string;
  readonly treeHash: string;
  readonly exported: string;
}

/** A member of one group. */
export interface Participant {
  readonly client: Client;
  readonly leafIndex: number;
  view(): Promise<View>;
  seal(text: string): Promise<Uint8Array>;
  propose(change: Change): Promise<Uint8Array>;
  commit(plan?: Plan): Promise<Made>;
  receive(message: Uint8Array): Promise<Received>;
  /** With the ratchet tree and an external_pub, which is mended unless asked for as the implementation writes it. */
  groupInfo(form?: "mended" | "as it is"): Promise<Uint8Array>;
  ratchetTree(): Uint8Array;
  /** What a call follows: always the same object. */
  readonly source: EpochSource;
}

/** The first epoch of a group that comes from another, with what the other members need to follow. */
export interface Linked {
  readonly participant: Participant;
  readonly welcome: Uint8Array;
  readonly ratchetTree: Uint8Array;
}

/** A member that can take others of its group to a group that comes from it. RFC 9420 sections 11.2, 11.3 */
export interface LinkingParticipant extends Participant {
  /** Make a group of the members of these key packages. */
  branch(groupId: Uint8Array, keyPackages: readonly Uint8Array[]): Promise<Linked>;
  /** Make the group that a committed ReInit asked for. */
  reinitialize(successor: Successor, keyPackages: readonly Uint8Array[]): Promise<Linked>;
  /** Join a group that another member made of this one. */
  follow(linked: Omit<Linked, "participant">): Promise<Participant>;
}

/** Whether a participant is one that can. */
export function isLinking(participant: Participant): participant is LinkingParticipant {
  return "branch" in participant;
}
