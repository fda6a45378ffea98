/**
 * The hashes of the tree. RFC 9420 sections 7.8, 7.9. What is hashed is forgotten at once, and never copied: a
 * join hashes thousands of nodes.
 */

import type { Codec } from "../codec/codec.ts";
import { Writer } from "../codec/writer.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { ParentHashInput, TreeHashInput } from "../wire/ratchet-tree.ts";

/** The hash of an encoded TreeHashInput. RFC 9420 section 7.8 */
export function treeHash(suite: CipherSuite, input: TreeHashInput): Uint8Array {
  return hashOf(suite, TreeHashInput, input);
}

/** The hash of an encoded ParentHashInput. RFC 9420 section 7.9 */
export function parentHash(suite: CipherSuite, input: ParentHashInput): Uint8Array {
  return hashOf(suite, ParentHashInput, input);
}

function hashOf<T>(suite: CipherSuite, codec: Codec<T>, value: T): Uint8Array {
  const out = new Writer();
  codec.write(out, value);
  return out.lend((bytes) => suite.hash(bytes));
}
