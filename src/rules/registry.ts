/**
 * Types beyond RFC 9420 that an application brings: extensions, proposals and credentials, each with its declared rules.
 * Sections 13.1 to 13.4.
 */

import { flag, hook, is, list, oneOf, options, uint16, type Shape, type Takes } from "../bytes/takes.ts";
import type { Reader } from "../codec/reader.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { Extension } from "../wire/extension.ts";
import type { FramingFormat, Sender } from "../wire/framing.ts";
import type { LeafNode } from "../wire/leaf-node.ts";
import type { MediaType } from "../wire/media-type.ts";
import type { CustomProposal, Proposal } from "../wire/proposal.ts";

/** Where an extension may stand. RFC 9420 section 13.4 */
export type ExtensionPlace = "leaf_node" | "key_package" | "group_info" | "group_context";

/** An extension type of the application. */
export interface CustomExtension {
  readonly type: number;
  /** The lists in which it is allowed. */
  readonly places: readonly ExtensionPlace[];
  /** Whether the data is well formed: true or false, anything else is a TypeError. Without it, any data is. */
  readonly isValid?: (data: Uint8Array, place: ExtensionPlace) => boolean;
}

/**
 * The step of section 12.3 after which a custom proposal is applied: "reinit" is the last of them, behind which stands
 * whatever comes after all default proposals. Behind one step, types are applied in the order of the registry.
 */
export type ProposalStep =
  "group_context_extensions" | "update" | "remove" | "add" | "psk" | "external_init" | "reinit";

/** A proposal of a custom type, with who sent it. */
export interface CustomEntry {
  readonly proposal: CustomProposal;
  readonly sender: Sender;
}

/** How a proposal of a custom type has come, or is about to go. */
export interface ProposedPlace {
  /** The format of the message that it is in; undefined by value in a commit. */
  readonly wireFormat: FramingFormat | undefined;
  /** The tree of its epoch. */
  readonly tree: RatchetTree;
}

/** What the proposals of a custom type are applied to. */
export interface ApplyPlace {
  /** The group context's extensions, as all that is applied before these proposals has left them. */
  readonly extensions: readonly Extension[];
  /** The tree before the commit: who the senders are. */
  readonly tree: RatchetTree;
  /** Whether the commit is an external one. */
  readonly external: boolean;
}

/** A proposal type of the application. Every rule that RFC 9420 asks of a new type is declared here. */
export interface CustomProposalType {
  readonly type: number;
  /** Section 12.4: "New proposal types MUST state whether they require a path." */
  readonly pathRequired: boolean;
  /** Section 12.1.8: "New proposal types defined in the future MUST define whether they may be sent by external senders." */
  readonly external: boolean;
  /**
   * Whether it may be in an external commit, by value or also by reference, which section 12.4.3.2 denies to the RFC's own types:
   * what a joiner refers to, others have chosen, and one that can't be applied would keep the joiner out.
   */
  readonly externalCommit: boolean | "by value";
  /** Section 12.3: where it is applied. */
  readonly after: ProposalStep;
  /** Whether it removes the member that sent it, as self_remove does. */
  readonly removesSender?: boolean;
  /**
   * The format of its messages, whatever that of the group's handshakes is, also where members refuse public ones otherwise.
   * Default: the group's. `isValid` refuses the others.
   */
  readonly wireFormat?: "mls_public_message";
  /** Reads to the end of the body. Without it, the body is one `opaque data<V>`. */
  readonly readBody?: (input: Reader) => unknown;
  /**
   * Whether the proposal is valid, application policy included: true or false, anything else is a TypeError. Without it, any
   * is. A rule of the type's own is kept by throwing a CopseError.
   */
  readonly isValid?: (body: Uint8Array, sender: Sender, place: ProposedPlace) => boolean;
  /**
   * What all proposals of this type in a commit, in its order, make of the group context's extensions. A list that is not
   * valid is refused by throwing a CopseError. Without it, nothing changes.
   */
  readonly apply?: (entries: readonly CustomEntry[], place: ApplyPlace) => readonly Extension[];
  /**
   * Of the proposals of this type that a commit could hold, in its order, those that go together. What has no `ref` is by
   * value and stays. Section 12.4: a committer includes all that it can. Default: all.
   */
  readonly choose?: <Entry extends CustomEntry & { readonly ref?: Uint8Array }>(
    entries: readonly Entry[],
    place: ApplyPlace,
  ) => readonly Entry[];
}

