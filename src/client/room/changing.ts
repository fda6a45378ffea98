/**
 * Asking for a change of a room, and what stands in the way of asking for anything.
 */

import { asBytes } from "../../bytes/bytes.ts";
import { changeTakes } from "../arguments.ts";
import { ClientError } from "../errors.ts";
import { asking } from "../outbox/asking.ts";
import type { RoomChange } from "../outbox/intent.ts";
import type { Asked } from "./asked.ts";
import type { RoomCore } from "./core.ts";

/** How many may wait in one room: more is a mistake, or an attack on the disk. */
const mostIntents = 10_000;

/** Store that a change is wanted, and wake whoever carries it out. @throws ClientError "room-left", "too-many" */
export async function askForChange(core: RoomCore, change: RoomChange, wake: () => void): Promise<Asked> {
  changeTakes("change", change);
  return core.turn(async () => {
    checkIsIn(core);
    await checkHasRoom(core);
    const { state, changes, ids } = asking(core, { kind: "change", change });
    await core.write({ state, changes, flush: true });
    wake();
    return { intent: asBytes(ids[0]!) };
  });
}

/** @throws ClientError "room-left" */
export function checkIsIn(core: RoomCore): void {
  if (core.state.status === "left") throw new ClientError("room-left");
}

/** @throws ClientError "too-many" where more waits already than anybody means to ask for. */
export async function checkHasRoom(core: RoomCore): Promise<void> {
  if ((await core.outbox.size()) > mostIntents) throw new ClientError("too-many");
}
