/**
 * The engine beside the call, on the same thread: for Node, tests, and pages whose frames pass through them anyway.
 */

import { is, isObject } from "../bytes/takes.ts";
import { Listeners } from "./listeners.ts";
import { sframeSuite } from "../sframe/suites.ts";
import type { CallBackend } from "./backend.ts";
import { createFrameEngine } from "./engine/engine.ts";
import type { FrameEngine, FrameEngineOptions } from "./engine/frame-engine.ts";
import type { EngineEvent } from "./engine/protocol.ts";

/** A backend whose engine can be reached. */
export interface LocalBackend extends CallBackend {
  /** Where the tracks are made. */
  readonly engine: FrameEngine;
}

const anObject = is("an object", isObject);

/**
 * An engine on this thread.
 *
 * @throws TypeError where an option is not what it must be; CopseError "random-source".
 */
export function localBackend(options: Omit<FrameEngineOptions, "onEvent"> = {}): LocalBackend {
  const listeners = new Listeners<EngineEvent>();
  anObject("localBackend", options);
  const { suite = sframeSuite(4) } = options;
  const engine = createFrameEngine({
    ...options,
    suite,
    onEvent: (event) => {
      listeners.tell(event);
    },
  });
  return {
    suite,
    engine,
    post: (command) => {
      engine.handle(command);
    },
    onEvent: (listener) => listeners.add(listener),
    close: () => {
      engine.close();
      listeners.clear();
    },
  };
}
