/** A call of ten minutes, on a virtual clock: what an engine holds does not grow with it. */

import { expect, it } from "vitest";
import type { EngineStatistics } from "../../../src/call/engine/protocol.ts";
import { reachable } from "../../reachable.ts";
import { settled, VirtualClock } from "../virtual-clock.ts";
import { bytes, Party } from "./world.ts";

/** How much an engine holds, by what it says of itself. */
function amount({ epochs, participants, tracks, waiting }: EngineStatistics): number {
  const sources = tracks.reduce((sum, track) => sum + track.sources.length + Object.keys(track.dropped).length, 0);
  return epochs.length + participants.length + tracks.length + sources + waiting.frames;
}

it("stays as it was after the first minutes", async () => {
  const clock = new VirtualClock();
  const [alice, bob] = [0, 1].map((leaf) => new Party(leaf, { clock, kind: "video" })) as [Party, Party];
  const amounts: number[] = [];
  const timers: number[] = [];
  const heaps: number[] = [];
  let replayed: Uint8Array | undefined;
  for (let second = 0; second < 600; second++) {
    // somebody joins or leaves every five seconds, under a leaf and a participant number that are new each time
    if (second % 5 === 0) {
      const leaves = [0, 1, 2 + ((second / 5) % 30)];
      for (const party of [alice, bob]) {
        const epoch = 1 + second / 5;
        party.engine.handle({
          kind: "epoch",
          epoch: BigInt(epoch),
          leafIndex: party.leafIndex,
          treeWidth: 32,
          members: leaves.map((leafIndex) => ({ leafIndex, participant: leafIndex < 2 ? leafIndex : 1000 + second })),
          baseKey: Uint8Array.from({ length: 16 }, () => epoch & 0xff),
        });
      }
    }
    for (let i = 0; i < 10; i++) {
      const frame = (await bob.seal(bytes(second & 0xff, i)))!;
      alice.push("frame", frame, "opus", i === 0);
      if (i === 5) alice.push("replay", replayed ?? frame);
      if (i === 6) alice.push("foreign", bytes(0xff, second & 0xff, i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
      if (i === 7) alice.push("damaged", frame.subarray(0, -2));
      replayed = frame;
      clock.advance(100);
    }
    // tracks come and go, too
    const [ours, theirs] = [
      bob.engine.outgoing({ track: `out ${second}`, kind: "audio" }),
      alice.engine.incoming({ track: `in ${second}`, kind: "audio", deliver: () => undefined }),
    ];
    const data = await ours.seal({ data: bytes(1), codec: "opus", isKeyFrame: false });
    theirs.push("frame", { data: data!, codec: "opus", isKeyFrame: false });
    await settled();
    ours.close();
    theirs.close();
    for (const party of [alice, bob]) {
      party.delivered.length = party.dropped.length = party.plaintexts.length = party.events.length = 0;
    }
    if (second % 60 === 59) {
      amounts.push(amount(alice.statistics) + amount(bob.statistics));
      timers.push(clock.timers);
      heaps.push(reachable());
    }
  }
  expect(alice.track("in").passed).toBeGreaterThan(5900);
  expect(Math.max(...amounts)).toBeLessThanOrEqual(amounts[0]! + 2);
  expect(Math.max(...timers)).toBeLessThanOrEqual(4);
  expect(heaps.at(-1)! - heaps[4]!).toBeLessThan(2 ** 17); // some 40 bytes for each frame since
});
