/**
 * A call over the epochs of a group: it brings every epoch's key to where the frames are, and knows who is there.
 */

import { nothing } from "../bytes/nothing.ts";
import { CopseError } from "../errors.ts";
import { Listeners } from "./listeners.ts";
import { checkCount } from "../bytes/numbers.ts";
import { having, oneOf, options as optionsOf, type Shape } from "../bytes/takes.ts";
import { baseKeyLabel } from "../sframe/mls-kid.ts";
import type { CallBackend } from "./backend.ts";
import { aScheduler, platformScheduler, type Scheduler } from "./clock.ts";
import type { EngineEvent, EngineStatistics } from "./engine/protocol.ts";
import type { EpochSource } from "./epoch-source.ts";
import type { CallEvent, CallEventOf } from "./events.ts";
import { KeyExports } from "./key-exports.ts";
import { ParticipantList, type Participant } from "./participants.ts";
import { verificationOf, type Verification } from "./verification.ts";

/** What a call is made of. */
export interface CallOptions {
  /** The group: a `Group`, or what an adapter makes of another library's. */
  readonly source: EpochSource;
  /** Where the frames are: `localBackend` or a worker's. The call closes it when it is closed. */
  readonly backend: CallBackend;
  /** For how many milliseconds the key of an epoch waits for that of an older one. Default 1000. */
  readonly exportPatience?: number;
  /** Default: the platform's. */
  readonly scheduler?: Scheduler;
}

interface Question {
  readonly resolve: (statistics: EngineStatistics) => void;
  readonly reject: (error: CopseError) => void;
}

const shape: Shape<CallOptions> = {
  source: having("an EpochSource, as a Group is", "exportSecret", "onEpoch"),
  backend: having("a CallBackend", "post", "onEvent", "close"),
  exportPatience: (place, value) => {
    checkCount(place, value as number, [0, 2 ** 31 - 1]);
  },
  scheduler: aScheduler,
};
const takenOptions = optionsOf(shape, "source", "backend");
/** Every kind of event: one that is missing here does not compile. */
const kinds: Readonly<Record<CallEvent["kind"], 0>> = {
  epoch: 0,
  sending: 0,
  erased: 0,
  seen: 0,
  dropped: 0,
  keyFrameNeeded: 0,
  rekeyNeeded: 0,
  keyMissing: 0,
  ended: 0,
  failed: 0,
};
const aKind = oneOf(...Object.keys(kinds));

/**
 * A call.
 *
 * It follows its group until either ends. Every key is exported once, handed to the backend and wiped here.
 *
 * @example
 * const backend = localBackend();
 * const call = new Call({ source: group, backend });
 * call.on("epoch", ({ participants }) => show(participants));
 */
export class Call {
  readonly #source: EpochSource;
  readonly #backend: CallBackend;
  readonly #exports: KeyExports;
  readonly #list = new ParticipantList();
  readonly #listeners = new Map<CallEvent["kind"], Listeners<CallEvent>>();
  readonly #questions = new Map<number, Question>();
  readonly #unsubscribe: readonly (() => void)[];
  #lastQuestion = 0;
  #epoch = -1n;
  #isOver = false;

