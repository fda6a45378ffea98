/**
 * What calls need of copse/call: in a file of its own, which is fetched with the first call, so that nobody carries it who has none.
 */

export { Call } from "../../call/call.ts";
export { CallGroup } from "../../call/group/call-group.ts";
