/**
 * What strangers, slow readers and broken clients can make of a server: little, and not for long.
 */

import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { encode } from "../../src/codec/codec.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { readServerFrame, writeClientFrame, type ServerFrame } from "../../src/delivery/protocol/frames.ts";
import { operations } from "../../src/delivery/protocol/operations.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { signInChallenge } from "../../src/delivery/sign-in.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { startServer, type RunningServer, type ServerOptions } from "../../src/server/server.ts";
import { newId, TestDevice, testGroups } from "../../src/testing/delivery/device.ts";
import { Listening } from "../../src/testing/delivery/under-test.ts";
import { SetTimers } from "./set-timers.ts";

const address = "mimi://example.org";

const open: RunningServer[] = [];
const sockets: WebSocket[] = [];
const timers = new SetTimers();

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  for (const server of open.splice(0)) await server.close();
});

async function started(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const delivery = memoryDelivery({ address, group: testGroups, accounts: firstKeyCounts, consent: "everybody" });
  const server = await startServer({ delivery, timers, ...options });
  open.push(server);
  return server;
}

/** A WebSocket with what came over it. */
class Raw {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<number>;
  #waiting: (() => void) | undefined;

  constructor(url: string) {
    this.socket = new WebSocket(`${url.replace("http", "ws")}/v1/connect`, { perMessageDeflate: true });
    sockets.push(this.socket);
    this.socket.on("message", (data: Buffer) => {
      this.frames.push(readServerFrame(new Uint8Array(data)));
      this.#waiting?.();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on("close", resolve);
      this.socket.on("error", () => undefined);
    });
  }

  async opened(): Promise<this> {
    await new Promise((resolve) => this.socket.once("open", resolve));
    return this;
  }

  async frame(place: number): Promise<ServerFrame> {
    while (this.frames[place] === undefined) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.frames[place];
  }

  /** Sign in as a device that was never there. */
  async signIn(device: string): Promise<this> {
    const uri = `${address}/d/${device}/phone`;
    const { signatureKey, signer } = await createIdentity({ suite: cipherSuite(1), credential: basic(uri) });
    const first = this.frames.length;
    const hello = { version: 1, device: uri, cipherSuite: 1, signatureKey, known: 0n, next: 0n, id: newId() };
    this.socket.send(writeClientFrame({ kind: "hello", ...hello }));
    const challenge = await this.frame(first);
    if (challenge.kind !== "challenge") throw new Error(challenge.kind);
    const signature = await signer.sign(signInChallenge(address, uri, challenge.random));
    this.socket.send(writeClientFrame({ kind: "signature", signature }));
    expect((await this.frame(first + 1)).kind).toBe("welcome");
    return this;
  }
}

async function metric(server: RunningServer, line: string): Promise<number> {
  const page = await (await fetch(`${server.url}/metrics`)).text();
  const found = page.split("\n").find((each) => each.startsWith(line));
  return Number(found?.split(" ").at(-1) ?? 0);
}

test("who does not sign in in time is cut, and who says more than that takes", async () => {
  const server = await started();
  const silent = await new Raw(server.url).opened();
  timers.fire(10_000);
  await silent.closed;
  const loud = await new Raw(server.url).opened();
  loud.socket.send(new Uint8Array(4 * 1024 * 1024));
  await loud.closed;
  expect(loud.frames).toEqual([]);
  expect(await metric(server, 'copse_connections_ended_total{reason="not-signed-in"}')).toBe(1);
  expect(await metric(server, 'copse_connections_ended_total{reason="bad-frame"}')).toBe(1);
  expect(await metric(server, 'copse_connections{state="strangers"}')).toBe(0);
});

test("there are so many strangers at once, and no more", async () => {
  const server = await started({ limits: { strangers: 2 } });
  const two = await Promise.all([new Raw(server.url).opened(), new Raw(server.url).opened()]);
  const third = new Raw(server.url);
  expect(await third.closed).toBe(1006);
  await two[0].signIn("alice");
  await (await new Raw(server.url).opened()).signIn("bob");
});

