/**
 * Engines that exchange frames over a network that the test is.
 */

import { createFrameEngine } from "../../../src/call/engine/engine.ts";
import type {
  FrameEngine,
  FrameEngineOptions,
  IncomingTrack,
  OutgoingTrack,
  TrackOptions,
} from "../../../src/call/engine/frame-engine.ts";
import type {
  DropCause,
  EngineEvent,
  EngineStatistics,
  EpochCommand,
  TrackStatistics,
} from "../../../src/call/engine/protocol.ts";
import type { CodecName, FrameCodec } from "../../../src/call/media.ts";
import { baseKeyOf } from "../../sframe/cryptos.ts";
import { VirtualClock } from "../virtual-clock.ts";

/** Everything is secret. */
const opus: FrameCodec = {
  name: "opus",
  split: (frame) => ({ secret: frame, metadata: new Uint8Array(0), compose: (sealed) => sealed }),
  join: (frame) => ({ secret: frame, metadata: new Uint8Array(0), compose: (opened) => opened }),
};

/** The first byte stays clear. */
function withClearByte(frame: Uint8Array): ReturnType<FrameCodec["split"]> {
  if (frame.length < 2) return undefined;
  const metadata = frame.subarray(0, 1);
  return { secret: frame.subarray(1), metadata, compose: (secret) => Uint8Array.of(...metadata, ...secret) };
}

const vp8: FrameCodec = { name: "vp8", split: withClearByte, join: withClearByte };

const codecs = (name: CodecName): FrameCodec | undefined =>
  (({ opus, vp8 }) as Partial<Record<CodecName, FrameCodec>>)[name];

/** An epoch of a call: by default of four members, whose participant numbers are their leaves plus 100. */
export function epochCommand(
  epoch: number,
  { leafIndex, leaves = [0, 1, 2, 3], treeWidth = 4, key = epoch }: EpochShape,
): EpochCommand {
  return {
    kind: "epoch",
    epoch: BigInt(epoch),
    leafIndex,
    treeWidth,
    members: leaves.map((leaf) => ({ leafIndex: leaf, participant: 100 + leaf })),
    ...(key === "missing" ? {} : { baseKey: baseKeyOf(key, 16) }),
  };
}

export interface EpochShape {
  readonly leafIndex: number;
  readonly leaves?: readonly number[];
  readonly treeWidth?: number;
  /** Which base key. Default: one of the epoch's own. */
  readonly key?: number | "missing";
}

/** An engine at a leaf, with one track each way, and what came of the frames. */
export class Party {
  readonly clock: VirtualClock;
  readonly leafIndex: number;
  readonly engine: FrameEngine;
  readonly events: EngineEvent[] = [];
  readonly out: OutgoingTrack;
  readonly in: IncomingTrack<string>;
  readonly delivered: string[] = [];
  readonly plaintexts: Uint8Array[] = [];
  readonly dropped: string[] = [];
  keyFrameRequests = 0;

  constructor(
    leafIndex: number,
    {
      clock = new VirtualClock(),
      kind = "audio",
      ...options
    }: Partial<FrameEngineOptions> & { readonly clock?: VirtualClock; readonly kind?: TrackOptions["kind"] } = {},
  ) {
    this.clock = clock;
    this.leafIndex = leafIndex;
    this.engine = createFrameEngine({
      codecs,
      scheduler: clock,
      session: BigInt(leafIndex),
      onEvent: (event) => this.events.push(event),
      ...options,
    });
    this.out = this.engine.outgoing({ track: "out", kind });
    this.in = this.engine.incoming<string>({
      track: "in",
      kind,
      deliver: (frame, data) => {
        this.delivered.push(frame);
        this.plaintexts.push(data);
      },
      drop: (frame) => this.dropped.push(frame),
      requestKeyFrame: () => this.keyFrameRequests++,
    });
  }

  /** Enter an epoch. */
  enter(epoch: number, shape: Omit<EpochShape, "leafIndex"> = {}): void {
    this.engine.handle(epochCommand(epoch, { leafIndex: this.leafIndex, ...shape }));
  }

  seal(data: Uint8Array, codec: CodecName = "opus", isKeyFrame = false): Promise<Uint8Array | undefined> {
    return this.out.seal({ data, codec, isKeyFrame });
  }

  push(frame: string, data: Uint8Array, codec: CodecName = "opus", isKeyFrame = false): void {
    this.in.push(frame, { data, codec, isKeyFrame });
  }

  get statistics(): EngineStatistics {
    this.engine.handle({ kind: "statistics", id: 7 });
    const event = this.events.pop();
    if (event?.kind !== "statistics") throw new Error("no statistics");
    return event.statistics;
  }

  track(name: string): TrackStatistics {
    const found = this.statistics.tracks.find(({ track }) => track === name);
    if (found === undefined) throw new Error("no such track");
    return found;
  }

  /** The epochs that were sent with, in order. */
  get sent(): readonly (bigint | undefined)[] {
    return this.events.flatMap((event) => (event.kind === "sending" ? [event.epoch] : []));
  }

  /** The causes that were reported. */
  get causes(): readonly DropCause[] {
    return this.events.flatMap((event) => (event.kind === "dropped" ? [event.cause] : []));
  }
}

/** A frame's bytes. */
export function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** A sealed frame, or the test fails. */
export async function sealed(party: Party, data: Uint8Array = bytes(1, 2, 3)): Promise<Uint8Array> {
  const frame = await party.seal(data);
  if (frame === undefined) throw new Error("not sealed");
  return frame;
}
