/**
 * A message that is to be sent: its place in the timeline and its intent, in one batch.
 */

import { asBytes } from "../../bytes/bytes.ts";
import type { StoreChange } from "../../storage/store.ts";
import { ClientError } from "../errors.ts";
import { putIntent } from "../outbox/intents.ts";
import type { Timeline } from "../timeline/timeline.ts";
import type { AskedMessage } from "./asked.ts";
import type { RoomCore } from "./core.ts";
import type { Draft } from "./drafting.ts";

/** Say it, in the room's turn. @throws ClientError where nobody would take it */
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
  const intent = {
    id: id ?? around.random(16),
    created: around.clock(),
    wish: { kind: "message", content, entry: written.entry, until },
    state: { kind: "waiting", lost: 0 },
  } as const;
  await core.write({
    state: { nextIntent: nextIntent + 1n, nextEntry: written.nextEntry },
    changes: [...written.changes, ...changes, putIntent(room, nextIntent, intent)],
    events: written.events,
    unread: written.unread,
    flush: true,
  });
  return { intent: asBytes(intent.id), id: asBytes(written.id), entry: written.entry };
}
