/**
 * Leaving a group: a member's proposal to remove itself, of the custom type that its registry has for that. The extensions
 * draft calls it SelfRemove. Section 6.3 of draft-ietf-mls-extensions.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { nothing } from "../../bytes/nothing.ts";
import { CopseError } from "../../errors.ts";
import { sendProposal } from "./send.ts";
import type { GroupState } from "../state.ts";

/**
 * The message by which this member asks to leave: the same one as long as its epoch lasts.
 *
 * @throws CopseError "leave-alone" where nobody else is there who could commit it; "proposal-unsupported". TypeError where no
 * such type is registered.
 */
export function proposeToLeave(state: GroupState, authenticatedData: Uint8Array | undefined): Promise<Bytes> {
  const { epoch, settings } = state;
  const type = [...settings.registry.proposals.values()].find(({ removesSender }) => removesSender === true)?.type;
  if (type === undefined) {
    throw new TypeError("no self_remove is registered: let others remove this member, by propose({ remove })");
  }
  if (epoch.tree.size === 1) throw new CopseError("leave-alone");
  return sendProposal(state, { custom: { proposalType: type, body: nothing } }, authenticatedData);
}