  /** @throws TypeError where an option is not what it must be. */
  constructor(options: CallOptions) {
    takenOptions("Call", options);
    const { source, backend, exportPatience = 1000, scheduler = platformScheduler } = options;
    this.#source = source;
    this.#backend = backend;
    this.#exports = new KeyExports({
      keyLength: backend.exportKey ? undefined : backend.suite.keyLength,
      scheduler,
      patience: exportPatience,
      onKey: (command, baseKey) => {
        this.#backend.post({ ...command, baseKey }, [baseKey.buffer]);
      },
      onFailure: (epoch, error) => {
        this.#tell({ kind: "keyMissing", epoch, error });
      },
    });
    this.#unsubscribe = [
      backend.onEvent((event) => {
        this.#hear(event);
      }),
      source.onEpoch(() => {
        this.#follow();
      }),
    ];
    this.#follow();
  }

  /** The newest epoch of the group. */
  get epoch(): bigint {
    return this.#epoch;
  }

  /** Who is in the call, by leaf, ourselves included. */
  get participants(): readonly Participant[] {
    return this.#list.present;
  }

  /** The participant of this number, where it is or was just now in the call. */
  participant(id: number): Participant | undefined {
    return this.#list.find(id);
  }

  /** Whether the call is over: closed, failed, or its group has ended for us. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * The code of the current epoch, for participants to compare.
   *
   * @throws CopseError "call-over".
   */
  get verification(): Verification {
    if (this.#isOver) throw new CopseError("call-over");
    return verificationOf(this.#source.epoch, this.#source.epochAuthenticator);
  }

  /**
   * What has been counted: per track and per participant.
   *
   * @throws CopseError "call-over".
   */
  statistics(): Promise<EngineStatistics> {
    return new Promise((resolve, reject) => {
      if (this.#isOver) throw new CopseError("call-over");
      const id = ++this.#lastQuestion;
      this.#questions.set(id, { resolve, reject });
      this.#backend.post({ kind: "statistics", id });
    });
  }

  /** Hear events of a kind until the returned function is called. What a listener throws is ignored. */
  on<Kind extends CallEvent["kind"]>(kind: Kind, listener: (event: CallEventOf<Kind>) => void): () => void {
    aKind("kind", kind);
    let listeners = this.#listeners.get(kind);
    if (listeners === undefined) this.#listeners.set(kind, (listeners = new Listeners()));
    return listeners.add(listener as (event: CallEvent) => void);
  }

  /** Leave: erase every key, here and in the engine. The group stays as it is. */
  close(): void {
    this.#end();
    this.#backend.close();
    this.#listeners.clear();
  }

  /** Take in what the group has become. */
  #follow(): void {
    if (this.#isOver) return;
    const source = this.#source;
    if (source.isGone) {
      this.#backend.post({ kind: "end" });
      this.#end();
      this.#tell({ kind: "ended" });
      return;
    }
    const { epoch, self, treeWidth } = source;
    if (epoch <= this.#epoch) return;
    this.#epoch = epoch;
    const attendance = this.#list.enter(source);
    const { members } = this.#list;
    const command = { kind: "epoch", epoch, leafIndex: self.leafIndex, treeWidth, members } as const;
    const { suite, exportKey } = this.#backend;
    const baseKey = this.#exports.add(command, () =>
      exportKey ? exportKey(source) : source.exportSecret(baseKeyLabel, nothing, suite.keyLength),
    );
    if (baseKey === undefined) this.#backend.post(command);
    else this.#backend.post({ ...command, baseKey }, [baseKey.buffer]);
    this.#tell({ kind: "epoch", epoch, participants: this.participants, ...attendance });
  }

  #hear(event: EngineEvent): void {
    switch (event.kind) {
      case "statistics":
        this.#questions.get(event.id)?.resolve(event.statistics);
        this.#questions.delete(event.id);
        return;
      case "seen": {
        const participant = this.#list.find(event.participant);
        if (participant !== undefined) this.#tell({ ...event, participant });
        return;
      }
      case "dropped": {
        const { participant: id, ...drop } = event;
        const participant = id === undefined ? undefined : this.#list.find(id);
        this.#tell(participant === undefined ? drop : { ...drop, participant });
        return;
      }
      case "erased":
        this.#list.forget(event.epoch);
        this.#tell(event);
        return;
      case "failed":
        this.#end();
        this.#tell(event);
        return;
      default:
        this.#tell(event);
    }
  }

  #tell(event: CallEvent): void {
    this.#listeners.get(event.kind)?.tell(event);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#exports.close();
    for (const { reject } of this.#questions.values()) reject(new CopseError("call-over"));
    this.#questions.clear();
  }
}
