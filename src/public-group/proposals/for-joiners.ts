/**
 * Pending proposals for those who join from outside. Section 6.3 of draft-ietf-mls-extensions: "If the DS provides a GroupInfo
 * object to an external joiner, the DS SHOULD attach any SelfRemove proposals known to the DS to the GroupInfo object."
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { concat } from "../../bytes/concat.ts";
import { customTypeOf, type Registry } from "../../rules/registry.ts";
import type { ProposalStore } from "./proposal-store.ts";

/** What stands before the AuthenticatedContent in its MLSMessage: mls10. */
const version = Uint8Array.of(0, 1);
/** The membership tag: "a non-member cannot verify membership", and nobody else is to have the message. */
const noTag = Uint8Array.of(0);

/** The pending proposals of members that an external commit may refer to, as PublicMessages without their membership tags. */
export function messagesForJoiners(proposals: ProposalStore, registry: Registry): readonly Bytes[] {
  return Array.from(proposals.values())
    .filter(
      ({ proposal, sender, authenticated: { wireFormat } }) =>
        sender.type === "member" &&
        wireFormat === "mls_public_message" &&
        customTypeOf(proposal, registry)?.externalCommit === true,
    )
    .map(({ encoded }) => concat(version, encoded, noTag));
}
