/**
 * A call's own MLS group: the devices that are in the call, out of those that are in the chat. A subpath of its own, since
 * a call over another library's groups does without all of MLS.
 */

export { CopseError, type ErrorCode } from "../../errors.ts";
export { CallGroup, type CallGroupState } from "./call-group.ts";
export type { CallGroupEvent, CallGroupOptions, StartOptions } from "./options.ts";
export type { Objection } from "./review.ts";
export { selfRemoval, selfRemove, selfRemoveRequired, withSelfRemove } from "../../extensions/self-remove.ts";
export { defaultTiming, type Incoming, type Outgoing, type Timing, type Transport } from "./transport.ts";
