/**
 * How long a message stays: what it says of itself, within what the room's policy allows. draft-ietf-mimi-room-policy, message expiration
 */

import type { Message } from "../../content/messages/message.ts";
import type { Expiration } from "../../content/mimi.ts";
import type { MessageExpirationPolicy } from "../../rooms/formats/policies.ts";

/** Kinds of messages that go by the room's timer: what others say of them goes with them. */
const timed: readonly Message["kind"][] = ["text", "media", "poll", "location", "contact", "session", "unknown"];

/** Whether a message of this kind goes by the room's timer. */
export function isTimed(kind: Message["kind"]): boolean {
  return timed.includes(kind);
}

/**
 * The timer of a message that the service accepted at `at`, in milliseconds since 1970, whoever wrote it and whatever their client
 * knows of the room's policy: none where the room forbids timers, always one where it requires them, and within its bounds.
 */
export function timerOf(
  policy: MessageExpirationPolicy | undefined,
  kind: Message["kind"],
  own: Expiration | undefined,
  at: number,
): Expiration | undefined {
  if (policy === undefined || !isTimed(kind)) return own;
  if (policy.expiringMessages === "forbidden") return undefined;
  const { expiringMessages, min, max, default: usual = max } = policy;
  if (own === undefined) return expiringMessages === "required" ? { relative: true, time: usual } : undefined;
  const base = own.relative ? 0 : Math.floor(at / 1000);
  return { relative: own.relative, time: Math.min(base + max, Math.max(base + min, own.time)) };
}
