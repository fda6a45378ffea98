/**
 * The connection of one device: it signs in, asks and is told. What it may make grow is bounded: what a stranger sends, how much is worked
 * on at once, and what waits to be read by it.
 */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { hex } from "../bytes/text.ts";
import type { Timers } from "../bytes/timers.ts";
import type { Random } from "../crypto/provider.ts";
import type { Connection, Delivery, News } from "../delivery/delivery.ts";
import { DeliveryError } from "../delivery/errors.ts";
import {
  protocolVersion,
  readClientFrame,
  versionOf,
  type ClientFrame,
  type ServerFrame,
} from "../delivery/protocol/frames.ts";
import { operationNames } from "../delivery/protocol/operations.ts";
import type { Clock } from "../bytes/clock.ts";
import { answerOf, refusalOf } from "./answering.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { ServerLimits } from "./limits.ts";
import { faultOf, type ServerLog } from "./log.ts";
import type { Ending, Metrics } from "./metrics.ts";
import { withInvitation } from "./registration.ts";
import { Untold } from "./untold.ts";

/** What all connections of a server have in common. */
export interface Surroundings {
  readonly delivery: Delivery;
  readonly limits: ServerLimits;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly log: ServerLog;
  readonly frames: FrameWriter;
  /** Connections by the token that opens blobs. */
  readonly tokens: Map<string, Connection>;
  /** A connection is no stranger any more, or none at all. */
  readonly onKnown: (socket: DeviceSocket) => void;
  readonly onEnded: (socket: DeviceSocket) => void;
}

type Hello = Extract<ClientFrame, { kind: "hello" }>;
type Asking = Extract<ClientFrame, { kind: "request" }>;

export class DeviceSocket {
  readonly #socket: WebSocket;
  readonly #stream: Socket;
  readonly #around: Surroundings;
  #state: "new" | "signing" | "open" | "ended" = "new";
  #signature: ((signature: Uint8Array) => void) | undefined;
  #cancelSignIn: (() => void) | undefined;
  #connection: Connection | undefined;
  #token: string | undefined;
  /** Requests that are worked on, and those that came before reading stopped. */
  #atWork = 0;
  #waiting: Asking[] = [];
  #isPaused = false;
  #untold: Untold | undefined;
  #last: Extract<News, { kind: "closed" }> | undefined;
  /** What had come when somebody looked, and whether anything has left since. */
  #bytesRead = -1;
  #hasSent = true;
  #ending: Ending = "left";
  readonly #onSent: () => void;
  readonly #onBytes: () => void;

