/**
 * What whoever runs the service sees and decides by HTTP, over `copse serve` in memory: who reports what, what of it is proven, and who is let in.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { platformTimers } from "../../src/bytes/timers.ts";
import { fromHex } from "../../src/bytes/text.ts";
import { decodeContent, readMessage } from "../../src/content/index.ts";
import type { Connection, Delivery } from "../../src/delivery/delivery.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { silentLog } from "../../src/server/log.ts";
import { runService } from "../../src/server/run.ts";
import { startServer, type RunningServer } from "../../src/server/server.ts";
import { configured, ConfigurationError } from "../../src/server/settings.ts";
import { newId, testGroups } from "../../src/testing/delivery/device.ts";
import { person, user, type Person } from "../client/world.ts";

const address = "mimi://example.org";
const folder = mkdtempSync(join(tmpdir(), "copse-operator-"));
const secret = "0123456789abcdef0123456789abcdef";
const files = { "franking-keys": join(folder, "keys.json"), "operator-secret": join(folder, "secret") };
writeFileSync(files["operator-secret"], `${secret}\n`);

let server: RunningServer;
let alice: Person;
let bob: Person;
let room: string;
let reported: Uint8Array;

const settings = { address, port: 0, accounts: "first-key", consent: "everybody", memory: true };

/** By name: anything can be reported by it. */
const connections = new Map<string, Connection>();

async function comes(name: string): Promise<Person> {
  const http = httpDelivery({ url: server.url, address });
  const delivery: Delivery = {
    connect: async (login) => {
      const connection = await http.connect(login);
      connections.set(name, connection);
      return connection;
    },
  };
  const who = await person(delivery as never, name, "phone", { delivery, timers: platformTimers });
  await who.client.settled();
  return who;
}

