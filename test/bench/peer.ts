/**
 * One face for the implementations that are compared. Everything that crosses it is bytes, so that each pays for its own
 * encoding and decoding, and nobody for another's.
 */

import type { PeerName } from "./rows.ts";

type Awaitable<T> = T | Promise<T>;

/** An implementation, with ciphersuite 1, its default provider and its default options. */
export interface Peer {
  readonly name: PeerName;
  client(name: string): Promise<Client>;
}

/** Somebody with a signature key. */
export interface Client {
  /** A fresh key package. */
  keyPackage(): Promise<OwnKeyPackage>;
  /** A new group with this client alone. */
  create(): Promise<Member>;
}

/** A key package and its private keys, which serve any number of joins here: each round joins the same group again. */
export interface OwnKeyPackage {
  /** An MLSMessage. */
  readonly message: Uint8Array;
  join(welcome: Uint8Array): Promise<Member>;
  /** A member whose state is stored with every operation. */
  joinStored(welcome: Uint8Array): Promise<StoredMember>;
}

/** A member whose state is stored with every operation, and what was stored since somebody asked. */
export interface StoredMember {
  readonly member: Member;
  /** Stored by the operation that has just ended, where its implementation does not do so by itself. */
  store(): void;
  written(): Written;
  /** A member again, out of the store. */
  restore(): Promise<unknown>;
  /** The bytes of the whole store. */
  readonly size: number;
}

/** What an operation has stored: bytes of names and values, and those of messages among it. */
export interface Written {
  readonly bytes: number;
  readonly made: number;
}

/** A member of an implementation that stores nothing but its whole state. */
export function wholeState(member: Member): StoredMember {
  let snapshot = new Uint8Array(0);
  return {
    member,
    store: () => {
      snapshot = new Uint8Array(member.snapshot());
    },
    written: () => ({ bytes: snapshot.length, made: 0 }),
    restore: () => Promise.resolve(member.restore(snapshot)),
    get size() {
      return snapshot.length;
    },
  };
}

/** A member of one group, which keeps its state. Handshakes are PrivateMessages. */
export interface Member {
  /** What two members compare: proof that all did the same work. */
  epochAuthenticator(): Uint8Array;
  /** Commit, and go on in the new epoch. With neither adds nor removes, a fresh path. */
  commit(changes?: Changes): Promise<Made>;
  /** Take in a message; the plaintext where it is an application message. */
  receive(message: Uint8Array): Promise<Uint8Array | undefined>;
  seal(plaintext: Uint8Array): Promise<Uint8Array>;
  /** 32 bytes from the exporter. */
  export(): Awaitable<Uint8Array>;
  /** The whole state as bytes. */
  snapshot(): Uint8Array;
  /** A member again, out of a snapshot of this one. */
  restore(snapshot: Uint8Array): Awaitable<unknown>;
}

/** What a commit changes: key packages to add, and the leaf indexes to remove. */
export interface Changes {
  readonly add?: readonly Uint8Array[];
  readonly remove?: readonly number[];
}

export interface Made {
  readonly commit: Uint8Array;
  /** With the ratchet tree inside. */
  readonly welcome: Uint8Array | undefined;
}

/** The label and the context of every exported secret here. */
export const exporterLabel = "bench";
export const exporterContext: Uint8Array = new Uint8Array(16);

/** Lifetimes that all three accept: 1.6.4's own default never ends, which section 7.2 does not allow. */
export function lifetime(): { readonly notBefore: bigint; readonly notAfter: bigint } {
  const now = BigInt(Math.floor(Date.now() / 1000));
  return { notBefore: now - 3_600n, notAfter: now + 86_400n * 28n };
}