  constructor(socket: WebSocket, stream: Socket, around: Surroundings) {
    this.#socket = socket;
    this.#stream = stream;
    this.#around = around;
    this.#onSent = () => {
      this.#hasSent = true;
      if (this.#isPaused || this.#untold !== undefined) this.#goOn();
    };
    const mostRead = stream.bytesRead + around.limits.strangerBytes;
    this.#onBytes = () => {
      if (stream.bytesRead > mostRead) this.end("bad-frame");
    };
    stream.on("data", this.#onBytes);
    this.#cancelSignIn = around.timers.after(around.limits.signIn, () => {
      this.end("not-signed-in");
    });
    socket.on("message", (data, isBinary) => {
      this.#receive(data as Uint8Array, isBinary);
    });
    socket.on("error", () => {
      this.#ending = "bad-frame"; // too long, or no WebSocket: `ws` closes it
    });
    socket.on("close", () => {
      this.#closed();
    });
  }

  get isStranger(): boolean {
    return this.#state === "new" || this.#state === "signing";
  }

  /** Called now and then: whoever has said nothing, or read nothing of what waits for it, since the last time, is gone. */
  look(): void {
    const { bytesRead } = this.#stream;
    if (!this.#hasSent && this.#socket.bufferedAmount > 0) this.end("slow-reader");
    else if (bytesRead === this.#bytesRead && !this.#isPaused) this.end("silent");
    this.#bytesRead = bytesRead;
    this.#hasSent = false;
  }

  /** Cut it. */
  end(ending: Ending): void {
    if (this.#state === "ended") return;
    this.#ending = ending;
    this.#socket.terminate();
    this.#closed();
  }

  #receive(data: Uint8Array, isBinary: boolean): void {
    if (this.#state === "ended") return;
    this.#around.metrics.bytes.inc({ direction: "received" }, data.length);
    let frame: ClientFrame;
    try {
      if (!isBinary) throw new DeliveryError("invalid");
      const version = this.#state === "new" ? versionOf(data) : protocolVersion;
      if (version !== undefined && version !== protocolVersion) {
        this.#refuse(0, new DeliveryError("unsupported"));
        this.#close("bad-frame");
        return;
      }
      frame = readClientFrame(data);
    } catch {
      this.#refuse(0, new DeliveryError("invalid"));
      this.#close("bad-frame");
      return;
    }
    switch (frame.kind) {
      case "hello":
        if (this.#state === "new") void this.#signIn(frame);
        else this.end("bad-frame");
        return;
      case "signature":
        this.#signature?.(frame.signature);
        return;
      case "request":
        if (this.#state === "open") this.#take(frame);
        else this.end("bad-frame");
        return;
      case "ping":
        this.#send({ kind: "pong" });
    }
  }

  async #signIn(hello: Hello): Promise<void> {
    const { delivery, metrics, random, tokens, log } = this.#around;
    this.#state = "signing";
    try {
      const { device, cipherSuite, signatureKey, known, next, id } = hello;
      const connection = await withInvitation(hello.invitation, () =>
        delivery.connect({
          device,
          cipherSuite,
          signatureKey,
          incarnation: { known, next, id },
          sign: (challenge) =>
            new Promise((resolve) => {
              this.#signature = resolve;
              this.#send({ kind: "challenge", random: challenge.subarray(-32) });
            }),
        }),
      );
      if (!this.#isSigning()) {
        await connection.close();
        return;
      }
      metrics.signIns.inc({ result: "ok" });
      const token = random(32);
      this.#token = hex(token);
      tokens.set(this.#token, connection);
      this.#connection = connection;
      this.#known("open");
      connection.subscribe((news) => {
        this.#tell(news);
      });
      this.#send({ kind: "welcome", token });
    } catch (error) {
      const [refusal, fault] = refusalOf(error);
      metrics.signIns.inc({ result: refusal.code });
      if (fault !== undefined) log.error(faultOf(fault), "a device could not sign in");
      if (!this.#isSigning()) return;
      this.#send({ kind: "refusal", number: 0, ...refusal });
      this.#close("not-signed-in");
    }
  }

  #isSigning(): boolean {
    return this.#state === "signing";
  }

  #known(state: "open" | "ended"): void {
    const wasStranger = this.isStranger;
    this.#state = state;
    this.#signature = undefined;
    this.#cancelSignIn?.();
    this.#cancelSignIn = undefined;
    this.#stream.off("data", this.#onBytes);
    if (wasStranger) this.#around.onKnown(this);
  }

  #take(frame: Asking): void {
    if (this.#mayWork()) void this.#work(frame);
    else {
      this.#waiting.push(frame);
      if (!this.#isPaused) {
        this.#isPaused = true;
        this.#socket.pause();
      }
    }
  }

  #mayWork(): boolean {
    const { atOnce, unsentBytes } = this.#around.limits;
    return this.#waiting.length === 0 && this.#atWork < atOnce && this.#socket.bufferedAmount < unsentBytes;
  }

  async #work({ number, operation, body }: Asking): Promise<void> {
    const { metrics, clock, log } = this.#around;
    const connection = this.#connection;
    const name = operationNames.get(operation);
    if (connection === undefined || name === undefined) {
      this.#refuse(number, new DeliveryError("unsupported"));
      return;
    }
    this.#atWork++;
    const began = clock();
    try {
      const answer = await answerOf(connection, name, body);
      metrics.requests.inc({ operation: name, result: "ok" });
      this.#send({ kind: "answer", number, body: answer });
    } catch (error) {
      const [refusal, fault] = refusalOf(error);
      metrics.requests.inc({ operation: name, result: refusal.code });
      if (fault !== undefined) log.error({ operation: name, ...faultOf(fault) }, "a request failed");
      this.#send({ kind: "refusal", number, ...refusal });
    }
    metrics.seconds.observe({ operation: name }, Math.max(0, clock() - began) / 1000);
    this.#atWork--;
    if (this.#atWork === 0) this.#sayLast();
    this.#goOn();
  }

  /** Something was answered, or has left: what waits may go on. */
  #goOn(): void {
    if (this.#state !== "open") return;
    this.#tellRest();
    const { atOnce, unsentBytes } = this.#around.limits;
    while (this.#atWork < atOnce && this.#socket.bufferedAmount < unsentBytes) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        if (this.#isPaused) {
          this.#isPaused = false;
          this.#socket.resume();
        }
        return;
      }
      void this.#work(next);
    }
  }

  #tell(news: News): void {
    if (this.#state !== "open") return;
    const { metrics, limits } = this.#around;
    metrics.news.inc({ kind: news.kind });
    if (news.kind === "closed") {
      this.#last = news;
      if (this.#atWork === 0) this.#sayLast();
      return;
    }
    if (this.#socket.bufferedAmount < limits.unsentBytes) {
      this.#send({ kind: "news", news });
      return;
    }
    this.#untold ??= new Untold(limits.untoldRooms);
    const kept = this.#untold.keep(news);
    if (kept === "lost") metrics.newsLost.inc({ kind: news.kind });
    if (kept === "full") this.end("slow-reader");
  }

  /** It is over, and what was asked is answered. */
  #sayLast(): void {
    const news = this.#last;
    if (news === undefined) return;
    this.#send({ kind: "news", news });
    this.#close(news.reason === "unreachable" ? "left" : news.reason);
  }

  #tellRest(): void {
    if (this.#untold === undefined || this.#socket.bufferedAmount >= this.#around.limits.unsentBytes) return;
    const all = this.#untold.all();
    this.#untold = undefined;
    for (const news of all) this.#tell(news);
  }

  #refuse(number: number, error: DeliveryError): void {
    this.#send({ kind: "refusal", number, ...refusalOf(error)[0] });
  }

  #send(frame: ServerFrame): void {
    if (this.#state === "ended" || this.#socket.readyState !== this.#socket.OPEN) return;
    const { frames, metrics } = this.#around;
    const bytes = frames.bytesOf(frame);
    metrics.bytes.inc({ direction: "sent" }, bytes.length);
    this.#socket.send(bytes, this.#onSent);
  }

  /** End it when what was sent has left. `ws` waits for the other side, for a while. */
  #close(ending: Ending): void {
    if (this.#state === "ended") return;
    this.#ending = ending;
    this.#socket.close(ending === "shutdown" ? 1001 : 1000);
    this.#closed();
  }

  #closed(): void {
    if (this.#state === "ended") return;
    const { metrics, tokens, onEnded } = this.#around;
    this.#known("ended");
    metrics.ended.inc({ reason: this.#ending });
    if (this.#token !== undefined) tokens.delete(this.#token);
    this.#waiting = [];
    this.#untold = undefined;
    void this.#connection?.close();
    this.#connection = undefined;
    onEnded(this);
  }
}
