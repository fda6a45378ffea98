/**
 * self_remove: a member's proposal to remove itself, of the MLS extensions draft. A plain Remove of somebody who leaves dies
 * with every external commit; this one may be referred to by it.
 *
 *     struct {} SelfRemove;
 */

import { nothing } from "../bytes/nothing.ts";
import { encode } from "../codec/codec.ts";
import { registryTakes, type CustomProposalType, type ExtensionRegistry } from "../rules/registry.ts";
import { RequiredCapabilities, type Extension } from "../wire/extension.ts";
import type { CustomProposal } from "../wire/proposal.ts";
import { extensionTypes } from "../wire/registries.ts";

/** The number that the extensions draft suggests for self_remove. */
export const selfRemoveType = 0x000a;

/**
 * The type, for a registry. A path is required, external commits may refer to it, external senders may not send it. That it
 * stands in no commit by value follows: nobody may remove the committer.
 */
export const selfRemove: CustomProposalType = {
  type: selfRemoveType,
  pathRequired: true,
  external: false,
  externalCommit: true,
  after: "remove",
  removesSender: true,
  readBody: () => undefined,
};

/** What a member proposes to leave: `group.propose({ custom: selfRemoval })`, where handshakes are public. */
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
