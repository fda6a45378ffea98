/**
 * Verifying what a component of somebody else's has signed: SafeVerifyWithLabel. Section 4.3 of draft-ietf-mls-extensions.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { bytes, options, text, thing, uint16, type Shape } from "../../bytes/takes.ts";
import { verifyWithLabel } from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { suite as suiteTakes } from "../../public-group/options/takes.ts";
import { componentLabel } from "../../wire/component-label.ts";

/** What a component says to have signed. */
export interface ComponentSignature {
  readonly suite: CipherSuite;
  /** Who: a member of a group, by the key of its leaf. */
  readonly member: { readonly signatureKey: Uint8Array };
  /** The component that signed: "components can verify signatures computed by other components". */
  readonly componentId: number;
  readonly label: string;
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
}

const claimShape: Shape<ComponentSignature> = {
  suite: suiteTakes,
  member: /* @__PURE__ */ thing("a member", { signatureKey: bytes }, ["signatureKey"]),
  componentId: uint16,
  label: text,
  content: bytes,
  signature: bytes,
};
const aClaim = /* @__PURE__ */ options(claimShape, ...Object.keys(claimShape));

/**
 * Whether `group.component(componentId).sign(label, content)` of this member gave this signature. It does not say when, nor in
 * which group: what has to be clear goes into the content.
 *
 *     const event = ...; // signed by the member at leaf 3
 *     await verifyForComponent({ suite, member: group.member(3)!, componentId: 0x8001, label: "vote", content, signature });
 */
export async function verifyForComponent(claim: ComponentSignature): Promise<boolean> {
  aClaim("verifyForComponent", claim);
  const { suite, member, componentId, label, content, signature } = claim;
  return verifyWithLabel(suite, {
    publicKey: copyBytes(member.signatureKey),
    label: componentLabel(componentId, label),
    content: copyBytes(content),
    signature: copyBytes(signature),
  });
}
