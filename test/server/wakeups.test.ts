/**
 * Wake-ups between processes: as bytes, and what a service does with them.
 */

import { describe, expect, it } from "vitest";
import type { News } from "../../src/delivery/delivery.ts";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import type { Wakeup, Wakeups } from "../../src/delivery/wakeups.ts";
import { Pieces, piecesOf } from "../../src/server/database/wakeup-bytes.ts";
import { newId, signedIn } from "../../src/testing/delivery/device.ts";
import { Listening, some } from "../../src/testing/delivery/under-test.ts";
import { TestWorld } from "../delivery/world.ts";

const room = "mimi://example.org/r/hiking";
const device = "mimi://example.org/d/alice/phone";
const wakeups: readonly Wakeup[] = [
  { kind: "room", room, head: 2n ** 64n - 1n, left: [device, ""] },
  { kind: "queue", device },
  { kind: "whisper", room, from: device, bytes: new Uint8Array(16 * 1024).fill(7) },
  { kind: "opened", device, incarnation: 3n },
];

describe("pieces of wake-ups", () => {
  it("are short enough for a NOTIFY, and give what was told", () => {
    const pieces = piecesOf("a", wakeups);
    expect(pieces.length).toBeGreaterThan(2);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(8_000);
    const taken = new Pieces("b");
    expect(pieces.flatMap((piece) => taken.take(piece))).toEqual(wakeups);
  });

  it("of two processes are not mixed, and one's own are nothing", () => {
    const [a, b] = [piecesOf("a", wakeups), piecesOf("b", wakeups.slice(0, 3))];
    const taken = new Pieces("c");
    const told = a.flatMap((piece, i) => [...taken.take(piece), ...taken.take(b[i] ?? "")]);
    expect(told).toEqual([...wakeups, ...wakeups.slice(0, 3)]);
    const own = new Pieces("a");
    expect(a.flatMap((piece) => own.take(piece))).toEqual([]);
  });

  it("that are not whole, or none, are nothing, and what comes next is", () => {
    const [first, ...others] = piecesOf("a", wakeups);
    const taken = new Pieces("b");
    expect(others.flatMap((piece) => taken.take(piece))).toEqual([]);
    for (const none of ["", "a", "a 0 1 !", "a 0 1 AAAA", "a 0 99999 AAAA", "a x y z w"])
      expect(taken.take(none)).toEqual([]);
    expect(taken.take(some(first))).toEqual([]);
    expect([some(first), ...others].flatMap((piece) => taken.take(piece))).toEqual(wakeups);
  });
});

/** Processes that hear each other, unless what is told is lost. */
class Hub {
  isLost = false;
  readonly #listeners: ((wakeup: Wakeup) => void)[] = [];

  process(): Wakeups {
    let own: ((wakeup: Wakeup) => void) | undefined;
    return {
      tell: (wakeup) => {
        if (this.isLost) return;
        for (const listener of this.#listeners) if (listener !== own) listener(wakeup);
      },
      hear: (listener) => {
        own = listener;
        this.#listeners.push(listener);
        return () => undefined;
      },
    };
  }
}

describe("two processes on one database", () => {
  const both = async () => {
    const hub = new Hub();
    const port = memoryPort();
    const [first, second] = [1, 2].map(() => new TestWorld({ wakeups: hub.process() }, port)) as [TestWorld, TestWorld];
    const { room: name, alice, bob } = await first.pair();
    bob.connection = await signedIn(second.delivery, bob.uri, bob.identity);
    return { hub, first, second, name, alice, bob, heard: new Listening(bob.connection) };
  };

  it("tell the devices of each other that a room has more, what waits for them, and whispers", async () => {
    const { name, alice, bob, heard } = await both();
    await alice.say(name, "hello");
    expect(await heard.first("room")).toMatchObject({ room: name, head: 2n });
    await alice.connection.whisper({ room: name, bytes: new Uint8Array([1, 2]) });
    expect(await heard.first("whisper")).toMatchObject({ room: name, from: alice.uri, bytes: new Uint8Array([1, 2]) });
    await alice.connection.send({ id: newId(), to: bob.user, topic: "link", bytes: new Uint8Array(1) });
    expect((await heard.first("queue")).kind).toBe("queue");
  });

  it("end a connection of an earlier opening", async () => {
    const { first, bob, heard } = await both();
    const login = {
      device: bob.uri,
      cipherSuite: 1,
      signatureKey: bob.identity.signatureKey,
      sign: async (challenge: Uint8Array) => bob.identity.signer.sign(challenge),
    };
    const known = some(await first.port.devices.row(bob.uri)).incarnation;
    await first.delivery.connect({ ...login, incarnation: { known, next: known + 1n, id: newId() } });
    expect(await heard.first("closed")).toEqual({ kind: "closed", reason: "replaced" });
  });

  it("find what was told in vain, when they look", async () => {
    const { hub, second, name, alice, bob, heard } = await both();
    hub.isLost = true;
    await alice.say(name, "hello");
    await alice.connection.send({ id: newId(), to: bob.user, topic: "link", bytes: new Uint8Array(1) });
    const before: readonly News[] = [...heard.news];
    expect(before).toEqual([]);
    await second.delivery.lookForNews();
    expect(await heard.first("room")).toMatchObject({ room: name, head: 2n });
    expect((await heard.first("queue")).kind).toBe("queue");
  });
});
