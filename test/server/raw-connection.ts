/**
 * A device's connection without a client behind it: whatever is sent is sent.
 */

import { WebSocket } from "ws";
import { hex } from "../../src/bytes/text.ts";
import {
  readServerFrame,
  writeClientFrame,
  type ClientFrame,
  type ServerFrame,
} from "../../src/delivery/protocol/frames.ts";
import type { OperationName } from "../../src/delivery/protocol/operation.ts";
import { operations } from "../../src/delivery/protocol/operations.ts";
import { signInChallenge } from "../../src/delivery/sign-in.ts";
import { newId, type TestDevice } from "../../src/testing/delivery/device.ts";

const address = "mimi://example.org";

/** A socket, and what came over it. */
export class Raw {
  static readonly #all = new Set<Raw>();
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  isClosed = false;
  token = "";
  #number = 0;
  readonly #waiting: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    Raw.#all.add(this);
    const come = (): void => {
      for (const go of this.#waiting.splice(0)) go();
    };
    socket.on("message", (data: Buffer) => {
      this.frames.push(readServerFrame(new Uint8Array(data)));
      come();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.isClosed = true;
      Raw.#all.delete(this);
      come();
    });
  }

  static endAll(): void {
    for (const { socket } of Raw.#all) socket.terminate();
  }

  static async open(url: string): Promise<Raw> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/connect`);
    const raw = new Raw(socket);
    await new Promise((resolve) => socket.once("open", resolve));
    return raw;
  }

  static async signedIn(device: TestDevice, url: string): Promise<Raw> {
    const raw = await Raw.open(url);
    const { uri, identity } = device;
    raw.send(writeClientFrame(helloOf(device)));
    const challenge = await raw.until((frame) => frame.kind === "challenge");
    if (challenge?.kind !== "challenge") throw new Error("no challenge");
    const signature = await identity.signer.sign(signInChallenge(address, uri, challenge.random));
    raw.send(writeClientFrame({ kind: "signature", signature }));
    const welcome = await raw.until((frame) => frame.kind === "welcome");
    if (welcome?.kind !== "welcome") throw new Error("not welcome");
    raw.token = hex(welcome.token);
    return raw;
  }

  send(frame: Uint8Array | string): void {
    this.socket.send(frame);
  }

  /** The first such frame; undefined where the connection has ended before. */
  async until(is: (frame: ServerFrame) => boolean): Promise<ServerFrame | undefined> {
    for (let at = 0; ;) {
      for (; at < this.frames.length; at++) {
        const frame = this.frames[at];
        if (frame !== undefined && is(frame)) return frame;
      }
      if (this.isClosed) return undefined;
      await new Promise<void>((go) => this.#waiting.push(go));
    }
  }

  /** What is answered: the answer's bytes, or a code. */
  async ask(name: OperationName, body: Uint8Array): Promise<Uint8Array | string> {
    const number = ++this.#number;
    this.frames.length = 0;
    this.send(writeClientFrame({ kind: "request", number, operation: operations[name].number, body }));
    const frame = await this.until((each) => "number" in each && each.number === number);
    if (frame?.kind === "answer") return frame.body;
    return frame?.kind === "refusal" ? frame.code : "closed";
  }
}

export const helloOf = ({ uri, identity }: TestDevice): Extract<ClientFrame, { kind: "hello" }> => ({
  ...{ kind: "hello", version: 1, device: uri, cipherSuite: 1, signatureKey: identity.signatureKey },
  ...{ known: 0n, next: 0n, id: newId() },
});
