/**
 * Rules for extensions: each type once, in its place, with data that decodes. RFC 9420 sections 13.4, 17.3.
 *
 * Unknown types are ignored in key packages, leaf nodes and GroupInfo, and GREASE values are unknown types like any
 * other (section 13.5). In the group context every type must be supported by every member.
 */

import { decode } from "../codec/codec.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import { yesOrNo } from "../bytes/decision.ts";
import type { TreeCounts } from "../tree/ratchet-tree.ts";
import {
  ApplicationId,
  ExternalPub,
  ExternalSenders,
  RequiredCapabilities,
  type Extension,
  type ExternalSender,
} from "../wire/extension.ts";
import type { LeafNode } from "../wire/leaf-node.ts";
import { extensionTypes, isDefaultExtensionType } from "../wire/registries.ts";
import { listsAll } from "./leaf-node.ts";
import type { ExtensionPlace, Registry } from "./registry.ts";

/** Where each type of RFC 9420 belongs, and the rule that says so. */
const places: Readonly<Record<number, ExtensionPlace>> = {
  [extensionTypes.application_id]: "leaf_node",
  [extensionTypes.ratchet_tree]: "group_info",
  [extensionTypes.external_pub]: "group_info",
  [extensionTypes.required_capabilities]: "group_context",
  [extensionTypes.external_senders]: "group_context",
};
const rules: Readonly<Record<ExtensionPlace, string>> = {
  leaf_node: "valn1601",
  group_info: "valn1602",
  group_context: "valn1603",
  key_package: "valn1604",
};

/** Section 5.1.1: the public key of an external sender is one of the suite's signature scheme. */
export function checkExternalSenderKey({ signatureKey }: ExternalSender, suite: CipherSuite): void {
  if (!suite.isSignaturePublicKey(signatureKey)) throw new CopseError("key-invalid", { rule: "section 5.1.1" });
}

/** Section 5.1.1: the public key of an external_pub extension is one of the suite's KEM. */
export function checkExternalPubKey(externalPub: Uint8Array | undefined, suite: CipherSuite): void {
  if (externalPub !== undefined && !suite.isKemPublicKey(externalPub)) {
    throw new CopseError("key-invalid", { rule: "section 5.1.1" });
  }
}

/**
 * RFC 9420 section 13.4: "Any field containing a list of extensions MUST NOT have more than one extension of any given
 * type." Section 17.3: known types stand only where the registry allows. valn1601, valn1602, valn1603, valn1604.
 */
export function checkExtensions(extensions: readonly Extension[], place: ExtensionPlace, registry: Registry): void {
  let seen: Set<number> | undefined; // most lists are empty
  for (const { type, data } of extensions) {
    seen ??= new Set();
    if (seen.has(type)) throw new CopseError("extension-duplicate", { rule: "section 13.4", type });
    seen.add(type);
    const custom = registry.extensions.get(type);
    const misplaced = isDefaultExtensionType(type)
      ? places[type] !== place
      : custom !== undefined && !custom.places.includes(place);
    if (misplaced) throw new CopseError("extension-misplaced", { rule: rules[place], type });
    if (custom?.isValid !== undefined && !yesOrNo("isValid", custom.isValid(data, place))) {
      throw new CopseError("extension-malformed", { type });
    }
    checkData(type, data);
  }
}

/**
 * RFC 9420 section 13.4: "an extension in use by the group MUST be supported by all members of the group". valn1603.
 * The tree is the one after the commit, so that new members count and removed ones don't.
 */
export function checkGroupContextExtensions(
  extensions: readonly Extension[],
  tree: TreeCounts,
  registry: Registry,
): void {
  checkExtensions(extensions, "group_context", registry);
  for (const { type } of extensions) {
    if (isDefaultExtensionType(type)) continue;
    if (!registry.extensions.has(type) || tree.indexes.extensionSupport(type) < tree.size) {
      throw new CopseError("extension-unsupported", { rule: "valn1603", type });
    }
  }
}

/** RFC 9420 section 13.4: the capabilities of a new member "MUST indicate support for each extension in the GroupContext". */
export function checkLeafSupportsGroupExtensions(leaf: LeafNode, extensions: readonly Extension[]): void {
  const types = extensions.map(({ type }) => type);
  if (!listsAll(leaf.capabilities.extensions, types, isDefaultExtensionType)) {
    throw new CopseError("extension-unsupported", { rule: "section 13.4" });
  }
}

/** The data of the first extension of a type. */
export function findExtension(extensions: readonly Extension[], type: number): Uint8Array | undefined {
  return extensions.find((extension) => extension.type === type)?.data;
}

/** The group's required_capabilities, where it has any. RFC 9420 section 11.1 */
export function requiredCapabilities(extensions: readonly Extension[]): RequiredCapabilities | undefined {
  const data = findExtension(extensions, extensionTypes.required_capabilities);
  return data === undefined ? undefined : decodeData(RequiredCapabilities, data);
}

/** The group's external senders. RFC 9420 section 12.1.8.1 */
export function externalSenders(extensions: readonly Extension[]): readonly ExternalSender[] {
  const data = findExtension(extensions, extensionTypes.external_senders);
  return data === undefined ? [] : decodeData(ExternalSenders, data);
}

/** The group's external public key in a GroupInfo. RFC 9420 section 12.4.3.2 */
export function externalPub(extensions: readonly Extension[]): Uint8Array | undefined {
  const data = findExtension(extensions, extensionTypes.external_pub);
  return data === undefined ? undefined : decodeData(ExternalPub, data).externalPub;
}

function checkData(type: number, data: Uint8Array): void {
  if (type === extensionTypes.required_capabilities) decodeData(RequiredCapabilities, data);
  else if (type === extensionTypes.external_senders) decodeData(ExternalSenders, data);
  else if (type === extensionTypes.external_pub) decodeData(ExternalPub, data);
  else if (type === extensionTypes.application_id) decodeData(ApplicationId, data);
}

function decodeData<T>(codec: Parameters<typeof decode<T>>[0], data: Uint8Array): T {
  try {
    return decode(codec, data);
  } catch (cause) {
    throw new CopseError("extension-malformed", { cause });
  }
}
