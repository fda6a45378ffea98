/**
 * The browser's own SFrame instead of an engine: base keys become HKDF keys that can't be exported again, and the
 * browser seals and opens each frame whole, off the page's thread.
 *
 * It says little of what it does: it reports frames that it drops, and none that pass. So an epoch is sent with when
 * its delay is over, and keys for receiving are added when the browser says that it lacks one.
 */

import { anything, hook, isObject, is, options as optionsOf } from "../../bytes/takes.ts";
import { CopseError } from "../../errors.ts";
import type { Random } from "../../crypto/provider.ts";
import { platformRandom } from "../../crypto/random.ts";
import { mlsKid } from "../../sframe/mls-kid.ts";
import { sframeSuite, type SFrameSuite } from "../../sframe/suites.ts";
import type { Scheduler } from "../clock.ts";
import { contextOf, randomSession } from "../engine/contexts.ts";
import { commonSettingsOf, commonShape, type CommonSettings } from "../engine/defaults.ts";
import { memberOf } from "../engine/member.ts";
import type { EngineCommand, EngineEvent, EngineStatistics } from "../engine/protocol.ts";
import { causeOf, kindOf } from "../engine/track.ts";
import { Listeners } from "../listeners.ts";
import type { TrackEnd, TransformBackend } from "../transforms/backend.ts";
import type { TrackDescription, WorkerEngineOptions } from "../transforms/messages.ts";
import { nativeSFrame, type NativeSFrame, type SFrameErrorEvent } from "./api.ts";
import { NativeKeys, type NativeKey } from "./keys.ts";
import { NativeReceiver } from "./receiver.ts";
import { NativeSender } from "./sender.ts";
import { NativeTrack } from "./track.ts";

/** What a backend over the browser's SFrame is made of. Everybody in a call must agree on `suite` and `epochBits`. */
export interface NativeBackendOptions extends Pick<
  WorkerEngineOptions,
  "suite" | "epochBits" | "sendDelay" | "eraseDelay" | "maxEpochs"
> {
  /** KIDs that an incoming track has keys for, in one epoch. The oldest gives way. Default 64. */
  readonly maxContexts?: number;
  /** Tracks in each direction; a track beyond is refused with "limit-exceeded". Default 1024. */
  readonly maxTracks?: number;
  /** Default: what `nativeSFrame()` says. */
  readonly api?: NativeSFrame;
  /** Default: the platform's. */
  readonly scheduler?: Scheduler;
  /** Default: the platform's. */
  readonly random?: Random;
}

const takenOptions = optionsOf({
  ...commonShape,
  suite: anything, // sframeSuite says
  api: is("a NativeSFrame", isObject),
  random: hook,
});

/**
 * A backend that leaves the frames to the browser.
 *
 * Its frames are plain SFrame, whole and without metadata: everybody in a call must have this backend, because those of
 * a worker's or of `localBackend` keep some bytes clear. Every frame of a KID that is new is lost, and a replayed one
 * may pass where the browser does not refuse it. Nothing is counted but what is dropped: commit once a day, as
 * `rekeyNeeded` will not ask for it.
 *
 * @throws CopseError "suite-unsupported" where there is no such SFrame suite; "random-source".
 * @throws TypeError where an option is not what it must be, or the browser has no SFrame of its own.
 * @example
 * const backend = nativeSFrame() ? nativeBackend() : workerBackend({ worker });
 */
export function nativeBackend(options: NativeBackendOptions = {}): TransformBackend {
  takenOptions("nativeBackend", options);
  const { api = nativeSFrame() } = options;
  if (api === undefined) throw new TypeError("this browser has no SFrame of its own");
  return new NativeBackend(options, api);
}

/** How many senders share a session. A number is never given out twice: each encryptor begins to count anew. */
const sendersOfSession = 256;

/** A sender, and what keeps its KIDs apart from those of all others. */
interface SentTrack {
  readonly track: NativeTrack;
  readonly sender: NativeSender;
  readonly session: bigint;
  readonly number: number;
}

interface ReceivedTrack {
  readonly track: NativeTrack;
  readonly receiver: NativeReceiver;
}

class NativeBackend implements TransformBackend {
  readonly suite: SFrameSuite;
  readonly #api: NativeSFrame;
  readonly #random: Random;
  readonly #settings: CommonSettings;
  readonly #keys: NativeKeys;
  readonly #listeners = new Listeners<EngineEvent>();
  readonly #outgoing = new Map<string, SentTrack>();
  readonly #incoming = new Map<string, ReceivedTrack>();
  #session: bigint;
  #senders = 0;
  #isOver = false;

