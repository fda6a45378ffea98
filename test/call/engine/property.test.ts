/**
 * Random calls: epochs, frames, loss, reordering and duplicates in any interleaving. No counter is used twice, nothing is
 * delivered that was not sent, and what must open does.
 */

import fc from "fast-check";
import { expect, it } from "vitest";
import { hex } from "../../../src/bytes/text.ts";
import { readSFrameHeader } from "../../../src/sframe/header.ts";
import { settled, VirtualClock } from "../virtual-clock.ts";
import { Party } from "./world.ts";

const size = 3;
const delays = { sendDelay: 1000, eraseDelay: 10_000, holdTime: 1000 };

type Step =
  /** The group begins an epoch; each member learns of it in its own time. */
  | { readonly kind: "epoch" }
  | { readonly kind: "learn"; readonly who: number }
  | { readonly kind: "send"; readonly who: number; readonly track: number }
  /** Of what a member has still to receive, the frame at some place: now, or twice, or never. */
  | { readonly kind: "receive"; readonly who: number; readonly place: number; readonly fate: "once" | "twice" | "lost" }
  | { readonly kind: "reload"; readonly who: number }
  | { readonly kind: "pass"; readonly milliseconds: number };

const who = fc.nat({ max: size - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("epoch" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("learn" as const), who }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("send" as const), who, track: fc.nat({ max: 1 }) }) },
  {
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant("receive" as const),
      who,
      place: fc.nat({ max: 3 }),
      fate: fc.constantFrom("once" as const, "once" as const, "twice" as const, "lost" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reload" as const), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass" as const), milliseconds: fc.nat({ max: 3000 }) }) },
);

/** A frame on the network. */
interface Sent {
  readonly name: string;
  readonly data: Uint8Array;
  readonly plaintext: Uint8Array;
}

class World {
  readonly clock = new VirtualClock();
  #parties: Party[];
  readonly #known: number[] = Array<number>(size).fill(1);
  readonly #inboxes: Sent[][] = Array.from({ length: size }, () => []);
  readonly #sent = new Map<string, Sent>();
  readonly #used = new Set<string>();
  #epoch = 1;
  #sessions = 0n;

  constructor() {
    this.#parties = Array.from({ length: size }, (_, leaf) => this.#party(leaf));
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const next of steps) await this.#take(next);
    for (const [leaf] of this.#parties.entries()) while (this.#known[leaf]! < this.#epoch) this.#learn(leaf);
    await settled();
    this.clock.advance(1000);
    await settled();
    for (const party of this.#parties) this.#check(party);
    await this.#everybodyIsHeard();
  }

  async #take(step: Step): Promise<void> {
    switch (step.kind) {
      case "epoch":
        this.#epoch++;
        return;
      case "learn":
        this.#learn(step.who);
        return;
      case "send":
        await this.#send(step.who, step.track);
        return;
      case "receive":
        this.#receive(step);
        await settled();
        return;
      case "reload":
        this.#check(this.#parties[step.who]!);
        this.#parties[step.who]!.engine.close();
        this.#parties[step.who] = this.#party(step.who);
        return;
      case "pass":
        this.clock.advance(step.milliseconds);
    }
  }

  #party(leaf: number): Party {
    const party = new Party(leaf, { clock: this.clock, session: this.#sessions++, ...delays });
    party.enter(this.#known[leaf]!, { leaves: [0, 1, 2] });
    return party;
  }

  #learn(leaf: number): void {
    if (this.#known[leaf]! >= this.#epoch) return;
    this.#parties[leaf]!.enter(++this.#known[leaf]!, { leaves: [0, 1, 2] });
  }

  async #send(leaf: number, track: number): Promise<Sent> {
    const party = this.#parties[leaf]!;
    const name = `frame ${this.#sent.size}`;
    const plaintext = Uint8Array.from({ length: 24 }, (_, i) => (i * 5 + this.#sent.size) & 0xff);
    const second = track === 0 ? party.out : party.engine.outgoing({ track: "second", kind: "audio" });
    const data = await second.seal({ data: plaintext, codec: "opus", isKeyFrame: false });
    if (data === undefined) throw new Error("there is always a key");
    const { kid, ctr } = readSFrameHeader(data);
    const use = `${String(kid)} ${String(ctr)} ${this.#epochOf(party)}`;
    expect(this.#used.has(use)).toBe(false);
    this.#used.add(use);
    expect(hex(data)).not.toContain(hex(plaintext.subarray(0, 8)));
    const sent = { name, data, plaintext };
    this.#sent.set(name, sent);
    for (const [other, inbox] of this.#inboxes.entries()) if (other !== leaf) inbox.push(sent);
    return sent;
  }

  #epochOf(party: Party): string {
    return String(party.statistics.sendingEpoch);
  }

  #receive({ who: leaf, place, fate }: Extract<Step, { kind: "receive" }>): void {
    const [sent] = this.#inboxes[leaf]!.splice(place, 1);
    if (sent === undefined || fate === "lost") return;
    for (let i = 0; i < (fate === "twice" ? 2 : 1); i++) this.#parties[leaf]!.push(sent.name, sent.data);
  }

  /** What was delivered was sent, once, as it was. */
  #check(party: Party): void {
    expect(new Set(party.delivered).size).toBe(party.delivered.length);
    for (const [i, name] of party.delivered.entries()) {
      expect(party.plaintexts[i]).toEqual(this.#sent.get(name)?.plaintext);
    }
    const { failed, "not-authentic": forged, limit } = party.track("in").dropped;
    expect([failed, forged, limit]).toEqual([undefined, undefined, undefined]);
  }

  /** In the end all are in one epoch, and everybody hears everybody. */
  async #everybodyIsHeard(): Promise<void> {
    for (const [leaf] of this.#parties.entries()) {
      const { name, data } = await this.#send(leaf, 0);
      for (const [other, party] of this.#parties.entries()) {
        if (other === leaf) continue;
        party.push(name, data);
        await settled();
        expect(party.delivered.at(-1)).toBe(name);
      }
    }
  }
}

it("holds in every interleaving", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), async (steps) => {
      await new World().play(steps);
    }),
    { numRuns: 150 },
  );
});

it("opens every frame once that comes within its time, in the order in which it came", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: 3 }), fc.boolean()), { minLength: 1, maxLength: 60 }),
      fc.nat({ max: 900 }),
      async (frames, lateness) => {
        const clock = new VirtualClock();
        const [alice, bob] = [0, 1].map((leaf) => new Party(leaf, { clock, ...delays, sendDelay: 0 })) as [
          Party,
          Party,
        ];
        for (const party of [alice, bob]) party.enter(1);
        let epoch = 1;
        const names: string[] = [];
        for (const [i, [jump, isNow]] of frames.entries()) {
          if (jump === 0) {
            bob.enter(++epoch);
            const entered = epoch;
            clock.after(lateness, () => {
              alice.enter(entered);
            });
          }
          const data = await bob.seal(Uint8Array.of(i));
          alice.push(String(i), data!);
          names.push(String(i));
          await settled();
          if (isNow) clock.advance(20);
        }
        clock.advance(lateness);
        await settled();
        expect(alice.dropped).toEqual([]);
        expect(alice.delivered).toEqual(names);
      },
    ),
    { numRuns: 100 },
  );
});
