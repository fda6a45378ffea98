/**
 * A room's intents in the store: reading them in their order, and the changes that move them on.
 */

import type { Store, StoreChange } from "../../storage/store.ts";
import { intentKey } from "../store/keys.ts";
import { intentEntry, type Intent, type NumberedIntent } from "./intent.ts";

/** The intents of a room, oldest first. */
export async function* intentsOf(store: Store, room: string): AsyncIterable<NumberedIntent> {
  for await (const { key, value } of store.range({ prefix: ["intent", room], from: 0n })) {
    yield { ...intentEntry.read(value), number: key[2] as bigint };
  }
}

/** An intent as it is from now on. */
export function putIntent(room: string, number: bigint, { id, created, wish, state }: Intent): StoreChange {
  return { put: intentKey(room, number), value: intentEntry.write({ id, created, wish, state }) };
}

/** Messages that were made wait again. */
export async function messagesAgain(store: Store, room: string, except?: bigint): Promise<StoreChange[]> {
  const changes: StoreChange[] = [];
  for await (const intent of intentsOf(store, room)) {
    const { state, number, wish } = intent;
    if (wish.kind !== "message" || state.kind !== "made" || state.epoch === except) continue;
    changes.push(putIntent(room, number, { ...intent, state: { kind: "waiting", lost: 1 } }));
  }
  return changes;
}

/** What becomes of the changes that a commit of ours holds: done with it, or waiting again where another commit came first. */
export async function changesOf(store: Store, room: string, outcome: "done" | "lost"): Promise<StoreChange[]> {
  const changes: StoreChange[] = [];
  for await (const intent of intentsOf(store, room)) {
    const { number, wish, state } = intent;
    if (wish.kind !== "change" || state.kind !== "made") continue;
    const isLeaving = wish.change.kind === "leave"; // done when this device is out, and not before
    if (outcome === "done" && !isLeaving) changes.push({ delete: intentKey(room, number) });
    else changes.push(putIntent(room, number, { ...intent, state: { kind: "waiting", lost: 1 } }));
  }
  return changes;
}