beforeAll(async () => {
  server = await runService(configured({}, {}, { ...settings, ...files }), silentLog);
  [alice, bob] = [await comes("alice"), await comes("bob")];
  const heard = new Promise<void>((resolve) => {
    bob.client.listen((event) => {
      if (event.kind === "message") resolve();
    });
  });
  ({ id: room } = await alice.client.createRoom({ participants: [user("bob")] }));
  const { id } = await alice.client.room(room).send({ text: "you will regret this" });
  await heard;
  reported = await bob.client.room(room).report([id], 2, { note: "third time" });
}, 60_000);
afterAll(async () => {
  for (const { client } of [alice, bob]) await client.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Queue {
  readonly reports: readonly {
    readonly user: string;
    readonly key: string;
    readonly messages: readonly { readonly kind: string; readonly content: string }[];
  }[];
  readonly decisions: readonly object[];
  readonly shutOut: readonly object[];
}

async function asks(path: string, body?: string, authorization = `Bearer ${secret}`): Promise<Response> {
  return fetch(`${server.url}/operator/${path}`, {
    headers: { authorization },
    ...(body === undefined ? {} : { method: "POST", body }),
  });
}

async function queue(): Promise<Queue> {
  return (await (await asks("reports")).json()) as Queue;
}

describe("whoever runs the service", () => {
  it("is who says the secret, and nobody else sees or does anything", async () => {
    for (const wrong of ["", secret, `Bearer ${secret}x`, `Bearer ${secret.slice(1)}`, "Bearer "])
      for (const [path, body] of [["reports"], ["decisions", "{}"], ["shut-out", "{}"], ["nothing"]] as const) {
        const answer = await asks(path, body, wrong);
        expect(answer.status, `${path} for ${wrong}`).toBe(401);
        expect(await answer.text()).toBe("who are you?");
      }
    expect((await asks("nothing")).status).toBe(404);
  });

  it("sees who reported whom, when, where, and what is proven", async () => {
    const answer = await asks("reports");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("access-control-allow-origin"), "other pages may not read it").toBeNull();
    const { reports } = (await answer.json()) as Queue;
    const proven = { kind: "proven", sender: user("alice"), room, at: expect.any(Number) as number };
    expect(reports).toMatchObject([
      { user: user("bob"), room, allegedAbuser: user("alice"), reason: 2, note: "third time", messages: [proven] },
    ]);
    const said = readMessage(decodeContent(fromHex(reports[0]!.messages[0]!.content)));
    expect(said).toMatchObject({ kind: "text", text: "you will regret this" });
  });

  it("sees why a report proves nothing: what was changed, and what is no report", async () => {
    const changed = Uint8Array.from(reported);
    changed[changed.length - 40]! ^= 1; // within the signature of the last message
    for (const report of [changed, Uint8Array.of(1, 2, 3)])
      await connections.get("bob")!.report({ id: newId(), room, report });
    const { reports } = await queue();
    expect(reports.slice(1).map(({ messages }) => messages)).toMatchObject([
      [{ kind: "unproven", why: "signature" }],
      [{ kind: "unproven", why: "content" }],
    ]);
  });

  it("decides once, and what was decided stays", async () => {
    const { reports } = await queue();
    const [, forged] = reports;
    const verdict = { user: forged!.user, key: forged!.key, what: "dismissed", about: "", words: "it was changed" };
    expect((await asks("decisions", JSON.stringify(verdict))).status).toBe(200);
    expect((await asks("decisions", JSON.stringify(verdict))).status, "it waits no more").toBe(404);
    const now = await queue();
    expect(now.reports.map(({ key }) => key)).toEqual([reports[0]!.key, reports[2]!.key]);
    expect(now.decisions).toMatchObject([{ user: user("bob"), room, what: "dismissed", words: "it was changed" }]);
  });

  it("shuts a user out by a decision, whose devices are told, and lets it in again", async () => {
    const [report] = (await queue()).reports;
    const refused = new Promise<string | undefined>((resolve) => {
      alice.client.onConnection(() => {
        if (alice.client.refusal !== undefined) resolve(alice.client.refusal);
      });
    });
    const verdict = { user: report!.user, key: report!.key, what: "shut-out", about: user("alice"), words: "threats" };
    expect((await asks("decisions", JSON.stringify(verdict))).status).toBe(200);
    const { shutOut, decisions } = await queue();
    expect(shutOut).toMatchObject([{ user: user("alice") }]);
    expect(await refused).toBe("not-allowed");
    expect(decisions[0]).toMatchObject({ what: "shut-out", about: user("alice"), words: "threats" });
    expect((await asks("shut-out", JSON.stringify({ user: user("alice"), isOut: false }))).status).toBe(200);
    alice.client.connect();
    await alice.client.settled();
    expect(alice.client.isOnline).toBe(true);
  });

  it("is told what is no request", async () => {
    for (const body of [
      "",
      "no JSON",
      "null",
      "3",
      "{}",
      JSON.stringify({ user: user("bob"), key: "00", what: "hanged" }),
    ])
      expect((await asks("decisions", body)).status, body).toBe(400);
    for (const body of ["{}", JSON.stringify({ user: "mimi://elsewhere.example/u/x", isOut: true })])
      expect((await asks("shut-out", body)).status, body).toBe(400);
    expect((await asks("decisions", "x".repeat(33 * 1024))).status).toBe(413);
  });

  it("sees no more at once than a few megabytes", async () => {
    const large = {
      user: user("bob"),
      key: "00",
      room: "mimi://example.org/r/x",
      at: 0,
      bytes: new Uint8Array(3 << 20),
    };
    const service = memoryDelivery({ address, group: testGroups, accounts: firstKeyCounts });
    const delivery = { ...service, reports: () => Promise.resolve([large, large, large]) };
    const small = await startServer({ delivery, operator: { secret, verify: { hubKeys: [], agentKeys: [] } } });
    const answer = await fetch(`${small.url}/operator/reports`, { headers: { authorization: `Bearer ${secret}` } });
    expect(((await answer.json()) as Queue).reports).toHaveLength(2);
    await small.close();
  });

  it("has a secret that is long enough, and keys to verify with", async () => {
    const short = join(folder, "short");
    writeFileSync(short, "password");
    const tried = runService(configured({}, {}, { ...settings, ...files, "operator-secret": short }), silentLog);
    await expect(tried).rejects.toThrow(ConfigurationError);
    await expect(tried).rejects.not.toThrow(/password/);
    const without = { ...settings, "operator-secret": files["operator-secret"] };
    expect(() => configured({}, {}, without)).toThrow("--operator-secret goes together with --franking-keys");
  });
});
