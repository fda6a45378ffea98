/**
 * What a device says in a room's log for other devices, and not for its timeline: an intent like every other, which nobody is told of.
 */

import { encodeContent } from "../../content/encode.ts";
import type { MimiContent } from "../../content/mimi.ts";
import { asking } from "../outbox/asking.ts";
import type { RoomCore } from "./core.ts";

/**
 * Say it, in its turn.
 *
 * @param until In milliseconds since 1970: after that it is not sent any more.
 */
export function sayAside(core: RoomCore, nestedPart: MimiContent["nestedPart"], until: number): Promise<void> {
  const { around, id: room } = core;
  const salt = around.random(16);
  const content = encodeContent({ salt, senderUri: around.user, roomUri: room, nestedPart });
  return core.turn(async () => {
    if (core.state.status === "left") return;
    const { state, changes } = asking(core, { kind: "message", content, entry: 0n, until });
    await core.write({ state, changes, flush: true });
  });
}
