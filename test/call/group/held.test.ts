import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultHolding, Held } from "../../../src/call/group/held.ts";
import type { Handshake } from "../../../src/call/group/peek.ts";
import type { Sender } from "../../../src/wire/framing.ts";

interface Shape {
  readonly epoch?: bigint;
  readonly content?: "proposal" | "commit";
  readonly sender?: Sender;
  readonly size?: number;
}

function member(leafIndex: number): Sender {
  return { type: "member", leafIndex };
}

/** A handshake with a number, which is also its proposal's type. */
function handshake(
  number: number,
  { epoch = 1n, content = "proposal", sender = member(0), size = 3 }: Shape = {},
): readonly [message: Uint8Array, handshake: Handshake] {
  const message = new Uint8Array(size);
  message.set([number, Number(epoch), content.length]);
  const proposals = [{ type: "custom", proposalType: number, body: new Uint8Array(0) }] as const;
  return [message, { groupId: new Uint8Array(1), epoch, content, sender, proposals }];
}

/** The numbers of what waits. */
function waiting(held: Held): readonly (number | undefined)[] {
  return held.take(2n ** 64n).map(([number]) => number);
}

const strangers: readonly Sender[] = [
  { type: "external", senderIndex: 0 },
  { type: "new_member_proposal" },
  { type: "new_member_commit" },
];

