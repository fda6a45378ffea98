/**
 * What tabs and the delivery service say to each other.
 */

import type { Incoming, Outgoing } from "copse/call/group";

/** Somebody with a tab. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly inChat: boolean;
  readonly inCall: boolean;
}

/** A line of what the service has seen: it can't see more. */
export interface Sighting {
  readonly from: string;
  readonly what: string;
  readonly bytes: number;
}

/** A commit of the chat, and what goes with it. */
export interface Publication {
  /** The epoch that the commit ends. */
  readonly epoch: bigint;
  readonly commit: Uint8Array;
  readonly welcome?: Uint8Array;
  /** Whom the commit adds and removes, by id. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** From a tab. */
export type ToService =
  /** `lock` is a Web Lock that the tab holds as long as it lives. */
  | {
      readonly kind: "hello";
      readonly id: string;
      readonly name: string;
      readonly keyPackage: Uint8Array;
      readonly lock: string;
    }
  | { readonly kind: "commit"; readonly publication: Publication }
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  /** The tab wants to be in the call, or is in it no longer. */
  | { readonly kind: "enterCall" }
  | { readonly kind: "leaveCall" }
  /** For the call's group. */
  | { readonly kind: "call"; readonly outgoing: Outgoing }
  /** What WebRTC has to say to one other tab. */
  | { readonly kind: "signal"; readonly to: string; readonly data: unknown }
  | { readonly kind: "bye" };

/** To a tab. */
export type FromService =
  /** Nobody has a group yet: make one. */
  | { readonly kind: "create" }
  | { readonly kind: "people"; readonly people: readonly Person[] }
  /** Please commit: the service chose this tab to let these in, and those out. */
  | {
      readonly kind: "please";
      readonly add: readonly { readonly id: string; readonly keyPackage: Uint8Array }[];
      readonly remove: readonly string[];
    }
  /** The fate of this tab's own commit. */
  | { readonly kind: "accepted" }
  | { readonly kind: "refused" }
  /** Somebody else's. */
  | { readonly kind: "commit"; readonly bytes: Uint8Array }
  | { readonly kind: "welcome"; readonly bytes: Uint8Array }
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  /** There is a call of this id; with `start`, it is for this tab to begin its group. */
  | { readonly kind: "enterCall"; readonly callId: Uint8Array; readonly start: boolean }
  | { readonly kind: "call"; readonly incoming: Incoming }
  | { readonly kind: "signal"; readonly from: string; readonly data: unknown }
  | { readonly kind: "seen"; readonly sightings: readonly Sighting[] };
