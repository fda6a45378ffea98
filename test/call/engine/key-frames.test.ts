/** After a gap a key frame is asked for: not too often, and less and less often while none comes. */

import { describe, expect, it } from "vitest";
import { KeyFrameRequests } from "../../../src/call/engine/key-frames.ts";
import { settled } from "../virtual-clock.ts";
import { bytes, Party, sealed } from "./world.ts";

const options = { kind: "video", holdTime: 500, keyFrameInterval: 250, maxKeyFrameInterval: 2000 } as const;

async function frameOf(party: Party): Promise<Uint8Array> {
  return sealed(party, bytes(1, 2, 3));
}

describe("a key frame", () => {
  it("is asked for when a held frame is given up, and again when deltas open that nothing can show", async () => {
    const [alice, bob] = [new Party(0, options), new Party(1)];
    alice.enter(5);
    bob.enter(6);
    alice.push("lost", await frameOf(bob));
    expect(alice.keyFrameRequests).toBe(0);
    alice.clock.advance(500);
    expect(alice.keyFrameRequests).toBe(1);
    alice.enter(6); // what was asked for so far could not be opened: no need to wait
    alice.push("delta", await frameOf(bob));
    await settled();
    expect(alice.keyFrameRequests).toBe(2);
    alice.push("key", await frameOf(bob), "opus", true);
    await settled();
    alice.clock.advance(10_000);
    alice.push("delta", await frameOf(bob));
    await settled();
    expect(alice.delivered).toEqual(["delta", "key", "delta"]);
    expect(alice.keyFrameRequests).toBe(2);
    expect(alice.events.filter(({ kind }) => kind === "keyFrameNeeded")).toEqual([
      { kind: "keyFrameNeeded", track: "in" },
      { kind: "keyFrameNeeded", track: "in" },
    ]);
    expect(alice.track("in").keyFrameRequests).toBe(2);
  });

  it("is asked for with growing intervals while none comes: no storm", async () => {
    const [alice, bob] = [new Party(0, options), new Party(1)];
    alice.enter(5);
    bob.enter(5);
    const bad = (await frameOf(bob)).subarray(0, -1);
    const asked: number[] = [];
    for (let time = 0; time < 12_000; time += 10) {
      const before = alice.keyFrameRequests;
      alice.push("damaged", bad);
      await settled();
      if (alice.keyFrameRequests > before) asked.push(time);
      alice.clock.advance(10);
    }
    expect(asked).toEqual([0, 250, 750, 1750, 3750, 5750, 7750, 9750, 11_750]);
  });

  it("makes the interval small again, but two requests are never closer than that", async () => {
    const [alice, bob] = [new Party(0, options), new Party(1)];
    alice.enter(5);
    bob.enter(5);
    let requests = 0;
    for (let time = 0; time < 2000; time += 10) {
      alice.push("damaged", (await frameOf(bob)).subarray(0, -1));
      alice.push("key", await frameOf(bob), "opus", true);
      await settled();
      alice.clock.advance(10);
      requests = alice.keyFrameRequests;
    }
    expect(requests).toBe(8);
  });

  it("is not asked for sooner by a key that nothing was lost for", () => {
    let asked = 0;
    const requests = new KeyFrameRequests({
      now: () => 0,
      keyFrameInterval: 250,
      maxKeyFrameInterval: 8000,
      request: () => asked++,
    });
    requests.lost();
    requests.passed(true);
    requests.keyed();
    requests.lost();
    expect(asked).toBe(1);
    requests.keyed();
    requests.lost();
    expect(asked).toBe(2);
  });

  it("is not asked for audio, nor for frames that were no sender's", async () => {
    const [audio, video, bob] = [new Party(0), new Party(0, options), new Party(1)];
    for (const party of [audio, video, bob]) party.enter(5);
    const good = await frameOf(bob);
    audio.push("damaged", good.subarray(0, -1));
    video.push("empty", new Uint8Array(0));
    video.push("header", bytes(0xff));
    video.push("own", await frameOf(video));
    for (const name of ["first", "again"]) video.push(name, good, "opus", true);
    await settled();
    expect(audio.keyFrameRequests + video.keyFrameRequests).toBe(0);
  });
});
