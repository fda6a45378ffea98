/**
 * What a call takes: in a file of its own, which is fetched with the first one, so that nobody carries it who has none.
 */

export { Call } from "../../call/call.ts";
export { CallGroup } from "../../call/group/call-group.ts";
export { ClientCall } from "./client-call.ts";
