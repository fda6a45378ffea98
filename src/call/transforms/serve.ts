/**
 * The worker's side: one engine, the tracks that the page gives it, and the events that it reports.
 */

import { frameCodec } from "../codecs/codecs.ts";
import type { FrameEngine, FrameEngineOptions } from "../engine/frame-engine.ts";
import { sframeSuite } from "../../sframe/suites.ts";
import { webCrypto } from "../../sframe/web-crypto.ts";
import type { EncodedStreams } from "./encoded-frame.ts";
import {
  opened,
  type Envelope,
  type FromWorker,
  type PayloadTypes,
  type ToWorker,
  type TrackDescription,
  type WorkerEngineOptions,
} from "./messages.ts";
import { runPipeline } from "./pipeline.ts";

/** RTCRtpScriptTransformer. */
export interface ScriptTransformer extends EncodedStreams {
  readonly options: unknown;
  sendKeyFrameRequest(): Promise<unknown>;
  generateKeyFrame?(rid?: string): Promise<unknown>;
}

/** DedicatedWorkerGlobalScope, as far as it is used here. */
export interface WorkerScope {
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "rtctransform", listener: (event: { readonly transformer: ScriptTransformer }) => void): void;
  postMessage(message: Envelope<FromWorker>): void;
}

type CreateEngine = (options: FrameEngineOptions) => FrameEngine;

/** A track that has come before its engine, or runs. */
interface Waiting {
  readonly description: TrackDescription;
  readonly streams: EncodedStreams;
  readonly transformer?: ScriptTransformer;
}

/** Be a call's worker. Frames that come before the engine is made wait in their streams. */
export function serveCall(scope: WorkerScope, createEngine: CreateEngine): void {
  let engine: FrameEngine | undefined;
  const waiting: Waiting[] = [];
  const transformers = new Map<string, ScriptTransformer>();
  const payloadTypes = new Map<string, Map<number, string>>();

  const run = ({ description, streams, transformer }: Waiting): void => {
    if (engine === undefined) {
      waiting.push({ description, streams, ...(transformer && { transformer }) });
      return;
    }
    const { track } = description;
    if (transformer !== undefined) transformers.set(track, transformer);
    const types = typesOf(track);
    void runPipeline({
      engine,
      description,
      streams,
      payloadTypes: types,
      ...(transformer && { requestKeyFrame: () => void transformer.sendKeyFrameRequest().catch(() => undefined) }),
    }).then(() => {
      if (transformers.get(track) === transformer) transformers.delete(track);
      if (payloadTypes.get(track) === types) payloadTypes.delete(track);
    });
  };

  const typesOf = (track: string): Map<number, string> => {
    const known = payloadTypes.get(track);
    if (known !== undefined) return known;
    const types = new Map<number, string>();
    payloadTypes.set(track, types);
    return types;
  };

  const learn = (track: string, types: PayloadTypes): void => {
    const known = typesOf(track);
    known.clear();
    for (const [payloadType, mimeType] of types) known.set(payloadType, mimeType);
  };

  const handle = (message: ToWorker): void => {
    switch (message.kind) {
      case "open":
        engine ??= createEngine(engineOptions(message.options, scope));
        for (const track of waiting.splice(0)) run(track);
        return;
      case "command":
        engine?.handle(message.command);
        return;
      case "streams":
        run(message);
        return;
      case "payloadTypes":
        learn(message.track, message.payloadTypes);
        return;
      case "generateKeyFrame":
        transformers
          .get(message.track)
          ?.generateKeyFrame?.()
          .catch(() => undefined);
        return;
      case "close":
        engine?.close();
    }
  };

  scope.addEventListener("message", ({ data }) => {
    const message = opened<ToWorker>(data);
    if (message !== undefined) handle(message);
  });
  scope.addEventListener("rtctransform", ({ transformer }) => {
    const description = opened<TrackDescription>(transformer.options);
    if (description !== undefined) run({ description, streams: transformer, transformer });
  });
}

function engineOptions({ suite = 4, ...options }: WorkerEngineOptions, scope: WorkerScope): FrameEngineOptions {
  return {
    ...options,
    suite: sframeSuite(suite),
    crypto: webCrypto(),
    codecs: frameCodec,
    onEvent: (event) => {
      scope.postMessage({ copse: { kind: "event", event } });
    },
  };
}
