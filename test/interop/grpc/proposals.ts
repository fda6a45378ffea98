/**
 * What members propose: AddProposal, UpdateProposal, RemoveProposal, ExternalPSKProposal, ResumptionPSKProposal,
 * GroupContextExtensionsProposal, ReInitProposal, AddExternalSigner; and what a description proposes by value.
 */

import { decode, decodeCopy, encode } from "../../../src/codec/codec.ts";
import type { Change } from "../../../src/public-group/proposals/changes.ts";
import type { Member } from "../../../src/public-group/events.ts";
import { ExternalSender, ExternalSenders, type Extension } from "../../../src/wire/extension.ts";
import { extensionTypes } from "../../../src/wire/registries.ts";
import type { Given, Handlers, Message } from "./descriptor.ts";
import type { Memory } from "./memory.ts";
import { findMember, type State } from "./state.ts";
import { refuse } from "./status.ts";

type Proposing = Handlers<
  | "AddProposal"
  | "UpdateProposal"
  | "RemoveProposal"
  | "ExternalPSKProposal"
  | "ResumptionPSKProposal"
  | "GroupContextExtensionsProposal"
  | "ReInitProposal"
  | "AddExternalSigner"
>;

export function proposing({ states }: Memory): Proposing {
  /** The change may depend on the group as it is when its turn has come. */
  const propose = (id: number, changeOf: (state: State) => Change): Promise<Given<"ProposalResponse">> => {
    const state = states.get(id);
    return state.turn(async () => ({ proposal: await state.propose(changeOf(state)) }));
  };
  return {
    AddProposal: ({ state_id, key_package }) => propose(state_id, () => ({ add: key_package })),
    UpdateProposal: ({ state_id }) => propose(state_id, () => ({ update: {} })),
    RemoveProposal: ({ state_id, removed_id }) =>
      propose(state_id, ({ group }) => ({ remove: findMember(group.members, removed_id).leafIndex })),
    ExternalPSKProposal: ({ state_id, psk_id }) =>
      propose(state_id, () => ({ psk: { type: "external", pskId: psk_id } })),
    ResumptionPSKProposal: ({ state_id, epoch_id }) =>
      propose(state_id, ({ group }) => ({ psk: { type: "resumption", groupId: group.id, epoch: BigInt(epoch_id) } })),
    GroupContextExtensionsProposal: ({ state_id, extensions }) =>
      propose(state_id, () => ({ extensions: extensionsOf(extensions) })),
    ReInitProposal: ({ state_id, ...parameters }) => propose(state_id, () => reinitOf(parameters)),
    AddExternalSigner: ({ state_id, external_sender }) =>
      propose(state_id, ({ group }) => ({ extensions: withSender(group.groupContext.extensions, external_sender) })),
  };
}

/** What a description names is looked up in this group. */
export interface DescribedIn {
  readonly groupId: Uint8Array;
  readonly members: Iterable<Member>;
}

/** A change that an external sender or a committer proposes: everything but an Update. */
export type DescribedChange = Exclude<Change, { readonly update: unknown } | { readonly custom: unknown }>;

/** The change that a description asks for. */
export function changeOf(
  description: Message<"ProposalDescription">,
  { groupId, members }: DescribedIn,
): DescribedChange {
  const type = new TextDecoder().decode(description.proposal_type);
  switch (type) {
    case "add":
      return { add: description.key_package };
    case "remove":
      return { remove: findMember(members, description.removed_id).leafIndex };
    case "externalPSK":
      return { psk: { type: "external", pskId: description.psk_id } };
    case "resumptionPSK":
      return { psk: { type: "resumption", groupId, epoch: BigInt(description.epoch_id) } };
    case "groupContextExtensions":
      return { extensions: extensionsOf(description.extensions) };
    case "reinit":
      return reinitOf(description);
    default:
      return refuse("unknown proposal_type");
  }
}

/** Extensions as the harness gives them. */
export function extensionsOf(extensions: readonly Message<"Extension">[]): readonly Extension[] {
  return extensions.map(({ extension_type: type, extension_data: data }) => {
    if (type > 0xffff) refuse("extension_type has more than 16 bits");
    return { type, data };
  });
}

function reinitOf(
  parameters: Pick<Message<"ReInitProposalRequest">, "group_id" | "cipher_suite" | "extensions">,
): DescribedChange {
  const { group_id: groupId, cipher_suite: cipherSuite, extensions } = parameters;
  if (cipherSuite > 0xffff) refuse("cipher_suite has more than 16 bits");
  return { reinit: { groupId, cipherSuite, extensions: extensionsOf(extensions) } };
}

/** The extensions with one external sender more. RFC 9420 section 12.1.8.1 */
function withSender(extensions: readonly Extension[], sender: Uint8Array): readonly Extension[] {
  const type = extensionTypes.external_senders;
  const current = extensions.find((extension) => extension.type === type);
  const senders = current === undefined ? [] : decode(ExternalSenders, current.data);
  const data = encode(ExternalSenders, [...senders, decodeCopy(ExternalSender, sender)]);
  return [...extensions.filter((extension) => extension !== current), { type, data }];
}
