/**
 * Where a call's engine is, as the call sees it: beside it, or behind a worker's `postMessage`.
 */

import type { SFrameSuite } from "../sframe/suites.ts";
import type { EngineCommand, EngineEvent } from "./engine/protocol.ts";

/** The way to an engine and back. */
export interface CallBackend {
  /** The engine's suite: it says how long a base key is. */
  readonly suite: SFrameSuite;
  /** Send a command; what is in `transfer` is no longer the caller's. Never throws. */
  post(command: EngineCommand, transfer?: readonly ArrayBuffer[]): void;
  /** Hear what the engine reports, until the returned function is called. */
  onEvent(listener: (event: EngineEvent) => void): () => void;
  /** Close the engine, which erases its keys. */
  close(): void;
}
