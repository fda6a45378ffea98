/**
 * What a receiver must check against everybody, counted: unique keys, and what every member supports or uses.
 * RFC 9420 sections 7.3, 12.2.
 */

import { CopseError } from "../errors.ts";
import { credentialTypeOf, type Credential } from "../wire/credential.ts";
import type { LeafNode } from "../wire/leaf-node.ts";
import type { Node, ParentNode } from "../wire/ratchet-tree.ts";
import { Counted } from "./counted.ts";

/** The key under which two leaves are the same client, RFC 9420 section 5.3.3. The default is the signature key. */
export type ClientKey = (credential: Credential, signatureKey: Uint8Array) => Uint8Array;

/** The longest key of any cipher suite is far below; a longer one is nobody's key. */
const maxKeyLength = 4096;

interface Parts {
  readonly encryptionKeys: Counted<string>;
  readonly signatureKeys: Counted<string>;
  /** The signature keys again, unless the application has a client key of its own. */
  readonly clients: Counted<string>;
  readonly credentialsUsed: Counted<number>;
  readonly credentials: Counted<number>;
  readonly extensions: Counted<number>;
  readonly proposals: Counted<number>;
}

function noParts(clientKey: ClientKey | undefined): Parts {
  const signatureKeys = new Counted<string>();
  return {
    encryptionKeys: new Counted(),
    signatureKeys,
    clients: clientKey === undefined ? signatureKeys : new Counted(),
    credentialsUsed: new Counted(),
    credentials: new Counted(),
    extensions: new Counted(),
    proposals: new Counted(),
  };
}

function forkParts(parts: Parts): Parts {
  const signatureKeys = parts.signatureKeys.fork();
  return {
    encryptionKeys: parts.encryptionKeys.fork(),
    signatureKeys,
    clients: parts.clients === parts.signatureKeys ? signatureKeys : parts.clients.fork(),
    credentialsUsed: parts.credentialsUsed.fork(),
    credentials: parts.credentials.fork(),
    extensions: parts.extensions.fork(),
    proposals: parts.proposals.fork(),
  };
}

/** The indexes of one tree. */
export class TreeIndexes {
  readonly clientKey: ClientKey | undefined;
  readonly #parts: Parts;

  constructor(clientKey?: ClientKey, parts: Parts = noParts(clientKey)) {
    this.clientKey = clientKey;
    this.#parts = parts;
  }

  fork(): TreeIndexes {
    return new TreeIndexes(this.clientKey, forkParts(this.#parts));
  }

  /** Make this fork's changes everybody's; a fork that was made of it goes on. */
  settle(fork?: TreeIndexes): void {
    // Where clients are told apart by their signature keys, two names have one index: to settle it again changes nothing.
    for (const name of Object.keys(this.#parts) as (keyof Parts)[]) {
      const part: Counted<never> = this.#parts[name] as Counted<never>;
      part.settle(fork === undefined ? [] : [fork.#parts[name] as Counted<never>]);
    }
  }

  addLeaf(leaf: LeafNode): void {
    this.#parts.encryptionKeys.add(keyString(leaf.encryptionKey));
    this.#parts.signatureKeys.add(keyString(leaf.signatureKey));
    if (this.clientKey !== undefined) this.#parts.clients.add(this.#clientString(leaf));
    this.#parts.credentialsUsed.add(credentialTypeOf(leaf.credential));
    for (const type of eachOnce(leaf.capabilities.credentials)) this.#parts.credentials.add(type);
    for (const type of eachOnce(leaf.capabilities.extensions)) this.#parts.extensions.add(type);
    for (const type of eachOnce(leaf.capabilities.proposals)) this.#parts.proposals.add(type);
  }

  removeLeaf(leaf: LeafNode): void {
    this.#parts.encryptionKeys.remove(keyString(leaf.encryptionKey));
    this.#parts.signatureKeys.remove(keyString(leaf.signatureKey));
    if (this.clientKey !== undefined) this.#parts.clients.remove(this.#clientString(leaf));
    this.#parts.credentialsUsed.remove(credentialTypeOf(leaf.credential));
    for (const type of eachOnce(leaf.capabilities.credentials)) this.#parts.credentials.remove(type);
    for (const type of eachOnce(leaf.capabilities.extensions)) this.#parts.extensions.remove(type);
    for (const type of eachOnce(leaf.capabilities.proposals)) this.#parts.proposals.remove(type);
  }

  /** Count a node of a `ratchet_tree` list. */
  addNode(node: Node | undefined): void {
    if (node?.type === "leaf") this.addLeaf(node.leafNode);
    else if (node !== undefined) this.addParent(node.parentNode);
  }

  addParent(parent: ParentNode): void {
    this.#parts.encryptionKeys.add(keyString(parent.encryptionKey));
  }

  removeParent(parent: ParentNode): void {
    this.#parts.encryptionKeys.remove(keyString(parent.encryptionKey));
  }

  /** How many nodes, leaves and parents, have this encryption key. */
  encryptionKeyCount(key: Uint8Array): number {
    return this.#parts.encryptionKeys.count(keyString(key));
  }

  /** Whether two nodes have one encryption key. */
  get repeatsEncryptionKeys(): boolean {
    return this.#parts.encryptionKeys.hasRepeated;
  }

  /** Whether two members have one signature key, or are the same client. */
  get repeatsMembers(): boolean {
    return this.#parts.signatureKeys.hasRepeated || this.#parts.clients.hasRepeated;
  }

  /** How many members have this signature key. */
  signatureKeyCount(key: Uint8Array): number {
    return this.#parts.signatureKeys.count(keyString(key));
  }

  /** How many members are the same client as this leaf node. */
  clientCount(leaf: LeafNode): number {
    return this.#parts.clients.count(this.#clientString(leaf));
  }

  /** The credential types that members present, each once. */
  *credentialTypesInUse(): Iterable<number> {
    for (const [type] of this.#parts.credentialsUsed.entries()) yield type;
  }

  /** How many members list this credential type in their capabilities. */
  credentialSupport(type: number): number {
    return this.#parts.credentials.count(type);
  }

  /** How many members list this extension type in their capabilities. */
  extensionSupport(type: number): number {
    return this.#parts.extensions.count(type);
  }

  /** How many members list this proposal type in their capabilities. */
  proposalSupport(type: number): number {
    return this.#parts.proposals.count(type);
  }

  #clientString(leaf: LeafNode): string {
    return clientString(this.clientKey, leaf);
  }
}

/** The client key of a leaf node as a string, for sets of them. */
export function clientString(clientKey: ClientKey | undefined, leaf: LeafNode): string {
  return keyString(clientKey?.(leaf.credential, leaf.signatureKey) ?? leaf.signatureKey);
}

/** The types of a list without repetitions: mostly the list itself, which is so short that a set costs more than looking. */
function eachOnce(types: readonly number[]): Iterable<number> {
  if (types.length > 8) return new Set(types);
  for (let i = 0; i < types.length; i++) if (types.indexOf(types[i]!) !== i) return new Set(types);
  return types;
}

/** Bytes as a string of the same length: what a Map can look up. */
export function keyString(key: Uint8Array): string {
  if (key.length > maxKeyLength) throw new CopseError("key-invalid");
  return Reflect.apply(String.fromCharCode, undefined, key) as string; // ten times as fast as spreading it
}
