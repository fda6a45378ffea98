/**
 * AppEphemeral: data for a component that is told with a commit, to all members alike, and changes nothing. Section 4.8 of
 * draft-ietf-mls-extensions.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { checkUint } from "../../bytes/numbers.ts";
import { decode, encode, opaque, struct, u16, type Codec } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import type { CustomEntry, CustomProposalType } from "../../rules/registry.ts";
import type { Sender } from "../../wire/framing.ts";
import {
  checkComponentSender,
  checkDecision,
  type Component,
  type Components,
  componentProposal,
} from "./component.ts";
import type { CustomChoice } from "./update.ts";

/** Section 4.8 */
export interface AppEphemeral {
  readonly componentId: number;
  readonly data: Uint8Array;
}
/** As on the wire. */
export const AppEphemeral: Codec<AppEphemeral> = struct<AppEphemeral>({ componentId: u16, data: opaque });

/** An AppEphemeral to propose or commit. @throws TypeError */
export function appEphemeral(proposalType: number, componentId: number, data: Uint8Array): CustomChoice {
  checkUint("componentId", componentId, 16);
  return { proposalType, body: encode(AppEphemeral, { componentId, data: copyBytes(data) }) };
}

/**
 * Section 4.8: "An AppEphemeral proposal is invalid if it contains a component_id that is unknown to the application".
 * extensions 4.8 (1)
 */
function checkEphemeralKnown(componentId: number, components: Components): Component {
  const component = components.get(componentId);
  if (component === undefined) throw new CopseError("component-unknown", { rule: "extensions 4.8 (1)" });
  return component;
}

/**
 * Section 4.8: "or if the data field is considered invalid by the application logic registered to the indicated
 * component_id". extensions 4.8 (2)
 */
function checkEphemeral({ componentId, data }: AppEphemeral, sender: Sender, components: Components): void {
  const { ephemeral } = checkEphemeralKnown(componentId, components);
  const rule = "extensions 4.8 (2)";
  if (ephemeral === undefined) throw new CopseError("component-refused", { rule });
  checkComponentSender(sender, false, ephemeral.from);
  const { isValid } = ephemeral;
  if (isValid !== undefined) checkDecision("isValid", () => isValid(data.slice(), sender), rule);
}

/**
 * The proposal type, for a registry. Section 4.8: "AppEphemeral proposals MUST be processed after any default proposals [...],
 * but before any AppDataUpdate proposals": it stands before that in the registry. extensions 4.8 (3)
 */
export function appEphemeralType(type: number, components: Components): CustomProposalType {
  return {
    type,
    ...componentProposal,
    readBody: (input) => AppEphemeral.read(input),
    isValid: (body, sender) => {
      checkEphemeral(decode(AppEphemeral, body), sender, components);
      return true;
    },
    apply: (entries, { extensions, external }) => {
      for (const { proposal, sender } of entries) {
        const { componentId } = decode(AppEphemeral, proposal.body);
        checkComponentSender(sender, external, components.get(componentId)?.ephemeral?.from);
      }
      return extensions;
    },
  };
}

/** What a commit tells a component. */
export interface EphemeralData extends AppEphemeral {
  readonly sender: Sender;
}

/**
 * What a commit tells components. Section 4.8: those for the same component "MUST be processed in the order in which they are
 * specified in the Commit". extensions 4.8 (4)
 */
export function ephemeralsIn(custom: readonly CustomEntry[], type: number): readonly EphemeralData[] {
  return custom
    .filter(({ proposal }) => proposal.proposalType === type)
    .map(({ proposal, sender }) => {
      const { componentId, data } = decode(AppEphemeral, proposal.body);
      return { componentId, data: data.slice(), sender };
    });
}
