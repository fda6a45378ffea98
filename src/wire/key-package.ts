/**
 * Key packages. RFC 9420 section 10.
 */

import { opaque, struct, u16, type Codec } from "../codec/codec.ts";
import { encodingOf, retained } from "../codec/retained.ts";
import { Extensions, type Extension } from "./extension.ts";
import { LeafNode, withoutSignature } from "./leaf-node.ts";

/** RFC 9420 section 10 */
export interface KeyPackage {
  readonly version: number;
  readonly cipherSuite: number;
  readonly initKey: Uint8Array;
  readonly leafNode: LeafNode;
  readonly extensions: readonly Extension[];
  /** SignWithLabel(., "KeyPackageTBS", KeyPackageTBS) */
  readonly signature: Uint8Array;
}
/** As on the wire. */
export const KeyPackage: Codec<KeyPackage> = retained(
  struct<KeyPackage>({
    version: u16,
    cipherSuite: u16,
    initKey: opaque,
    leafNode: LeafNode,
    extensions: Extensions,
    signature: opaque,
  }),
);

/** The encoded KeyPackageTBS: "all of the fields except for the signature field". RFC 9420 section 10. */
export function keyPackageTbs(keyPackage: KeyPackage): Uint8Array {
  return withoutSignature(encodingOf(KeyPackage, keyPackage), keyPackage.signature);
}
