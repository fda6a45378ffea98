import { beforeEach, describe, expect, test } from "vitest";
import type { DropCause, EngineEvent } from "../../../src/call/engine/protocol.ts";
import type { CodecName } from "../../../src/call/media.ts";
import { createDaveEngine, daveBackend, type DaveCommand, type DaveEngine } from "../../../src/adapters/dave/index.ts";
import { writeSenderSecrets } from "../../../src/adapters/dave/sender-secrets.ts";
import { VirtualClock } from "../../call/virtual-clock.ts";
import { CopseClient } from "./gateway.ts";
import { noise } from "./world.ts";

const [ownId, otherId] = [1n, 2n];
const sound = noise(40);

let clock: VirtualClock;
let events: EngineEvent[];
let engine: DaveEngine;

beforeEach(() => {
  clock = new VirtualClock();
  events = [];
  engine = createDaveEngine({
    scheduler: clock,
    maxTracks: 2,
    maxFrameBytes: 100,
    onEvent: (event) => events.push(event),
  });
});

/** The keys of an epoch: our leaf is 0, the other's 1. Every epoch's secrets are others. */
function epochOf(epoch: number, { own = 0, known = 2 } = {}): Extract<DaveCommand, { readonly kind: "epoch" }> {
  const senders = [ownId, otherId].map((userId, leafIndex) => ({
    leafIndex,
    userId,
    secret: new Uint8Array(16).fill(16 * epoch + leafIndex),
  }));
  const members = [
    { leafIndex: 0, participant: 10 },
    { leafIndex: 1, participant: 11 },
  ].slice(0, known);
  const baseKey = writeSenderSecrets(senders);
  return { kind: "epoch", epoch: BigInt(epoch), leafIndex: own, treeWidth: 2, members, baseKey };
}

function send(with_: bigint | "clear" | undefined, to: DaveEngine = engine): void {
  to.handle({ kind: "dave-mode", mode: { sending: with_, hearsClear: false } });
}

/** What is counted of all tracks. */
function statistics(
  of: DaveEngine = engine,
  seen = events,
): Extract<EngineEvent, { kind: "statistics" }>["statistics"] {
  of.handle({ kind: "statistics", id: 1 });
  const event = seen.findLast(({ kind }) => kind === "statistics");
  if (event?.kind !== "statistics") throw new Error("no statistics");
  return event.statistics;
}

const causes = (): Partial<Record<DropCause, number>> =>
  Object.assign({}, ...statistics().tracks.map(({ dropped }) => dropped)) as Partial<Record<DropCause, number>>;
const dropped = (): readonly unknown[] => events.flatMap((event) => (event.kind === "dropped" ? [event.cause] : []));

/** Frames of the other, sealed by an engine of its own. */
function framesOf(epochs: readonly number[]): readonly Uint8Array[] {
  const theirs = createDaveEngine({ scheduler: new VirtualClock() });
  return epochs.map((epoch) => {
    theirs.handle(epochOf(epoch, { own: 1 }));
    send(BigInt(epoch), theirs);
    return theirs
      .outgoing({ track: "voice", kind: "audio" })
      .sealNow({ data: sound, codec: "opus", isKeyFrame: true })!;
  });
}

function say(data = sound, codec: "opus" | "vp8" = "opus", codecs?: readonly CodecName[]): Uint8Array | undefined {
  const track = engine.outgoing({ track: "mine", kind: "audio", ...(codecs && { codecs }) });
  return track.sealNow({ data, codec, isKeyFrame: true });
}

function hear(data: Uint8Array, codecs?: readonly CodecName[]): Uint8Array | undefined {
  let heard: Uint8Array | undefined;
  const track = engine.incoming<undefined>({
    track: "theirs",
    kind: "audio",
    userId: otherId,
    ...(codecs && { codecs }),
    deliver: (_, opened) => (heard = opened),
  });
  track.push(undefined, { data, codec: "opus", isKeyFrame: true });
  return heard;
}

