/**
 * What every engine of a call has in common, whatever its frames and its keys are: its life, the tracks that are open, the commands
 * that it takes and the events that it reports.
 */

import { CopseError } from "../../errors.ts";
import type { DropCause, EngineCommand, EngineEvent, EngineStatistics, EpochCommand } from "./protocol.ts";
import { kindOf } from "./track.ts";
import { Tracks, type OpenTrack } from "./tracks.ts";

/** What is an engine's own. */
export interface EngineParts {
  readonly keys: { begin(command: EpochCommand): void; close(): void };
  /** What has been counted beside the tracks. */
  keyStatistics(): Omit<EngineStatistics, "tracks">;
  /** Take in what no other engine is told. Says whether it is anything. */
  takeOther?(command: { readonly kind: string }): boolean;
}

/** How an engine's core is made. */
export interface EngineCoreOptions {
  /** Outgoing tracks open at once. */
  readonly maxOutgoing: number;
  /** Incoming tracks open at once. */
  readonly maxIncoming: number;
  readonly onEvent: ((event: EngineEvent) => void) | undefined;
}

/** An engine's core. */
export class EngineCore<Outgoing extends OpenTrack, Incoming extends OpenTrack> {
  readonly outgoing: Tracks<Outgoing>;
  readonly incoming: Tracks<Incoming>;
  readonly #onEvent: ((event: EngineEvent) => void) | undefined;
  #refusal: DropCause | undefined;

  constructor({ maxOutgoing, maxIncoming, onEvent }: EngineCoreOptions) {
    const isOver = (): boolean => this.#refusal !== undefined;
    this.outgoing = new Tracks(maxOutgoing, isOver);
    this.incoming = new Tracks(maxIncoming, isOver);
    this.#onEvent = onEvent;
  }

  /** Why nothing passes any more, where the engine is closed or has failed. */
  get refusal(): DropCause | undefined {
    return this.#refusal;
  }

  readonly emit = (event: EngineEvent): void => {
    try {
      this.#onEvent?.(event);
    } catch {
      // a listener's failure must not stop the media
    }
  };

  /** Carry out a command. Without a key or a state that can be trusted, nothing passes any more. */
  handle(command: EngineCommand | { readonly kind: string }, parts: EngineParts): void {
    try {
      this.#carryOut(command as EngineCommand, parts);
    } catch (error) {
      if (this.#refusal !== undefined) return;
      this.end("failed", parts);
      this.emit({ kind: "failed", detail: kindOf(error) });
    }
  }

  /** Close every track, and erase every key. */
  end(refusal: DropCause, { keys }: EngineParts): void {
    if (this.#refusal !== undefined) return;
    this.#refusal = refusal;
    this.outgoing.close();
    this.incoming.close();
    keys.close();
  }

  #carryOut(command: EngineCommand, parts: EngineParts): void {
    switch (command.kind) {
      case "epoch":
        if (this.#refusal === undefined) parts.keys.begin(command);
        else command.baseKey?.fill(0);
        return;
      case "end":
        this.end("closed", parts);
        return;
      case "statistics": {
        const tracks = [...this.outgoing, ...this.incoming].map(({ statistics }) => statistics);
        this.emit({ kind: "statistics", id: command.id, statistics: { ...parts.keyStatistics(), tracks } });
        return;
      }
      default:
        if (parts.takeOther?.(command) !== true) throw new CopseError("decode-value", { detail: "command" });
    }
  }
}