test.each([
  ["text", "hello", "invalid"],
  ["no frame", Uint8Array.of(9, 9, 9), "invalid"],
  ["another version", Uint8Array.of(1, 0, 2, 1, 2, 3), "unsupported"],
])("%s is refused with a code, and the connection ended", async (_, data, code) => {
  const server = await started();
  const raw = await new Raw(server.url).opened();
  raw.socket.send(data);
  expect(await raw.frame(0)).toMatchObject({ kind: "refusal", number: 0, code });
  await raw.closed;
});

test("a request before signing in ends the connection, and one that is not known does not", async () => {
  const server = await started();
  const raw = await new Raw(server.url).opened();
  const request = { kind: "request", number: 7, operation: 4, body: new Uint8Array(0) } as const;
  raw.socket.send(writeClientFrame(request));
  await raw.closed;
  expect(raw.frames).toEqual([]);
  const device = await (await new Raw(server.url).opened()).signIn("alice");
  device.socket.send(writeClientFrame({ ...request, operation: 999 }));
  expect(await device.frame(2)).toEqual({ kind: "refusal", number: 7, code: "unsupported" });
  device.socket.send(writeClientFrame(request));
  expect(await device.frame(3)).toMatchObject({ kind: "answer", number: 7 });
  expect(device.socket.extensions).toBe(""); // nothing is packed, though it was offered
});

test("a frame that is too long ends the connection", async () => {
  const server = await started({ limits: { frameBytes: 64 * 1024 } });
  const raw = await (await new Raw(server.url).opened()).signIn("alice");
  raw.socket.send(new Uint8Array(65 * 1024));
  expect(await raw.closed).toBe(1009);
});

test("who says nothing for long is cut, and who says that it is there is not", async () => {
  const server = await started();
  const silent = await (await new Raw(server.url).opened()).signIn("alice");
  const there = await (await new Raw(server.url).opened()).signIn("bob");
  timers.fire(60_000);
  there.socket.send(writeClientFrame({ kind: "ping" }));
  expect((await there.frame(2)).kind).toBe("pong");
  timers.fire(60_000);
  await silent.closed;
  expect(there.socket.readyState).toBe(WebSocket.OPEN);
  expect(await metric(server, 'copse_connections_ended_total{reason="silent"}')).toBe(1);
});

test("who asks for much and reads nothing is not worked for, and then cut", async () => {
  const server = await started();
  const raw = await (await new Raw(server.url).opened()).signIn("alice");
  const blob = newId();
  const size = 1024 * 1024;
  const ask = <T>(
    number: number,
    { number: operation, asks }: { number: number; asks: { write: unknown } },
    given: T,
  ): void => {
    const body = encode(asks as Parameters<typeof encode<T>>[0], given);
    raw.socket.send(writeClientFrame({ kind: "request", number, operation, body }));
  };
  ask(1, operations.upload, { blob, size, offset: 0, bytes: new Uint8Array(size) });
  expect((await raw.frame(2)).kind).toBe("answer");
  raw.socket.pause();
  for (let number = 2; number < 202; number++) ask(number, operations.download, { blob, offset: 0, length: size });
  const ended = 'copse_connections_ended_total{reason="slow-reader"}';
  while ((await metric(server, ended)) === 0) timers.fire(60_000);
  // What the kernel took, what waits and what was at work: far from all of it.
  expect(await metric(server, 'copse_requests_total{operation="download"')).toBeLessThan(100);
});

test("a request by HTTP that never ends is cut", async () => {
  const server = await started({ limits: { headers: 200, body: 400 } });
  const slow = async (text: string): Promise<void> => {
    const socket: Socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.resume();
    socket.write(text);
    await new Promise((resolve) => socket.on("close", resolve));
  };
  await slow("GET /healthz HTTP/1.1\r\nhost: x\r\n");
  await slow("PATCH /v1/blobs/00 HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nx");
});

