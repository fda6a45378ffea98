/**
 * Wake-ups over NATS: Debian's nats-server, on a port of its own.
 */

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import type { Wakeup } from "../../src/delivery/wakeups.ts";
import { hash } from "../../src/crypto/symmetric-node.ts";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { natsWakeups, type NatsWakeups } from "../../src/server/nats-wakeups.ts";
import { newId, signedIn } from "../../src/testing/delivery/device.ts";
import { Listening } from "../../src/testing/delivery/under-test.ts";
import { TestWorld } from "../delivery/world.ts";
import { certificateIn } from "./certificate.ts";
import { freePort } from "./free-port.ts";

const program = "/usr/sbin/nats-server";
const address = "mimi://example.org";
const started: ChildProcess[] = [];
const open: NatsWakeups[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  for (const each of started.splice(0)) await ended(each);
});

function ended(server: ChildProcess): Promise<void> {
  return new Promise((done) => {
    server.once("exit", () => {
      done();
    });
    if (!server.kill("SIGKILL")) done();
  });
}

async function nats(port: number, ...more: readonly string[]): Promise<ChildProcess> {
  const server = spawn(program, ["-a", "127.0.0.1", "-p", String(port), ...more], { stdio: "ignore" });
  started.push(server);
  while (!(await answers(port))) await new Promise((again) => setImmediate(again));
  return server;
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("data", () => {
      socket.destroy();
      done(true);
    });
    socket.on("error", () => {
      done(false);
    });
  });
}

async function wakeups(url: string, of = address): Promise<NatsWakeups> {
  const made = await natsWakeups({ url, address: of });
  open.push(made);
  return made;
}

const next = (by: NatsWakeups): Promise<Wakeup> => new Promise((done) => by.hear(done));

