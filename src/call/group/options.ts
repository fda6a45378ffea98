/**
 * What an application decides about a call's group, and what it is told.
 */

import type { ErrorCode } from "../../errors.ts";
import type { Group } from "../../group/group.ts";
import type { Identity } from "../../public-group/identity.ts";
import type { GroupOptions } from "../../public-group/options/settings.ts";
import type { ExternalSender } from "../../wire/extension.ts";
import type { Scheduler } from "../clock.ts";
import type { Objection } from "./review.ts";
import type { Timing, Transport } from "./transport.ts";

/** What the application is told, besides the epochs. */
export type CallGroupEvent =
  /** This device is in the call: at its start, or after coming back. */
  | { readonly kind: "in" }
  /** It can't follow the group any more, and knocks to be let in again. */
  | { readonly kind: "behind" }
  /**
   * It is out, for good: it has left, was removed from the call, is not in the chat any more, or somebody has come in with
   * its signature key: this device once more, or who has stolen it.
   */
  | { readonly kind: "out"; readonly why: "left" | "removed" | "chat" | "replaced" }
  /** A message was refused, or one of our own could not be made. */
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly objection?: Objection };

/**
 * Options of `CallGroup.start` and `CallGroup.join`. What a Group takes goes to the call's; its handshakes are public, as
 * external commits and self_remove must be, and `limits.messageBytes` is 16 MiB where it is not given.
 */
export interface CallGroupOptions extends Omit<GroupOptions, "handshake" | "acceptHandshake" | "psks"> {
  readonly chat: Group;
  /** The id of the call's group, as whoever announces the call says it. */
  readonly callId: Uint8Array;
  /** This device's identity: the one that it has in the chat. Default: the chat's. */
  readonly identity?: Identity;
  readonly transport: Transport;
  readonly timing?: Partial<Timing>;
  /** Handshakes that are kept until they can be taken: what is dropped is asked for again. Default 256. */
  readonly held?: number;
  /** Bytes of one that is kept. A larger one is taken when it comes in time. Default 2 MiB. */
  readonly heldMessageBytes?: number;
  /** Bytes of all that are kept. Default 8 MiB. */
  readonly heldBytes?: number;
  readonly scheduler?: Scheduler;
  /** Hears what happens besides the epochs. */
  readonly onEvent?: (event: CallGroupEvent) => void;
}

/** Options of `CallGroup.start`. */
export interface StartOptions extends CallGroupOptions {
  /** Who may propose from outside: a server that adds who asks it, and removes who is gone. RFC 9420 section 12.1.8.1 */
  readonly externalSenders?: readonly ExternalSender[];
  /** Key packages of devices of the chat that are in the call from the beginning. They must list self_remove. */
  readonly keyPackages?: readonly Uint8Array[];
}