describe("options", () => {
  test("are whole numbers from 1 on", async () => {
    for (const value of [0, -1, 1.5, 2 ** 32 + 1, "7"]) {
      for (const name of ["maxTracks", "maxFrameBytes"]) {
        expect(() => createDaveEngine({ [name]: value })).toThrow(TypeError);
        const session = await CopseClient.create({ userId: 1n });
        expect(() => daveBackend({ session: session.session, [name]: value })).toThrow(TypeError);
      }
    }
  });
});

describe("tracks", () => {
  test("carry their codecs and no other, and frames of a size", () => {
    engine.handle(epochOf(1));
    send(1n);
    expect(say(sound, "opus", ["opus"])).toBeDefined();
    expect(say(sound, "opus", ["vp8"])).toBeUndefined();
    expect(say(new Uint8Array(0))).toBeUndefined();
    expect(say(noise(101))).toBeUndefined();
    const [frame] = framesOf([1]);
    expect(hear(frame!, ["vp8"])).toBeUndefined();
    expect(hear(noise(101))).toBeUndefined();
    expect(hear(new Uint8Array(0))).toBeUndefined();
    expect(hear(frame!, ["opus"])).toEqual(sound);
    expect(dropped()).toEqual(["codec", "empty", "oversized", "codec", "oversized", "empty"]);
  });

  test("beyond their number pass nothing, until one is closed", () => {
    engine.handle(epochOf(1));
    send(1n);
    const frame = { data: sound, codec: "opus", isKeyFrame: true } as const;
    const [one, , three] = ["a", "b", "c"].map((track) => engine.outgoing({ track, kind: "audio" }));
    expect(three!.sealNow(frame)).toBeUndefined();
    expect(dropped()).toEqual(["limit"]);
    one!.close();
    expect(one!.sealNow(frame)).toBeUndefined();
    expect(dropped()).toEqual(["limit", "closed"]);
    expect(engine.outgoing({ track: "c", kind: "audio" }).sealNow(frame)).toBeDefined();
    one!.close(); // once more: it closes no other of its name
    expect(engine.outgoing({ track: "d", kind: "audio" }).sealNow(frame)).toBeUndefined();

    const silent = { kind: "audio", deliver: () => undefined } as const;
    const [first, , third] = ["a", "b", "c"].map((track) => engine.incoming<number>({ track, ...silent }));
    third!.push(1, frame);
    expect(dropped().at(-1)).toBe("limit");
    first!.close();
    first!.close();
    first!.push(1, frame);
    expect(dropped().at(-1)).toBe("closed");
    engine.incoming<number>({ track: "c", ...silent });
    expect(statistics().tracks.map(({ track }) => track)).toEqual(["b", "c", "b", "c"]);
  });

  test("only of video is a key frame asked for", () => {
    const asked: string[] = [];
    for (const kind of ["audio", "video"] as const) {
      const track = engine.incoming<number>({
        track: kind,
        kind,
        deliver: () => undefined,
        requestKeyFrame: () => asked.push(kind),
      });
      track.push(1, { data: framesOf([1])[0]!, codec: "opus", isKeyFrame: false });
    }
    expect(asked).toEqual(["video"]);
  });

  test("what a decoder refuses to take is no frame that has passed", () => {
    engine.handle(epochOf(1));
    const track = engine.incoming<number>({
      track: "theirs",
      kind: "audio",
      userId: otherId,
      deliver: () => {
        throw new RangeError("the decoder is full");
      },
    });
    track.push(1, { data: framesOf([1])[0]!, codec: "opus", isKeyFrame: true });
    expect(statistics().tracks[0]).toMatchObject({ passed: 0, dropped: { failed: 1 } });
    expect(events.find(({ kind }) => kind === "dropped")).toMatchObject({ participant: 11, detail: "RangeError" });
    expect(events.some(({ kind }) => kind === "seen")).toBe(false);
  });

  test("silence is of three bytes", () => {
    engine.handle(epochOf(1));
    expect(hear(Uint8Array.of(0xf8, 0xff, 0xfe))).toEqual(Uint8Array.of(0xf8, 0xff, 0xfe));
    for (const bytes of [[0xf8, 0xff], [0xf8, 0xff, 0xfe, 0], [0xf8, 0xff, 0xff], [0xf8]]) {
      expect(hear(Uint8Array.from(bytes))).toBeUndefined();
    }
  });
});

