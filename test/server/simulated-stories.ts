/**
 * Stories of simulated clients over a server's database, or over a server: COPSE_STORIES says how many seeds, COPSE_SEED which is the first. A
 * failure prints the command that plays its story again.
 */

import { expect } from "vitest";
import { playInsider } from "../../src/testing/simulation/insiders.ts";
import { playMalice } from "../../src/testing/simulation/malice.ts";
import { playStory, type StoryOptions } from "../../src/testing/simulation/play.ts";
import type { WorldOptions } from "../../src/testing/simulation/world.ts";

const seed: number = Number(process.env["COPSE_SEED"] ?? 1);
const asked = process.env["COPSE_STORIES"];

/** As many stories as were asked for, or so many. */
export const storiesOr = (few: number): number => Number(asked ?? few);

/** What a story happens over: an empty database, or a server on one. */
export type Over = () => Promise<Pick<WorldOptions, "port" | "reach">>;

/** How a story ended, whichever it was. */
interface End {
  readonly violations: readonly string[];
  readonly messages: number;
  readonly deaths?: number;
}

/** Which kinds of stories there are. */
export type Kind =
  "bad network" | "power cuts" | "several versions" | "a service that lies" | "a member that keeps no rule";

/** Play a story of a kind. */
function play(kind: Kind, options: StoryOptions): Promise<End> {
  switch (kind) {
    case "bad network":
      return playStory(options);
    case "power cuts":
      return playStory({ ...options, deaths: ["crash", "power-cut"] });
    case "several versions":
      return playStory({ ...options, mixed: true });
    case "a service that lies":
      return playMalice(options);
    case "a member that keeps no rule":
      return playInsider(options);
  }
}

/** Play stories of a kind. `again` are the arguments of vitest that find the test again. */
export async function playOver(over: Over, kind: Kind, count: number, again: string): Promise<void> {
  const bad: string[] = [];
  let [messages, deaths] = [0, 0];
  for (let each = seed; each < seed + count && bad.length < 5; each++) {
    const log: string[] = [];
    const end: End = await play(kind, { ...(await over()), seed: each, log: (line) => log.push(line) });
    messages += end.messages;
    deaths += end.deaths ?? 0;
    if (end.violations.length === 0) continue;
    const command = `COPSE_SEED=${String(each)} COPSE_STORIES=1 npx vitest run --config ${again}`;
    bad.push([command, ...(count === 1 ? log : []), ...end.violations.slice(0, 12)].join("\n  "));
  }
  console.log(`${kind}: ${String(count)} stories, ${String(messages)} messages, ${String(deaths)} deaths`);
  expect(bad.join("\n")).toBe("");
}
