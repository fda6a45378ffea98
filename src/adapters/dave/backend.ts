/**
 * Where the engine of a call that speaks DAVE is: beside the call, or in a worker. A backend belongs to one session, whose
 * transitions it follows.
 */

import type { PlatformClass } from "../../bytes/platform.ts";
import { anything, is, options as optionsOf, text, uint64, type Shape } from "../../bytes/takes.ts";
import type { CallBackend } from "../../call/backend.ts";
import { aScheduler } from "../../call/clock.ts";
import type { EngineEvent } from "../../call/engine/protocol.ts";
import { Listeners } from "../../call/listeners.ts";
import type { TransformBackend } from "../../call/transforms/backend.ts";
import { workerBackend, type TransformApi } from "../../call/transforms/worker-backend.ts";
import { sframeSuite } from "../../sframe/suites.ts";
import type { DaveCommand } from "./commands.ts";
import { createDaveEngine, engineLimits, type DaveEngine, type DaveEngineOptions } from "./engine.ts";
import { DaveSession } from "./session.ts";

/** What a backend does beyond every call's. */
export interface DaveSources {
  /**
   * Whose an incoming track is, whether or not it is there yet: the gateway says whose frames come on which SSRC. Undefined:
   * nobody's, and nothing opens.
   */
  assign(track: string, userId: bigint | undefined): void;
}

/** An engine on this thread. */
export interface DaveBackendOptions extends Omit<DaveEngineOptions, "onEvent"> {
  readonly session: DaveSession;
}

/** A backend whose engine can be reached. */
export interface DaveBackend extends CallBackend, DaveSources {
  /** Where the tracks are made. */
  readonly engine: DaveEngine;
}

/** An engine in a worker. */
export interface DaveWorkerBackendOptions extends Omit<DaveEngineOptions, "onEvent" | "scheduler"> {
  readonly session: DaveSession;
  /** A worker that runs `copse/adapters/dave/worker`, for this call alone. Whoever made it ends it. */
  readonly worker: PlatformClass<"Worker">;
  /** How frames get there. Default: what `transformApi()` says. */
  readonly api?: TransformApi;
}

/** A backend in a worker, which protects the tracks of a connection: see `protect` of `copse/call`. */
export interface DaveWorkerBackend extends TransformBackend, DaveSources {}

const aSession = /* @__PURE__ */ is("a DaveSession", (value) => value instanceof DaveSession);
const shape: Shape<DaveBackendOptions> = { ...engineLimits, scheduler: aScheduler, session: aSession };
const takenOptions = optionsOf(shape, "session");
const takenWorkerOptions = optionsOf(
  { ...engineLimits, session: aSession, worker: anything, api: anything },
  "session",
);

/**
 * An engine on this thread, for bots, Node and tests.
 *
 * @throws TypeError where an option is not what it must be.
 */
export function daveBackend(options: DaveBackendOptions): DaveBackend {
  takenOptions("daveBackend", options);
  const { session, ...own } = options;
  const listeners = new Listeners<EngineEvent>();
  const engine = createDaveEngine({
    ...own,
    onEvent: (event) => {
      listeners.tell(event);
    },
  });
  const backend: CallBackend = {
    suite: sframeSuite(4), // whose keys are as long as DAVE's; it is asked nothing else
    post: (command) => {
      engine.handle(command);
    },
    onEvent: (listener) => listeners.add(listener),
    close: () => {
      engine.close();
      listeners.clear();
    },
  };
  return { ...following(session, backend), engine };
}

/**
 * An engine in a worker.
 *
 * @throws TypeError where the browser can't transform encoded frames, or an option is not what it must be.
 */
export function daveWorkerBackend(options: DaveWorkerBackendOptions): DaveWorkerBackend {
  takenWorkerOptions("daveWorkerBackend", options);
  const { session, ...own } = options;
  return following(session, workerBackend(own));
}

/** A backend that tells its engine of the session's transitions, and brings it the senders' secrets. */
function following<B extends CallBackend>(session: DaveSession, backend: B): B & DaveSources {
  const post = (command: DaveCommand): void => {
    backend.post(command as Parameters<CallBackend["post"]>[0]);
  };
  const follow = (): void => {
    post({ kind: "dave-mode", mode: session.mode });
  };
  const unfollow = session.onMode(follow);
  follow();
  return {
    ...backend,
    exportKey: (source) => {
      if (source !== session) throw new TypeError("the call's source must be the backend's session");
      return session.senderSecrets();
    },
    close: () => {
      unfollow();
      backend.close();
    },
    assign: (track, userId) => {
      text("track", track);
      if (userId !== undefined) uint64("userId", userId);
      post({ kind: "dave-source", track, userId });
    },
  };
}