/** What is known of extensions that we are about to send. */
export interface SendingPlace {
  /** The extension types that the leaf lists, or that of a key package. */
  readonly capabilities?: readonly number[];
  /** Whether a key package is a last resort. RFC 9420 section 16.8 */
  readonly lastResort?: boolean;
  /** The extensions of the group context, in a GroupInfo. */
  readonly context?: readonly Extension[];
  /** Where GREASE values are sent: in lists of what is supported, and with `extensions` in lists of extensions, too. */
  readonly grease?: { readonly random: (length: number) => Uint8Array; readonly extensions: boolean } | undefined;
}

/**
 * What an extension of MLS asks of every group that it is registered for, beside its types. A rule is kept by throwing a
 * CopseError.
 */
export interface ExtensionRules {
  /** Extensions that we are about to send in a place, with what the extension itself has to say there. */
  readonly complete?: (
    extensions: readonly Extension[],
    place: ExtensionPlace,
    around: SendingPlace,
  ) => readonly Extension[];
  /**
   * A leaf node that comes into a group or is in one that we enter, however it comes there: by itself, and where the group
   * is known beside the extensions of its context.
   */
  readonly checkLeaf?: (leaf: LeafNode, context?: readonly Extension[]) => void;
  /** A group context with other extensions than before, with the leaves of the tree that comes with it. */
  readonly checkContext?: (
    context: readonly Extension[],
    before: readonly Extension[],
    leaves: () => Iterable<readonly [leafIndex: number, leaf: LeafNode]>,
  ) => void;
  /**
   * The extensions of a group context that came in a GroupInfo, with what stands beside them there. What is missing is refused.
   */
  readonly adopt?: (
    context: readonly Extension[],
    groupInfo: readonly Extension[],
    suite: CipherSuite,
  ) => readonly Extension[];
  /**
   * Extensions of a group context that take the place of others, with what stands beside them of what stood beside those: what both
   * of them name. Of more a member that has just joined would have nothing.
   */
  readonly keepBeside?: (next: readonly Extension[], current: readonly Extension[]) => readonly Extension[];
  /** Extensions that a GroupContextExtensions proposal puts in the place of the current ones, and who wants that. */
  readonly checkReplacement?: (
    next: readonly Extension[],
    current: readonly Extension[],
    by: { readonly sender: Sender; readonly tree: RatchetTree },
  ) => void;
  /** Authenticated data of a message of ours, as a group of this context has it. What the caller can't mean is a TypeError. */
  readonly frameAuthenticatedData?: (data: Uint8Array, context: readonly Extension[]) => Uint8Array;
  /** Authenticated data of a message that has come, before anything is made of the message. */
  readonly checkAuthenticatedData?: (data: Uint8Array, context: readonly Extension[]) => void;
  /** Application data of ours, framed with its media type; undefined where a group of this context frames nothing. */
  readonly frameContent?: (
    content: Uint8Array,
    mediaType: MediaType | undefined,
    context: readonly Extension[],
  ) => Uint8Array | undefined;
  /** Application data that was opened, without its frame; undefined where a group of this context has none. */
  readonly openContent?: (
    applicationData: Uint8Array,
    context: readonly Extension[],
  ) => { readonly content: Uint8Array; readonly mediaType: MediaType } | undefined;
}

/** The types that an application understands beyond RFC 9420's. */
export interface ExtensionRegistry {
  readonly extensions?: readonly CustomExtension[];
  readonly proposals?: readonly CustomProposalType[];
  /** Credential types besides basic and x509, whose body is one `opaque data<V>`. */
  readonly credentials?: readonly number[];
  /** What extensions of MLS ask beside their types. */
  readonly rules?: readonly ExtensionRules[];
}

/** A registry ready for look-up. */
export interface Registry {
  readonly extensions: ReadonlyMap<number, CustomExtension>;
  readonly proposals: ReadonlyMap<number, CustomProposalType>;
  readonly credentials: readonly number[];
  readonly rules: readonly ExtensionRules[];
  /** How the decoder finds the end of each custom proposal. */
  readonly bodies: ReadonlyMap<number, (input: Reader) => unknown>;
}

