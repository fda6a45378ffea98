/**
 * Stand-ins for what a browser has: a worker that serves a call in this thread, a connection's senders and receivers,
 * and streams of encoded frames.
 */

import { createFrameEngine } from "../../../src/call/engine/engine.ts";
import type { EncodedFrame } from "../../../src/call/transforms/encoded-frame.ts";
import { serveCall, type ScriptTransformer } from "../../../src/call/transforms/serve.ts";

type Listener<T> = (event: T) => void;
type Listeners<T> = Listener<T>[];

/** A worker that runs `copse/call/worker`: messages are cloned, and come in later turns. */
export class FakeWorker {
  readonly #onPage: Listeners<{ readonly data: unknown }> = [];
  readonly #inWorker: Listeners<{ readonly data: unknown }> = [];
  readonly #transforms: Listeners<{ readonly transformer: ScriptTransformer }> = [];
  readonly #errors: Listeners<void> = [];

  constructor() {
    const scope = {
      addEventListener: (type: "message" | "rtctransform", listener: Listener<never>) => {
        (type === "message" ? this.#inWorker : this.#transforms).push(listener as Listener<unknown>);
      },
      postMessage: (message: unknown) => {
        const data: unknown = structuredClone(message);
        queueMicrotask(() => this.#onPage.forEach((listener) => listener({ data })));
      },
    };
    serveCall(scope, createFrameEngine);
  }

  addEventListener(type: "message" | "error", listener: Listener<unknown>): void {
    (type === "message" ? this.#onPage : this.#errors).push(listener);
  }

  postMessage(message: unknown, transfer: readonly Transferable[]): void {
    const hasStreams = transfer.some((value) => value instanceof ReadableStream);
    const data: unknown = hasStreams ? message : structuredClone(message, { transfer: [...transfer] as ArrayBuffer[] });
    queueMicrotask(() => this.#inWorker.forEach((listener) => listener({ data })));
  }

  transform(transformer: ScriptTransformer): void {
    queueMicrotask(() => this.#transforms.forEach((listener) => listener({ transformer })));
  }

  crash(): void {
    for (const listener of this.#errors) listener();
  }

  /** This worker where a browser's is asked for. */
  get asWorker(): Worker {
    return this as unknown as Worker;
  }
}

/** The two ends of a pipeline: what the encoder or the network puts in, and what comes out at the other side. */
export class FakePipe {
  readonly out: EncodedFrame[] = [];
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly keyFrames: { requested: number; generated: number } = { requested: 0, generated: 0 };
  #controller!: ReadableStreamDefaultController<EncodedFrame>;

  constructor() {
    this.readable = new ReadableStream({ start: (controller) => void (this.#controller = controller) });
    this.writable = new WritableStream({ write: (frame) => void this.out.push(frame) });
  }

  put(frame: EncodedFrame): void {
    this.#controller.enqueue(frame);
  }

  end(): void {
    this.#controller.close();
  }

  transformer(options: unknown): ScriptTransformer {
    return {
      options,
      readable: this.readable,
      writable: this.writable,
      sendKeyFrameRequest: () => Promise.resolve(this.keyFrames.requested++),
      generateKeyFrame: () => Promise.resolve(this.keyFrames.generated++),
    };
  }
}

/** RTCRtpScriptTransform. */
export class FakeScriptTransform {
  static readonly pipes: Map<string, FakePipe> = new Map();
  readonly isFake = true;

  constructor(worker: FakeWorker, options: { readonly copse: { readonly track: string } }) {
    const pipe = new FakePipe();
    FakeScriptTransform.pipes.set(options.copse.track, pipe);
    worker.transform(pipe.transformer(options));
  }
}

/** A frame as a browser gives it. */
export function encodedFrame(
  data: Uint8Array,
  metadata: { readonly mimeType?: string; readonly payloadType?: number },
  type?: string,
): EncodedFrame {
  return { data: data.slice().buffer, ...(type !== undefined && { type }), getMetadata: () => metadata };
}

/** WebCrypto's operations, which are done on other threads: how many have begun, and which have not ended. */
const subtle = { begun: 0, underWay: new Set<Promise<unknown>>() };

for (const name of ["decrypt", "deriveBits", "digest", "encrypt", "importKey", "sign", "verify"] as const) {
  const operation = crypto.subtle[name].bind(crypto.subtle) as (...args: readonly unknown[]) => Promise<unknown>;
  Object.defineProperty(crypto.subtle, name, {
    value: (...args: readonly unknown[]): Promise<unknown> => {
      const result = operation(...args);
      const ended = result.then(
        () => undefined,
        () => undefined,
      );
      subtle.begun++;
      subtle.underWay.add(ended);
      void ended.then(() => subtle.underWay.delete(ended));
      return result;
    },
  });
}

/**
 * Let everything that is due happen. Streams and messages take several turns, and may ask WebCrypto for something, whose
 * end begins other turns: it is over when turns go by without.
 */
export async function settle(): Promise<void> {
  for (let before = -1; before !== subtle.begun;) {
    before = subtle.begun;
    await Promise.all(subtle.underWay);
    for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** RTCPeerConnection, as far as its transceivers go. */
export class FakeConnection {
  readonly transceivers: FakeTransceiver[] = [];
  readonly signalingState = "stable";
  readonly #listeners = new Map<string, Listeners<void>>();

  getTransceivers(): readonly FakeTransceiver[] {
    return this.transceivers;
  }

  addEventListener(event: string, listener: Listener<void>): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  dispatch(event: string): void {
    for (const listener of this.#listeners.get(event) ?? []) listener();
  }

  addTrack({ kind }: { readonly kind: string }): object {
    return this.addTransceiver(kind).sender;
  }

  addTransceiver(kind: string): FakeTransceiver {
    return this.describeRemotely(kind);
  }

  /** What a remote description does. */
  describeRemotely(kind: string): FakeTransceiver {
    const transceiver = new FakeTransceiver(kind);
    this.transceivers.push(transceiver);
    return transceiver;
  }

  /** This connection where a browser's is asked for. */
  get asConnection(): RTCPeerConnection {
    return this as unknown as RTCPeerConnection;
  }
}

class FakeTransceiver {
  readonly sender: object;
  readonly receiver: object;
  readonly currentDirection: string | null = null;
  isStopped = false;

  constructor(kind: string) {
    const getParameters = (): object => ({ codecs: [{ payloadType: 96, mimeType: "video/VP8" }] });
    this.sender = { getParameters };
    this.receiver = { getParameters, track: { kind } };
  }

  stop(): void {
    this.isStopped = true;
  }
}
