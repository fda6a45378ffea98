/**
 * Groups that come from another: ReInitCommit, HandlePendingReInitCommit, HandleReInitCommit, ReInitWelcome,
 * HandleReInitWelcome, CreateBranch, HandleBranch. RFC 9420 sections 11.2, 11.3.
 */

import { Group, type LinkedGroup } from "../../../src/group/group.ts";
import type { CommitEvent } from "../../../src/public-group/events.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { commitAsAsked, commitResponse } from "./committing.ts";
import type { Given, Handlers } from "./descriptor.ts";
import { beside } from "./joining.ts";
import { suiteOf, type Memory, type PskStore } from "./memory.ts";
import { extensionsOf } from "./proposals.ts";
import { State } from "./state.ts";
import { refuse, refuseNow } from "./status.ts";

type Linking = Handlers<
  | "ReInitCommit"
  | "HandlePendingReInitCommit"
  | "HandleReInitCommit"
  | "ReInitWelcome"
  | "HandleReInitWelcome"
  | "CreateBranch"
  | "HandleBranch"
>;

export function linking(memory: Memory): Linking {
  const { states, transactions, successors } = memory;
  return {
    ReInitCommit: (request) => {
      const state = states.get(request.state_id);
      return state.turn(async () => {
        const pending = await commitAsAsked(state, request);
        if (pending.change.reinit === undefined) {
          pending.drop();
          refuse("not a ReInit");
        }
        return commitResponse(pending, request);
      });
    },

    HandlePendingReInitCommit: ({ state_id }) => {
      const state = states.get(state_id);
      return state.turn(async () => {
        if (state.group.pendingCommit !== undefined) reinitOf(state.group.pendingCommit.change);
        return succeed(memory, state, await state.applyPending());
      });
    },

    HandleReInitCommit: ({ state_id, proposal, commit }) => {
      const state = states.get(state_id);
      return state.turn(async () => {
        await state.receiveProposals(proposal);
        return succeed(memory, state, await state.receiveCommit(commit));
      });
    },

    ReInitWelcome: async ({ reinit_id, key_package: keyPackages, external_tree }) => {
      const { previous, identity } = successors.get(reinit_id);
      const { psks, options } = inherited(memory, previous);
      const welcome = { ratchetTree: !external_tree };
      const linked = await previous.group.reinitialize({ identity, keyPackages, welcome, options });
      const response = await begin(linked, external_tree);
      successors.release(reinit_id);
      const state = new State({ group: linked.group, identity, psks, options });
      return { ...response, state_id: states.add(state) };
    },

    HandleReInitWelcome: async ({ reinit_id, welcome, ratchet_tree }) => {
      const { previous, identity, bundle } = successors.get(reinit_id);
      const { psks, options } = inherited(memory, previous);
      const keyPackages = [bundle];
      const from = { previous: previous.group, ...beside(ratchet_tree) };
      const group = await Group.join({ ...options, identity, welcome, keyPackages, ...from });
      successors.release(reinit_id);
      const state = new State({ group, identity, psks, options });
      return { state_id: states.add(state), epoch_authenticator: state.epochAuthenticator };
    },

    CreateBranch: async ({ state_id, group_id, extensions, key_packages: keyPackages, external_tree }) => {
      const previous = states.get(state_id);
      const { psks, options } = inherited(memory, previous);
      const identity = await memory.identity(previous.group.suite, nameOf(previous));
      const linked = await previous.group.branch({
        identity,
        keyPackages,
        groupId: group_id,
        extensions: extensionsOf(extensions),
        welcome: { ratchetTree: !external_tree },
        options,
      });
      const response = await begin(linked, external_tree);
      const state = new State({ group: linked.group, identity, psks, options });
      return { ...response, state_id: states.add(state) };
    },

    HandleBranch: async ({ state_id, transaction_id, welcome, ratchet_tree }) => {
      const previous = states.get(state_id);
      const { identity, bundle } = transactions.get(transaction_id);
      const { psks, options } = inherited(memory, previous);
      const keyPackages = [bundle];
      const from = { previous: previous.group, ...beside(ratchet_tree) };
      const group = await Group.join({ ...options, identity, welcome, keyPackages, ...from });
      transactions.release(transaction_id);
      const state = new State({ group, identity, psks, options });
      return { state_id: states.add(state), epoch_authenticator: state.epochAuthenticator };
    },
  };
}

/** A member of a group that a ReInit has ended: its key package for the next one. */
async function succeed(
  memory: Memory,
  previous: State,
  change: CommitEvent | undefined,
): Promise<Given<"HandleReInitCommitResponse">> {
  const { cipherSuite } = reinitOf(change);
  const { identity, bundle } = await memory.transaction(suiteOf(cipherSuite), nameOf(previous));
  return {
    reinit_id: memory.successors.add({ previous, identity, bundle }),
    key_package: bundle.keyPackage,
    epoch_authenticator: previous.epochAuthenticator,
  };
}

function reinitOf(change: CommitEvent | undefined): NonNullable<CommitEvent["reinit"]> {
  return change?.reinit ?? refuseNow("not a ReInit");
}

/** Enter the first epoch of a new group of ours. */
async function begin({ group, pending }: LinkedGroup, externalTree: boolean): Promise<Given<"CreateSubgroupResponse">> {
  await group.apply(pending);
  return {
    ...(pending.welcome === undefined ? {} : { welcome: pending.welcome }),
    ...(externalTree ? { ratchet_tree: group.ratchetTree() } : {}),
    epoch_authenticator: group.epochAuthenticator,
  };
}

/** The new group behaves as the old one, and knows the PSKs that it knew. */
function inherited(
  memory: Memory,
  { psks, options }: State,
): { readonly psks: PskStore; readonly options: GroupOptions } {
  const copy = psks.copy();
  return { psks: copy, options: memory.options(copy, options.handshake === "private") };
}

function nameOf({ identity: { credential } }: State): Uint8Array {
  if (credential.type !== "basic" || !("identity" in credential))
    throw new TypeError("another credential than a basic one");
  return credential.identity;
}
