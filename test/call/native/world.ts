/**
 * People whose browsers seal and open their frames.
 */

import { hex } from "../../../src/bytes/text.ts";
import type { EngineEvent, EngineStatistics } from "../../../src/call/engine/protocol.ts";
import { nativeBackend, type NativeBackendOptions } from "../../../src/call/native/backend.ts";
import type { TransformBackend } from "../../../src/call/transforms/backend.ts";
import { epochCommand, type EpochShape } from "../engine/world.ts";
import { settle } from "../transforms/browser.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { fakeApi, FakeReceiver, FakeSender } from "./fake-sframe.ts";

/** A backend at a leaf, with one track each way. */
export class Person {
  readonly clock: VirtualClock = new VirtualClock();
  readonly backend: TransformBackend;
  readonly events: EngineEvent[] = [];
  readonly out: FakeSender;
  readonly in: FakeReceiver;
  readonly leafIndex: number;

  constructor(leafIndex = 0, options: NativeBackendOptions = {}) {
    this.leafIndex = leafIndex;
    this.backend = nativeBackend({ api: fakeApi, scheduler: this.clock, ...options });
    this.backend.onEvent((event) => this.events.push(event));
    this.out = this.sender("out");
    this.in = this.receiver("in");
  }

  sender(track: string, sender: FakeSender = new FakeSender()): FakeSender {
    this.backend.attach(sender.asSender, { track, kind: "video", direction: "outgoing" });
    return sender;
  }

  receiver(track: string): FakeReceiver {
    const receiver = new FakeReceiver();
    this.backend.attach(receiver.asReceiver, { track, kind: "video", direction: "incoming" });
    return receiver;
  }

  /** Enter an epoch, and let the browser take its key. */
  async enter(epoch: number, shape: Omit<EpochShape, "leafIndex"> = {}): Promise<void> {
    this.backend.post(epochCommand(epoch, { leafIndex: this.leafIndex, ...shape }));
    await settle();
  }

  async advance(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await settle();
  }

  /** What comes of a frame of somebody else's, and of another where the first one only brought its key. */
  async hear(from: Person, data: Uint8Array<ArrayBuffer> = picture): Promise<Uint8Array | undefined> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const sealed = from.out.send(data);
      const opened = sealed && this.in.receive(sealed);
      if (opened !== undefined) return opened;
      await settle();
    }
    return undefined;
  }

  get statistics(): EngineStatistics {
    this.backend.post({ kind: "statistics", id: 7 });
    const event = this.events.pop();
    if (event?.kind !== "statistics") throw new Error("no statistics");
    return event.statistics;
  }

  /** Why frames of a track were dropped, and how many. */
  drops(name: string): object {
    return this.statistics.tracks.find(({ track }) => track === name)?.dropped ?? {};
  }

  /** The epochs that were sent with, in order. */
  get sent(): readonly (bigint | undefined)[] {
    return this.events.flatMap((event) => (event.kind === "sending" ? [event.epoch] : []));
  }
}

/** A frame of an encoder. */
export const picture: Uint8Array<ArrayBuffer> = Uint8Array.from({ length: 50 }, (_, place) => place);

/** A frame that left, or the test fails. It is not in clear. */
export function sealedBy(sender: FakeSender): Uint8Array<ArrayBuffer> {
  const sealed = sender.send(picture);
  if (sealed === undefined) throw new Error("not sealed");
  if (hex(sealed).includes(hex(picture.subarray(0, 8)))) throw new Error("in clear");
  return sealed;
}
