/**
 * The events that wait until the application has taken them.
 */

import { expect, it } from "vitest";
import { EventLog } from "../../src/client/event-log.ts";
import type { ClientEvent } from "../../src/client/events.ts";
import { memoryStore } from "../../src/storage/memory.ts";

const event = (room: string): ClientEvent => ({ kind: "restored", room, entries: 1 });

it("are told, at whatever moment of the telling of those before they come", async () => {
  for (let moment = 0; moment < 60; moment++) {
    const log = await EventLog.open(memoryStore());
    const told: unknown[] = [];
    log.listen((each) => told.push("room" in each && each.room));
    log.adding([event("first")]).after();
    for (let i = 0; i < moment; i++) await Promise.resolve();
    log.adding([event("second")]).after();
    await log.settled();
    expect(told, `after ${String(moment)} turns`).toEqual(["first", "second"]);
    expect(log.waiting).toEqual([]);
  }
});
