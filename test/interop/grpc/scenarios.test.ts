import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "./client.ts";
import { rpcNames, type RpcName } from "./descriptor.ts";
import { Play } from "./play.ts";
import { deepScenario, scenarios, type Scenario } from "./scenarios.ts";
import { serve, type InteropServer } from "./server.ts";

const deep = deepScenario({ seed: 7, commits: 12, most: 12, adds: 4 });

let servers: readonly InteropServer[] = [];
let clients: readonly Client[] = [];

beforeAll(async () => {
  servers = await Promise.all([serve(), serve()]);
  clients = servers.map(({ address }) => new Client(address));
});

afterAll(async () => {
  for (const client of clients) client.close();
  await Promise.all(servers.map((server) => server.close()));
});

/** The actors sit on both servers in turn, so that what one makes the other takes. */
async function play({ run }: Scenario, suite: number, encrypt: boolean): Promise<void> {
  const other = (suite % 3) + 1;
  const cast = { suite, encrypt, otherSuite: other === suite ? suite + 1 : other };
  const stage = new Play({ ...cast, seat: (n) => clients[n % clients.length]! });
  await run(stage);
  await stage.end();
}

describe("between two servers, the scripts of the interop harness", () => {
  const both = [...scenarios, deep].flatMap((scenario) => [
    { ...scenario, encrypt: false, handshake: "public" },
    { ...scenario, encrypt: true, handshake: "private" },
  ]);
  it.each(both)("$config: $name, $handshake handshakes", async (scenario) => play(scenario, 1, scenario.encrypt));

  it("are of all eight configurations", () => {
    expect(new Set([...scenarios, deep].map(({ config }) => config))).toEqual(
      new Set([
        "welcome_join",
        "application",
        "commit",
        "external_join",
        "external_proposals",
        "deep_random",
        "reinit",
        "branch",
      ]),
    );
  });

  it("drive every RPC but the two that say who is there", () => {
    const driven = new Set(clients.flatMap((client) => [...client.driven]));
    const unasked: readonly RpcName[] = ["Name", "SupportedCiphersuites"];
    expect(rpcNames.filter((rpc) => !driven.has(rpc))).toEqual(unasked);
  });

  it("leave nothing behind but what nobody can free", () => {
    // An external joiner who comes again has left its former self, and who reinitializes the group that was.
    expect(servers.reduce((sum, { memory }) => sum + memory.successors.size, 0)).toBe(0);
  });
});

describe.each([2, 3, 4, 5, 6, 7])("in suite %i", (suite) => {
  const short = scenarios.filter(
    ({ config, name }) =>
      `${config} ${name}` === "commit all together, proposed by another" ||
      `${config} ${name}` === "external_proposals an Add of oneself",
  );
  it.each(short)("$config: $name", async (scenario) => play(scenario, suite, suite % 2 === 0));
});