describe("epochs", () => {
  test("have keys once: what comes again, or late, is wiped", () => {
    engine.handle(epochOf(2));
    send(2n);
    const [first] = framesOf([2]);
    expect(hear(first!)).toEqual(sound);
    const before = say()!;
    for (const epoch of [2, 1]) engine.handle(epochOf(epoch));
    expect(hear(first!)).toBeUndefined(); // still known to be replayed
    expect(say()!.at(-4)).not.toBe(before.at(-4)); // and our own nonces go on
    expect(statistics().epochs).toEqual([2n]);
  });

  test("are counted when they are announced, before their keys come", () => {
    expect(statistics().epoch).toBeUndefined();
    const { baseKey, ...announced } = epochOf(1);
    engine.handle(announced);
    expect(statistics()).toMatchObject({ epoch: 1n, epochs: [] });
    engine.handle({ ...announced, baseKey: baseKey! });
    expect(statistics()).toMatchObject({ epoch: 1n, epochs: [1n] });
  });

  test("that are over open nothing, though their timer is late", () => {
    engine.handle(epochOf(1));
    engine.handle(epochOf(2));
    const [old] = framesOf([1]);
    const late = new VirtualClock();
    const stopped = createDaveEngine({ scheduler: { now: () => late.now(), after: () => () => undefined } });
    for (const epoch of [1, 2]) stopped.handle(epochOf(epoch));
    engine = stopped;
    late.advance(10_000);
    expect(hear(old!)).toBeUndefined();
  });

  test("are sent with when they are executed, and not before their keys are there", () => {
    send(1n);
    expect(say()).toBeUndefined(); // no key at all
    engine.handle(epochOf(1));
    expect(say()).toBeDefined();
    send(2n);
    expect(say()).toBeUndefined(); // the key of 2 is on its way, and 1 is left behind
    engine.handle(epochOf(2));
    expect(say()).toBeDefined();
    expect(statistics().sendingEpoch).toBe(2n);
  });

  test("of which a leaf is nobody have no key for it", () => {
    engine.handle(epochOf(1, { known: 1 }));
    expect(hear(framesOf([1])[0]!)).toBeUndefined();
    expect(dropped()).toEqual(["not-a-member"]);
  });
});

describe("an engine", () => {
  test("that can't read its keys has failed, and says so once", () => {
    engine.handle({ ...epochOf(1), baseKey: new Uint8Array(5) });
    engine.handle({ ...epochOf(2), baseKey: new Uint8Array(5) });
    engine.handle({ kind: "no command" } as unknown as DaveCommand);
    expect(events.filter(({ kind }) => kind === "failed")).toEqual([{ kind: "failed", detail: "decode-truncated" }]);
    expect(say()).toBeUndefined();
    expect(dropped()).toEqual(["failed"]);
  });

  test("that is told what it does not know has failed", () => {
    engine.handle(epochOf(1));
    engine.handle({ kind: "no command" } as unknown as DaveCommand);
    expect(events.at(-1)).toEqual({ kind: "failed", detail: "decode-value" });
  });

  test("that is closed seals and opens nothing, and keeps no key that comes", () => {
    engine.handle(epochOf(1));
    send(1n);
    engine.close();
    engine.handle({ kind: "end" });
    const late = epochOf(2);
    engine.handle(late);
    expect([...late.baseKey!].some((byte) => byte !== 0)).toBe(false);
    send(2n);
    expect(say()).toBeUndefined();
    expect(hear(framesOf([2])[0]!)).toBeUndefined();
    expect(dropped()).toEqual(["closed", "closed"]);
    expect(causes()).toEqual({});
  });
});