  constructor({ suite = 4, random = platformRandom, ...options }: NativeBackendOptions, api: NativeSFrame) {
    this.suite = sframeSuite(suite);
    this.#api = api;
    this.#random = random;
    this.#settings = commonSettingsOf({ ...options, suite: this.suite });
    this.#session = randomSession(random);
    this.#keys = new NativeKeys(this.#settings, {
      emit: this.#emit,
      onSend: (key) => {
        for (const outgoing of this.#outgoing.values()) this.#send(outgoing, key);
      },
      onKey: (key, before) => {
        if (before === undefined) return;
        for (const { receiver } of this.#incoming.values()) receiver.carryOver(before, key);
      },
      onChange: (participants) => {
        for (const { track } of this.#incoming.values()) track.keep(participants);
      },
      onErase: (epoch) => {
        for (const { receiver } of this.#incoming.values()) receiver.remove(epoch);
      },
      onFailure: (error) => {
        this.#fail(error);
      },
    });
  }

  post(command: EngineCommand): void {
    try {
      this.#carryOut(command);
    } catch (error) {
      this.#fail(error);
    }
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  attach(end: TrackEnd, description: TrackDescription): void {
    const track = new NativeTrack(description, this.#emit);
    const common = {
      api: this.#api,
      transform: { cipherSuite: this.suite.name },
      onFailure: (error: unknown) => {
        track.drop("failed", { error });
      },
    };
    if (description.direction === "outgoing") {
      const sender = new NativeSender({ ...common, sender: end as RTCRtpSender });
      this.#checkTracks(this.#outgoing, description);
      this.#outgoing.get(description.track)?.sender.silence();
      const outgoing = { track, sender, ...this.#number() };
      this.#outgoing.set(description.track, outgoing);
      this.#send(outgoing, this.#keys.sending);
    } else {
      const { epochBits, maxContexts: maxKids } = this.#settings;
      const onError = (event: SFrameErrorEvent): void => {
        this.#hear(event, incoming);
      };
      const receiver = new NativeReceiver({ ...common, receiver: end as RTCRtpReceiver, epochBits, maxKids, onError });
      const incoming = { track, receiver };
      this.#checkTracks(this.#incoming, description);
      this.#incoming.get(description.track)?.receiver.close();
      this.#incoming.set(description.track, incoming);
    }
  }

  negotiated(): void {
    // the browser knows what it has negotiated
  }

  generateKeyFrame(track: string): void {
    this.#outgoing.get(track)?.sender.generateKeyFrame();
  }

  close(): void {
    this.#end();
    this.#listeners.clear();
  }

  readonly #emit = (event: EngineEvent): void => {
    this.#listeners.tell(event);
  };

  #carryOut(command: EngineCommand): void {
    switch (command.kind) {
      case "epoch":
        if (this.#isOver) command.baseKey?.fill(0);
        else this.#keys.begin(command);
        return;
      case "end":
        this.#end();
        return;
      case "statistics":
        this.#emit({ kind: "statistics", id: command.id, statistics: this.#statistics() });
        return;
      default:
        throw new CopseError("decode-value", { detail: "command" });
    }
  }

  /** Asked once the transform is set, which lets nothing through. A track of the same name takes the old one's place. */
  #checkTracks(tracks: ReadonlyMap<string, unknown>, { track }: TrackDescription): void {
    if (tracks.size < this.#settings.maxTracks || tracks.has(track)) return;
    throw new CopseError("limit-exceeded", { limit: "maxTracks" });
  }

  #number(): Pick<SentTrack, "session" | "number"> {
    const number = this.#senders++ % sendersOfSession;
    if (number === 0 && this.#senders > 1) this.#session = randomSession(this.#random);
    return { session: this.#session, number };
  }

  #send({ track, sender, session, number }: SentTrack, send: NativeKey | undefined): void {
    if (send === undefined) {
      sender.silence();
      return;
    }
    const { epoch, key } = send;
    const layout = { epochBits: this.#settings.epochBits, treeWidth: epoch.treeWidth };
    try {
      const context = contextOf(session, number, layout);
      sender.use(key, mlsKid({ context, leafIndex: epoch.leafIndex, epoch: epoch.epoch, ...layout }));
    } catch (error) {
      sender.silence();
      track.drop(causeOf(error), { error });
    }
  }

  /** A frame was dropped. Its KID is a stranger's word: what it leads to is bounded, and opens only what a member sealed. */
  #hear({ errorType, keyID }: SFrameErrorEvent, { track, receiver }: ReceivedTrack): void {
    if (this.#isOver) return;
    if (errorType !== "keyID" || keyID === null) {
      track.drop(errorType === "syntax" ? "header" : errorType === "keyID" ? "unknown-key" : "not-authentic");
      return;
    }
    const kid = BigInt(keyID);
    const found = this.#keys.epochs.find(kid);
    const key = found.kind === "held" ? this.#keys.of(found.epoch) : undefined;
    const member = key && memberOf(kid, key.epoch, this.#settings.epochBits);
    if (key === undefined || member === undefined) track.drop("unknown-key");
    else if (typeof member === "string") track.drop(member);
    else {
      const { participant } = member;
      receiver.add(kid, member, key);
      this.#keys.participants.count(participant, "unknown-key");
      track.drop("unknown-key", { participant });
    }
  }

  /** Without a key or a state that can be trusted, nothing passes. */
  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.#emit({ kind: "failed", detail: kindOf(error) });
  }

  #end(): void {
    this.#isOver = true;
    for (const { sender } of this.#outgoing.values()) sender.silence();
    this.#keys.close();
  }

  #statistics(): EngineStatistics {
    const { sending, epochs, participants } = this.#keys;
    const now = this.#settings.scheduler.now();
    const tracks = [...this.#outgoing.values(), ...this.#incoming.values()];
    const keyedAt = sending?.epoch.keyedAt;
    return {
      epoch: epochs.newest?.epoch,
      sendingEpoch: sending?.epoch.epoch,
      keyAge: keyedAt === undefined ? undefined : now - keyedAt,
      epochs: epochs.all.filter((epoch) => epoch.keyedAt !== undefined).map(({ epoch }) => epoch),
      waiting: { frames: 0, bytes: 0 },
      tracks: tracks.map(({ track }) => track.statistics),
      participants: participants.statistics(now),
    };
  }
}
