/**
 * A group that comes from another one of ours: its successor after a ReInit, or a branch of some of its members. RFC 9420
 * sections 11.2, 11.3.
 */

import { hex } from "../bytes/text.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import type { Extension } from "../wire/extension.ts";
import type { CommitPurpose } from "../rules/proposal.ts";
import type { GroupOptions } from "../public-group/options/settings.ts";
import type { Pending } from "./held/pending.ts";
import type { PreviousGroup } from "./joining/join.ts";
import { checkMembersFor, linkPsk } from "./joining/link.ts";
import type { CreateOptions, LinkOptions } from "./options.ts";
import type { CommitOptions, LinkedCommit } from "./sending/send.ts";
import { checkAlive, pskSource, type GroupState } from "./state.ts";

/** Extensions that came without what stands beside them: it goes on beside those of the same type. */
function withBeside(next: readonly Extension[], current: readonly Extension[]): readonly Extension[] {
  return next.map((extension) => {
    const beside = extension.beside ?? current.find(({ type }) => type === extension.type)?.beside;
    return beside ? { ...extension, beside } : extension;
  });
}

/** The extensions of this group with what stands beside them under the hash of another one's suite. */
function besideFor(suite: CipherSuite, { context, suite: own }: GroupState["epoch"]): readonly Extension[] {
  if (own.hpke.kdf === suite.hpke.kdf) return context.extensions;
  return context.extensions.map((extension) => {
    const { beside } = extension;
    if (beside === undefined) return extension;
    return { ...extension, beside: new Map(Array.from(beside.values(), (data) => [hex(suite.hash(data)), data])) };
  });
}

/** How a group of ours is seen by one that comes from it. */
export function previousGroup(state: GroupState): PreviousGroup {
  return { epoch: state.epoch, psks: pskSource(state) };
}

/** What is done with the new group, which takes turns of its own. */
export interface NewGroup<G> {
  create(options: CreateOptions): Promise<G>;
  commit(group: G, options: CommitOptions, linked: LinkedCommit): Promise<Pending>;
  /** End it, and wait until that is stored: a group of its id may be made again. */
  giveUp(group: G): Promise<void>;
}

/** The new group, with a pending commit that adds all others by a link to this one. */
export async function makeLinkedGroup<G>(
  state: GroupState,
  usage: Exclude<CommitPurpose, "ordinary">,
  options: LinkOptions,
  shared: GroupOptions,
  { create, commit, giveUp }: NewGroup<G>,
): Promise<{ readonly group: G; readonly pending: Pending }> {
  checkAlive(state);
  const { epoch, settings } = state;
  const identity = options.identity ?? state.identity;
  checkMembersFor(usage, epoch, identity, options.keyPackages, settings);
  const parameters =
    usage === "reinit" && epoch.reinit !== undefined
      ? {
          groupId: epoch.reinit.groupId,
          extensions: withBeside(epoch.reinit.extensions, besideFor(identity.suite, epoch)),
        }
      : {
          ...(options.groupId === undefined ? {} : { groupId: options.groupId }),
          extensions: options.extensions ?? epoch.context.extensions,
        };
  const group = await create({ ...shared, ...options.options, identity, ...parameters });
  try {
    const psks = [linkPsk(usage, epoch, identity.suite, settings)];
    const linked = { purpose: usage, psks, sources: [pskSource(state)] };
    const { keyPackages: add, welcome = {} } = options;
    const pending = await commit(group, { add, path: true, welcome }, linked);
    checkAlive(state); // it may have been wiped meanwhile
    return { group, pending };
  } catch (error) {
    await giveUp(group);
    throw error;
  }
}
