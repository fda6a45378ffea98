/**
 * Who may become a user of `copse serve`, whom it wakes, and what it tells of servers for calls.
 */

import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { basic, createIdentity, type LocalIdentity } from "../../src/index.ts";
import { silentLog } from "../../src/server/log.ts";
import { runService } from "../../src/server/run.ts";
import type { RunningServer } from "../../src/server/server.ts";
import { configured } from "../../src/server/settings.ts";
import { turnServers } from "../../src/server/turn.ts";
import type { Connection } from "../../src/delivery/delivery.ts";
import { newId, signedIn } from "../../src/testing/delivery/device.ts";

const address = "mimi://example.org";
const folder = mkdtempSync(join(tmpdir(), "copse-registration-"));
const running: RunningServer[] = [];
const hooks: Server[] = [];

afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
  for (const each of hooks.splice(0)) each.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function serve(file: Readonly<Record<string, unknown>>): Promise<RunningServer> {
  const common = { address, memory: true, port: 0, accounts: "first-key" };
  const server = await runService(configured({}, {}, { ...common, ...file }), silentLog);
  running.push(server);
  return server;
}

/** A hook that answers with a status, and what it was asked. */
async function hook(status: (body: Record<string, unknown>) => number): Promise<{ url: string; asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
      asked.push(body);
      response.writeHead(status(body)).end("what a hook says beside that is not read");
    });
  });
  hooks.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`, asked };
}

const identityOf = (user: string): Promise<LocalIdentity> =>
  createIdentity({ suite: cipherSuite(1), credential: basic(`${address}/d/${user}/phone`) });

async function comes(server: RunningServer, user: string, invitation?: string): Promise<Connection> {
  const delivery = httpDelivery({ url: server.url, address, ...(invitation === undefined ? {} : { invitation }) });
  return signedIn(delivery, `${address}/d/${user}/phone`, await identityOf(user));
}

describe("a new user", () => {
  const refused = { code: "not-allowed" };

  it("comes in where registration is open, and nowhere where it is closed", async () => {
    await (await comes(await serve({}), "alice")).close();
    await expect(comes(await serve({ registration: "closed" }), "alice", "anything")).rejects.toMatchObject(refused);
  });

  it("comes in by a line of the file, as long as it is there, and by nothing else", async () => {
    const invitations = join(folder, "invitations");
    writeFileSync(invitations, "first\n  second \n\n");
    const server = await serve({ registration: "invite", invitations });
    await (await comes(server, "alice", "first")).close();
    await (await comes(server, "bob", "second")).close();
    for (const wrong of [undefined, "", "third", "firs", "first\nsecond"])
      await expect(comes(server, "carol", wrong), String(wrong)).rejects.toMatchObject(refused);
    writeFileSync(invitations, "third\n");
    await expect(comes(server, "dave", "first")).rejects.toMatchObject(refused);
    await (await comes(server, "dave", "third")).close();
  });

  it("comes in where a hook says so; who is known is not asked about again", async () => {
    const { url, asked } = await hook(({ user }) => (user === `${address}/u/alice` ? 204 : 403));
    const server = await serve({ registration: "invite", "registration-hook": url });
    const [identity, delivery] = [
      await identityOf("alice"),
      httpDelivery({ url: server.url, address, invitation: "x" }),
    ];
    const [device, again] = [`${address}/d/alice/phone`, { known: 0n, next: 0n, id: newId() }];
    await (await signedIn(delivery, device, identity)).close();
    await (await signedIn(delivery, device, identity, again)).close();
    await expect(comes(server, "bob")).rejects.toMatchObject(refused);
    expect(asked).toEqual([
      { user: `${address}/u/alice`, device, invitation: "x" },
      { user: `${address}/u/bob`, device: `${address}/d/bob/phone` },
    ]);
  });

  it("waits where the hook is away", async () => {
    const server = await serve({ registration: "invite", "registration-hook": "http://127.0.0.1:1/" });
    await expect(comes(server, "alice")).rejects.toMatchObject({ code: "unreachable" });
  });
});

it("a push hook is told the devices that something waits for, and nothing else", async () => {
  const { url, asked } = await hook(() => 200);
  const server = await serve({ "push-hook": url, consent: "everybody" });
  await (await comes(server, "bob")).close();
  const alice = await comes(server, "alice");
  const send = { id: newId(), to: `${address}/u/bob`, topic: "knock", bytes: new Uint8Array(3) };
  while (asked.length === 0) {
    await alice.send(send); // the server may not have seen Bob leave yet
    await alice.send({ ...send, id: newId() });
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(asked[0]).toEqual({ devices: [`${address}/d/bob/phone`] });
});

describe("TURN credentials", () => {
  it("are what a server with the same secret takes, for a while, and name nobody", () => {
    let now = 1_800_000_000_500;
    const servers = turnServers({
      urls: ["turn:turn.example.org:3478"],
      secret: "secret",
      lifetime: 60,
      clock: () => now,
      random: (length) => new Uint8Array(length).fill(0xab),
    });
    const username = `1800000060:${"ab".repeat(16)}`;
    const credential = createHmac("sha1", "secret").update(username).digest("base64");
    expect(servers()).toEqual({
      iceServers: [{ urls: ["turn:turn.example.org:3478"], username, credential }],
      expires: 1_800_000_060_000,
    });
    now += 1000;
    expect(servers().expires).toBe(1_800_000_061_000);
  });

  it("are checked", () => {
    expect(() => turnServers({ urls: [], secret: "x" })).toThrow(TypeError);
    expect(() => turnServers({ urls: ["https://x"], secret: "x" })).toThrow(TypeError);
    expect(() => configured({}, {}, { address, turn: "turn:x" })).toThrow("go together");
  });
});
