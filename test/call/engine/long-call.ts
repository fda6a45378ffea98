/**
 * A call that goes on, on a virtual clock: two engines, ten frames a second, somebody who joins or leaves every five
 * seconds, tracks that come and go, and frames that are replayed, foreign or damaged.
 */

import { settled, VirtualClock } from "../virtual-clock.ts";
import { bytes, Party } from "./world.ts";

export class LongCall {
  readonly clock: VirtualClock = new VirtualClock();
  readonly alice: Party = new Party(0, { clock: this.clock, kind: "video" });
  readonly bob: Party = new Party(1, { clock: this.clock, kind: "video" });
  #replayed: Uint8Array | undefined;

  /** The second of this number, from 0 on. */
  async second(second: number): Promise<void> {
    const { alice, bob, clock } = this;
    if (second % 5 === 0) this.#commit(second);
    for (let i = 0; i < 10; i++) {
      const frame = await sealedBy(bob, bytes(second & 0xff, i));
      alice.push("frame", frame, "opus", i === 0);
      if (i === 5) alice.push("replay", this.#replayed ?? frame);
      if (i === 6) alice.push("foreign", bytes(0xff, second & 0xff, i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
      if (i === 7) alice.push("damaged", frame.subarray(0, -2));
      this.#replayed = frame;
      clock.advance(100);
    }
    const [ours, theirs] = [
      bob.engine.outgoing({ track: `out ${second}`, kind: "audio" }),
      alice.engine.incoming({ track: `in ${second}`, kind: "audio", deliver: () => undefined }),
    ];
    const data = await ours.seal({ data: bytes(1), codec: "opus", isKeyFrame: false });
    if (data === undefined) throw new Error("not sealed");
    theirs.push("frame", { data, codec: "opus", isKeyFrame: false });
    await settled();
    ours.close();
    theirs.close();
    for (const party of [alice, bob]) {
      party.delivered.length = party.dropped.length = party.plaintexts.length = party.events.length = 0;
    }
  }

  /** Somebody joins or leaves, under a leaf and a participant number that are new each time. */
  #commit(second: number): void {
    const epoch = 1 + second / 5;
    const leaves = [0, 1, 2 + ((second / 5) % 30)];
    for (const { engine, leafIndex } of [this.alice, this.bob]) {
      engine.handle({
        kind: "epoch",
        epoch: BigInt(epoch),
        leafIndex,
        treeWidth: 32,
        members: leaves.map((leaf) => ({ leafIndex: leaf, participant: leaf < 2 ? leaf : 1000 + second })),
        baseKey: Uint8Array.from({ length: 16 }, () => epoch & 0xff),
      });
    }
  }
}

async function sealedBy(party: Party, data: Uint8Array): Promise<Uint8Array> {
  const frame = await party.seal(data);
  if (frame === undefined) throw new Error("not sealed");
  return frame;
}
