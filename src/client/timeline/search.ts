/**
 * Finding messages by their words, in what this device has stored.
 */

import { checkCount } from "../../bytes/numbers.ts";
import { options, text as aText, type Shape, type Takes } from "../../bytes/takes.ts";
import type { Store } from "../../storage/store.ts";
import type { TimelineEntry } from "./shown.ts";
import type { Timeline } from "./timeline.ts";
import { hasWords, hits, wordsIn, type Hit } from "./words.ts";

/** Where to search, and for how many. */
export interface SearchOptions {
  /** Only in this room. Default: in all. */
  readonly room?: string;
  /** At most so many, 1,000 or less: those that are newest. Default 50. */
  readonly limit?: number;
}

/** A message that was found. */
export interface Found {
  readonly room: string;
  readonly entry: TimelineEntry;
}

const atMost: Takes = (place, value) => {
  checkCount(place, value as number, [1, 1_000]);
};
const takesSearch: Takes = options({ room: aText, limit: atMost } satisfies Shape<SearchOptions>);

/** The newest messages that hold all words of a text, the newest first. */
export async function search(
  { store, timeline, rooms }: { readonly store: Store; readonly timeline: Timeline; readonly rooms: readonly string[] },
  text: string,
  how: SearchOptions = {},
): Promise<readonly Found[]> {
  aText("text", text);
  takesSearch("search", how);
  const { room: only, limit = 50 } = how;
  const words = wordsIn(text);
  if (words.size === 0) return [];
  let newest: (Hit & Found)[] = [];
  for (const room of only === undefined ? rooms : [only]) {
    let found = 0;
    for await (const hit of hits(store, room, words)) {
      if (found >= limit) break;
      const oldest = newest.length < limit ? undefined : newest.at(-1);
      if (oldest !== undefined && hit.at < oldest.at) {
        found++; // it would be behind all that were found
        continue;
      }
      const entry = await timeline.at(room, hit.place);
      if (entry?.said === undefined || !hasWords(entry.said, words)) continue;
      newest = [...newest, { ...hit, entry }].sort((a, b) => b.at - a.at || Number(b.place - a.place)).slice(0, limit);
      found++;
    }
  }
  return newest.map(({ room, entry }) => ({ room, entry }));
}
