/**
 * Against clients of others, where somebody has started them: COPSE_INTEROP_PEERS=host:port,host:port. Every script is
 * played in every suite that both know, with both kinds of handshakes, and with every actor on either side.
 */

import { status } from "@grpc/grpc-js";
import { afterAll, describe, it } from "vitest";
import { Client } from "./client.ts";
import { Play, type Cast } from "./play.ts";
import { deepScenario, scenarios, type Scenario } from "./scenarios.ts";
import { serve } from "./server.ts";

const addresses = (process.env["COPSE_INTEROP_PEERS"] ?? "").split(",").filter((address) => address !== "");
const commits = Number(process.env["COPSE_INTEROP_COMMITS"] ?? "20");
const scripts = [...scenarios, deepScenario({ seed: 7, commits, most: 2 * commits, adds: 10 })];

/** As many pairings as eight actors have. A script with more plays some of its own. */
const mostPairings = 256;

if (addresses.length === 0) {
  it.skip("clients of others: skipped, because COPSE_INTEROP_PEERS gives no address");
} else {
  const server = await serve();
  const own = new Client(server.address);
  const known = new Set((await own.call("SupportedCiphersuites")).ciphersuites);
  afterAll(async () => {
    own.close();
    await server.close();
  });
  for (const address of addresses) {
    const peer = new Client(address);
    const { name } = await peer.call("Name");
    const { ciphersuites } = await peer.call("SupportedCiphersuites");
    const suites = [...new Set(ciphersuites)].filter((suite) => known.has(suite)).sort((a, b) => a - b);
    describe(`with ${name} at ${address}`, () => {
      afterAll(() => peer.close());
      for (const suite of suites) playAll([own, peer], suite, suites.find((other) => other !== suite) ?? suite);
    });
  }
}

function playAll(clients: readonly [Client, Client], suite: number, otherSuite: number): void {
  for (const scenario of scripts) {
    for (const encrypt of [false, true]) {
      const title = `suite ${suite}, ${scenario.config}: ${scenario.name}, ${encrypt ? "private" : "public"} handshakes`;
      it(title, { timeout: 900_000 }, async ({ skip }) => {
        const missing = await everyPairing(clients, scenario, { suite, otherSuite, encrypt });
        if (missing !== undefined) skip(`the other client does not implement ${missing}`);
      });
    }
  }
}

/** Each actor on each side: the bits of a number say where each one sits. Gives what the peer says that it lacks. */
async function everyPairing(
  clients: readonly [Client, Client],
  { run }: Scenario,
  cast: Omit<Cast, "seat">,
): Promise<string | undefined> {
  let actors = 1;
  for (let pairing = 0; pairing < Math.min(2 ** actors, mostPairings); pairing++) {
    const play = new Play({ ...cast, seat: (n) => clients[(pairing >> (n % 16)) & 1]! });
    try {
      await run(play);
      await play.end();
    } catch (cause) {
      if ((cause as { code?: unknown }).code === status.UNIMPLEMENTED) return (cause as Error).message;
      throw new Error(`pairing ${pairing.toString(2)}: ${(cause as Error).message}`, { cause });
    }
    actors = play.actors;
  }
  return undefined;
}
