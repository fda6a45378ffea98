/**
 * The log of accounts that `copse serve` keeps on its embedded database: by the keys of a file, over a restart, and audited by the command.
 */

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { fromHex } from "../../src/bytes/text.ts";
import type { Connection } from "../../src/delivery/delivery.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { silentLog } from "../../src/server/log.ts";
import { runService } from "../../src/server/run.ts";
import type { RunningServer } from "../../src/server/server.ts";
import { configured, ConfigurationError } from "../../src/server/settings.ts";
import { signedIn } from "../../src/testing/delivery/device.ts";
import type { LogKeys } from "../../src/transparency/head.ts";
import { compareLogged, LogMonitor } from "../../src/transparency/monitor.ts";
import { person, type Person } from "../accounts/world.ts";
import { copse } from "../cli/terminal.ts";
import { suite } from "../transparency/world.ts";

const address = "mimi://example.org";
const folder = mkdtempSync(join(tmpdir(), "copse-log-"));
const keysFile = join(folder, "log.json");
const running: RunningServer[] = [];
const connections: Connection[] = [];
afterEach(async () => {
  for (const each of connections.splice(0)) await each.close();
  for (const each of running.splice(0)) await each.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function serve(more: Readonly<Record<string, unknown>> = {}): Promise<RunningServer> {
  const common = { address, port: 0, data: join(folder, "data"), "account-log": keysFile };
  const server = await runService(configured({}, {}, { ...common, ...more }), silentLog);
  running.push(server);
  return server;
}

async function comes(server: RunningServer, { devices }: Person, known = 0n): Promise<Connection> {
  const [{ uri, identity }] = devices as [Person["devices"][0]];
  const incarnation = { known, next: known + 1n, id: new Uint8Array(16).fill(Number(known)) };
  const connection = await signedIn(httpDelivery({ url: server.url, address }), uri, identity, incarnation);
  connections.push(connection);
  return connection;
}

function keysOf(): LogKeys {
  const { publicKey, vrfKey } = JSON.parse(readFileSync(keysFile, "utf8")) as Record<string, string>;
  return { suite, publicKey: fromHex(publicKey!), vrfKey: fromHex(vrfKey!) };
}

it("keeps what is published, over a restart, and is audited from its address", async () => {
  const alice = await person("alice");
  const { user, view } = alice;
  const server = await serve();
  expect(statSync(keysFile).mode & 0o077, "nobody else reads the keys").toBe(0);
  const connection = await comes(server, alice);
  await connection.publishStatement({ user, number: 0n, statement: view.statement });
  const monitor = await LogMonitor.open({ keys: keysOf() });
  const { lookup } = await connection.lookUp({ user });
  expect(compareLogged(await monitor.check({ user, lookup: lookup! }), view)).toBe("same");
  await connection.close();
  await server.close();
  running.length = 0;

  const again = await serve();
  const back = await comes(again, alice, 1n);
  const next = await alice.next();
  await back.publishStatement({ user, number: 1n, statement: next.statement });
  const later = await back.lookUp({ user, size: 1 });
  const found = await monitor.check({ user, lookup: later.lookup!, consistency: later.consistency! });
  expect(compareLogged(found, next)).toBe("same");

  const head = join(folder, "head");
  writeFileSync(head, monitor.head!);
  for (const args of [[again.url], [`${again.url}/`, "--head", head]]) {
    const { code, out } = await copse(["audit", ...args, "--keys", keysFile]);
    expect(out).toContain("2 entries");
    expect(out).not.toContain("proves nothing");
    expect(code).toBe(0);
  }
  const other = await serve({ memory: true, "account-log": join(folder, "other.json") });
  const { code, out } = await copse(["audit", other.url, "--head", head, "--keys", keysFile]);
  expect([code, out.includes("proves nothing"), out.includes("not given up to its size")]).toEqual([1, true, true]);
});

it("gives entries in parts, and refuses what is none", async () => {
  const server = await serve({ memory: true });
  const ask = (path: string): Promise<number> =>
    fetch(`${server.url}/account-log/${path}`).then(({ status }) => status);
  expect(await ask("head")).toBe(200);
  expect(await ask("entries?from=0&below=1000")).toBe(200);
  for (const query of ["", "?from=0", "?from=0&below=1001", "?from=-1&below=0", "?from=0&below=1e3", "?from=x&below=1"])
    expect(await ask(`entries${query}`), query).toBe(400);
  const without = await runService(configured({}, {}, { address, port: 0, memory: true }), silentLog);
  running.push(without);
  expect((await fetch(`${without.url}/account-log/head`)).status).toBe(404);
});

it("does not begin with a file that holds no keys, and tells none of them", async () => {
  const whole = JSON.parse(readFileSync(keysFile, "utf8")) as Record<string, string>;
  const bad = join(folder, "bad.json");
  const wrong = [
    {},
    { ...whole, publicKey: "00".repeat(32) },
    { ...whole, vrfKey: "00".repeat(32) },
    { ...whole, cipherSuite: 99 },
  ];
  for (const keys of wrong) {
    writeFileSync(bad, JSON.stringify(keys));
    const error: unknown = await serve({ memory: true, "account-log": bad }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigurationError);
    const { message, stack = "" } = error as Error;
    for (const secret of [whole["privateKey"]!, whole["vrfPrivateKey"]!]) {
      expect(message.includes(secret)).toBe(false);
      expect(stack.includes(secret)).toBe(false);
    }
  }
});
