/**
 * Commits, from their makers and from others: Commit, HandlePendingCommit, HandleCommit.
 */

import type { CommitOptions } from "../../../src/group/sending/send.ts";
import type { Pending } from "../../../src/group/held/pending.ts";
import type { Given, Handlers, Message } from "./descriptor.ts";
import type { Memory } from "./memory.ts";
import { changeOf } from "./proposals.ts";
import type { State } from "./state.ts";
import { refuse } from "./status.ts";

type Committing = Handlers<"Commit" | "HandlePendingCommit" | "HandleCommit">;

export function committing({ states }: Memory): Committing {
  return {
    Commit: (request) => {
      const state = states.get(request.state_id);
      return state.turn(async () => commitResponse(await commitAsAsked(state, request), request));
    },

    HandlePendingCommit: ({ state_id }) => {
      const state = states.get(state_id);
      return state.turn(async () => {
        await state.applyPending();
        return { state_id, epoch_authenticator: state.epochAuthenticator };
      });
    },

    HandleCommit: ({ state_id, proposal, commit }) => {
      const state = states.get(state_id);
      return state.turn(async () => {
        await state.receiveProposals(proposal);
        await state.receiveCommit(commit);
        return { state_id, epoch_authenticator: state.epochAuthenticator };
      });
    },
  };
}

/** A commit of exactly what the request names: nothing is left out of it, and nothing is added. */
export async function commitAsAsked(state: State, request: Message<"CommitRequest">): Promise<Pending> {
  const { by_reference, by_value, force_path: path, external_tree } = request;
  const pending = await state.receiveProposals(by_reference);
  return state.group.commit({ ...byValue(state, by_value), pending, path, welcome: { ratchetTree: !external_tree } });
}

/** A Welcome is there where somebody was added, and the tree where it is not inside that Welcome. */
export function commitResponse(pending: Pending, request: Message<"CommitRequest">): Given<"CommitResponse"> {
  const { commit, welcome } = pending;
  return {
    commit,
    ...(welcome === undefined ? {} : { welcome }),
    ...(request.external_tree ? { ratchet_tree: pending.ratchetTree() } : {}),
  };
}

function byValue({ group }: State, descriptions: readonly Message<"ProposalDescription">[]): CommitOptions {
  const changes = descriptions.map((description) =>
    changeOf(description, { groupId: group.id, members: group.members }),
  );
  const extensions = changes.filter((change) => "extensions" in change);
  const reinits = changes.filter((change) => "reinit" in change);
  if (extensions.length > 1) refuse("commit-duplicate-extensions");
  if (reinits.length > 1) refuse("commit-reinit-not-alone");
  return {
    add: changes.flatMap((change) => ("add" in change ? [change.add] : [])),
    remove: changes.flatMap((change) => ("remove" in change ? [change.remove] : [])),
    psks: changes.flatMap((change) => ("psk" in change ? [change.psk] : [])),
    ...(extensions[0] === undefined ? {} : { extensions: extensions[0].extensions }),
    ...(reinits[0] === undefined ? {} : { reinit: reinits[0].reinit }),
  };
}
