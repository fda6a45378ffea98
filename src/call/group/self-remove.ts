/**
 * self_remove: a member's proposal to remove itself, of the MLS extensions draft. A plain Remove of somebody who leaves dies
 * with every external commit; this one may be referred to by it.
 *
 *     struct {} SelfRemove;
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { requiredCapabilities } from "../../public-group/extensions.ts";
import type { CustomChoice } from "../../public-group/proposals/changes.ts";
import type { GroupOptions } from "../../public-group/options/settings.ts";
import type { Extension } from "../../wire/extension.ts";
import type { GroupContext } from "../../wire/group-context.ts";
import { extensionTypes } from "../../wire/registries.ts";

type ExtensionRegistry = NonNullable<GroupOptions["registry"]>;

/** The number that the extensions draft suggests for self_remove. */
export const selfRemoveType = 0x000a;

/**
 * The type, for a registry. A path is required, external commits may refer to it, external senders may not send it. That it
 * stands in no commit by value follows: nobody may remove the committer.
 */
export const selfRemove: NonNullable<NonNullable<GroupOptions["registry"]>["proposals"]>[number] = {
  type: selfRemoveType,
  pathRequired: true,
  external: false,
  externalCommit: true,
  after: "remove",
  removesSender: true,
  readBody: () => undefined,
};

/** What a member proposes to leave: `group.propose({ custom: selfRemoval })`, where handshakes are public. */
export const selfRemoval: CustomChoice = { proposalType: selfRemoveType, body: new Uint8Array(0) };

/** A registry with self_remove beside what it holds. */
export function withSelfRemove(registry: ExtensionRegistry = {}): ExtensionRegistry {
  const { proposals = [] } = registry;
  const known = proposals.some(({ type }) => type === selfRemoveType);
  return known ? registry : { ...registry, proposals: [...proposals, selfRemove] };
}

/** The group context extension by which every member must support it. RFC 9420 section 11.1 */
export const selfRemoveRequired: Extension = requiredCapabilities({ proposalTypes: [selfRemoveType] });

/**
 * Whether a group is what a call starts: every member must support self_remove, nothing else is asked of them, and nothing
 * else is agreed upon but who may propose from outside, whom the AuthenticationService has judged.
 */
export function isCallContext({ extensions }: GroupContext): boolean {
  const others = extensions.filter(({ type }) => type !== extensionTypes.external_senders);
  const [required] = others;
  return (
    others.length === 1 &&
    required?.type === selfRemoveRequired.type &&
    bytesEqual(required.data, selfRemoveRequired.data)
  );
}
