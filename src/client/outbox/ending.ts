/**
 * What becomes of everything that waits when a room is over for this device: nothing is forgotten in silence.
 */

import type { StoreChange } from "../../storage/store.ts";
import type { ClientErrorCode } from "../errors.ts";
import type { ClientEvent } from "../events.ts";
import type { RoomCore } from "../room/core.ts";
import { intentKey } from "../store/keys.ts";
import type { NumberedIntent } from "./intent.ts";

/** Changes of the store, and the events that tell of them. */
export interface Ending {
  readonly changes: readonly StoreChange[];
  readonly events: readonly ClientEvent[];
}

/** These intents are over: each is told, with the reason. */
export async function failing(
  { id: room, around }: RoomCore,
  intents: Iterable<NumberedIntent>,
  code: ClientErrorCode,
  detail = "",
): Promise<Ending> {
  const changes: StoreChange[] = [];
  const events: ClientEvent[] = [];
  for (const { number, id, wish } of intents) {
    changes.push({ delete: intentKey(room, number) });
    if (wish.kind === "message" && wish.entry === 0n) continue; // nobody was told of it
    if (code === "room-left" && wish.kind === "change" && wish.change.kind === "leave") {
      events.push({ kind: "done", room, intent: id }); // it is out, as it was asked for
      continue;
    }
    events.push({ kind: "failed", room, intent: id, code, detail });
    if (wish.kind !== "message") continue;
    const folded = await around.folding.failed(room, wish.entry);
    changes.push(...folded.changes);
    events.push(...folded.events);
  }
  return { changes: lastOfEach(changes), events };
}

/** They are over, and that is written. */
export async function fail(
  core: RoomCore,
  intents: Iterable<NumberedIntent>,
  code: ClientErrorCode,
  detail?: string,
): Promise<void> {
  await core.write(await failing(core, intents, code, detail));
}

/** All of a room's intents are over. */
export async function failingAll(core: RoomCore, code: ClientErrorCode, detail = ""): Promise<Ending> {
  return failing(core, await core.outbox.intents(), code, detail);
}

/** Several messages may be about one entry of the timeline: a batch changes each key once. */
function lastOfEach(changes: readonly StoreChange[]): readonly StoreChange[] {
  const byKey = new Map<string, StoreChange>();
  for (const change of changes) byKey.set(("put" in change ? change.put : change.delete).join("\0"), change);
  return [...byKey.values()];
}
