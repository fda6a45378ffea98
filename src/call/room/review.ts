/**
 * Which commits a call's group accepts: only devices that are in the chat come in, and nobody else speaks for them.
 */

import type { CommitEvent } from "../../group/events.ts";
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
  return entering.every((device) => chat.isPresent(device)) ? undefined : "not-in-chat";
}