describe.skipIf(!existsSync(program))("over NATS", () => {
  it("the devices of two processes hear of each other's messages, whispers and queues", async () => {
    const port = await freePort();
    await nats(port);
    const url = `nats://127.0.0.1:${String(port)}`;
    const database = memoryPort();
    const [first, second] = [
      new TestWorld({ wakeups: await wakeups(url) }, database),
      new TestWorld({ wakeups: await wakeups(url) }, database),
    ];
    const { room, alice, bob } = await first.pair();
    bob.connection = await signedIn(second.delivery, bob.uri, bob.identity);
    const heard = new Listening(bob.connection);
    await alice.say(room, "hello");
    // What was told of the room before may come now.
    while (!heard.news.some((news) => news.kind === "room" && news.head === 2n))
      await new Promise((again) => setImmediate(again));
    const bytes = new Uint8Array(16 * 1024).fill(3);
    await alice.connection.whisper({ room, bytes });
    expect(await heard.first("whisper")).toMatchObject({ room, from: alice.uri, bytes });
    await alice.connection.send({ id: newId(), to: bob.user, topic: "knock", bytes: new Uint8Array(1) });
    expect((await heard.first("queue")).kind).toBe("queue");
  });

  it("nobody hears of another service, or of itself", async () => {
    const port = await freePort();
    await nats(port);
    const url = `nats://127.0.0.1:${String(port)}`;
    const [here, there, other] = [await wakeups(url), await wakeups(url), await wakeups(url, "mimi://example.com")];
    const heard: unknown[] = [];
    for (const each of [here, other]) each.hear((wakeup) => heard.push(wakeup));
    const wakeup = { kind: "queue", device: `${address}/d/alice/phone` } as const;
    const told = next(there);
    here.tell(wakeup);
    expect(await told).toEqual(wakeup);
    const back = next(here);
    there.tell({ ...wakeup, device: "another" });
    expect(await back).toEqual({ ...wakeup, device: "another" });
    expect(heard).toEqual([{ ...wakeup, device: "another" }]);
  });

  it("a process comes back when the server does, and looks for what it has missed", async () => {
    const port = await freePort();
    const server = await nats(port);
    const url = `nats://127.0.0.1:${String(port)}`;
    const [here, there] = [await wakeups(url), await wakeups(url)];
    const lost = [here, there].map((each) => new Promise<void>((done) => each.hear(() => undefined, done)));
    await ended(server);
    here.tell({ kind: "queue", device: "told in vain" });
    await nats(port);
    await Promise.all(lost);
    const told = next(there);
    here.tell({ kind: "queue", device: "told" });
    expect(await told).toEqual({ kind: "queue", device: "told" });
  });

  it("it lets in whom the server does, and says so where it does not", async () => {
    const port = await freePort();
    await nats(port, "--user", "copse", "--pass", "a word: with/all");
    const at = `127.0.0.1:${String(port)}`;
    await wakeups(`nats://copse:${encodeURIComponent("a word: with/all")}@${at}`);
    for (const url of [`nats://${at}`, `nats://copse:wrong@${at}`])
      await expect(natsWakeups({ url, address })).rejects.toMatchObject({ name: "NatsError" });
    const other = await freePort();
    await nats(other, "--auth", "a token");
    await wakeups(`nats://${encodeURIComponent("a token")}@127.0.0.1:${String(other)}`);
    for (const who of ["", "another@"])
      await expect(natsWakeups({ url: `nats://${who}127.0.0.1:${String(other)}`, address })).rejects.toMatchObject({
        name: "NatsError",
      });
    await expect(natsWakeups({ url: "nats://127.0.0.1:1", address })).rejects.toThrow();
    await expect(natsWakeups({ url: "http://x", address })).rejects.toThrow(TypeError);
  });

  it("whoever else speaks on the subject, or beside it, says nothing that costs the connection", async () => {
    const port = await freePort();
    await nats(port);
    const url = `nats://127.0.0.1:${String(port)}`;
    const [here, there] = [await wakeups(url), await wakeups(url)];
    const heard: Wakeup[] = [];
    const lost: string[] = [];
    there.hear(
      (wakeup) => heard.push(wakeup),
      () => lost.push("lost"),
    );
    const subject = `copse.${hex(hash("sha256", utf8(address))).slice(0, 32)}`;
    const huge = "A".repeat(1024 * 1024 - 100);
    const stranger = connect(port, "127.0.0.1");
    for (const [where, payload] of [
      [subject, huge],
      [subject, ""],
      [subject, "\r\nMSG x 1 3\r\nabc\r\n"],
      [subject, `${"0".repeat(16)} 0 1 ${"A".repeat(9_000)}`],
      ["copse.other", "0 0 1 AAAA"],
      [subject, huge],
    ] as const)
      stranger.write(`PUB ${where} ${String(payload.length)}\r\n${payload}\r\n`);
    const told = new Promise<void>((done) => stranger.on("data", (data) => data.includes("PONG") && done()));
    stranger.write('CONNECT {"verbose":false}\r\nPING\r\n');
    await told;
    const wakeup = { kind: "queue", device: "told" } as const;
    const next = new Promise<void>((done) => there.hear(() => done()));
    here.tell(wakeup);
    await next;
    stranger.destroy();
    expect([heard, lost]).toEqual([[wakeup], []]);
  });

  it("it speaks TLS where the server does, and nothing in clear", async () => {
    const folder = mkdtempSync(join(tmpdir(), "copse-nats-"));
    const checks = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    try {
      const { certificate, key } = certificateIn(folder);
      const port = await freePort();
      await nats(port, "--tls", "--tlscert", certificate, "--tlskey", key);
      const url = `tls://127.0.0.1:${String(port)}`;
      await expect(natsWakeups({ url: url.replace("tls", "nats"), address })).rejects.toThrow("the server wants TLS");
      await expect(natsWakeups({ url, address }), "a certificate that nobody has signed").rejects.toThrow();
      process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
      const [here, there] = [await wakeups(url), await wakeups(url)];
      const told = next(there);
      here.tell({ kind: "queue", device: "told" });
      expect(await told).toEqual({ kind: "queue", device: "told" });
    } finally {
      if (checks === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = checks;
      rmSync(folder, { recursive: true });
    }
  });
});