describe("handshakes that wait", () => {
  it("are bounded, each once, in the order of arrival: the oldest go first", () => {
    const held = new Held({ ...defaultHolding, held: 3 });
    for (const number of [1, 2, 2, 3, 4]) held.add(...handshake(number), 1n);
    expect(held.size).toBe(3);
    expect(waiting(held)).toEqual([2, 3, 4]);
    expect(held.size).toBe(0);
  });

  it("are none where none may be kept", () => {
    for (const none of [{ held: 0 }, { heldBytes: 0 }, { heldMessageBytes: 0 }]) {
      const held = new Held({ ...defaultHolding, ...none });
      held.add(...handshake(1), 1n);
      expect(held.size).toBe(0);
    }
  });

  it("are bounded in bytes, each and together", () => {
    const held = new Held({ held: 100, heldMessageBytes: 10, heldBytes: 25 });
    held.add(...handshake(1, { size: 11 }), 1n);
    expect(held.size).toBe(0);
    for (const number of [1, 2, 3]) held.add(...handshake(number, { size: 10 }), 1n);
    expect(held.bytes).toBe(20);
    expect(waiting(held)).toEqual([2, 3]);
  });

  it("are taken up to an epoch, and the others stay", () => {
    const held = new Held(defaultHolding);
    for (const [number, epoch] of [1n, 3n, 2n].entries()) held.add(...handshake(number, { epoch }), 1n);
    expect(held.take(2n).map(([number]) => number)).toEqual([0, 2]);
    expect(held.take(2n)).toEqual([]);
    expect(waiting(held)).toEqual([1]);
  });

  it("of the furthest epochs go first, whoever sent them; those that are over before all", () => {
    const held = new Held({ ...defaultHolding, held: 2 });
    held.add(...handshake(1, { epoch: 6n, sender: strangers[0]! }), 5n);
    held.add(...handshake(2, { epoch: 5n, sender: strangers[0]! }), 5n);
    held.add(...handshake(3, { epoch: 900n }), 5n);
    expect(waiting(held)).toEqual([1, 2]);
    held.add(...handshake(4, { epoch: 7n }), 5n);
    held.add(...handshake(5, { epoch: 900n }), 5n);
    held.add(...handshake(6, { epoch: 4n }), 5n);
    expect(waiting(held)).toEqual([4, 5]);
  });

  it.each(strangers)("of $type never keep out what a member sent", (sender) => {
    const held = new Held({ ...defaultHolding, held: 4 });
    for (const number of [1, 2]) held.add(...handshake(number, { sender: member(number) }), 1n);
    for (let number = 10; number < 40; number++) held.add(...handshake(number, { sender }), 1n);
    expect(waiting(held)).toEqual([1, 2, 38, 39]);
    for (const number of [1, 2, 3]) held.add(...handshake(number, { sender: member(number) }), 1n);
    for (const number of [50, 51, 52]) held.add(...handshake(number, { sender }), 1n);
    expect(waiting(held)).toEqual([1, 2, 3, 52]);
  });

  it("of strangers go before a member's, also where they came first", () => {
    const held = new Held({ ...defaultHolding, held: 2 });
    held.add(...handshake(1, { sender: strangers[0]! }), 1n);
    for (const number of [2, 3]) held.add(...handshake(number, { sender: member(number) }), 1n);
    expect(waiting(held)).toEqual([2, 3]);
  });

  it("that are over go before those that are not; among those that are over, a stranger's", () => {
    const held = new Held({ ...defaultHolding, held: 2 });
    held.add(...handshake(1, { epoch: 1n }), 5n);
    for (const number of [2, 3]) held.add(...handshake(number, { epoch: 5n, sender: strangers[0]! }), 5n);
    expect(waiting(held)).toEqual([2, 3]);
    held.add(...handshake(1, { epoch: 1n, sender: strangers[0]! }), 5n);
    held.add(...handshake(2, { epoch: 2n }), 5n);
    held.add(...handshake(3, { epoch: 5n }), 5n);
    expect(waiting(held)).toEqual([2, 3]);
  });

  it("are kept once", () => {
    const held = new Held(defaultHolding);
    for (let times = 0; times < 3; times++) held.add(...handshake(1), 1n);
    expect(held.size).toBe(1);
  });

  it("of one member leave room for those of others", () => {
    const held = new Held({ ...defaultHolding, heldBytes: 100 });
    for (const number of [1, 2, 3]) held.add(...handshake(number, { sender: member(number), size: 10 }), 1n);
    for (let number = 10; number < 40; number++) held.add(...handshake(number, { sender: member(9), size: 20 }), 1n);
    expect(waiting(held)).toEqual([1, 2, 3, 37, 38, 39]);
  });

  it("never are more, or take more room, than they may, whatever comes", () => {
    const shape = fc.record({
      epoch: fc.bigInt({ min: 0n, max: 9n }),
      content: fc.constantFrom("proposal" as const, "commit" as const),
      sender: fc.oneof(fc.nat(3).map(member), fc.constantFrom(...strangers)),
      size: fc.integer({ min: 3, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(200), shape)), fc.bigInt({ min: 0n, max: 9n }), (all, now) => {
        const limits = { held: 7, heldMessageBytes: 50, heldBytes: 120 };
        const held = new Held(limits);
        for (const [number, given] of all) {
          held.add(...handshake(number, given), now);
          expect(held.size).toBeLessThanOrEqual(limits.held);
          expect(held.bytes).toBeLessThanOrEqual(limits.heldBytes);
        }
        // The nearest epoch that came is among what is left.
        const near = all.map(([, given]) => given).filter(({ epoch, size }) => epoch >= now && size <= 50);
        const nearest = near.reduce((least, { epoch }) => (epoch < least ? epoch : least), 99n);
        if (near.length > 0) expect(held.take(nearest).length).toBeGreaterThan(0);
      }),
    );
  });

  it("are found by what they are", () => {
    const held = new Held(defaultHolding);
    held.add(...handshake(1), 1n);
    held.add(...handshake(2), 1n);
    held.add(...handshake(1, { epoch: 2n }), 1n);
    held.add(...handshake(1, { epoch: 3n, content: "commit" }), 1n);
    expect([1n, 2n, 3n].map((epoch) => held.hasCommit(epoch))).toEqual([false, false, true]);
    expect(held.custom(1n, 1)).toHaveLength(1);
    expect(held.custom(3n, 1)).toEqual([]);
  });
});
