/**
 * Rooms where something was begun. The others are left in the store until there is news of them.
 */

import type { Store } from "../../storage/store.ts";
import type { RoomCore } from "./core.ts";

export async function unfinishedAmong(rooms: Iterable<RoomCore>, store: Store): Promise<readonly string[]> {
  const wishes = new Set<string>();
  for await (const { key } of store.range({ prefix: ["intent"] })) wishes.add(String(key[1]));
  return Array.from(rooms)
    .filter(({ id, state }) => {
      const { status, isDue } = state;
      const isQuiet = status === "left" || (status === "member" && !isDue);
      return !isQuiet || wishes.has(id);
    })
    .map(({ id }) => id);
}
