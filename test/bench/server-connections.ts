/**
 * Connections: how late devices hear of a message, beside a bare broadcast of the same bytes, and what an idle connection takes.
 */

import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { writeServerFrame } from "../../src/delivery/protocol/frames.ts";
import { createIdentity, basic } from "../../src/public-group/identity.ts";
import { newId, signedIn, TestDevice } from "../../src/testing/delivery/device.ts";
import { quantile } from "./rows.ts";
import { figure, type ServerFigure } from "./server-figure.ts";
import type { FromServer, ToServer } from "./server-child.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";

const address = "mimi://example.org";
const room = `${address}/r/fan-out`;
/** Connections that are made at the same time. */
const atOnce = 50;

/** What is measured of connections: so many devices of a room, ten times as many that are idle. */
export async function measureConnections({
  devices,
  rounds,
  progress,
}: {
  readonly devices: number;
  readonly rounds: number;
  readonly progress: (text: string) => void;
}): Promise<readonly ServerFigure[]> {
  const ratios: number[] = [];
  const [copse, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    progress(`round ${String(round + 1)}: ${String(devices)} devices hear of messages`);
    const [ours, theirs] = [await fanOut(devices), await bareFanOut(devices)];
    copse.push(ours);
    bare.push(theirs);
    ratios.push(ours / theirs);
  }
  const idle = devices * 10;
  progress(`${String(idle)} idle connections`);
  const [ours, theirs] = [await idleMemory(idle, true), await idleMemory(idle, false)];
  return [
    figure("server-fan-out", "ms", copse, `p99 of ${String(devices)} devices`),
    figure("server-bare-fan-out", "ms", bare, "beside it"),
    figure("server-fan-out-ratio", "ratio", ratios, "at most 3"),
    figure("server-idle", "kB", [ours], `of ${String(idle)}: at most 25`),
    figure("server-bare-idle", "kB", [theirs], "beside it"),
  ];
}

/** How often something is said in a round. */
const messages = 20;

async function fanOut(count: number): Promise<number> {
  const server = await Server.start("copse");
  try {
    const delivery = httpDelivery({ url: server.url, address });
    const alice = await TestDevice.connect({ delivery, address }, { user: "alice" });
    await alice.create(room);
    const names = Array.from({ length: count }, (_, i) => `${address}/d/user-${String(i)}/phone`);
    const identities = await Promise.all(
      names.map((name) => createIdentity({ suite: cipherSuite(1), credential: basic(name) })),
    );
    const connections = await each(names, (name, i) => signedIn(delivery, name, identities[i]!));
    await server.ask({ kind: "join", room, devices: names }, "joined");
    let heard: () => void = () => undefined;
    for (const connection of connections) {
      connection.subscribe((news) => {
        if (news.kind === "room") heard();
      });
    }
    const late: number[] = [];
    for (let i = 0; i < messages; i++) {
      const publication = { id: newId(), room, message: await alice.group.seal(new Uint8Array(100)) };
      await hears(
        count,
        late,
        (listener) => (heard = listener),
        async () => {
          const answer = await alice.connection.publish(publication);
          if (answer.kind !== "accepted") throw new Error(answer.reason);
        },
      );
    }
    await Promise.all(connections.map((connection) => connection.close()));
    return quantile(late, 0.99);
  } finally {
    server.stop();
  }
}

async function bareFanOut(count: number): Promise<number> {
  const server = await Server.start("bare");
  try {
    const names = Array.from({ length: count + 1 }, (_, i) => i);
    const [speaker, ...sockets] = await each(names, () => openSocket(server.url));
    if (speaker === undefined) throw new TypeError("nobody");
    let heard: () => void = () => undefined;
    for (const socket of sockets) {
      socket.on("message", () => {
        heard();
      });
    }
    // As long as what is published, and what is told of it.
    const told = writeServerFrame({ kind: "news", news: { kind: "room", room, head: 1n } }).length;
    const message = new Uint8Array(400);
    message[0] = told;
    const late: number[] = [];
    for (let i = 0; i < messages; i++) {
      await hears(
        count,
        late,
        (listener) => (heard = listener),
        () => {
          speaker.send(message);
          return Promise.resolve();
        },
      );
    }
    return quantile(late, 0.99);
  } finally {
    server.stop();
  }
}

/** Say something, and wait until so many have heard it: how late each was, in milliseconds. */
async function hears(
  count: number,
  late: number[],
  listen: (listener: () => void) => void,
  say: () => Promise<void>,
): Promise<void> {
  let left = count;
  await new Promise<void>((resolve, reject) => {
    const begun = performance.now();
    listen(() => {
      late.push(performance.now() - begun);
      if (--left === 0) resolve();
    });
    say().catch(reject);
  });
}

/** What one more connection takes that says nothing, in kB of the server's resident size. */
async function idleMemory(count: number, isCopse: boolean): Promise<number> {
  const server = await Server.start(isCopse ? "copse" : "bare");
  try {
    const delivery = httpDelivery({ url: server.url, address, silence: 10 * 60_000 });
    const names = Array.from({ length: count }, (_, i) => `${address}/d/user-${String(i)}/phone`);
    // A first part, so that what grows once is there.
    const first = Math.ceil(count / 10);
    const open = (some: readonly string[]): Promise<unknown> =>
      isCopse
        ? each(some, async (name) => {
            const identity = await createIdentity({ suite: cipherSuite(1), credential: basic(name) });
            return signedIn(delivery, name, identity);
          })
        : each(some, () => openSocket(server.url));
    const kept = [await open(names.slice(0, first))];
    const before = await server.ask({ kind: "memory" }, "memory");
    kept.push(await open(names.slice(first)));
    const after = await server.ask({ kind: "memory" }, "memory");
    if (kept.length !== 2) throw new TypeError("they are kept until here");
    return (after.bytes - before.bytes) / (count - first) / 1000;
  } finally {
    server.stop();
  }
}

async function each<T, R>(all: readonly T[], run: (one: T, i: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < all.length; i += atOnce) {
    results.push(...(await Promise.all(all.slice(i, i + atOnce).map((one, j) => run(one, i + j)))));
  }
  return results;
}

function openSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace("http", "ws"), { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

/** A server in a process of its own. */
class Server {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(kind: "copse" | "bare"): Promise<Server> {
    const child = fork(fileURLToPath(new URL("./server-child.js", import.meta.url)), [kind], {
      serialization: "advanced",
      execArgv: ["--expose-gc"],
    });
    const { url } = await answer(child, "listening");
    return new Server(child, url);
  }

  ask<Kind extends FromServer["kind"]>(asked: ToServer, kind: Kind): Promise<Extract<FromServer, { kind: Kind }>> {
    const answered = answer(this.#child, kind);
    this.#child.send(asked);
    return answered;
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

function answer<Kind extends FromServer["kind"]>(
  child: ChildProcess,
  kind: Kind,
): Promise<Extract<FromServer, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => {
      reject(new Error(`the server has ended: ${String(code)}`));
    });
    child.once("message", (message: FromServer) => {
      if (message.kind === kind) resolve(message as Extract<FromServer, { kind: Kind }>);
      else reject(new Error(message.kind));
    });
  });
}
