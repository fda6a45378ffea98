/**
 * A message that is to be sent: its place in the timeline and its intent, in one batch. Where nothing is before it, it is sealed in the same one.
 */

import { asBytes } from "../../bytes/bytes.ts";
import { nothing } from "../../bytes/nothing.ts";
import { StoreError } from "../../storage/errors.ts";
import type { StoreChange } from "../../storage/store.ts";
import { ClientError } from "../errors.ts";
import type { IntentState } from "../outbox/intent.ts";
import { putIntent } from "../outbox/intents.ts";
import type { Timeline } from "../timeline/timeline.ts";
import type { AskedMessage } from "./asked.ts";
import type { Outcome, RoomCore } from "./core.ts";
import type { Draft } from "./drafting.ts";
import { readyGroup, sealing } from "./sealing.ts";

/** Say it, in the room's turn. @throws ClientError where nobody would take it; StoreError where the store does not */
export async function say(
  core: RoomCore,
  timeline: Timeline,
  { content, until }: Draft,
  { id, changes = [] }: { readonly id?: Uint8Array; readonly changes?: readonly StoreChange[] } = {},
): Promise<AskedMessage> {
  const { around, id: room } = core;
  const { nextIntent, nextEntry } = core.state;
  const written = await timeline.writing(room, content, around.clock(), nextEntry);
  if (written.entry === 0n) throw new ClientError("message-unknown");
  const intent = { id: id ?? around.random(16), created: around.clock() };
  // An entry of its own has its content already.
  const wish = { kind: "message", content: written.isNew ? nothing : content, entry: written.entry, until } as const;
  const outcome = (state: IntentState): Outcome => ({
    state: { nextIntent: nextIntent + 1n, nextEntry: written.nextEntry },
    changes: [...written.changes, ...changes, putIntent(room, nextIntent, { ...intent, wish, state })],
    events: written.events,
    unread: written.unread,
    flush: true,
  });
  try {
    // One batch in the place of two, where it can be sent at once. What is refused is refused when it is its turn, and told then.
    const isWorthIt = until === undefined || around.clock() <= until;
    const group = isWorthIt ? await readyGroup(core) : undefined;
    const isSealed = group !== undefined && (await sealing(core, group, content, outcome)) === undefined;
    if (!isSealed) await core.write(outcome({ kind: "waiting", lost: 0 }));
  } catch (error) {
    throw storeErrorOf(error) ?? error;
  }
  return { intent: asBytes(intent.id), id: asBytes(written.id), entry: written.entry };
}

/** What the store has said, beneath what has passed it on. */
function storeErrorOf(error: unknown): StoreError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof StoreError) return at;
  return undefined;
}
