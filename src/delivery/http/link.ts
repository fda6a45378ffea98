/**
 * A WebSocket to the service: frames in both directions, and the end of it, told once. Nothing is sent before it is open, and a
 * service that says nothing for too long is not there.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import type { Timers } from "../../bytes/timers.ts";
import { DeliveryError } from "../errors.ts";
import {
  connectPath,
  readServerFrame,
  writeClientFrame,
  type ClientFrame,
  type ServerFrame,
} from "../protocol/frames.ts";
import type { WebSocketClass, WebSocketLike } from "./web-socket.ts";

export interface LinkOptions {
  readonly WebSocket: WebSocketClass;
  readonly url: string;
  readonly timers: Timers;
  readonly silence: number;
}

/** Who listens to a link. */
export interface LinkListener {
  readonly frame: (frame: ServerFrame) => void;
  readonly ended: () => void;
}

/** Bytes that may wait to be sent before whoever sends more has to wait. */
const mostBuffered = 1024 * 1024;

export class Link {
  readonly #socket: WebSocketLike;
  readonly #options: LinkOptions;
  #listener: LinkListener | undefined;
  #unsent: Bytes[] = [];
  #state: "opening" | "open" | "ended" = "opening";
  #heard = false;
  #asked = false;
  /** What had not left when the service was asked: a slow way is a way. */
  #waiting = 0;
  #cancel: () => void;

  /** @throws DeliveryError "unreachable" for a URL that is none. */
  constructor(options: LinkOptions) {
    this.#options = options;
    try {
      this.#socket = new options.WebSocket(`${options.url.replace(/^http/, "ws")}${connectPath}`);
    } catch (cause) {
      throw new DeliveryError("unreachable", { cause });
    }
    const socket = this.#socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      if (this.#state !== "opening") return;
      this.#state = "open";
      for (const bytes of this.#unsent) socket.send(bytes);
      this.#unsent = [];
    });
    socket.addEventListener("message", ({ data }) => {
      this.#receive(data);
    });
    socket.addEventListener("close", () => {
      this.end();
    });
    socket.addEventListener("error", () => {
      this.end();
    });
    this.#cancel = options.timers.after(options.silence, () => {
      this.#listen();
    });
  }

  get isOpen(): boolean {
    return this.#state !== "ended";
  }

  /** Whether so much waits already that more should not be sent yet. */
  get isFull(): boolean {
    return this.#socket.bufferedAmount > mostBuffered;
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
  }

  send(frame: ClientFrame): void {
    if (this.#state === "ended") return;
    const bytes = writeClientFrame(frame);
    if (this.#state === "opening") this.#unsent.push(bytes);
    else this.#socket.send(bytes);
  }

  /** Let go of it. */
  end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#unsent = [];
    this.#cancel();
    try {
      this.#socket.close();
    } catch {
      // It was not open yet, or is not any more.
    }
    this.#listener?.ended();
  }

  #receive(data: unknown): void {
    if (this.#state === "ended") return;
    this.#heard = true;
    let frame: ServerFrame;
    try {
      frame = readServerFrame(new Uint8Array(data as ArrayBuffer));
    } catch {
      this.end(); // it is no service, or one that can't be understood any more
      return;
    }
    this.#listener?.frame(frame);
  }

  /** Once in a while: the service is asked whether it is there, and is not, where it has said nothing since the last time. */
  #listen(): void {
    const waiting = this.#socket.bufferedAmount;
    const isThere = this.#heard || waiting < this.#waiting || !this.#asked;
    if (!isThere) {
      this.end();
      return;
    }
    this.#heard = false;
    this.#asked = true;
    if (this.#state === "open") this.send({ kind: "ping" });
    this.#waiting = this.#socket.bufferedAmount;
    this.#cancel = this.#options.timers.after(this.#options.silence, () => {
      this.#listen();
    });
  }
}
