/**
 * Simulated clients over the server's database, PGlite, and over the server itself: a story over either is the same when it is played
 * again, and nothing is lost in it. Over PostgreSQL: `npm run test:server`.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { playStory } from "../../src/testing/simulation/play.ts";
import { SimulatedServers } from "./simulated-server.ts";
import { playOver, storiesOr, type Over } from "./simulated-stories.ts";
import { pgliteUnderTest, type UnderTest } from "./under-test.ts";

let database: UnderTest;
const servers = new SimulatedServers();
beforeAll(async () => {
  database = await pgliteUnderTest();
});
afterAll(async () => {
  await servers.close();
  await database.close();
});

const onPglite: Over = async () => {
  await servers.close();
  await database.clear();
  return { port: database.port() };
};
const onServer: Over = async () => ({ ...(await onPglite()), reach: servers.reach });

const file = "test/checks/vitest.config.ts test/server/simulation.test.ts";

for (const [name, over] of [
  ["PGlite", onPglite],
  ["HTTP and PGlite", onServer],
] as const) {
  describe(`clients over ${name}`, () => {
    for (const [kind, few] of [
      ["bad network", 3],
      ["power cuts", 2],
      ["several versions", 2],
    ] as const) {
      it(`lose nothing: ${kind}`, () =>
        playOver(over, kind, storiesOr(few), `${file} -t "clients over ${name} lose nothing: ${kind}"`));
    }

    it("have the same story when it is played again", async () => {
      const told = async (): Promise<readonly string[]> => {
        const log: string[] = [];
        const { world } = await playStory({ ...(await over()), seed: 1, log: (line) => log.push(line) });
        for (const { uri, events } of world.devices)
          for (const event of events) log.push(`${uri} ${String(event.number)} ${event.kind}`);
        return log;
      };
      const first = await told();
      expect(first.length).toBeGreaterThan(30);
      expect(await told()).toEqual(first);
    });
  });
}

it("asks the database and the server", async () => {
  const { port, reach } = await onServer();
  let connected = 0;
  const { world } = await playStory({
    seed: 1,
    steps: 5,
    ...(port && { port }),
    reach: async (service, world) => {
      const way = await (reach ?? servers.reach)(service, world);
      return {
        connect: (login) => {
          connected++;
          return way.connect(login);
        },
      };
    },
  });
  expect(connected).toBeGreaterThanOrEqual(world.devices.length);
  expect(await port?.devices.row(world.devices[0]!.uri)).toBeDefined();
});
