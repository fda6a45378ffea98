/**
 * What a device says in a room's log for other devices, and not for its timeline: an intent like every other, which nobody is told of.
 */

import { encodeContent } from "../../content/encode.ts";
import type { MimiContent } from "../../content/mimi.ts";
import { putIntent } from "../outbox/intents.ts";
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
    const { nextIntent } = core.state;
    const intent = {
      id: around.random(16),
      created: around.clock(),
      wish: { kind: "message", content, entry: 0n, until },
      state: { kind: "waiting", lost: 0 },
    } as const;
    await core.write({
      state: { nextIntent: nextIntent + 1n },
      changes: [putIntent(room, nextIntent, intent)],
      flush: true,
    });
  });
}
