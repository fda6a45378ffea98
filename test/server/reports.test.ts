/**
 * Messages that can be reported, over `copse serve` on its embedded database: franked by the keys of a file, reported by a device, kept over a
 * restart, and verified by the command.
 */

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { fromHex } from "../../src/bytes/text.ts";
import { platformTimers } from "../../src/bytes/timers.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { silentLog } from "../../src/server/log.ts";
import { runService } from "../../src/server/run.ts";
import type { RunningServer } from "../../src/server/server.ts";
import { configured, ConfigurationError } from "../../src/server/settings.ts";
import { copse } from "../cli/terminal.ts";
import { person, user, type Person } from "../client/world.ts";

const address = "mimi://example.org";
const folder = mkdtempSync(join(tmpdir(), "copse-reports-"));
const keys = join(folder, "keys.json");
const running: RunningServer[] = [];
const people: Person[] = [];
const hooks: Server[] = [];
afterEach(async () => {
  for (const { client } of people.splice(0)) await client.close();
  for (const each of running.splice(0)) await each.close();
});
afterAll(() => {
  for (const each of hooks) each.close();
  rmSync(folder, { recursive: true });
});

async function serve(more: Readonly<Record<string, unknown>> = {}): Promise<RunningServer> {
  const common = { address, port: 0, accounts: "first-key", consent: "everybody", data: join(folder, "data") };
  const server = await runService(configured({}, {}, { ...common, "franking-keys": keys, ...more }), silentLog);
  running.push(server);
  return server;
}

async function comes(server: RunningServer, name: string): Promise<Person> {
  const delivery = httpDelivery({ url: server.url, address });
  const who = await person(delivery as never, name, "phone", { delivery, timers: platformTimers });
  people.push(who);
  await who.client.settled();
  return who;
}

it("a message is reported, told to the hook, and proven by the service's own file of keys, also when it has another one", async () => {
  const told: Record<string, string>[] = [];
  const hook = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      told.push(JSON.parse(Buffer.concat(parts).toString()) as Record<string, string>);
      response.end();
    });
  });
  hooks.push(hook);
  await new Promise<void>((done) => hook.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${String((hook.address() as AddressInfo).port)}/`;
  const server = await serve({ "report-hook": url });
  expect(statSync(keys).mode & 0o077, "nobody else reads the keys").toBe(0);
  const [alice, bob] = [await comes(server, "alice"), await comes(server, "bob")];
  const heard = new Promise<void>((resolve) => {
    bob.client.listen((event) => {
      if (event.kind === "message") resolve();
    });
  });
  const { id: room } = await alice.client.createRoom({ participants: [user("bob")] });
  const { id } = await alice.client.room(room).send({ text: "you will regret this" });
  await heard;
  const report = await bob.client.room(room).report([id], 1);
  const [said] = told;
  expect(said).toMatchObject({ user: user("bob"), room });
  expect(fromHex(said!["report"]!)).toEqual(Uint8Array.from(report));
  const file = join(folder, "report.bin");
  writeFileSync(file, report);
  const verified = await copse(["verify-report", file, "--keys", keys, "--room", room]);
  expect(verified).toMatchObject({ code: 0, err: "" });
  expect(verified.out).toContain(`message 1: proven: "${user("alice")}" said`);

  // The hub has another key from some time on: what was said under the old one is proven as ever, while that is kept.
  const kept = JSON.parse(readFileSync(keys, "utf8")) as { hubKeys: object[] };
  kept.hubKeys.push({ from: 4_000_000_000_000, key: "07".repeat(32) });
  writeFileSync(keys, JSON.stringify(kept));
  expect((await copse(["verify-report", file, "--keys", keys])).code).toBe(0);
  const forgotten = join(folder, "new-only.json");
  writeFileSync(forgotten, JSON.stringify({ ...kept, hubKeys: kept.hubKeys.slice(1) }));
  expect(await copse(["verify-report", file, "--keys", forgotten])).toMatchObject({ code: 1 });
}, 60_000);

it("a file that holds no keys is refused, and nothing of it is told", async () => {
  const wrong = join(folder, "wrong.json");
  writeFileSync(wrong, JSON.stringify({ hubKeys: [{ from: 0, key: "secret words" }], agentKeys: [] }));
  const tried = serve({ memory: true, "franking-keys": wrong });
  await expect(tried).rejects.toThrow(ConfigurationError);
  await expect(tried).rejects.not.toThrow(/secret/);
});
