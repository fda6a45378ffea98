/**
 * An item of the log that is nothing for this device: it is told, and the cursor goes past it.
 */

import type { LogItem } from "../../delivery/delivery.ts";
import type { Outcome, RoomCore } from "./core.ts";
import { passed } from "./log.ts";

/** Tell of it, with the code of what is wrong. */
export async function unreadable(core: RoomCore, item: LogItem, code: string): Promise<Outcome> {
  return {
    state: await passed(core, item),
    events: [{ kind: "unreadable", room: core.id, item: item.number, code }],
  };
}
