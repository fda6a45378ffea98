/**
 * Where a call's engine is, as the call sees it: beside it, or behind a worker's `postMessage`.
 */

import type { SFrameSuite } from "../sframe/suites.ts";
import type { Awaitable } from "../crypto/provider.ts";
import type { EngineCommand, EngineEvent } from "./engine/protocol.ts";
import type { EpochSource } from "./epoch-source.ts";

/** The way to an engine and back. */
export interface CallBackend {
  /** The engine's suite: it says how long a base key is. */
  readonly suite: SFrameSuite;
  /**
   * Exports what its engine needs of the source's current epoch, where that is not the base key of RFC 9605 section 5.2: it
   * comes in the key's place, in an array that is wiped.
   */
  readonly exportKey?: (source: EpochSource) => Awaitable<Uint8Array>;
  /** Send a command; what is in `transfer` is no longer the caller's. Never throws. */
  post(command: EngineCommand, transfer?: readonly ArrayBuffer[]): void;
  /** Hear what the engine reports, until the returned function is called. */
  onEvent(listener: (event: EngineEvent) => void): () => void;
  /** Close the engine, which erases its keys. */
  close(): void;
}
