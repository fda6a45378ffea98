/**
 * What an engine of DAVE is told beyond what every call tells its engine: plain data, as that is.
 */

import type { EngineCommand } from "../../call/engine/protocol.ts";

/** What frames are sent with: an epoch's keys, in clear, or not at all. */
export type Sending = bigint | "clear" | undefined;

/** How frames pass, by the protocol's transitions. */
export interface DaveMode {
  /** The epoch is the source's own number for it. */
  readonly sending: Sending;
  /** Whether frames that are no protocol frames are handed to decoders as they are. */
  readonly hearsClear: boolean;
}

/** A transition was announced or executed. */
export interface DaveModeCommand {
  readonly kind: "dave-mode";
  readonly mode: DaveMode;
}

/** Whose an incoming track is. A frame does not say. */
export interface DaveSourceCommand {
  readonly kind: "dave-source";
  readonly track: string;
  readonly userId: bigint | undefined;
}

/** What an engine of DAVE is told. */
export type DaveCommand = EngineCommand | DaveModeCommand | DaveSourceCommand;
