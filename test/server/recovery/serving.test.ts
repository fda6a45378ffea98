/**
 * A recovery server inside `copse serve`: what it answers by HTTP, whom it lets ask, what it bounds, and what it writes down.
 */

import { randomBytes } from "node:crypto";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import type { ServerLog } from "../../../src/server/log.ts";
import { isRecoveryToken, recoveryTokens } from "../../../src/server/recovery/tokens.ts";
import { runService } from "../../../src/server/run.ts";
import { startServer, type RunningServer, type ServerOptions } from "../../../src/server/server.ts";
import { configured } from "../../../src/server/settings.ts";
import { httpRecoveryServer } from "../../../src/vault/recovery/http.ts";
import { memoryRecoveryPort } from "../../../src/vault/recovery/port.ts";
import { longestRequest, readAnswer, writeOperation, writeRequest } from "../../../src/vault/recovery/protocol.ts";
import { recover, recoveryStatus } from "../../../src/vault/recovery/recover.ts";
import { forgetRecovery, register } from "../../../src/vault/recovery/register.ts";
import { account, pin, quick, secretOf, textOf } from "../../vault/recovery/world.ts";

const folder = mkdtempSync(join(tmpdir(), "copse-recovery-"));
const running: RunningServer[] = [];
const hooks: Server[] = [];
const lines: string[] = [];
const write = (fields: object, message: string): void => {
  lines.push(JSON.stringify({ ...fields, message }));
};
const log: ServerLog = { info: write, warn: write, error: write, debug: write };

afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
  for (const each of hooks.splice(0)) each.close();
  lines.length = 0;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function serve(file: Readonly<Record<string, unknown>>): Promise<RunningServer> {
  const server = await runService(configured({}, {}, { memory: true, port: 0, ...file }), log);
  running.push(server);
  return server;
}
const only = (file: object = {}): Promise<RunningServer> => serve({ "recovery-only": true, recovery: "open", ...file });

async function put(options: Omit<ServerOptions, "recovery"> = {}): Promise<RunningServer> {
  const server = await startServer({
    recovery: { port: memoryRecoveryPort(), authorize: () => true },
    log,
    ...options,
  });
  running.push(server);
  return server;
}

const linksOf = (servers: readonly RunningServer[]) =>
  servers.map(({ url }, i) => httpRecoveryServer({ name: `server ${String(i + 1)}`, url }));
const proofOf = (text: string) => (): Uint8Array => utf8(text);
const common = { account, threshold: 2, argon2id: quick };

/** A request for the state of an account. */
const statusRequest = (of: Uint8Array = account, proof = ""): Uint8Array<ArrayBuffer> =>
  new Uint8Array(writeRequest({ account: of, content: writeOperation({ kind: "status" }), proof: utf8(proof) }));
