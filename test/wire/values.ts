/**
 * One plain value of each struct that tests start from.
 */

import type { FramedContent } from "../../src/wire/framing.ts";
import type { GroupContext } from "../../src/wire/group-context.ts";
import type { KeyPackage } from "../../src/wire/key-package.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";

/** Some bytes that tell one field from another. */
export function bytes(tag: number, length = 4): Uint8Array {
  return new Uint8Array(length).fill(tag);
}

export const leafNode: LeafNode = {
  encryptionKey: bytes(1),
  signatureKey: bytes(2),
  credential: { type: "basic", identity: bytes(3) },
  capabilities: { versions: [1], cipherSuites: [1], extensions: [], proposals: [], credentials: [1] },
  leafNodeSource: { type: "key_package", lifetime: { notBefore: 4n, notAfter: 5n } },
  extensions: [],
  signature: bytes(6),
};
export const keyPackage: KeyPackage = {
  version: 1,
  cipherSuite: 1,
  initKey: bytes(7),
  leafNode,
  extensions: [],
  signature: bytes(8),
};
export const groupContext: GroupContext = {
  version: 1,
  cipherSuite: 1,
  groupId: bytes(9),
  epoch: 10n,
  treeHash: bytes(11),
  confirmedTranscriptHash: bytes(12),
  extensions: [],
};
export const framedContent: FramedContent = {
  groupId: bytes(9),
  epoch: 10n,
  sender: { type: "member", leafIndex: 13 },
  authenticatedData: bytes(14),
  content: { type: "application", applicationData: bytes(15) },
};
