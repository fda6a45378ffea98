/**
 * Whether the client behind a key package has what a room asks of every member: an older one lacks a component or an extension that a room
 * of newer ones requires. RFC 9420 section 7.3, draft-ietf-mls-extensions section 5.
 */

import { isPassed } from "../../bytes/attempt.ts";
import { CopseError } from "../../errors.ts";
import type { Group } from "../../group/group.ts";
import { readKeyPackage } from "../../public-group/unverified/read-key-package.ts";
import { checkLeafSupportsGroupExtensions, requiredCapabilities } from "../../rules/extensions.ts";
import { checkRequiredCapabilities } from "../../rules/leaf-node.ts";
import { askRules, prepareRegistry, type ExtensionRegistry } from "../../rules/registry.ts";
import type { LeafNode } from "../../wire/leaf-node.ts";

/** Which of these key packages a group can take, as far as support goes: all else is checked when they are added. */
export function supporting(
  { groupContext }: Pick<Group, "groupContext">,
  keyPackages: readonly Uint8Array[],
  given: ExtensionRegistry | undefined,
): readonly Uint8Array[] {
  const { extensions } = groupContext;
  const registry = prepareRegistry(given);
  const required = requiredCapabilities(extensions);
  return keyPackages.filter((bytes) => {
    const { capabilities, leafExtensions } = readKeyPackage(bytes);
    const leaf = { capabilities, extensions: leafExtensions } as LeafNode;
    return isPassed(CopseError, () => {
      checkRequiredCapabilities(leaf, required);
      checkLeafSupportsGroupExtensions(leaf, extensions);
      askRules(registry, "checkLeaf", leaf, extensions);
    });
  });
}