const post = (url: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/recovery`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", ...headers },
    body,
  });
const told = async (answer: Response) => {
  expect(answer.status).toBe(200);
  const read = readAnswer(new Uint8Array(await answer.arrayBuffer()));
  return read.kind === "refused" ? read.code : read.kind;
};

describe("an instance that is only a recovery server", () => {
  it("keeps a secret behind a PIN with others, gives it back, and forgets it when the owner asks", async () => {
    const servers = linksOf([await only(), await only(), await only()]);
    await register({ ...common, servers, pin, secret: secretOf("the seed") });
    await expect(recover({ ...common, servers, pin: "314159" })).rejects.toMatchObject({
      code: "recovery-pin",
      triesLeft: 14,
    });
    expect(textOf((await recover({ ...common, servers, pin })).secret)).toBe("the seed");
    await forgetRecovery({ account, servers });
    expect(await recoveryStatus({ account, threshold: 2, servers })).toMatchObject({ registrations: [], triesLeft: 0 });
  });

  it("is no delivery service: no blobs, no sockets, and no address", async () => {
    const { url } = await only();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(`${url}/v1/blobs/${"0".repeat(32)}`)).status).toBe(404);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = httpRequest(`${url}/v1/connect`, {
        headers: {
          connection: "Upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "x",
        },
      });
      asked.on("response", ({ statusCode }) => {
        resolve(statusCode);
      });
      asked.on("error", reject);
      asked.end();
    });
    expect(status).toBe(404);
  });

  it.each([
    [{ "recovery-only": true }, "--recovery-only"],
    [{ "recovery-only": true, recovery: "open", address: "mimi://example.org" }, "--address"],
    [{ address: "mimi://example.org", recovery: "guarded" }, "--recovery-hook"],
    [{ address: "mimi://example.org", recovery: "open", "recovery-hook": "http://x" }, "--recovery guarded"],
    [{ address: "mimi://example.org", "recovery-secret": "x" }, "--recovery guarded"],
  ])("is set up in one way: %o is refused", (file, named) => {
    expect(() => configured({}, {}, file)).toThrow(named);
  });
});

it("a delivery service is a recovery server where it is told to be, and none by itself", async () => {
  const address = "mimi://example.org";
  expect((await post((await serve({ address })).url, statusRequest())).status).toBe(404);
  expect(await told(await post((await serve({ address, recovery: "open" })).url, statusRequest()))).toBe("status");
});

describe("who may ask", () => {
  const secretFile = join(folder, "secret");
  const secret = randomBytes(24).toString("hex");
  writeFileSync(secretFile, `${secret}\n`);

  it("is who has a token of the secret, for this account, as long as it is good", async () => {
    const { url } = await only({ recovery: "guarded", "recovery-secret": secretFile });
    const good = recoveryTokens({ secret })(account);
    expect(await told(await post(url, statusRequest(account, good)))).toBe("status");
    const other = utf8("mimi://example.org/u/bob");
    for (const [of, proof] of [
      [account, ""],
      [other, good],
      [account, good.replace(/:(.)/, (_, first) => `:${first === "0" ? "1" : "0"}`)],
      [account, good.replace(/^(\d+)/, (until) => String(Number(until) + 1))],
      [account, `${good} `],
      [account, recoveryTokens({ secret: randomBytes(24).toString("hex") })(account)],
    ] as const)
      expect(await told(await post(url, statusRequest(of, proof))), proof).toBe("recovery-denied");
  });

  it("is nobody with a token that has ended", () => {
    const start = 1_800_000_000_000;
    const token = utf8(recoveryTokens({ secret, lifetime: 60, clock: () => start })(account));
    const isGood = (now: number): boolean => isRecoveryToken(secret, account, token, now);
    expect([isGood(start), isGood(start + 59_999), isGood(start + 60_000)]).toEqual([true, true, false]);
  });

  it("is whom the hook lets, which is told everything but a name in words", async () => {
    const asked: unknown[] = [];
    const hook = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const body = JSON.parse(Buffer.concat(parts).toString()) as { proof: string };
        asked.push(body);
        response.writeHead(body.proof === hex(utf8("alice's")) ? 204 : 403).end();
      });
    });
    hooks.push(hook);
    await new Promise<void>((done) => hook.listen(0, "127.0.0.1", done));
    const hookUrl = `http://127.0.0.1:${String((hook.address() as AddressInfo).port)}/`;
    const { url } = await only({ recovery: "guarded", "recovery-hook": hookUrl });
    expect(await told(await post(url, statusRequest(account, "alice's")))).toBe("status");
    expect(await told(await post(url, statusRequest(account, "mallory's")))).toBe("recovery-denied");
    expect(asked[0]).toEqual({
      account: hex(account),
      operation: "status",
      content: hex(writeOperation({ kind: "status" })),
      proof: hex(utf8("alice's")),
    });
  });

  it("is nobody where the hook is away: the server is down then, and counts no guess", async () => {
    const { url } = await only({ recovery: "guarded", "recovery-hook": "http://127.0.0.1:1/" });
    expect((await post(url, statusRequest())).status).toBe(503);
  });

  it("is nobody with a secret that can be guessed", async () => {
    writeFileSync(join(folder, "short"), "secret");
    await expect(only({ recovery: "guarded", "recovery-secret": join(folder, "short") })).rejects.toThrow(
      "32 characters",
    );
    expect(() => recoveryTokens({ secret: "secret" })).toThrow("32 characters");
  });
});