const extensionShape: Shape<CustomExtension> = {
  type: uint16,
  places: list(oneOf("leaf_node", "key_package", "group_info", "group_context")),
  isValid: hook,
};
const proposalShape: Shape<CustomProposalType> = {
  type: uint16,
  pathRequired: flag,
  external: flag,
  externalCommit: is('true, false or "by value"', (value) => typeof value === "boolean" || value === "by value"),
  after: oneOf("group_context_extensions", "update", "remove", "add", "psk", "external_init", "reinit"),
  removesSender: flag,
  wireFormat: oneOf("mls_public_message"),
  readBody: hook,
  isValid: hook,
  apply: hook,
  choose: hook,
};
const rulesShape: Shape<ExtensionRules> = {
  complete: hook,
  checkLeaf: hook,
  checkContext: hook,
  adopt: hook,
  keepBeside: hook,
  checkReplacement: hook,
  frameAuthenticatedData: hook,
  checkAuthenticatedData: hook,
  frameContent: hook,
  openContent: hook,
};
const registryShape: Shape<ExtensionRegistry> = {
  extensions: list(options(extensionShape, "type", "places")),
  proposals: list(options(proposalShape, "type", "pathRequired", "external", "externalCommit", "after")),
  credentials: list(uint16),
  rules: list(options(rulesShape)),
};

/** The shape of a registry; whether its types may be registered `prepareRegistry` says. */
export const registryTakes: Takes = options(registryShape);

/** Prepare a registry. @throws TypeError for a type that RFC 9420 defines, or one given twice. */
export function prepareRegistry({
  extensions = [],
  proposals = [],
  credentials = [],
  rules = [],
}: ExtensionRegistry = {}): Registry {
  const registry = { extensions: byType(extensions, 5), proposals: byType(proposals, 7), credentials, rules };
  const bodies = new Map(proposals.map(({ type, readBody }) => [type, readBody ?? readOpaque]));
  return { ...registry, bodies };
}

/** What is registered of a proposal's type, where that is not RFC 9420's. */
export function customTypeOf(proposal: Proposal, registry: Registry): CustomProposalType | undefined {
  return proposal.type === "custom" ? registry.proposals.get(proposal.proposalType) : undefined;
}

/** The rules that are kept by throwing. */
type Check = "checkLeaf" | "checkContext" | "checkReplacement" | "checkAuthenticatedData";

/** Ask every extension of MLS. @throws CopseError of the one whose rule is broken. */
export function askRules<Hook extends Check>(
  { rules }: Registry,
  hook: Hook,
  ...about: Parameters<NonNullable<ExtensionRules[Hook]>>
): void {
  for (const each of rules) (each[hook] as ((...about: readonly unknown[]) => void) | undefined)?.(...about);
}

/** Extensions in the place of others, with what of that stands beside them. */
export function keepingBeside(
  next: readonly Extension[],
  current: readonly Extension[],
  { rules }: Registry,
): readonly Extension[] {
  return rules.reduce((list, { keepBeside }) => keepBeside?.(list, current) ?? list, next);
}

/** Extensions of ours with what the registry's extensions of MLS add to them. */
export function completed(
  extensions: readonly Extension[],
  place: ExtensionPlace,
  registry: Registry,
  around: SendingPlace,
): readonly Extension[] {
  return registry.rules.reduce((list, { complete }) => complete?.(list, place, around) ?? list, extensions);
}

function readOpaque(input: Reader): unknown {
  return input.vectorBytes();
}

function byType<T extends { readonly type: number }>(types: readonly T[], lastDefault: number): ReadonlyMap<number, T> {
  const map = new Map<number, T>();
  for (const entry of types) {
    const { type } = entry;
    if (!Number.isInteger(type) || type <= lastDefault || type > 0xffff) {
      throw new TypeError(`${String(type)} is no number for a custom type`);
    }
    if (map.has(type)) throw new TypeError(`the type ${String(type)} is registered twice`);
    map.set(type, entry);
  }
  return map;
}
