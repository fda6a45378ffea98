/**
 * Wake-ups between processes: as bytes, and what a service does with them.
 */

import { describe, expect, it, vi } from "vitest";
import type { News } from "../../src/delivery/delivery.ts";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import type { Wakeup, Wakeups } from "../../src/delivery/wakeups.ts";
import { Pieces, piecesOf } from "../../src/server/database/wakeup-bytes.ts";
import { newId, signedIn } from "../../src/testing/delivery/device.ts";
import { Listening, some } from "../../src/testing/delivery/under-test.ts";
import { WakeupChannel } from "../../src/server/database/wakeup-channel.ts";
import { TestWorld } from "../delivery/world.ts";
import { SetTimers } from "./set-timers.ts";

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

describe("whoever can tell", () => {
  const piece = (process: number, place: number, count: number): string =>
    `${process.toString(16).padStart(16, "0")} ${String(place)} ${String(count)} ${"A".repeat(7_500)}`;

  it("makes nothing wait without end, and keeps nobody else from being heard", () => {
    const taken = new Pieces("b");
    for (let process = 0; process < 3_000; process++) for (let i = 0; i < 5; i++) taken.take(piece(process, i, 1_000));
    expect(taken.waitingBytes).toBeLessThan(33 * 1024 * 1024);
    for (let i = 0; i < 2_000; i++) taken.take(piece(1, i, 9_999));
    expect(taken.waitingBytes).toBeLessThan(33 * 1024 * 1024);
    expect(piecesOf("a", wakeups).flatMap((each) => taken.take(each))).toEqual(wakeups);
  });

  it("says no more at once than a process does, and in no longer pieces", () => {
    const many = Array.from({ length: 257 }, (): Wakeup => ({ kind: "queue", device: "" }));
    const taken = new Pieces("b");
    expect(piecesOf("a", many).flatMap((each) => taken.take(each))).toEqual([]);
    expect(piecesOf("a", many.slice(1)).flatMap((each) => taken.take(each))).toEqual(many.slice(1));
    const [only = ""] = piecesOf("a", wakeups.slice(0, 1));
    expect(taken.take(`${only}${"A".repeat(8_000)}`)).toEqual([]);
    expect(taken.take(only.replace(/^a/, "no process"))).toEqual([]);
  });
});

describe("a connection that comes back", () => {
  it("does so after growing pauses, not at once with all others, and tells that something was missed", async () => {
    const [timers, waits] = [new SetTimers(), [] as number[]];
    const counted = {
      after: (milliseconds: number, run: () => void) => {
        waits.push(milliseconds);
        return timers.after(milliseconds, run);
      },
    };
    const channel = new WakeupChannel(counted, (length) => new Uint8Array(length).fill(128));
    let [failures, missed] = [6, 0];
    channel.hear(
      () => undefined,
      () => missed++,
    );
    const connect = (): Promise<void> => (failures-- > 0 ? Promise.reject(new Error("away")) : Promise.resolve());
    channel.comeBack(connect);
    for (let i = 0; i < 7; i++) {
      timers.fire(some(waits.at(-1)));
      await new Promise((done) => setImmediate(done));
    }
    expect(waits.map((each) => each / 750)).toEqual([1, 2, 4, 8, 16, 30, 30, 40]); // the last is until it is calm
    expect(missed).toBe(1);
    timers.fire(30_000);
    channel.comeBack(connect);
    expect(waits.at(-1)).toBe(750);
    channel.close();
    timers.fire(750);
    await new Promise((done) => setImmediate(done));
    expect(missed).toBe(1);
    const other = new WakeupChannel(counted, (length) => new Uint8Array(length).fill(0));
    other.comeBack(connect);
    expect(waits.at(-1)).toBe(500);
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

  it("are not fooled by a hint: what has not happened in the database ends nobody's connection", async () => {
    const { hub, alice, bob, heard } = await both();
    const stranger = hub.process();
    stranger.tell({ kind: "opened", device: bob.uri, incarnation: 2n ** 64n - 1n });
    stranger.tell({ kind: "queue", device: bob.uri });
    await heard.first("queue");
    await bob.connection.queue();
    expect(heard.news.filter(({ kind }) => kind === "closed")).toEqual([]);
    await alice.connection.queue();
  });

  it("look for a room's members once at a time, however many hints come of it, and tell of the last", async () => {
    const { hub, first, second, name, heard } = await both();
    const looks = vi.spyOn(second.port.rooms, "devices");
    const stranger = hub.process();
    for (let head = 10n; head < 500n; head++) stranger.tell({ kind: "room", room: name, head, left: [] });
    while (!heard.news.some((news) => news.kind === "room" && news.head === 499n))
      await new Promise((again) => setImmediate(again));
    expect(first.port).toBe(second.port);
    expect(looks.mock.calls.length).toBeLessThan(10);
    looks.mockClear();
    for (let i = 0; i < 500; i++)
      stranger.tell({ kind: "whisper", room: name, from: "anybody", bytes: new Uint8Array(1) });
    expect(looks.mock.calls.length).toBeLessThanOrEqual(2 * 64);
    looks.mockRestore();
  });

  it("look for news one at a time, however often they are told to", async () => {
    const { second } = await both();
    let [atOnce, most, looks] = [0, 0, 0];
    const { changed } = second.port.rooms;
    const spy = vi.spyOn(second.port.rooms, "changed").mockImplementation(async (device) => {
      most = Math.max(most, ++atOnce);
      looks++;
      await new Promise((again) => setImmediate(again));
      atOnce--;
      return changed.call(second.port.rooms, device);
    });
    await Promise.all(Array.from({ length: 50 }, () => second.delivery.lookForNews()));
    expect([most, looks]).toEqual([1, 2]);
    spy.mockRestore();
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