describe("what it bounds", () => {
  it("is the body, its type, and requests at once; each before a byte of it is worked on", async () => {
    const { url } = await put();
    expect((await post(url, new Uint8Array(longestRequest + 1))).status).toBe(413);
    expect((await post(url, statusRequest(), { "content-type": "text/plain" })).status).toBe(415);
    expect((await post(url, statusRequest(), { "content-encoding": "gzip" })).status).toBe(415);
    expect((await fetch(`${url}/recovery`)).status).toBe(404);
    expect(await told(await post(url, new Uint8Array(longestRequest)))).toBe("recovery-version");
    expect(await told(await post(url, new Uint8Array(0)))).toBe("recovery-format");
  });

  it("is how many requests are worked on at once", async () => {
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const authorize = async (): Promise<boolean> => {
      await held;
      return true;
    };
    const server = await startServer({
      recovery: { port: memoryRecoveryPort(), authorize },
      limits: { recoveriesAtOnce: 2 },
    });
    running.push(server);
    const first = [post(server.url, statusRequest()), post(server.url, statusRequest())];
    let third = await post(server.url, statusRequest());
    while (third.status !== 503) third = await post(server.url, statusRequest());
    expect(third.headers.get("retry-after")).toBe("1");
    release?.();
    for (const each of first) await told(await each);
    expect(await told(await post(server.url, statusRequest()))).toBe("status");
  });

  it("is how often one account asks in a minute, which leaves the others alone", async () => {
    let now = 1_800_000_000_000;
    const { url } = await put({ limits: { recoveryRequests: 3 }, clock: () => now });
    const ask = async (of: Uint8Array = account): Promise<string> => told(await post(url, statusRequest(of)));
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([
      "status",
      "status",
      "status",
      "recovery-busy",
    ]);
    expect(await ask(utf8("another"))).toBe("status");
    now += 20_000;
    expect([await ask(), await ask()]).toEqual(["status", "recovery-busy"]);
  });

  it("is how many registrations begin in a minute, of all accounts together", async () => {
    let now = 1_800_000_000_000;
    const servers = [
      await put({ limits: { recoveryRegistrations: 2 }, clock: () => now }),
      await put({ limits: { recoveryRegistrations: 2 }, clock: () => now }),
    ];
    const enrol = (name: string) =>
      register({
        ...common,
        account: utf8(name),
        servers: linksOf(servers),
        pin,
        secret: secretOf("s"),
      });
    await enrol("a");
    await enrol("b");
    await expect(enrol("c")).rejects.toMatchObject({ code: "recovery-servers" });
    now += 30_000;
    await enrol("c");
  });
});

it("another page may ask it, and send it no cookie", async () => {
  const { url } = await put();
  const preflight = await fetch(`${url}/recovery`, { method: "OPTIONS" });
  expect(preflight.headers.get("access-control-allow-methods")).toBe("POST");
  expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type");
  for (const answer of [
    preflight,
    await post(url, statusRequest()),
    await post(url, new Uint8Array(longestRequest + 1)),
  ]) {
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  }
});

it("what is counted and written down names no account, and quotes nothing of a request", async () => {
  const servers = [await only(), await only()];
  const links = linksOf(servers);
  await register({ ...common, servers: links, pin, secret: secretOf("the seed"), proof: proofOf("a token") });
  await expect(recover({ ...common, servers: links, pin: "314159" })).rejects.toMatchObject({ code: "recovery-pin" });
  await post(servers[0]!.url, new Uint8Array(3));
  const metrics = await (await fetch(`${servers[0]!.url}/metrics`)).text();
  expect(metrics).toContain('copse_requests_total{operation="recovery-evaluate",result="ok"} 1');
  expect(metrics).toContain('copse_requests_total{operation="recovery-unread",result="recovery-version"} 1');
  const written = lines.join("\n");
  expect(written).toContain("recovery-evaluate");
  for (const text of [metrics, written]) {
    for (const secret of ["alice", hex(account), "a token", hex(utf8("a token"))]) expect(text).not.toContain(secret);
  }
});

it("a database that fails is told as a server that is down, and written without what it says", async () => {
  const port = { read: () => Promise.reject(new Error("row of alice")), swap: () => Promise.resolve(true) };
  const server = await startServer({ recovery: { port, authorize: () => true }, log });
  running.push(server);
  expect((await post(server.url, statusRequest())).status).toBe(503);
  expect(lines.join("\n")).toContain("a request for recovery failed");
  expect(lines.join("\n")).not.toContain("alice");
});
