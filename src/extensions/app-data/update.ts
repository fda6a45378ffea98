/**
 * AppDataUpdate: a proposal that changes one component's data in the group context, without a path and without sending what
 * stays. Section 4.7 of draft-ietf-mls-extensions.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { checkUint } from "../../bytes/numbers.ts";
import { decode, encode, type Codec, empty, enumeration, opaque, select, struct, u16, u8 } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import type { ApplyPlace, CustomEntry, CustomProposalType } from "../../rules/registry.ts";
import type { Extension } from "../../wire/extension.ts";
import type { Sender } from "../../wire/framing.ts";
import type { CustomProposal } from "../../wire/proposal.ts";
import {
  asked,
  checkComponentSender,
  checkDecision,
  senderIn,
  type Component,
  type Components,
  componentProposal,
} from "./component.ts";
import { dictionaryIn, withDictionary } from "./dictionary.ts";
import { besideFor, besideIn, dataInContext, stored } from "./large.ts";

/** Section 4.7 */
export type AppDataOperation = { readonly op: "update"; readonly update: Uint8Array } | { readonly op: "remove" };
const AppDataOperation: Codec<AppDataOperation> = select<AppDataOperation, "op">(
  "op",
  enumeration(u8, { update: 1, remove: 2 }),
  { update: struct<{ update: Uint8Array }>({ update: opaque }), remove: empty },
);

/** Section 4.7 */
export type AppDataUpdate = { readonly componentId: number } & AppDataOperation;
/** As on the wire. */
export const AppDataUpdate: Codec<AppDataUpdate> = {
  write: (out, value) => {
    u16.write(out, value.componentId);
    AppDataOperation.write(out, value);
  },
  read: (input) => ({ componentId: u16.read(input), ...AppDataOperation.read(input) }),
};

/** What a member proposes or commits as `custom`, or an external sender proposes. */
export type CustomChoice = Omit<CustomProposal, "type">;

/** An AppDataUpdate to propose or commit. @throws TypeError */
export function appDataUpdate(proposalType: number, componentId: number, operation: AppDataOperation): CustomChoice {
  checkUint("componentId", componentId, 16);
  const copy = operation.op === "update" ? { ...operation, update: copyBytes(operation.update) } : operation;
  return { proposalType, body: encode(AppDataUpdate, { componentId, ...copy }) };
}

/** The proposal type, for a registry: behind all default proposals, and behind AppEphemeral by its place in the registry. */
export function appDataUpdateType(type: number, dictionaryType: number, components: Components): CustomProposalType {
  return {
    type,
    ...componentProposal,
    readBody: (input) => AppDataUpdate.read(input),
    isValid: (body, sender) => {
      checkUpdateAlone(decode(AppDataUpdate, body), sender, components);
      return true;
    },
    apply: (entries, place) => applyUpdates(entries, place, dictionaryType, components),
    choose: (entries, place) => goTogether(entries, place, dictionaryType, components),
  };
}

/**
 * Section 4.7: "An AppDataUpdate proposal is invalid if its component_id references a component that is not known to the
 * application". extensions 4.7 (1)
 */
function checkComponentKnown(componentId: number, components: Components): Component {
  const component = components.get(componentId);
  if (component === undefined) throw new CopseError("component-unknown", { rule: "extensions 4.7 (1)" });
  return component;
}

/** What can be said of an AppDataUpdate whatever the state and the rest of its commit. */
function checkUpdateAlone(proposal: AppDataUpdate, sender: Sender, components: Components): void {
  const { update } = checkComponentKnown(proposal.componentId, components);
  if (update === undefined) throw new CopseError("component-refused", { detail: "it takes no updates" });
  checkComponentSender(sender, false, update.from);
  const { isValid } = update;
  if (proposal.op === "update" && isValid !== undefined) {
    checkDecision("isValid", () => isValid(proposal.update.slice(), sender));
  }
}

/** An AppDataUpdate of a commit's list. */
interface ListedUpdate {
  readonly proposal: AppDataUpdate;
  readonly sender: Sender;
}

/**
 * Section 4.7: "for a given component_id, a proposal list is valid only if it contains (a) a single remove operation or (b)
 * one or more update operations". extensions 4.7 (3)
 */
function checkOneKindOfOperation(list: readonly ListedUpdate[]): void {
  if (list.length > 1 && list.some(({ proposal }) => proposal.op === "remove")) {
    throw new CopseError("app-data-operations", { rule: "extensions 4.7 (3)" });
  }
}

/**
 * Section 4.7: invalid "if it specifies the removal of state for a component_id that has no state present".
 * extensions 4.7 (2)
 */
function checkStatePresent(current: Uint8Array | undefined): Uint8Array {
  if (current === undefined) throw new CopseError("app-data-nothing-to-remove", { rule: "extensions 4.7 (2)" });
  return current;
}

/**
 * Section 4.7: "If the application logic considers the update invalid, the MLS client MUST consider the proposal list
 * invalid." extensions 4.7 (5)
 */
function checkAccepted(data: Uint8Array | undefined): Uint8Array {
  if (data === undefined) throw new CopseError("component-refused", { rule: "extensions 4.7 (5)" });
  return copyBytes(data);
}

