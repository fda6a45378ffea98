/**
 * What a group's records are called. A record is one thing that changes by itself, so that an operation writes what it has
 * changed and nothing else.
 *
 *     epoch                              the current epoch: its context, and its secrets but those below
 *     node/INDEX                         a node of the ratchet tree, by its index of RFC 9420 appendix C
 *     secret/EPOCH/INDEX                 a node of an epoch's secret tree that has a secret
 *     ratchet/EPOCH/LEAFh (or LEAFa)     a sender's handshake (or application) ratchet
 *     key/EPOCH/LEAFh/GENERATION         the key of a skipped generation
 *     extension/HASH                     a long extension of the contexts of epochs that are kept, by its hash in hex
 *     beside/TYPE/HASH                   what an extension of the context names by its hash, which is in hex
 *     past/EPOCH                         a past epoch whose messages can still be opened
 *     psk/EPOCH                          the resumption PSK of an epoch
 *     export/INDEX                       a node of the current epoch's exporter tree that has a secret
 *     proposal/NUMBER                    a proposal that waits for a commit
 *     sent/NUMBER                        a message of ours, to be recognised
 *     sending                            how many messages this epoch and this member have sent
 *     pending, pending/commit, pending/welcome, pending/group-info
 *                                        our commit that waits to be applied, and its messages
 *
 * EPOCH is the epoch's number; "next" for the epoch of the pending commit. All numbers are decimal.
 */

import { hex } from "../../bytes/text.ts";
import { CopseError } from "../../errors.ts";
import type { RatchetType, SecretTreePartName } from "../../schedule/secret-tree-parts.ts";

/** A secret tree's place: the number of its epoch, or "next" for the pending commit's. */
export type TreeLabel = bigint | "next";

export const epochName = "epoch";
export const sendingName = "sending";
export const pendingName = "pending";
export const pendingMessageNames = {
  message: "pending/commit",
  welcome: "pending/welcome",
  groupInfo: "pending/group-info",
} as const;

/** An observer's: the epoch that can be rolled back to, and what goes before the names of what is of it. */
export const beforeName = "before";
export const beforePrefix = "before/";

/** A key package's: its private half, which waits for a Welcome. */
export function keyPackageName(ref: Uint8Array): string {
  return `key-package/${hex(ref)}`;
}

export function nodeName(nodeIndex: number): string {
  return `node/${String(nodeIndex)}`;
}

export function besideName(type: number, hash: string): string {
  return `beside/${String(type)}/${hash}`;
}

export function extensionName(hash: string): string {
  return `extension/${hash}`;
}

export function pastName(epoch: bigint): string {
  return `past/${String(epoch)}`;
}

export function pskName(epoch: bigint): string {
  return `psk/${String(epoch)}`;
}

export function exportName(nodeIndex: number): string {
  return `export/${String(nodeIndex)}`;
}

export function proposalName(number: number): string {
  return `proposal/${String(number)}`;
}

export function sentName(number: number): string {
  return `sent/${String(number)}`;
}

const letters: Readonly<Record<RatchetType, string>> = { handshake: "h", application: "a" };

/** The record of a part of a secret tree. */
export function secretTreeName(label: TreeLabel, name: SecretTreePartName): string {
  const tree = String(label);
  if (name.kind === "node") return `secret/${tree}/${String(name.nodeIndex)}`;
  const ratchet = `${tree}/${String(name.leafIndex)}${letters[name.type]}`;
  return name.kind === "ratchet" ? `ratchet/${ratchet}` : `key/${ratchet}/${String(name.generation)}`;
}

/** Those of these names that are of parts of secret trees. */
export function secretTreeRecordsOf(names: Iterable<string>): readonly string[] {
  return [...names].filter((name) => /^(secret|ratchet|key)\//.test(name));
}

/** A record's name, taken apart. */
export type RecordName =
  | { readonly kind: "epoch" | "sending" | "pending" }
  | { readonly kind: "pending-message"; readonly part: keyof typeof pendingMessageNames }
  | { readonly kind: "node" | "proposal" | "sent" | "export"; readonly number: number }
  | { readonly kind: "past" | "psk"; readonly epoch: bigint }
  | { readonly kind: "extension"; readonly hash: string }
  | { readonly kind: "beside"; readonly type: number; readonly hash: string }
  | { readonly kind: "secret-tree"; readonly label: TreeLabel; readonly part: SecretTreePartName };

/**
 * Take a name apart.
 *
 * @throws CopseError "snapshot-version" for a name that this version does not know: a newer one wrote it.
 */
export function parseName(name: string): RecordName {
  if (name === epochName || name === sendingName || name === pendingName) return { kind: name };
  for (const part of ["message", "welcome", "groupInfo"] as const) {
    if (name === pendingMessageNames[part]) return { kind: "pending-message", part };
  }
  const [kind, ...rest] = name.split("/");
  const [first = "", second = "", third = ""] = rest;
  if ((kind === "node" || kind === "proposal" || kind === "sent" || kind === "export") && rest.length === 1) {
    return { kind, number: numberOf(first) };
  }
  if ((kind === "past" || kind === "psk") && rest.length === 1) return { kind, epoch: epochOf(first) };
  if (kind === "extension" && rest.length === 1) return { kind, hash: first };
  if (kind === "beside" && rest.length === 2) return { kind, type: numberOf(first), hash: second };
  const label = first === "next" ? first : epochOf(first);
  if (kind === "secret" && rest.length === 2) {
    return { kind: "secret-tree", label, part: { kind: "node", nodeIndex: numberOf(second) } };
  }
  const leafIndex = numberOf(second.slice(0, -1));
  const type = second.endsWith("h") ? "handshake" : "application";
  if (!second.endsWith(letters[type])) throw new CopseError("snapshot-version");
  if (kind === "ratchet" && rest.length === 2) {
    return { kind: "secret-tree", label, part: { kind: "ratchet", leafIndex, type } };
  }
  if (kind === "key" && rest.length === 3) {
    const part = { kind: "key", leafIndex, type, generation: numberOf(third) } as const;
    return { kind: "secret-tree", label, part };
  }
  throw new CopseError("snapshot-version");
}

function numberOf(text: string): number {
  if (!/^(0|[1-9]\d{0,15})$/.test(text)) throw new CopseError("snapshot-version");
  return Number(text);
}

function epochOf(text: string): bigint {
  if (!/^(0|[1-9]\d{0,19})$/.test(text)) throw new CopseError("snapshot-version");
  return BigInt(text);
}
