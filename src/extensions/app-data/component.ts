/**
 * Components: the parts of an application that keep data in a group, each under a number of its own. Section 4.1 of
 * draft-ietf-mls-extensions.
 */

import { yesOrNo } from "../../bytes/decision.ts";
import { flag, hook, list, oneOf, options, uint16, uint32, type Shape, type Takes } from "../../bytes/takes.ts";
import { CopseError } from "../../errors.ts";
import type { ApplyPlace, ExtensionPlace } from "../../rules/registry.ts";
import type { Sender } from "../../wire/framing.ts";
import type { LeafNode } from "../../wire/leaf-node.ts";
import type { ComponentPsk } from "./psk.ts";

/**
 * Who may send what a component understands: members, external senders, and those who join by an external commit. Sections
 * 4.7, 4.8: "Applications can make more restrictive validity rules [...] such that some components would not be valid at the
 * application when sent in an external Commit or via an external proposer."
 */
export type ComponentSender = "members" | "external senders" | "external commits";

/** An update of a component's data, as its component sees it. */
export interface ComponentUpdate {
  readonly update: Uint8Array;
  readonly sender: Sender;
  /** The sender's leaf before the commit. Undefined where it is no member. */
  readonly leaf: LeafNode | undefined;
}

/** How a component's data in the group context changes. Section 4.7 */
export interface UpdateRules {
  /**
   * The new data, of the current data and all updates of one commit in order; undefined (or a throw) where they are not valid,
   * and then the whole commit is not. Bound it: it goes into every GroupInfo and Welcome. Every member computes the same, from nothing but this: whatever differs between two members
   * parts them.
   */
  readonly apply: (current: Uint8Array | undefined, updates: readonly ComponentUpdate[]) => Uint8Array | undefined;
  /** Whether an update can be valid in any state, asked when it arrives. Default: yes. */
  readonly isValid?: (update: Uint8Array, sender: Sender) => boolean;
  /** Whether all of the data may be removed by this sender. Default: yes, by whoever may update it. */
  readonly mayRemove?: (current: Uint8Array, removal: Omit<ComponentUpdate, "update">) => boolean;
  /** Default: members only. */
  readonly from?: readonly ComponentSender[];
}

/** What a component takes that is told with a commit. Section 4.8 */
export interface EphemeralRules {
  /** Whether the data is valid. Default: any is. */
  readonly isValid?: (data: Uint8Array, sender: Sender) => boolean;
  /** Default: members only. */
  readonly from?: readonly ComponentSender[];
}

/** A component of the application. */
export interface Component {
  /** 0x8000 to 0xFFFF are for private use; IANA assigns those below. */
  readonly id: number;
  /** Whether its data may stand in an object. Default: any may, anywhere. */
  readonly isValid?: (data: Uint8Array, place: ExtensionPlace) => boolean;
  /** Without it, the component takes no AppDataUpdate. */
  readonly update?: UpdateRules;
  /** Without it, the component takes no AppEphemeral. */
  readonly ephemeral?: EphemeralRules;
  /**
   * The bytes of its data in the group context up to which they stand in it; longer data is stored by its hash, in a form that
   * says which. All members of a group have the same. Default: data stands in the context as it is, however long. See
   * docs/extensions.md: every message signs the whole context.
   */
  readonly inlineUpTo?: number;
  /**
   * The component's pre-shared key of an id, for `AppData.psks`. An array stays the component's; a Secret becomes the engine's,
   * which wipes it. Undefined where there is none. Section 4.5
   */
  readonly psk?: ComponentPsk;
  /** Whether it adds authenticated data to messages. Section 4.9. Default false. */
  readonly safeAad?: boolean;
}

const from = list(oneOf("members", "external senders", "external commits"));
const updateShape: Shape<UpdateRules> = { apply: hook, isValid: hook, mayRemove: hook, from };
const ephemeralShape: Shape<EphemeralRules> = { isValid: hook, from };
const componentShape: Shape<Component> = {
  id: uint16,
  isValid: hook,
  update: options(updateShape, "apply"),
  ephemeral: options(ephemeralShape),
  inlineUpTo: uint32,
  psk: hook,
  safeAad: flag,
};
export const someComponents: Takes = list(options(componentShape, "id"));

/** Components by their id. */
export type Components = ReadonlyMap<number, Component>;

/** @throws TypeError for an id that is none, 0 (which is reserved) or given twice. */
export function componentsOf(list: readonly Component[]): Components {
  const map = new Map<number, Component>();
  for (const component of list) {
    const { id } = component;
    if (id === 0) throw new TypeError("the component id 0 is reserved");
    if (map.has(id)) throw new TypeError(`the component ${String(id)} is given twice`);
    map.set(id, component);
  }
  return map;
}

const senders: Readonly<Record<Sender["type"], ComponentSender>> = {
  member: "members",
  external: "external senders",
  new_member_proposal: "external senders",
  new_member_commit: "external commits",
};

/** @throws CopseError "component-refused" where this sender may not send it, or it may not be in an external commit. */
export function checkComponentSender(
  sender: Sender,
  external: boolean,
  from: readonly ComponentSender[] = ["members"],
): void {
  if (!from.includes(senders[sender.type]) || (external && !from.includes("external commits"))) {
    throw new CopseError("component-refused", { detail: "not from this sender" });
  }
}

/** Who sent something, with the leaf that it has before the commit. */
export function senderIn({ tree }: Pick<ApplyPlace, "tree">, sender: Sender): Omit<ComponentUpdate, "update"> {
  return { sender, leaf: sender.type === "member" ? tree.leaf(sender.leafIndex) : undefined };
}

/**
 * What a component makes of data of somebody else's. A throw of its own says no as well: a member could otherwise keep all others
 * from committing by data that the component's code stumbles over.
 *
 * @throws CopseError "component-refused" with that as its cause; a CopseError as it is.
 */
export function asked<T>(ask: () => T, rule?: string): T {
  try {
    return ask();
  } catch (cause) {
    if (cause instanceof CopseError) throw cause;
    throw new CopseError("component-refused", rule === undefined ? { cause } : { cause, rule });
  }
}

/** @throws CopseError "component-refused" where a component's own validation says no. */
export function checkDecision(what: string, ask: () => unknown, rule?: string): void {
  if (!yesOrNo(what, asked(ask, rule))) {
    throw new CopseError("component-refused", rule === undefined ? {} : { rule });
  }
}

/**
 * What AppDataUpdate and AppEphemeral are as proposals. Sections 4.7 and 4.8 say of both: they "do not require an UpdatePath",
 * "can be sent by an external sender" and "can be included in an external Commit". Each component narrows that.
 */
export const componentProposal = {
  pathRequired: false,
  external: true,
  externalCommit: "by value",
  after: "reinit",
} as const;
