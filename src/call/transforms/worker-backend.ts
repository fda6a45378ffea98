/**
 * The engine in a worker, and the page's side of it: RTCRtpScriptTransform, or createEncodedStreams where only that
 * exists. Base keys are transferred to the worker, and stay there.
 */

import type { PlatformClass } from "../../bytes/platform.ts";
import { anything, having, options as optionsOf, text, uint64 } from "../../bytes/takes.ts";
import { commonSettingsOf, commonShape } from "../engine/defaults.ts";
import { sframeSuite } from "../../sframe/suites.ts";
import { Listeners } from "../listeners.ts";
import type { EngineEvent } from "../engine/protocol.ts";
import type { TransformBackend, TrackEnd } from "./backend.ts";
import type { EncodedStreams } from "./encoded-frame.ts";
import { opened, type FromWorker, type ToWorker, type TrackDescription, type WorkerEngineOptions } from "./messages.ts";

/** The worker and its engine. */
export interface WorkerBackendOptions extends WorkerEngineOptions {
  /** A worker that runs `copse/call/worker`, for this call alone. Whoever made it ends it. */
  readonly worker: PlatformClass<"Worker">;
  /** How frames get there. Default: what `transformApi()` says. */
  readonly api?: TransformApi;
}

/** The two ways in which browsers lend out frames. */
export type TransformApi = "script-transform" | "encoded-streams";

/** What this browser has; undefined where it has neither and nothing can be protected. */
export function transformApi(): TransformApi | undefined {
  const { RTCRtpScriptTransform: script, RTCRtpSender: sender } = globalThis as Partial<typeof globalThis>;
  if (script !== undefined) return "script-transform";
  return sender !== undefined && "createEncodedStreams" in sender.prototype ? "encoded-streams" : undefined;
}

const takenOptions = optionsOf(
  {
    ...commonShape,
    suite: anything, // sframeSuite says
    maxFramesPerKey: uint64,
    worker: having("a Worker", "postMessage", "addEventListener"),
    api: text,
  },
  "worker",
);

/**
 * A backend whose engine is in a worker.
 *
 * A worker that can't be loaded, or ends, leaves its transforms in place: frames that nobody takes go nowhere.
 *
 * @throws CopseError "suite-unsupported" where there is no such SFrame suite.
 * @throws TypeError where the browser can't transform encoded frames.
 */
export function workerBackend(given: WorkerBackendOptions): TransformBackend {
  takenOptions("workerBackend", given);
  const { worker, api = transformApi(), ...options } = given;
  if (api === undefined) throw new TypeError("this browser can't transform encoded frames");
  const suite = sframeSuite(options.suite === undefined ? 4 : options.suite);
  // Here, where the caller hears of it: the worker could only say that it failed.
  commonSettingsOf({ ...options, suite });
  const listeners = new Listeners<EngineEvent>();
  const post = (message: ToWorker, transfer: readonly Transferable[] = []): void => {
    worker.postMessage({ copse: message }, [...transfer]);
  };

  worker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const message = opened<FromWorker>(data);
    if (message !== undefined) listeners.tell(message.event);
  });
  worker.addEventListener("error", () => {
    listeners.tell({ kind: "failed", detail: "worker" });
  });
  post({ kind: "open", options });

  return {
    suite,
    post: (command, transfer) => {
      post({ kind: "command", command }, transfer);
    },
    onEvent: (listener) => listeners.add(listener),
    attach: (end, description) => {
      if (api === "script-transform") end.transform = new RTCRtpScriptTransform(worker, { copse: description });
      else attachStreams(end, description, post);
    },
    negotiated: (track, payloadTypes) => {
      post({ kind: "payloadTypes", track, payloadTypes });
    },
    generateKeyFrame: (track) => {
      post({ kind: "generateKeyFrame", track });
    },
    close: () => {
      post({ kind: "close" });
    },
  };
}

/** The connection must have been made with `encodedInsertableStreams`: then nothing flows that was not attached. */
function attachStreams(
  end: TrackEnd,
  description: TrackDescription,
  post: (message: ToWorker, transfer: readonly Transferable[]) => void,
): void {
  const { readable, writable } = (end as TrackEnd & { createEncodedStreams(): EncodedStreams }).createEncodedStreams();
  post({ kind: "streams", description, streams: { readable, writable } }, [readable, writable]);
}