/** Whether data may stand in a group context, as its component says. */
function checkStands(data: Uint8Array, isValid: NonNullable<Component["isValid"]>): void {
  checkDecision("isValid", () => isValid(data.slice(), "group_context"));
}

/** The operations of a list by their component, those of one in the order of the commit. */
function byComponent<Entry extends CustomEntry>(
  entries: readonly Entry[],
): ReadonlyMap<number, readonly (ListedUpdate & { readonly entry: Entry })[]> {
  const map = new Map<number, (ListedUpdate & { readonly entry: Entry })[]>();
  for (const entry of entries) {
    const proposal = decode(AppDataUpdate, entry.proposal.body);
    const list = map.get(proposal.componentId) ?? [];
    map.set(proposal.componentId, list);
    list.push({ proposal, sender: entry.sender, entry });
  }
  return map;
}

/** The extensions after all AppDataUpdates of a commit. Section 4.7 */
function applyUpdates(
  entries: readonly CustomEntry[],
  place: ApplyPlace,
  type: number,
  components: Components,
): readonly Extension[] {
  const { extensions, tree } = place;
  let dictionary = dictionaryIn(extensions, type);
  const sources = [besideIn(extensions, type)];
  for (const [componentId, list] of byComponent(entries)) {
    const data = applyToComponent(dataInContext(extensions, componentId, type, components), list, place, components);
    dictionary = dictionary.filter((entry) => entry.componentId !== componentId);
    if (data === undefined) continue;
    const entry = stored(components.get(componentId) ?? {}, data, tree.suite);
    sources.push(entry.beside);
    dictionary = [...dictionary, { componentId, data: entry.data }];
  }
  const sorted = [...dictionary].sort((a, b) => a.componentId - b.componentId);
  return withDictionary(extensions, type, sorted, besideFor(sorted, components, ...sources));
}

/** The new data of one component; undefined where it is removed. */
function applyToComponent(
  current: Uint8Array | undefined,
  list: readonly ListedUpdate[],
  place: ApplyPlace,
  components: Components,
): Uint8Array | undefined {
  checkOneKindOfOperation(list);
  let rules: Component["update"];
  let isValid: Component["isValid"];
  for (const { proposal, sender } of list) {
    ({ update: rules, isValid } = checkComponentKnown(proposal.componentId, components));
    if (rules === undefined) throw new CopseError("component-refused", { detail: "it takes no updates" });
    checkComponentSender(sender, place.external, rules.from);
  }
  if (rules === undefined) return current;
  const [first] = list;
  if (first?.proposal.op === "remove") {
    const removed = checkStatePresent(current);
    const { mayRemove } = rules;
    if (mayRemove !== undefined) {
      checkDecision("mayRemove", () => mayRemove(removed.slice(), senderIn(place, first.sender)));
    }
    return undefined;
  }
  const updates = list.flatMap(({ proposal, sender }) =>
    proposal.op === "update" ? [{ update: proposal.update.slice(), ...senderIn(place, sender) }] : [],
  );
  const { apply } = rules;
  const data = checkAccepted(asked(() => apply(current?.slice(), updates), "extensions 4.7 (5)"));
  if (isValid !== undefined) checkStands(data, isValid);
  return data;
}

/** How many operations of one component are tried alone, where they do not go together. */
const mostTries = 16;

/** What a commit could hold: without a `ref`, by value. */
type Choosable = CustomEntry & { readonly ref?: Uint8Array };

/** What is by value stays; a member's word is before that of somebody outside. */
function rankOf({ entry: { ref, sender } }: { readonly entry: Choosable }): number {
  return ref === undefined ? 0 : sender.type === "member" ? 1 : 2;
}

/**
 * Of operations in the order of a commit, those that it can hold together. Of one component the first in rank decides between
 * a removal and updates; where the application refuses all of them together, each is tried with those before it.
 */
function goTogether<Entry extends Choosable>(
  entries: readonly Entry[],
  place: ApplyPlace,
  type: number,
  components: Components,
): readonly Entry[] {
  const chosen = new Set<Entry>();
  for (const [componentId, all] of byComponent(entries)) {
    const isAccepted = (list: readonly ListedUpdate[]): boolean => {
      try {
        applyToComponent(dataInContext(place.extensions, componentId, type, components), list, place, components);
        return true;
      } catch (error) {
        if (error instanceof CopseError) return false;
        throw error;
      }
    };
    const ranked = [...all].sort((a, b) => rankOf(a) - rankOf(b));
    const [first] = ranked;
    const inOrder = (list: typeof ranked): typeof ranked => {
      const wanted = new Set(list);
      return all.filter((one) => wanted.has(one));
    };
    const alike = inOrder(
      first?.proposal.op === "remove" ? [first] : ranked.filter(({ proposal }) => proposal.op === "update"),
    );
    const list = isAccepted(alike)
      ? alike
      : ranked
          .slice(0, mostTries)
          .reduce<typeof ranked>((kept, one) => (isAccepted(inOrder([...kept, one])) ? [...kept, one] : kept), []);
    for (const { entry } of list) chosen.add(entry);
  }
  return entries.filter((entry) => chosen.has(entry));
}
