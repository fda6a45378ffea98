/**
 * An entry as the history keeps it: what all devices of a user know of it alike, so that what two of them keep of one entry is the same bytes.
 */

import { hash } from "#symmetric";
import { concat } from "../../bytes/concat.ts";
import { hex, utf8 } from "../../bytes/text.ts";
import { decodeCopy, encode, fixed, opaque, optional, struct, u64, u8, vector, type Codec } from "../../codec/codec.ts";
import { ContentError } from "../../content/errors.ts";
import { CopseError } from "../../errors.ts";
import { isUri } from "../../rooms/uri.ts";
import { longestContent } from "../../vault/entry.ts";
import { flag, integer, text } from "../store/entry.ts";
import { plainEntry, type Edit, type Reaction, type StoredEntry } from "../timeline/entry.ts";
import { unnumbered } from "../timeline/judging.ts";
import { shown, type TimelineEntry } from "../timeline/shown.ts";
import type { HistoryOptions } from "./options.ts";

/** The version of what is kept. */
const keptVersion = 1;
/** The bytes by which devices tell each other what they have kept. */
export const digestLength = 16;

interface KeptEntry extends Pick<
  StoredEntry,
  "id" | "device" | "number" | "at" | "content" | "edit" | "reactions" | "otherIds" | "isEnded"
> {
  readonly version: number;
}
const KeptEntry: Codec<KeptEntry> = struct<KeptEntry>({
  version: u8,
  id: fixed(32),
  device: text,
  number: u64,
  at: integer,
  content: opaque,
  edit: optional(struct<Edit>({ id: fixed(32), number: u64, at: integer })),
  reactions: vector(struct<Reaction>({ user: text, id: fixed(32), content: opaque }), "proposals"),
  otherIds: vector(fixed(32), "proposals"),
  isEnded: flag,
});

/**
 * What the history keeps of an entry. "later": it is not what it will be, and its next change says so. Undefined: nothing is kept of it.
 * What its author has taken back is kept, without its words: else an older record would bring them back. What is longer than a record may be is
 * kept without its reactions.
 */
export function keptOf(
  entry: StoredEntry,
  { room, place, keeps }: { readonly room: string; readonly place: bigint } & Pick<HistoryOptions, "keeps">,
): Uint8Array | "later" | undefined {
  const { status, edit, call, timer, expires, content, id, device, number, at, isEnded } = entry;
  if (status === "waiting" || edit?.number === unnumbered) return "later";
  if (status === "failed" || call !== undefined || timer !== undefined || expires !== undefined) return undefined;
  if (content.length > 0) {
    const seen = shown(entry, place);
    if (seen.said === undefined || isSeenOnce(seen)) return undefined;
    if (keeps !== undefined && !keeps(seen, room)) return undefined;
  }
  const reactions = [...entry.reactions].sort((a, b) => (hex(a.id) < hex(b.id) ? -1 : 1));
  const otherIds = [...entry.otherIds].sort((a, b) => (hex(a) < hex(b) ? -1 : 1));
  const said = { version: keptVersion, id, device, number, at, content, edit, otherIds, isEnded };
  const whole = encode(KeptEntry, { ...said, reactions });
  if (whole.length <= longestContent) return whole;
  // What no record can hold would keep all that is behind it from being written: others' reactions do not decide about a message.
  const words = encode(KeptEntry, { ...said, reactions: [] });
  return words.length <= longestContent ? words : undefined;
}

/** By what a device tells the others that it has kept this of a room. */
export function digestOf(room: string, kept: Uint8Array): Uint8Array {
  const name = utf8(room);
  return hash("sha256", concat(Uint8Array.of(name.length >> 8, name.length & 0xff), name, kept)).slice(0, digestLength);
}

/** The entry that was kept, as it is in a timeline. Undefined for what none can show, or a later version. */
export function restoredOf(kept: Uint8Array): StoredEntry | undefined {
  try {
    const { version, ...entry } = decodeCopy(KeptEntry, kept);
    if (version !== keptVersion || !isUri(entry.device, "device")) return undefined;
    const restored: StoredEntry = { ...plainEntry, ...entry, status: "restored" };
    shown(restored, 1n); // it can be read
    return restored;
  } catch (error) {
    if (error instanceof CopseError || error instanceof ContentError) return undefined;
    throw error;
  }
}

function isSeenOnce({ said }: TimelineEntry): boolean {
  return said?.kind === "media" && said.viewOnce === true;
}
