/**
 * An entry of a timeline as an application sees it.
 */

import { decodeContent } from "../../content/decode.ts";
import type { Said } from "../../content/messages/message.ts";
import { readMessage } from "../../content/messages/read.ts";
import type { MimiContent } from "../../content/mimi.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { StoredEntry } from "./entry.ts";

/** A message of a timeline. */
export interface TimelineEntry extends Omit<
  StoredEntry,
  "otherIds" | "expires" | "number" | "edit" | "isEnded" | "timer" | "counts"
> {
  /** Its place: later ones are greater. */
  readonly place: bigint;
  readonly user: string;
  /** What it says now; undefined where its author has taken it back. */
  readonly said: Said | undefined;
  /** The content that says so, under the head of the first version. */
  readonly message: MimiContent | undefined;
  /** When the newest version was accepted, where that is not the first, in milliseconds since 1970. */
  readonly editedAt: number | undefined;
}

export function shown(
  { id, device, status, at, content, edit, readAt, reactions, call, receipts }: StoredEntry,
  place: bigint,
): TimelineEntry {
  const message = content.length === 0 ? undefined : decodeContent(content);
  const said = message === undefined ? undefined : (readMessage(message) as Said); // the head of a first version replaces nothing
  const user = userOfDevice(device);
  const editedAt = edit?.at;
  return { id, device, status, at, content, editedAt, readAt, reactions, call, receipts, place, user, said, message };
}
