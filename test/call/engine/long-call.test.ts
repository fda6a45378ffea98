/** A long call, on a virtual clock: what an engine holds does not grow with it. */

import { expect, it } from "vitest";
import type { EngineStatistics } from "../../../src/call/engine/protocol.ts";
import { kept } from "../../memory/measure.ts";
import { LongCall } from "./long-call.ts";

/** How much an engine holds, by what it says of itself. */
function amount({ epochs, participants, tracks, waiting }: EngineStatistics): number {
  const sources = tracks.reduce((sum, track) => sum + track.sources.length + Object.keys(track.dropped).length, 0);
  return epochs.length + participants.length + tracks.length + sources + waiting.frames;
}

it("stays as it was after the first minute, in what it says of itself and in its timers", async () => {
  const call = new LongCall();
  const amounts: number[] = [];
  const timers: number[] = [];
  for (let second = 0; second < 600; second++) {
    await call.second(second);
    if (second % 60 !== 59) continue;
    amounts.push(amount(call.alice.statistics) + amount(call.bob.statistics));
    timers.push(call.clock.timers);
  }
  expect(call.alice.track("in").passed).toBeGreaterThan(5900);
  expect(Math.max(...amounts)).toBeLessThanOrEqual(amounts[0]! + 2);
  expect(Math.max(...timers)).toBeLessThanOrEqual(4);
});

it("keeps not one byte of memory for a frame", async () => {
  const { bytesPerStep, leaking } = await kept("test/call/engine/long-call.memory.ts", { between: 100, leak: 32 });
  expect(leaking).toBeGreaterThan(24); // of 32 bytes a second, or 3 a frame
  expect(bytesPerStep).toBeLessThan(10); // a second has ten frames
});
