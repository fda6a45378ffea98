/**
 * From an encoder through one worker and another to a decoder, with fakes for what only a browser has.
 */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EngineEvent } from "../../../src/call/engine/protocol.ts";
import type { TransformBackend } from "../../../src/call/transforms/backend.ts";
import { opened } from "../../../src/call/transforms/messages.ts";
import { protect, type Protection } from "../../../src/call/transforms/protect.ts";
import { transformApi, workerBackend } from "../../../src/call/transforms/worker-backend.ts";
import { encodedFrame, FakeConnection, FakePipe, FakeScriptTransform, FakeWorker, settle } from "./browser.ts";

beforeEach(() => vi.stubGlobal("RTCRtpScriptTransform", FakeScriptTransform));
afterEach(() => vi.unstubAllGlobals());

interface Side {
  readonly worker: FakeWorker;
  readonly backend: TransformBackend;
  readonly events: readonly EngineEvent[];
  readonly connection: FakeConnection;
  readonly protection: Protection;
  readonly out: FakePipe;
  readonly in: FakePipe;
}

/** One side of a call, with a video track each way. */
function side(): Side {
  const worker = new FakeWorker();
  const backend = workerBackend({ worker: worker.asWorker });
  const events: EngineEvent[] = [];
  backend.onEvent((event) => events.push(event));
  const connection = new FakeConnection();
  const protection = protect(connection.asConnection, backend);
  connection.asConnection.addTransceiver("video");
  const [outgoing, incoming] = protection.tracks.map(({ track }) => FakeScriptTransform.pipes.get(track)!);
  return { worker, backend, events, connection, protection, out: outgoing!, in: incoming! };
}

function announce({ backend }: Pick<Side, "backend">, leafIndex: number, key = 1): void {
  backend.post({
    kind: "epoch",
    epoch: 1n,
    leafIndex,
    treeWidth: 2,
    members: [0, 1].map((leaf) => ({ leafIndex: leaf, participant: leaf })),
    baseKey: new Uint8Array(16).fill(key),
  });
}

const picture = Uint8Array.from({ length: 50 }, (_, place) => (place === 0 ? 1 : place));
const vp8 = { mimeType: "video/VP8" };

describe("frames", () => {
  it("go from one encoder to the other's decoder, sealed on the way", async () => {
    const [alice, bob] = [side(), side()];
    announce(alice, 0);
    announce(bob, 1);
    await settle();
    alice.out.put(encodedFrame(picture, vp8, "delta"));
    await settle();
    const [sealed] = alice.out.out;
    expect(sealed!.data.byteLength).toBeGreaterThan(picture.length + 16);
    expect(Buffer.from(sealed!.data).includes(Buffer.from(picture.subarray(1, 9)))).toBe(false);
    bob.in.put(sealed!);
    await settle();
    expect(new Uint8Array(bob.in.out[0]!.data)).toEqual(picture);
    expect(bob.events).toContainEqual(expect.objectContaining({ kind: "seen", participant: 0, epoch: 1n }));
  });

  it("wait in their stream until the engine is there, whatever comes first", async () => {
    const worker = new FakeWorker();
    const pipe = new FakePipe();
    worker.transform(pipe.transformer({ copse: { track: "a", kind: "video", direction: "outgoing" } }));
    pipe.put(encodedFrame(picture, vp8, "delta"));
    await settle();
    expect(pipe.readable.locked).toBe(false);
    workerBackend({ worker: worker.asWorker });
    await settle();
    expect(pipe.readable.locked).toBe(true);
    expect(pipe.out).toEqual([]); // there was no key
  });

  it("do not leave without a key, nor under a codec that is unknown or not theirs", async () => {
    const alice = side();
    alice.out.put(encodedFrame(picture, vp8, "delta"));
    await settle();
    announce(alice, 0);
    await settle();
    for (const metadata of [{ mimeType: "video/H265" }, { mimeType: "audio/red" }, { payloadType: 45 }, {}]) {
      alice.out.put(encodedFrame(picture, metadata, "delta"));
    }
    alice.out.put(encodedFrame(Uint8Array.of(0, 1, 2), vp8, "key"));
    alice.out.put(encodedFrame(new Uint8Array(0), vp8, "delta"));
    await settle();
    expect(alice.out.out).toEqual([]);
    const causes = alice.events.flatMap((event) => (event.kind === "dropped" ? [event.cause] : []));
    expect(causes).toEqual(["no-key", "codec", "foreign", "empty"]);
  });

  it("are of the codec that was negotiated for their payload type where they name none", async () => {
    const alice = side();
    announce(alice, 0);
    alice.connection.dispatch("signalingstatechange");
    await settle();
    alice.out.put(encodedFrame(picture, { payloadType: 96 }, "delta"));
    await settle();
    expect(alice.out.out).toHaveLength(1);
  });

  it("of a wrong key are dropped, and a key frame is asked for", async () => {
    const [alice, bob] = [side(), side()];
    announce(alice, 0);
    announce(bob, 1, 2);
    await settle();
    alice.out.put(encodedFrame(picture, vp8, "delta"));
    await settle();
    bob.in.put(alice.out.out[0]!);
    await settle();
    expect(bob.in.out).toEqual([]);
    expect(bob.in.keyFrames.requested).toBe(1);
  });

  it("pass over transferred streams where there is nothing else", async () => {
    vi.unstubAllGlobals();
    vi.stubGlobal("RTCRtpSender", { prototype: { createEncodedStreams: () => undefined } });
    expect(transformApi()).toBe("encoded-streams");
    const backend = workerBackend({ worker: new FakeWorker().asWorker });
    const pipe = new FakePipe();
    const sender = { createEncodedStreams: () => pipe };
    backend.attach(sender as unknown as RTCRtpSender, { track: "a", kind: "video", direction: "outgoing" });
    announce({ backend }, 0);
    await settle();
    pipe.put(encodedFrame(picture, vp8, "delta"));
    await settle();
    expect(pipe.out).toHaveLength(1);
  });
});

