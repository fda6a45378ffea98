/**
 * Handing the new account key to the user's other devices, in the room of the key before: when whoever is not on the list is out of it, and this
 * device's leaf there is under the new key, so that nobody can come in again who has only the old one. The message is sealed for an epoch
 * in which all members are on the list: `isHeldIn` of room/outgoing.ts looks again when it is sealed.
 */

import { writeAccountKey, type AccountKey } from "../../accounts/keys.ts";
import type { AccountView } from "../../accounts/view.ts";
import { encodeContent } from "../../content/encode.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { ClientError } from "../errors.ts";
import { asking } from "../outbox/asking.ts";
import type { RoomCore } from "../room/core.ts";
import { joinFromOutside } from "../room/joining.ts";
import { strangersIn } from "../room/own-clients.ts";
import { isOurs } from "../shared/self-room.ts";
import { writeShared } from "../shared/messages.ts";
import { formerSelfKey } from "../store/keys.ts";
import { hasPassed } from "../passed.ts";
import { isAttested } from "./attesting.ts";
import type { KeyParts } from "./become-key.ts";
import { formerEntry, notHanded } from "./former.ts";

/** How long a room is left alone that lets this device not in, in milliseconds. */
const pause = 10 * 60 * 1000;

const tried = new WeakMap<KeyParts["around"], Map<string, number>>();

/** Hand it on in every room of a key before, where it was not. */
export async function handOn(
  parts: KeyParts,
  accountKey: AccountKey,
  view: AccountView,
  connection: Connection,
): Promise<void> {
  const { selfRooms, rooms } = parts;
  if (view.devices.length < 2) return;
  for (const room of selfRooms.former) {
    const there = rooms.get(room);
    if (there === undefined) continue;
    const { core, worker } = there;
    if (core.state.status === "left") await comeBack(parts, connection, room);
    const isAsked = await core.turn(() => handOnIn(core, accountKey));
    if (isAsked) worker.wakeToSend();
  }
}

/** Whether the message waits to be sent now. */
async function handOnIn(core: RoomCore, accountKey: AccountKey): Promise<boolean> {
  const { around, id: room } = core;
  if (core.state.status !== "member" || !(await isOurs(core))) return false;
  const stored = await around.store.get(formerSelfKey(room));
  const handed = stored === undefined ? notHanded : formerEntry.read(stored);
  const { since } = core.state;
  const { number: keyNumber, accountKey: publicKey } = accountKey.certificate;
  if (handed.keyNumber === keyNumber && handed.since === since) return false;
  const group = await core.group();
  if (!isAttested(group, publicKey) || (await strangersIn(core)).length > 0) return false;
  const written = writeAccountKey(accountKey);
  const content = written.use((key) =>
    encodeContent({
      salt: around.random(16),
      senderUri: around.user,
      roomUri: room,
      nestedPart: writeShared({ kind: "key", accountKey: key }),
    }),
  );
  written.wipe();
  const { state, changes } = asking(core, { kind: "message", content, entry: 0n, until: undefined });
  const put = { put: formerSelfKey(room), value: formerEntry.write({ keyNumber, since }) };
  await core.write({ state, changes: [...changes, put], flush: true });
  return true;
}

/** Whoever was stolen may have put this device out: it comes in again, under the new key. */
async function comeBack(parts: KeyParts, connection: Connection, room: string): Promise<void> {
  const { around, rooms } = parts;
  const times = tried.get(around) ?? new Map<string, number>();
  tried.set(around, times);
  const now = around.clock();
  if (!hasPassed(pause, times.get(room) ?? -Infinity, now)) return;
  times.set(room, now);
  try {
    await joinFromOutside(around, connection, room, (id) => rooms.get(id)?.core, {
      add: (core) => {
        parts.add(core);
      },
    });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
  }
}
