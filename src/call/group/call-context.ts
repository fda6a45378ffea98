/**
 * What is agreed upon in a call's group: its context's extensions.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { selfRemoveRequired } from "../../extensions/self-remove.ts";
import type { GroupContext } from "../../wire/group-context.ts";
import { extensionTypes } from "../../wire/registries.ts";

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
