/**
 * What this device says of the messages that it has got, and that its user has read: by the room's policy, where that decides, else as the
 * user likes. draft-ietf-mimi-room-policy section 6.1; draft-mahy-mimi-message-status
 */

import { fixed, struct } from "../../codec/codec.ts";
import type { Optionality } from "../../rooms/formats/parts.ts";
import type { StoreKey } from "../../storage/key.ts";
import { entryKind, flag, type EntryKind } from "../store/entry.ts";
import type { RoomCore } from "./core.ts";
import type { ReceiptChoice } from "./receipt-choice.ts";

/** A receipt that is still to be sent. */
export interface Receipt {
  /** Of the message's first version. */
  readonly id: Uint8Array;
  /** Whether it was read, not only delivered. */
  readonly isRead: boolean;
}
export const receiptEntry: EntryKind<Receipt> = entryKind(struct<Receipt>({ id: fixed(32), isRead: flag }));

/** It waits under the message's number in the log. */
export function receiptKey(room: string, number: bigint): StoreKey {
  return ["receipt", room, number];
}

/** In rooms of more devices nobody says what became of messages: everybody would say it of everybody's. */
const mostDevices = 128;

/** Bits of the room's state: what the user does not want said in it. */
const notDelivered = 1;
const notRead = 2;

export function choiceBits({ delivered = true, read = true }: ReceiptChoice): number {
  return (delivered ? 0 : notDelivered) | (read ? 0 : notRead);
}

/** What is said in a room now: nothing where its group is not in memory. */
export function receiptsIn(core: RoomCore | undefined): Required<ReceiptChoice> {
  const policy = core?.receiptPolicy;
  if (core === undefined || policy === undefined || policy.devices > mostDevices || !policy.maySend) return none;
  const { around, state } = core;
  const { delivered = true, read = true } = around.receipts;
  const { receipts: off } = state;
  return {
    delivered: isSent(policy.delivered, delivered && (off & notDelivered) === 0),
    read: isSent(policy.read, read && (off & notRead) === 0),
  };
}

/** What others may say there, whatever they like. */
export function receiptsAllowed(core: RoomCore | undefined): Required<ReceiptChoice> {
  const policy = core?.receiptPolicy;
  if (policy === undefined) return none;
  return { delivered: policy.delivered !== "forbidden", read: policy.read !== "forbidden" };
}

const none: Required<ReceiptChoice> = { delivered: false, read: false };

function isSent(policy: Optionality, isWanted: boolean): boolean {
  return policy === "required" || (policy === "optional" && isWanted);
}