test("blobs are for those who are signed in, unpacked, and no longer than a part", async () => {
  const server = await started({ partBytes: 1_000 });
  const url = `${server.url}/v1/blobs/${"0".repeat(32)}`;
  const ask = async (
    method: string,
    headers: Record<string, string>,
    body?: Uint8Array<ArrayBuffer>,
  ): Promise<number> => {
    const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
    await answer.arrayBuffer();
    return answer.status;
  };
  expect(await ask("GET", {})).toBe(401);
  expect(await ask("GET", { authorization: `Bearer ${"0".repeat(64)}` })).toBe(401);
  const raw = await (await new Raw(server.url).opened()).signIn("alice");
  const welcome = await raw.frame(1);
  if (welcome.kind !== "welcome") throw new Error(welcome.kind);
  const authorization = `Bearer ${Buffer.from(welcome.token).toString("hex")}`;
  const part = { authorization, "content-type": "application/offset+octet-stream", "upload-length": "1500" };
  const patch = (offset: number, length: number, more: Record<string, string> = {}): Promise<number> =>
    ask("PATCH", { ...part, "upload-offset": String(offset), ...more }, new Uint8Array(length).fill(7));
  expect(await patch(0, 1_001)).toBe(413);
  expect(await patch(0, 10, { "content-encoding": "gzip" })).toBe(415);
  expect(await patch(0, 10, { "content-type": "text/plain" })).toBe(415);
  expect(await patch(0, 1_000)).toBe(204);
  const head = await fetch(url, { method: "HEAD", headers: { authorization, "upload-length": "1500" } });
  expect(head.headers.get("upload-offset")).toBe("1000");
  expect(await patch(1_200, 10)).toBe(400);
  expect(await patch(1_000, 500)).toBe(204);
  const ranged = await fetch(url, { headers: { authorization, range: "bytes=1400-2000" } });
  expect([ranged.status, ranged.headers.get("content-range")]).toEqual([206, "bytes 1400-1499/*"]);
  expect((await ranged.arrayBuffer()).byteLength).toBe(100);
  expect(await ask("GET", { authorization, range: "bytes=1500-" })).toBe(416);
  const whole = await fetch(url, { headers: { authorization } });
  expect((await whole.arrayBuffer()).byteLength).toBe(1_500);
  raw.socket.close();
  await raw.closed;
});

test("an ending server answers what was asked, tells its devices, and takes no more", async () => {
  const inner = memoryDelivery({ address, group: testGroups, accounts: firstKeyCounts, consent: "everybody" });
  let asked: () => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  let answer: () => void = () => undefined;
  const gate = new Promise<readonly []>((resolve) => (answer = () => resolve([])));
  const slowly = async (): Promise<readonly []> => {
    asked();
    return gate;
  };
  const server = await started({
    delivery: { ...inner, connect: async (given) => Object.assign(await inner.connect(given), { changed: slowly }) },
  });
  const delivery = httpDelivery({ url: server.url, address });
  const alice = await TestDevice.connect({ delivery, address }, { user: "alice" });
  const bob = await TestDevice.connect({ delivery, address }, { user: "bob" });
  const told = new Listening(bob.connection);
  const changed = alice.connection.changed();
  await isAsked;
  const closing = server.close();
  expect(await told.first("closed")).toEqual({ kind: "closed", reason: "shutdown" });
  answer();
  expect(await changed).toEqual([]);
  await closing;
  await expect(bob.connection.queue()).rejects.toThrow(DeliveryError);
  const sign = (): Promise<Uint8Array> => Promise.reject(new Error("it is not asked"));
  await expect(delivery.connect({ ...login, sign })).rejects.toThrow("unreachable");
});

const login = {
  device: `${address}/d/carol/phone`,
  cipherSuite: 1,
  signatureKey: new Uint8Array(32),
  incarnation: { known: 0n, next: 0n, id: newId() },
};
