/**
 * A custom proposal by which a member asks to leave, for tests: it is self_remove under another number.
 */

import type { CustomProposalType, ExtensionRegistry } from "../../src/rules/registry.ts";
import type { CustomProposal } from "../../src/wire/proposal.ts";

export const leaveType: CustomProposalType = {
  type: 0xf000,
  pathRequired: true,
  external: false,
  externalCommit: true,
  after: "remove",
  removesSender: true,
};

export const leaveRegistry: ExtensionRegistry = { proposals: [leaveType] };

/** What a member proposes: its body is one `opaque data<V>`, of no bytes. */
export const leave: CustomProposal = { type: "custom", proposalType: leaveType.type, body: new Uint8Array([0]) };
