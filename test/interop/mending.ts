/**
 * What both versions of ts-mls need from outside: keys and GroupInfos in the bytes that RFC 9420 asks for, and an Update's
 * leaf node, which they can check and commit but not make. docs/interop.md lists their faults.
 */

import { bytesToBase64 } from "ts-mls";
import { fromHex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { suiteOf } from "./x-wing.ts";
import { signWithLabel } from "../../src/crypto/labels.ts";
import type { Signer } from "../../src/crypto/provider.ts";
import { ExternalPub } from "../../src/wire/extension.ts";
import { leafNodeTbs, type LeafNode, type LeafPosition } from "../../src/wire/leaf-node.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import { extensionTypes } from "../../src/wire/registries.ts";
import { groupInfoTbs, type GroupInfo } from "../../src/wire/welcome.ts";
import type { PskStore } from "./participant.ts";

/**
 * Both versions write the public key of an external_pub without its length. RFC 9420 section 12.4.3.2:
 *
 *     struct {
 *         HPKEPublicKey external_pub;
 *     } ExternalPub;
 *
 * and section 5.1.1: "opaque HPKEPublicKey<V>". The length is put before it, and the GroupInfo is signed again.
 */
export async function mendGroupInfo(message: Uint8Array, signer: Signer): Promise<Uint8Array> {
  const groupInfo = groupInfoOf(message);
  const mended = {
    ...groupInfo,
    extensions: groupInfo.extensions.map(({ type, data }) =>
      type === extensionTypes.external_pub
        ? { type, data: encode(ExternalPub, { externalPub: data }) }
        : { type, data },
    ),
    signature: new Uint8Array(0),
  };
  const signature = await signWithLabel(signer, "GroupInfoTBS", groupInfoTbs(mended));
  return encodeMessage({ wireFormat: "mls_group_info", groupInfo: { ...mended, signature } });
}

/**
 * The other direction: both versions take the data of an external_pub for the bare key. The GroupInfo can't be changed
 * without breaking its signature, so their HPKE is: it reads a key that is not one of its KEM as ExternalPub.
 */
export function readingExternalPub<Hpke extends { importPublicKey(key: Uint8Array): Promise<unknown> }>(
  suite: number,
  hpke: Hpke,
): Hpke {
  const ours = suiteOf(suite);
  const importPublicKey: Hpke["importPublicKey"] = (key) =>
    hpke.importPublicKey(ours.isKemPublicKey(key) ? key : decode(ExternalPub, key).externalPub);
  return { ...hpke, importPublicKey };
}

/** A signature key pair as ts-mls holds it. */
export interface SignatureKeyPair {
  readonly signKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/**
 * Both versions make compressed signature public keys for the NIST curves. RFC 9420 section 5.1.1: "For cipher suites using the
 * Elliptic Curve Digital Signature Algorithm (ECDSA) with the NIST curves (P-256, P-384, or P-521), the public key is
 * represented as an encoded UncompressedPointRepresentation struct". They verify with either, so copse computes the public
 * key again.
 */
export async function uncompressed(suite: number, { signKey, publicKey }: SignatureKeyPair): Promise<SignatureKeyPair> {
  const ours = suiteOf(suite);
  return ours.isSignaturePublicKey(publicKey)
    ? { signKey, publicKey }
    : { signKey, publicKey: await ours.signaturePublicKey(signKey) };
}

/**
 * The default of 1.6.4, 0 to 2^63 - 1, is longer than anybody should accept. RFC 9420 section 7.2: "Applications MUST
 * define a maximum total lifetime that is acceptable for a LeafNode, and reject any LeafNode where the total lifetime is
 * longer than this duration."
 */
export function lifetime(): { readonly notBefore: bigint; readonly notAfter: bigint } {
  const now = BigInt(Math.floor(Date.now() / 1000));
  return { notBefore: now - 3_600n, notAfter: now + 86_400n * 90n };
}

/** PSKs as both versions look them up. */
export function pskRecord(psks: PskStore | undefined): Record<string, Uint8Array> {
  const record: Record<string, Uint8Array> = {};
  for (const [id, key] of psks ?? []) record[bytesToBase64(fromHex(id))] = key;
  return record;
}

/** The signature of an Update's leaf node: what was in the tree, with another encryption key. Section 7.2 */
export async function signUpdate(
  leaf: LeafNode,
  encryptionKey: Uint8Array,
  position: LeafPosition,
  signer: Signer,
): Promise<Uint8Array> {
  const unsigned: LeafNode = {
    ...leaf,
    encryptionKey,
    leafNodeSource: { type: "update" },
    signature: new Uint8Array(0),
  };
  return signWithLabel(signer, "LeafNodeTBS", leafNodeTbs(unsigned, position));
}

/** The leaf node of a key package. */
export function leafOf(keyPackage: Uint8Array): LeafNode {
  const message = decodeMessage(keyPackage);
  if (message.wireFormat !== "mls_key_package") throw new TypeError("not a key package");
  return message.keyPackage.leafNode;
}

/** The GroupInfo of an MLSMessage. */
export function groupInfoOf(bytes: Uint8Array): GroupInfo {
  const message = decodeMessage(bytes);
  if (message.wireFormat !== "mls_group_info") throw new TypeError("not a GroupInfo");
  return message.groupInfo;
}
