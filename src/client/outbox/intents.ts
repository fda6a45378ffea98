/**
 * The changes that move a room's intents on.
 */

import type { StoreChange } from "../../storage/store.ts";
import { intentKey } from "../store/keys.ts";
import { intentEntry, type Intent } from "./intent.ts";
import type { Outbox } from "./outbox.ts";

/** Whose intents. */
interface OfRoom {
  readonly id: string;
  readonly outbox: Outbox;
}

/** An intent as it is from now on. */
export function putIntent(room: string, number: bigint, { id, created, wish, state }: Intent): StoreChange {
  return { put: intentKey(room, number), value: intentEntry.write({ id, created, wish, state }) };
}

/** Messages that were made wait again. */
export async function messagesAgain({ id, outbox }: OfRoom, except?: bigint): Promise<StoreChange[]> {
  const changes: StoreChange[] = [];
  for (const intent of await outbox.intents()) {
    const { state, number, wish } = intent;
    if (wish.kind !== "message" || state.kind !== "made" || state.epoch === except) continue;
    changes.push(putIntent(id, number, { ...intent, state: { kind: "waiting", lost: 1 } }));
  }
  return changes;
}

/** What becomes of the changes that a commit of ours holds: done with it, or waiting again where another commit came first. */
export async function changesOf({ id, outbox }: OfRoom, outcome: "done" | "lost"): Promise<StoreChange[]> {
  const changes: StoreChange[] = [];
  for (const intent of await outbox.intents()) {
    const { number, wish, state } = intent;
    if (wish.kind !== "change" || state.kind !== "made") continue;
    const isLeaving = wish.change.kind === "leave"; // done when this device is out, and not before
    if (outcome === "done" && !isLeaving) changes.push({ delete: intentKey(id, number) });
    else changes.push(putIntent(id, number, { ...intent, state: { kind: "waiting", lost: 1 } }));
  }
  return changes;
}
