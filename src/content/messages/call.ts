/**
 * What is said of a call in its room: ringing and what ends it. Offers and candidates are ephemeral (see `encodeEphemeral`).
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { at, integer, maybe, octets, oneName, record, words, yes, type Field } from "./fields.ts";

/** What happened. */
export interface CallNotice {
  /**
   * "accepted", "declined" and "busy" are said by one who was called, and stop the ringing of their other devices; "cancelled" and
   * "ended" by one who called.
   */
  readonly event: "ringing" | "accepted" | "declined" | "busy" | "cancelled" | "ended";
  /** The call, 1 to 64 bytes: the id of its MLS group, or another that its members know. */
  readonly call: Uint8Array;
  /** Whether it rings for pictures too. */
  readonly video?: true;
  /** The URI of the call's own room. */
  readonly room?: string;
  /** Of "ended": how long it took, in seconds. */
  readonly duration?: number;
}

type CallFields = Omit<CallNotice, "call"> & { readonly call: Bytes };

const fields: Field<CallFields> = /* @__PURE__ */ record<CallFields>({
  event: at(1, oneName("ringing", "accepted", "declined", "busy", "cancelled", "ended")),
  call: at(2, octets(64)),
  video: maybe(3, yes),
  room: maybe(4, words(1024)),
  duration: maybe(5, integer(0, 0xffff_ffff)),
});

export const callNotice: Field<CallNotice> = {
  read: fields.read,
  write: (event) => fields.write({ ...event, call: new Uint8Array(event.call) }),
};