describe("a backend", () => {
  it("is refused where encoded frames can't be had", () => {
    vi.unstubAllGlobals();
    expect(transformApi()).toBeUndefined();
    expect(() => workerBackend({ worker: new FakeWorker().asWorker })).toThrow(TypeError);
  });

  it("hands base keys over, and keeps none", () => {
    const baseKey = new Uint8Array(16).fill(1);
    const command = { kind: "epoch", epoch: 1n, leafIndex: 0, treeWidth: 2, members: [], baseKey } as const;
    side().backend.post(command, [baseKey.buffer]);
    expect(baseKey.length).toBe(0);
  });

  it("sends nothing once it is closed", async () => {
    const alice = side();
    announce(alice, 0);
    alice.backend.close();
    await settle();
    alice.out.put(encodedFrame(picture, vp8, "delta"));
    await settle();
    expect(alice.out.out).toEqual([]);
  });

  it("reports a worker that fails, until nobody listens", () => {
    const alice = side();
    const heard = vi.fn();
    const stop = alice.backend.onEvent(heard);
    alice.worker.crash();
    stop();
    alice.worker.crash();
    expect(heard.mock.calls).toEqual([[{ kind: "failed", detail: "worker" }]]);
  });

  it("makes an encoder give a key frame", async () => {
    const alice = side();
    await settle();
    alice.protection.generateKeyFrame(alice.protection.tracks[0]!.transceiver.sender);
    await settle();
    expect(alice.out.keyFrames.generated).toBe(1);
  });

  it("leaves other messages of the worker alone", async () => {
    const alice = side();
    alice.worker.postMessage({ kind: "close" }, []);
    alice.worker.postMessage("close", []);
    announce(alice, 0);
    await settle();
    expect(alice.events).toEqual([{ kind: "sending", epoch: 1n }]);
  });
});

describe("a connection", () => {
  const recording = (): { readonly backend: TransformBackend; readonly attached: readonly string[] } => {
    const attached: string[] = [];
    const backend = {
      attach: (_: unknown, { track }: { track: string }) => attached.push(track),
      negotiated: () => {},
    };
    return { backend: backend as unknown as TransformBackend, attached };
  };
  const name = (_: unknown, direction: string): string => direction;

  it("gives a track its transforms in the turn in which it is added", () => {
    const { backend, attached } = recording();
    const connection = new FakeConnection();
    protect(connection.asConnection, backend, { name });
    connection.addTrack({ kind: "audio" });
    expect(attached).toEqual(["outgoing", "incoming"]);
  });

  it.each(["track", "negotiationneeded", "signalingstatechange"])("meets what is new at %s", (event) => {
    const { backend, attached } = recording();
    const connection = new FakeConnection();
    const protection = protect(connection.asConnection, backend, { name });
    const { receiver } = connection.describeRemotely("video");
    connection.dispatch(event);
    connection.dispatch(event);
    expect(attached).toEqual(["outgoing", "incoming"]);
    expect(protection.track(receiver as RTCRtpReceiver)?.track).toBe("incoming");
  });

  it("is refused once it has transceivers", () => {
    const connection = new FakeConnection();
    connection.addTransceiver("video");
    expect(() => protect(connection.asConnection, recording().backend)).toThrow(TypeError);
  });

  it("stops what can't be protected", () => {
    const connection = new FakeConnection();
    const onFailure = vi.fn();
    const attach = (): never => {
      throw new Error("no streams");
    };
    protect(connection.asConnection, { attach } as unknown as TransformBackend, { onFailure });
    connection.addTransceiver("video");
    expect(connection.transceivers[0]!.isStopped).toBe(true);
    expect(onFailure).toHaveBeenCalledOnce();
  });

  it("numbers its tracks", () => {
    const names = [side(), side()].flatMap(({ protection }) => protection.tracks.map(({ track }) => track));
    expect(new Set(names).size).toBe(4);
  });
});

it("a number that can't be is refused on the page, before the worker hears of it", () => {
  for (const options of [{ maxFramesPerKey: -1n }, { maxFramesPerKey: 2n ** 64n }, { maxTracks: 0 }]) {
    expect(() => workerBackend({ worker: new FakeWorker().asWorker, ...options })).toThrow(TypeError);
  }
});

it("a transceiver that is stopped already is left as it is", () => {
  const backend = workerBackend({ worker: new FakeWorker().asWorker });
  const connection = new FakeConnection();
  const protection = protect(connection.asConnection, backend);
  const stopped = Object.assign(connection.describeRemotely("video"), { currentDirection: "stopped" });
  for (const event of ["signalingstatechange", "track"]) connection.dispatch(event);
  expect({ tracks: protection.tracks, isStopped: stopped.isStopped }).toEqual({ tracks: [], isStopped: false });
});

it("what was posted by somebody else is none of ours, whatever it is", () => {
  for (const data of [undefined, null, 5, "copse", {}, { other: 1 }]) expect(opened(data)).toBeUndefined();
  expect(opened({ copse: 1 })).toBe(1);
});

it("a stream that ends closes its track", async () => {
  const alice = side();
  alice.out.end();
  await settle();
  alice.backend.post({ kind: "statistics", id: 1 });
  await settle();
  const event = alice.events.find(({ kind }) => kind === "statistics");
  const tracks = event?.kind === "statistics" ? event.statistics.tracks.map(({ direction }) => direction) : [];
  expect(tracks).toEqual(["incoming"]);
});
