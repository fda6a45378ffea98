/**
 * Sending the receipts that wait, those of one room in as few messages as they need. Receipts that are not wanted any more are forgotten.
 */

import { writeMessage } from "../../content/messages/write.ts";
import type { Status } from "../../content/messages/records.ts";
import type { StoreChange } from "../../storage/store.ts";
import { asking } from "../outbox/asking.ts";
import type { Wish } from "../outbox/intent.ts";
import type { Surroundings } from "../surroundings.ts";
import type { RoomCore } from "./core.ts";
import { receiptEntry, receiptsIn } from "./receipts.ts";

/** Reports of one message at the most. */
const mostAtOnce = 256;

/** Make messages of all receipts that wait. Gives the rooms that have something to send. */
export async function reportAll(
  { store }: Surroundings,
  find: (room: string) => RoomCore | undefined,
): Promise<readonly string[]> {
  const waiting = new Set<string>();
  for await (const { key } of store.range({ prefix: ["receipt"] })) waiting.add(String(key[1]));
  const told: string[] = [];
  for (const room of waiting) {
    const core = find(room);
    if (core?.state.status === "left" || core === undefined) await forget(room, store);
    else if (await core.turn(() => report(core))) told.push(room);
  }
  return told;
}

async function report(core: RoomCore): Promise<boolean> {
  const { around, id: room } = core;
  if (core.state.status !== "member") return false; // it may have ended while this waited for its turn
  await core.group();
  const wanted = receiptsIn(core);
  const done: StoreChange[] = [];
  const reports: Status[] = [];
  for await (const { key, value } of around.store.range({ prefix: ["receipt", room] })) {
    const { id, isRead } = receiptEntry.read(value);
    done.push({ delete: key });
    if (isRead ? wanted.read || wanted.delivered : wanted.delivered)
      reports.push({ id, status: isRead && wanted.read ? "read" : "delivered" });
  }
  const wishes: Wish[] = [];
  const address = { senderUri: around.user, roomUri: room, random: around.random };
  for (let i = 0; i < reports.length; i += mostAtOnce) {
    const { bytes } = writeMessage({ kind: "status", reports: reports.slice(i, i + mostAtOnce) }, address);
    wishes.push({ kind: "message", content: bytes, entry: 0n, until: undefined });
  }
  const { state, changes } = asking(core, ...wishes);
  if (done.length > 0) await core.write({ state, changes: [...changes, ...done], flush: true });
  return wishes.length > 0;
}

async function forget(room: string, store: Surroundings["store"]): Promise<void> {
  const changes: StoreChange[] = [];
  for await (const { key } of store.range({ prefix: ["receipt", room] })) changes.push({ delete: key });
  await store.batch(changes);
}
