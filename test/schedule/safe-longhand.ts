/**
 * The safe application interface by hand: node:crypto and the words of draft-ietf-mls-extensions and RFC 9420, without a line
 * of the library. What the library is compared with, and what vectors/copse/safe-*.json are made with.
 */

import { createHmac } from "node:crypto";

/** The hash of each cipher suite of RFC 9420, and its length. */
export const hashOf: Readonly<Record<number, readonly [name: string, length: number]>> = {
  1: ["sha256", 32],
  2: ["sha256", 32],
  3: ["sha256", 32],
  4: ["sha512", 64],
  5: ["sha512", 64],
  6: ["sha512", 64],
  7: ["sha384", 48],
};

/** RFC 9420 section 2.1.2: a length below 64 takes one byte, one below 16,384 two. */
export function vector(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  if (length >= 0x4000) throw new RangeError("too long for this helper");
  const header = length < 0x40 ? [length] : [0x40 | (length >> 8), length & 0xff];
  return Buffer.concat([Buffer.from(header), bytes]);
}

export function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

/** RFC 9420 section 8, and HKDF-Expand of RFC 5869: for KDF.Nh bytes one block is enough. */
export function expandWithLabel(suite: number, secret: Uint8Array, label: string, context: Uint8Array): Buffer {
  const [hash, length] = hashOf[suite]!;
  const info = Buffer.concat([uint16(length), vector(Buffer.from(`MLS 1.0 ${label}`)), vector(context)]);
  return createHmac(hash, secret)
    .update(Buffer.concat([info, Buffer.from([1])]))
    .digest();
}

/** "an additional secret derived from the epoch_secret [...] using the label "application_export"" */
export function applicationExportSecret(suite: number, epochSecret: Uint8Array): Buffer {
  return expandWithLabel(suite, epochSecret, "application_export", Buffer.alloc(0));
}

/**
 * "SafeExportSecret(ComponentID) = tree_node_[LeafIndex(ComponentID)]_secret": from the root of 2^16 leaves the bits of the
 * ComponentID, the highest first, say at each node which child the leaf is under.
 */
export function safeExportSecret(suite: number, root: Uint8Array, componentId: number): Buffer {
  let secret: Buffer = Buffer.from(root);
  for (const bit of componentId.toString(2).padStart(16, "0")) {
    secret = expandWithLabel(suite, secret, "tree", Buffer.from(bit === "0" ? "left" : "right"));
  }
  return secret;
}

/** Section 4.1: the ComponentOperationLabel. */
export function componentLabel(componentId: number, label: string): Buffer {
  return Buffer.concat([vector(Buffer.from("MLS Component")), uint16(componentId), vector(Buffer.from(label))]);
}

/** RFC 9420 sections 5.1.2 and 5.1.3: SignContent and EncryptContext under a label that is bytes. */
export function labelled(label: Uint8Array, content: Uint8Array): Buffer {
  return Buffer.concat([vector(Buffer.concat([Buffer.from("MLS 1.0 "), label])), vector(content)]);
}
