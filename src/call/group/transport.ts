/**
 * What devices and the delivery service say to each other about a call's group. The application carries it; nothing here
 * opens a connection.
 *
 * The service gives the commits of a group one order and passes one commit an epoch on, to its sender too: the first. With
 * it go the Welcome, to those whom it adds, and the GroupInfo, to nobody before it is asked for. Proposals go to every member.
 */

import type { Bytes } from "../../bytes/bytes.ts";

/** From a device to the service. */
export type Outgoing =
  /** A proposal, for every member. */
  | { readonly kind: "proposal"; readonly message: Bytes }
  /** A commit that ends an epoch, and what the service holds until it has been chosen. */
  | {
      readonly kind: "commit";
      readonly epoch: bigint;
      readonly message: Bytes;
      readonly welcome?: Bytes;
      readonly groupInfo?: Bytes;
    }
  /** The GroupInfo of an epoch that began with an external commit, which can't bring it along. */
  | { readonly kind: "group-info"; readonly epoch: bigint; readonly message: Bytes }
  /**
   * A question: the proposals and the commits of this epoch and later ones, as far as the service still has them, and then
   * in any case its "epoch". Without `since` the device has no group yet.
   */
  | { readonly kind: "ask"; readonly since?: bigint; readonly groupInfo?: boolean };

/** From the service to a device. */
export type Incoming =
  | { readonly kind: "proposal"; readonly message: Uint8Array }
  | { readonly kind: "commit"; readonly message: Uint8Array }
  | { readonly kind: "welcome"; readonly message: Uint8Array }
  /** The group's current epoch: the answer to every question, and told to those who knock when it has changed. */
  | { readonly kind: "epoch"; readonly epoch: bigint; readonly groupInfo?: Uint8Array };

/** The way to the service. It may lose what it is given: whatever matters is said again. */
export interface Transport {
  /** Hand a message over. Never throws, and waits for nothing. */
  send(message: Outgoing): void;
}

/** How long things take, in milliseconds. */
export interface Timing {
  /** Joins and leaves of this long become one commit. Default 500. */
  readonly debounce: number;
  /** How long the next ones wait for those whose turn it was to commit; then a commit is sent again. Default 2,000. */
  readonly turn: number;
  /** How long a device that knocks waits before it knocks again. Default 3,000. */
  readonly knock: number;
  /** How often it knocks before it comes in by an external commit. Default 3. */
  readonly knocks: number;
  /** How long a member that is behind the service waits before it asks to be let in again. Default 4,000. */
  readonly patience: number;
  /** How often a member asks whether it has missed something. Default 10,000. */
  readonly poll: number;
}

/** What `Timing` says is the default. */
export const defaultTiming: Timing = {
  debounce: 500,
  turn: 2_000,
  knock: 3_000,
  knocks: 3,
  patience: 4_000,
  poll: 10_000,
};
