import { describe, expect, it } from "vitest";
import { Held, type HeldHandshake } from "../../../src/call/room/held.ts";

function handshake(number: number, epoch = 1n, content: "proposal" | "commit" = "proposal"): HeldHandshake {
  const proposal = { type: "custom", proposalType: number, body: new Uint8Array(0) } as const;
  const message = new Uint8Array([number, Number(epoch), content.length]);
  return { groupId: new Uint8Array(1), epoch, content, proposals: [proposal], message };
}

describe("handshakes that wait", () => {
  it("are bounded, each once, in the order of arrival: the oldest go first", () => {
    const held = new Held(3);
    for (const number of [1, 2, 2, 3, 4]) held.add(handshake(number));
    expect(held.size).toBe(3);
    expect(held.takeAll().map(({ message: [number] }) => number)).toEqual([2, 3, 4]);
    expect(held.size).toBe(0);
  });

  it("are none where none may be kept", () => {
    const held = new Held(0);
    held.add(handshake(1));
    expect(held.size).toBe(0);
  });

  it("are found by what they are", () => {
    const held = new Held(8);
    held.add(handshake(1, 1n));
    held.add(handshake(2, 1n));
    held.add(handshake(1, 2n));
    held.add(handshake(1, 3n, "commit"));
    expect([1n, 2n, 3n].map((epoch) => held.hasCommit(epoch))).toEqual([false, false, true]);
    expect(held.custom(1n, 1)).toHaveLength(1);
    expect(held.custom(3n, 1)).toEqual([]);
  });
});
