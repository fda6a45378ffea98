/**
 * Clients in an honest world: bad networks, crashes, and everything that people do. COPSE_STORIES says how many seeds, COPSE_SEED
 * which is the first: a failure prints the command that plays its story again.
 */

import { expect, it } from "vitest";
import { playStory, type StoryOptions } from "../../../src/testing/simulation/play.ts";

const stories = Number(process.env["COPSE_STORIES"] ?? process.env["COPSE_HISTORIES"] ?? 200);
/** So many of a hundred stories have power cuts. */
const cuts = 25;
const seed = Number(process.env["COPSE_SEED"] ?? 1);

async function play(name: string, count: number, options: Omit<StoryOptions, "seed">): Promise<void> {
  const bad: string[] = [];
  let [messages, deaths] = [0, 0];
  for (let each = seed; each < seed + count && bad.length < 5; each++) {
    const log: string[] = [];
    const end = await playStory({ ...options, seed: each, log: (line) => log.push(line) });
    messages += end.messages;
    deaths += end.deaths;
    if (end.violations.length === 0) continue;
    const again = `COPSE_SEED=${String(each)} COPSE_STORIES=1 npx vitest run --config test/checks/vitest.config.ts test/simulation/client -t "${name}"`;
    bad.push([again, ...(count === 1 ? log : []), ...end.violations.slice(0, 12)].join("\n  "));
  }
  console.log(`${name}: ${String(count)} stories, ${String(messages)} messages, ${String(deaths)} deaths`);
  expect(bad.join("\n")).toBe("");
}

it("loses nothing in a bad network, with processes that die", () =>
  play("bad network", Math.ceil((stories * (100 - cuts)) / 100), {}));

it("loses nothing that was told, with power cuts that take what no disk has", () =>
  play("power cuts", Math.ceil((stories * cuts) / 100), { deaths: ["crash", "power-cut"] }));

it("loses nothing, and parts nobody, where clients of several versions are in one room", () =>
  play("several versions", Math.ceil((stories * cuts) / 100), { mixed: true }));
