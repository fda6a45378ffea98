/**
 * Rules for message framing. RFC 9420 sections 6, 6.1, 6.2, 6.3.
 */

import { constantTimeEqual } from "../bytes/compare.ts";
import { verifyWithLabel, type SignedContent } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import type { LeafLookup } from "../tree/ratchet-tree.ts";
import type { Content, HandshakeContent, Sender } from "../wire/framing.ts";
import type { LeafNode } from "../wire/leaf-node.ts";
import { notVerified } from "./signatures.ts";

/**
 * Section 6.1: "Recipients of an MLSMessage MUST verify the signature with the key depending on the sender_type of the
 * sender". valn1203, valn1301, valn1302, valn1304, valn1307, valn0407
 */
export async function checkMessageSignature(
  suite: CipherSuite,
  signed: { readonly publicKey: Uint8Array; readonly tbs: SignedContent; readonly signature: Uint8Array },
): Promise<void> {
  const { publicKey, tbs, signature } = signed;
  const valid = await verifyWithLabel(suite, { publicKey, label: "FramedContentTBS", content: tbs, signature });
  if (!valid) throw notVerified(suite, publicKey, "message-signature", "valn1301");
}

/** Section 6.2: "the application MUST check membership_tag". valn1202, valn1302 */
export function checkMembershipTag(computed: Uint8Array, received: Uint8Array | undefined): void {
  if (received === undefined || !constantTimeEqual(computed, received)) {
    throw new CopseError("membership-tag", { rule: "valn1302" });
  }
}

/** Section 6: "Applications MUST use PrivateMessage to encrypt application messages". */
export function checkNotApplication(content: Content): asserts content is HandshakeContent {
  if (content.type === "application") throw new CopseError("application-public", { rule: "section 6" });
}

/** The leaf index of who sends a PrivateMessage. Section 6.3.2: "the sender MUST verify Sender.sender_type is member". valn1305 */
export function sendingLeafOf(sender: Sender): number {
  if (sender.type !== "member") throw new CopseError("sender-content", { rule: "valn1305" });
  return sender.leafIndex;
}

/**
 * The leaf of a sender. Section 6.3.2: "the recipient MUST verify that the leaf index indicated in the leaf_index field identifies a non-blank
 * node". valn1306
 */
export function senderLeafOf(tree: LeafLookup, leafIndex: number): LeafNode {
  const leaf = tree.leaf(leafIndex);
  if (leaf === undefined) throw new CopseError("sender-blank", { rule: "valn1306", leafIndex });
  return leaf;
}
