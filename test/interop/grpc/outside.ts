/**
 * Proposals from outside a group: NewMemberAddProposal, CreateExternalSigner, ExternalSignerProposal. RFC 9420 section
 * 12.1.8
 */

import { bytesEqual } from "../../../src/bytes/compare.ts";
import { decode, encode } from "../../../src/codec/codec.ts";
import { CopseError } from "../../../src/errors.ts";
import { proposeAsExternalSender } from "../../../src/public-group/proposals/external-proposal.ts";
import { proposeToJoin } from "../../../src/group/joining/propose-to-join.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import { ExternalSender, ExternalSenders, type Extension } from "../../../src/wire/extension.ts";
import { extensionTypes } from "../../../src/wire/registries.ts";
import type { Handlers } from "./descriptor.ts";
import { beside, groupOf, privateKeysOf } from "./joining.ts";
import { PskStore, suiteOf, type Memory } from "./memory.ts";
import { changeOf } from "./proposals.ts";
import { refuse } from "./status.ts";

type Outside = Handlers<"NewMemberAddProposal" | "CreateExternalSigner" | "ExternalSignerProposal">;

export function outside(memory: Memory): Outside {
  return {
    NewMemberAddProposal: async ({ group_info, identity: name }) => {
      const { context, suite } = groupOf(group_info);
      const { groupId, epoch } = context;
      const transaction = await memory.transaction(suite, name);
      const { identity, bundle: keyPackage } = transaction;
      const proposal = await proposeToJoin({ identity, keyPackage, groupId, epoch });
      const transaction_id = memory.transactions.add(transaction);
      return { transaction_id, proposal, ...privateKeysOf(transaction) };
    },

    CreateExternalSigner: async ({ cipher_suite, identity: name }) => {
      const identity = await memory.identity(suiteOf(cipher_suite), name);
      const { signatureKey, credential } = identity;
      const external_sender = encode(ExternalSender, { signatureKey, credential });
      return { signer_id: memory.signers.add(identity), external_sender };
    },

    // The test-runner never fills in signer_index: the signer finds its own entry in the group's list.
    ExternalSignerProposal: async ({ signer_id, group_info, ratchet_tree, description }) => {
      const identity = memory.signers.get(signer_id);
      if (description === null) refuse("no description");
      const group = await Observer.follow({
        ...memory.options(new PskStore(), false),
        ...beside(ratchet_tree),
        suite: identity.suite,
        groupInfo: group_info,
      });
      const { groupId, epoch, extensions } = group.groupContext;
      const senderIndex = senderIndexOf(extensions, identity.signatureKey);
      const change = changeOf(description, { groupId, members: group.members });
      return { proposal: await proposeAsExternalSender({ identity, senderIndex, change, groupId, epoch }) };
    },
  };
}

function senderIndexOf(extensions: readonly Extension[], signatureKey: Uint8Array): number {
  const listed = extensions.find(({ type }) => type === extensionTypes.external_senders);
  const senders = listed === undefined ? [] : decode(ExternalSenders, listed.data);
  const index = senders.findIndex((sender) => bytesEqual(sender.signatureKey, signatureKey));
  if (index < 0) throw new CopseError("external-sender-unknown");
  return index;
}
