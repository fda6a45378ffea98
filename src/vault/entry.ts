/**
 * What is kept of a room, in the history and in a backup.
 */

import { is, thing, type Takes } from "../bytes/takes.ts";
import { utf8, utf8Decode } from "../bytes/text.ts";
import { opaque, u64, type Codec } from "../codec/codec.ts";

/** The longest content, in bytes. */
export const longestContent: number = 1024 * 1024;

/** What is kept: the application's bytes, of a room, at a time. */
export interface VaultEntry {
  /** Of which room: 1 to 1,024 bytes. */
  readonly room: string;
  /** Milliseconds since 1970: newer ones are restored first. */
  readonly at: number;
  readonly content: Uint8Array;
}

/** `opaque room<V>; uint64 at; opaque content<V>`. */
export const Entry: Codec<VaultEntry> = {
  write: (out, { room, at, content }) => {
    opaque.write(out, utf8(room));
    u64.write(out, BigInt(at));
    opaque.write(out, content);
  },
  read: (input) => {
    const room = utf8Decode(opaque.read(input));
    const at = Number(u64.read(input));
    if (room === undefined || !Number.isSafeInteger(at)) throw input.fail("decode-value");
    return { room, at, content: new Uint8Array(opaque.read(input)) };
  },
};

const longestName = 1_024;
export const aName: Takes = /* @__PURE__ */ is(
  "a text of 1 to 1,024 bytes",
  (value) => typeof value === "string" && value !== "" && utf8(value).length <= longestName,
);
const aTime = /* @__PURE__ */ is(
  "a whole number of milliseconds since 1970",
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
const aContent = /* @__PURE__ */ is(
  "a Uint8Array of at most 1 MiB",
  (value) => value instanceof Uint8Array && value.length <= longestContent,
);
export const anEntry: Takes = /* @__PURE__ */ thing("an entry", { room: aName, at: aTime, content: aContent }, [
  "room",
  "at",
  "content",
]);
