/**
 * Media frames of every codec, and calls that they pass through.
 */

import { Call } from "../../../src/call/call.ts";
import type { CallEvent } from "../../../src/call/events.ts";
import { daveBackend, type DaveBackend, type DaveCodec, type DaveSession } from "../../../src/adapters/dave/index.ts";
import { VirtualClock } from "../../call/virtual-clock.ts";
import { codecs, media } from "./davey.ts";
import type { Client, CopseClient, DaveyClient, Gateway } from "./gateway.ts";

/** Bytes that are the same each time, with zeros and ones among them: what codecs escape. */
export function noise(length: number, seed = 1): Uint8Array {
  let state = seed * 2654435761;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** Payload of a NAL unit: without start codes, and no zero at the end. */
function nalPayload(length: number, seed: number): number[] {
  return [...noise(length, seed)].map((byte) => byte | 4);
}

/** A frame of each codec: what an encoder gives, with the codec's number in davey. */
export const frames: readonly {
  readonly name: string;
  readonly codec: DaveCodec;
  readonly number: number;
  readonly data: Uint8Array;
  /** What the receiver gets, where it is not the same. */
  readonly received?: Uint8Array;
}[] = [
  { name: "opus", codec: "opus", number: codecs.opus, data: noise(120) },
  { name: "vp8 delta", codec: "vp8", number: codecs.vp8, data: Uint8Array.of(1, ...noise(1200)) },
  {
    name: "vp8 key",
    codec: "vp8",
    number: codecs.vp8,
    data: Uint8Array.of(0x10, 2, 0, 0x9d, 1, 0x2a, ...noise(500)),
  },
  { name: "vp9", codec: "vp9", number: codecs.vp9, data: noise(1200, 3) },
  {
    name: "h264 key",
    codec: "h264",
    number: codecs.h264,
    data: Uint8Array.of(
      ...[0, 0, 0, 1, 0x67, ...nalPayload(12, 4)],
      ...[0, 0, 0, 1, 0x68, ...nalPayload(5, 5)],
      ...[0, 0, 0, 1, 0x06, ...nalPayload(20, 6)],
      ...[0, 0, 0, 1, 0x65, 0x88, 0x84, ...nalPayload(900, 7)],
    ),
  },
  {
    name: "h264 slices behind short start codes",
    codec: "h264",
    number: codecs.h264,
    data: Uint8Array.of(
      ...[0, 0, 1, 0x41, 0x9a, ...nalPayload(300, 8)],
      ...[0, 0, 1, 0x41, 0x9a, ...nalPayload(300, 9)],
    ),
    received: Uint8Array.of(
      ...[0, 0, 0, 1, 0x41, 0x9a, ...nalPayload(300, 8)],
      ...[0, 0, 0, 1, 0x41, 0x9a, ...nalPayload(300, 9)],
    ),
  },
  {
    name: "h265",
    codec: "h265",
    number: codecs.h265,
    data: Uint8Array.of(
      ...[0, 0, 0, 1, 0x40, 1, ...nalPayload(12, 10)],
      ...[0, 0, 0, 1, 0x42, 1, ...nalPayload(30, 11)],
      ...[0, 0, 0, 1, 0x44, 1, ...nalPayload(6, 12)],
      ...[0, 0, 0, 1, 0x26, 1, ...nalPayload(700, 13)],
    ),
  },
  {
    name: "av1",
    codec: "av1",
    number: codecs.av1,
    data: Uint8Array.of(0x12, 0, ...[0x0a, 11, ...noise(11, 14)], ...[0x32, 0xac, 2, ...noise(300, 15)]),
    received: Uint8Array.of(...[0x0a, 11, ...noise(11, 14)], ...[0x30, ...noise(300, 15)]),
  },
];

/** A client's call, on a clock of its own. */
export class Caller {
  readonly clock: VirtualClock;
  readonly session: DaveSession;
  readonly backend: DaveBackend;
  readonly call: Call;
  readonly events: CallEvent[] = [];
  #tracks = 0;

  constructor({ session }: Pick<CopseClient, "session">, clock: VirtualClock = new VirtualClock()) {
    this.clock = clock;
    this.session = session;
    this.backend = daveBackend({ session, scheduler: clock });
    this.call = new Call({ source: session, backend: this.backend, scheduler: clock });
    for (const kind of [
      "epoch",
      "sending",
      "erased",
      "seen",
      "dropped",
      "keyFrameNeeded",
      "failed",
      "ended",
    ] as const) {
      this.call.on(kind, (event) => {
        this.events.push(event);
      });
    }
  }

  say(data: Uint8Array, codec: DaveCodec = "opus"): Uint8Array | undefined {
    const kind = codec === "opus" ? "audio" : "video";
    return this.backend.engine.outgoing({ track: `my ${kind}`, kind }).sealNow({ data, codec, isKeyFrame: true });
  }

  /** What the decoder is given of a frame; undefined where it is dropped. */
  hear(from: bigint, data: Uint8Array, kind: "audio" | "video" = "audio"): Uint8Array | undefined {
    let heard: Uint8Array | undefined;
    const track = this.backend.engine.incoming<undefined>({
      track: `track ${String(++this.#tracks)}`,
      kind,
      userId: from,
      deliver: (_, opened) => {
        heard = opened;
      },
    });
    track.push(undefined, { data, codec: kind === "audio" ? "opus" : "vp8", isKeyFrame: true });
    track.close();
    return heard;
  }
}

/** davey's frames. */
export function daveySays({ session }: DaveyClient, data: Uint8Array, number: number = codecs.opus): Uint8Array {
  const kind = number === codecs.opus ? media.audio : media.video;
  return new Uint8Array(session.encrypt(kind, number, Buffer.from(data)));
}

export function daveyHears({ session }: DaveyClient, from: Client, data: Uint8Array, isAudio = true): Uint8Array {
  const kind = isAudio ? media.audio : media.video;
  return new Uint8Array(session.decrypt(String(from.userId), kind, Buffer.from(data)));
}

/** Two clients of copse and one of davey in one call. */
export async function threeInCall(
  gateway: Gateway,
  alice: CopseClient,
  bob: DaveyClient,
  carol: CopseClient,
): Promise<void> {
  for (const client of [alice, bob, carol]) await gateway.connect(client);
  await gateway.create(alice, [bob, carol]);
}
