/**
 * Whoever tries to find the operator's secret: how often, from where, and what is written down of it.
 */

import { afterAll, describe, expect, it } from "vitest";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { defaultServerLimits } from "../../src/server/limits.ts";
import { OperatorTries } from "../../src/server/operator-tries.ts";
import { startServer, type RunningServer, type ServerOptions } from "../../src/server/server.ts";
import { configured } from "../../src/server/settings.ts";
import { testGroups } from "../../src/testing/delivery/device.ts";

const address = "mimi://example.org";
const secret = "0123456789abcdef0123456789abcdef";
const right = `Bearer ${secret}`;
const wrong = `Bearer ${"x".repeat(32)}`;
const limits = { operatorTries: 3, operatorTriesOfAll: 5 };

describe("tries of the operator's secret", () => {
  const start = 1_800_000_000_000;
  const tries = (): OperatorTries => new OperatorTries(secret, limits, start);
  const many = (all: OperatorTries, said: string, from: string, count: number, now = start): readonly string[] =>
    Array.from({ length: count }, () => all.try(said, from, now).kind);

  it("are so many from one address in a minute; beyond that the right one is not looked at either", () => {
    const all = tries();
    expect(many(all, wrong, "192.0.2.1", 4)).toEqual(["wrong", "wrong", "wrong", "too-many"]);
    expect(all.try(right, "192.0.2.1", start)).toEqual({ kind: "too-many", retryAfter: 20_000 });
    expect(all.try(right, "192.0.2.1", start + 19_990).kind).toBe("too-many");
    expect(all.try(right, "192.0.2.1", start + 20_010).kind).toBe("right");
    expect(many(all, right, "192.0.2.2", 20), "who says it rightly uses up none").toEqual(Array(20).fill("right"));
  });

  it("are so many from all addresses; from where it was said rightly, others use up none", () => {
    const all = tries();
    expect(all.try(right, "192.0.2.9", start).kind).toBe("right");
    for (const [from, kinds] of [
      ["192.0.2.1", ["wrong", "wrong", "wrong"]],
      ["192.0.2.2", ["wrong", "wrong", "too-many"]],
      ["192.0.2.3", ["too-many", "too-many", "too-many"]],
    ] as const)
      expect(many(all, wrong, from, 3)).toEqual(kinds);
    expect(all.try(right, "192.0.2.4", start).kind, "nobody knows who that is").toBe("too-many");
    expect(all.try(right, "192.0.2.9", start).kind).toBe("right");
    expect(many(all, wrong, "192.0.2.9", 4), "which has no more tries than others").toEqual([
      "wrong",
      "wrong",
      "wrong",
      "too-many",
    ]);
  });

  it("are counted for a network of IPv6, of which anybody has 2 to the 64 addresses", () => {
    const all = new OperatorTries(secret, { operatorTries: 2, operatorTriesOfAll: 100 }, start);
    for (const [from, kind] of [
      ["2001:db8:0:1::1", "wrong"],
      ["2001:db8:0:1:ffff::", "wrong"],
      ["2001:db8::1:0:0:0:7", "too-many"],
      ["2001:db8:0:2::1", "wrong"],
      ["::1", "wrong"],
      ["::ffff:192.0.2.1", "wrong"],
    ] as const)
      expect(all.try(wrong, from, start).kind, from).toBe(kind);
  });

  it("are none where nothing is said that could be the secret, which costs nothing", () => {
    const all = tries();
    const short = "x".repeat(31);
    for (const said of [
      undefined,
      "",
      secret,
      `Bearer ${short}`,
      `bearer ${secret}`,
      `Bearer ${"x".repeat(1_001)}`,
      `${right} `,
    ])
      expect(all.try(said, "192.0.2.1", start)).toEqual({ kind: "none" });
    expect(many(all, wrong, "192.0.2.1", 3)).toEqual(["wrong", "wrong", "wrong"]);
  });

  it("are remembered of no more addresses than there is room for", () => {
    const all = new OperatorTries(secret, { operatorTries: 1, operatorTriesOfAll: 1e9 }, start);
    all.try(wrong, "first", start);
    expect(all.try(wrong, "first", start).kind).toBe("too-many");
    for (let i = 0; i < 10_000; i++) all.try(wrong, `other ${String(i)}`, start);
    expect(all.try(wrong, "first", start).kind).toBe("wrong");
  });
});

describe("a server with an operator", () => {
  const running: RunningServer[] = [];
  const lines: string[] = [];
  const line = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const now = 1_800_000_000_000;

  async function server(more: Partial<ServerOptions>): Promise<RunningServer> {
    const started = await startServer({
      delivery: memoryDelivery({ address, group: testGroups, accounts: firstKeyCounts }),
      operator: { secret, verify: { hubKeys: [], agentKeys: [] } },
      limits,
      clock: () => now,
      log: { info: line, warn: line, error: line, debug: line },
      ...more,
    });
    running.push(started);
    return started;
  }
  afterAll(async () => {
    for (const each of running) await each.close();
  });
  const ask = (url: string, authorization: string, from = ""): Promise<Response> =>
    fetch(`${url}/operator/reports`, { headers: { authorization, "x-real-ip": from } });

  it("refuses tries beyond its limits, says when the next one is looked at, and counts them", async () => {
    const { url } = await server({});
    const statuses: number[] = [];
    // What stands in a header that nobody has told it to read is nothing.
    for (let i = 0; i < 4; i++) statuses.push((await ask(url, wrong, `192.0.2.${String(i)}`)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    const refused = await ask(url, right);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "20"]);
    expect(await refused.text(), "nothing of what there is to see").toBe("not so often");
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain(`copse_operator_tries_total{result="wrong"} 3`);
    expect(metrics).toContain(`copse_operator_tries_total{result="too-many"} 2`);
  });

  it("writes down from where a wrong secret was said, and neither it nor the right one", async () => {
    lines.length = 0;
    const { url } = await server({});
    await ask(url, wrong);
    await ask(url, right);
    expect(lines.filter((each) => each.includes("secret"))).toEqual([
      `somebody has said a wrong operator secret {"from":"127.0.0.1"}`,
    ]);
    expect(lines.join()).not.toContain(secret);
    expect(lines.join()).not.toContain("xxxx");
  });

  it("counts by the address that its proxy says, the last of a list, where it is told in which header", async () => {
    lines.length = 0;
    const { url } = await server({ addressHeader: "X-Real-IP" });
    const statuses: number[] = [];
    for (const from of ["192.0.2.1", "192.0.2.1", "192.0.2.9, 192.0.2.1", "192.0.2.1", "192.0.2.2"])
      statuses.push((await ask(url, wrong, from)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 401]);
    expect((await ask(url, wrong, "no address")).status).toBe(401);
    expect(lines.filter((each) => each.includes("secret")).at(-1)).toContain(`{"from":"unknown"}`);
  });

  it("takes the name of a header, and nothing else, for it", () => {
    expect(() => configured({ address, "address-header": "x real ip" }, {})).toThrow("--address-header");
    expect(configured({ address, "address-header": "x-real-ip" }, {})["address-header"]).toBe("x-real-ip");
    expect(Object.keys(defaultServerLimits)).toEqual(expect.arrayContaining(Object.keys(limits)));
  });
});
