/**
 * self_remove: a member's proposal to remove itself. A plain Remove of somebody who leaves dies with every external commit;
 * this one may be referred to by it. Section 6.3 of draft-ietf-mls-extensions.
 *
 *     struct {} SelfRemove;
 */

import "./explained.ts";
import { nothing } from "../bytes/nothing.ts";
import { encode } from "../codec/codec.ts";
import { CopseError } from "../errors.ts";
import {
  registryTakes,
  type CustomProposalType,
  type ExtensionRegistry,
  type ProposedPlace,
} from "../rules/registry.ts";
import { RequiredCapabilities, type Extension } from "../wire/extension.ts";
import type { CustomProposal } from "../wire/proposal.ts";
import { extensionTypes } from "../wire/registries.ts";

/** The number that the extensions draft suggests for self_remove. */
export const selfRemoveType = 0x000a;

/**
 * Section 6.3: "SelfRemove proposals are only allowed in a Commit by reference." What stands in one by value has come in no
 * message. extensions 6.3 (3)
 */
function checkByReference({ wireFormat }: ProposedPlace): void {
  if (wireFormat === undefined) throw new CopseError("self-remove-by-value", { rule: "extensions 6.3 (3)" });
}

/**
 * Section 6.3: "Because the point of a SelfRemove Proposal is to be available to external joiners (which are not yet members),
 * these proposals MUST be sent in an MLS PublicMessage." extensions 6.3 (6)
 */
function checkInPublicMessage({ wireFormat }: ProposedPlace): void {
  if (wireFormat !== "mls_public_message") throw new CopseError("self-remove-private", { rule: "extensions 6.3 (6)" });
}

/**
 * Section 6.3: a client can send it "whenever it would like to remove itself from a self-remove-capable group", where "all the
 * members of a group support this proposal in their capabilities". Elsewhere it means nothing, and nobody who receives it waits
 * for its commit. extensions 6.3 (5)
 */
function checkGroupIsCapable(type: number, { tree }: ProposedPlace): void {
  if (tree.indexes.proposalSupport(type) < tree.size) {
    throw new CopseError("proposal-unsupported", { rule: "extensions 6.3 (5)", type });
  }
}

/**
 * The type, for a registry. Section 6.3: "It is allowed in external Commits and requires an UpdatePath", "SelfRemove cannot be
 * sent as an external proposal", and it is "processed after Update proposals and before Remove proposals". extensions 6.3 (1)
 * extensions 6.3 (2) extensions 6.3 (4) extensions 6.3 (8)
 */
export const selfRemove: CustomProposalType = {
  type: selfRemoveType,
  pathRequired: true,
  external: false,
  externalCommit: true,
  after: "update",
  removesSender: true,
  wireFormat: "mls_public_message",
  readBody: () => undefined,
  isValid: (_, __, place) => {
    checkByReference(place);
    checkInPublicMessage(place);
    checkGroupIsCapable(selfRemoveType, place);
    return true;
  },
};

/** What a member proposes to leave, as `group.leave()` does: `group.propose({ custom: selfRemoval })`. */
export const selfRemoval: Omit<CustomProposal, "type"> = { proposalType: selfRemoveType, body: nothing };

/** A registry with self_remove beside what it holds. */
export function withSelfRemove(registry: ExtensionRegistry = {}): ExtensionRegistry {
  registryTakes("registry", registry);
  const { proposals = [] } = registry;
  const known = proposals.some(({ type }) => type === selfRemoveType);
  return known ? registry : { ...registry, proposals: [...proposals, selfRemove] };
}

/** The group context extension by which every member must support it. RFC 9420 section 11.1 */
export const selfRemoveRequired: Extension = {
  type: extensionTypes.required_capabilities,
  data: encode(RequiredCapabilities, { extensionTypes: [], proposalTypes: [selfRemoveType], credentialTypes: [] }),
};
