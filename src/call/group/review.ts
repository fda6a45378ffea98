/**
 * Which commits a call's group accepts: only devices that are in the chat come in, and nobody else speaks for them.
 */

import type { CommitEvent, LeafIndex } from "../../public-group/events.ts";
import type { ChatView } from "./chat-view.ts";

/** Why a commit is refused. */
export type Objection =
  /** It adds somebody without the chat's PSK. */
  | "psk-missing"
  /** Its PSK is of an epoch of the chat before the last removal, or before this device began to watch. */
  | "psk-old"
  /** Its PSK is of an epoch that this device's chat has not reached. */
  | "psk-later"
  /** A pre-shared key that is not the chat's, or of another usage. */
  | "psk-foreign"
  /** Who commits, who comes in, or what a member turns into is no device of the chat. */
  | "not-in-chat"
  /** It changes what the group is: its context's extensions, or all of it. */
  | "parameters"
  /** An external commit removes another device than the one that comes back with it, or this one, which can't check that. */
  | "removal"
  /** The application's own review. */
  | "application";

/** What speaks against a commit, if anything does. */
export function objectionTo(change: CommitEvent, chat: ChatView): Objection | undefined {
  if (change.contextChanged || change.reinit !== undefined) return "parameters";
  for (const id of change.psks) {
    const standing = chat.standing(id);
    if (standing !== "good") return `psk-${standing}`;
    // Section 12.1.4 lets a branch PSK be only where a group is made.
    if (id.type === "resumption" && id.usage !== "application" && change.epoch !== 1n) return "psk-foreign";
  }
  if (change.added.length > 0 && change.psks.length === 0) return "psk-missing";
  const entering = [change.committer, ...change.added, ...change.updated.map(({ after }) => after)];
  // A member that turns into another device of the chat would outlive its own removal from there.
  const turned = change.updated.some(({ before, after }) => chat.keyOf(before) !== chat.keyOf(after));
  if (turned || !entering.every((device) => chat.isPresent(device))) return "not-in-chat";
  return change.external && removesOthers(change, chat) ? "removal" : undefined;
}

/**
 * Section 12.4.3.2: with the one Remove of an external commit "the joiner removes an old version of themselves". Whoever has
 * asked to leave goes with it too.
 */
function removesOthers({ committer, removed, left }: CommitEvent, chat: ChatView): boolean {
  const own = chat.keyOf(committer);
  const leaving = new Set(left.map(({ leafIndex }) => leafIndex));
  return removed.some((member) => chat.keyOf(member) !== own && !leaving.has(member.leafIndex));
}

/**
 * Whether a commit that removes this device can't be believed: an external commit has no membership tag, and whom it removes
 * can't check its confirmation tag, so that it takes no more than a stolen signature key to make one.
 */
export function isUnproven({ external, removed }: CommitEvent, own: LeafIndex): boolean {
  return external && removed.some(({ leafIndex }) => leafIndex === own);
}
