/**
 * Intents that can't be carried out any more: each is told, with the reason, and a message that it was for is marked.
 */

import type { StoreChange } from "../../storage/store.ts";
import type { ClientErrorCode } from "../errors.ts";
import type { ClientEvent } from "../events.ts";
import type { NumberedIntent } from "../outbox/intent.ts";
import { intentKey } from "../store/keys.ts";
import type { RoomCore } from "./core.ts";

/** What ends these intents, for a batch that may hold more. */
export async function failing(
  core: RoomCore,
  intents: readonly NumberedIntent[],
  code: ClientErrorCode,
  detail = "",
): Promise<{ readonly changes: readonly StoreChange[]; readonly events: readonly ClientEvent[] }> {
  const changes: StoreChange[] = [];
  const events: ClientEvent[] = [];
  const entries = new Set<bigint>();
  for (const { number, id, wish } of intents) {
    changes.push({ delete: intentKey(core.id, number) });
    if (wish.kind === "message" && wish.entry === 0n) continue; // nobody was told of it
    events.push({ kind: "failed", room: core.id, intent: id, code, detail });
    if (wish.kind !== "message" || entries.has(wish.entry)) continue; // an edit is of the same entry as what it edits
    entries.add(wish.entry);
    const folded = await core.around.folding.failed(core.id, wish.entry);
    changes.push(...folded.changes);
    events.push(...folded.events);
  }
  return { changes, events };
}
