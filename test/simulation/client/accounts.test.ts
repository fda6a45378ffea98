/**
 * Users with accounts and several devices each, in an honest world: COPSE_STORIES says how many seeds, COPSE_SEED which is the first.
 */

import { expect, it } from "vitest";
import { playStory } from "../../../src/testing/simulation/play.ts";

const stories = Math.ceil(Number(process.env["COPSE_STORIES"] ?? process.env["COPSE_HISTORIES"] ?? 200) / 40);
const seed = Number(process.env["COPSE_SEED"] ?? 1);

it("keeps who is out from reading on, and gives everybody else what there is", async () => {
  const bad: string[] = [];
  let [messages, deaths] = [0, 0];
  const events = new Map<string, number>();
  for (let each = seed; each < seed + stories && bad.length < 5; each++) {
    const log: string[] = [];
    const end = await playStory({ seed: each, accounts: true, log: (line) => log.push(line) });
    messages += end.messages;
    deaths += end.deaths;
    for (const { kind } of end.world.devices.flatMap((device) => device.events))
      events.set(kind, (events.get(kind) ?? 0) + 1);
    if (end.violations.length === 0) continue;
    const again = `COPSE_SEED=${String(each)} COPSE_STORIES=1 npx vitest run --config test/checks/vitest.config.ts test/simulation/client/accounts.test.ts`;
    bad.push([again, ...(stories === 1 ? log : []), ...end.violations.slice(0, 12)].join("\n  "));
  }
  const counted = ["account-renewed", "device-idle", "was-idle", "revocation-failed", "restored"];
  console.log(
    `accounts: ${String(stories)} stories, ${String(messages)} messages, ${String(deaths)} deaths; ${counted.map((kind) => `${kind} ${String(events.get(kind) ?? 0)}`).join(", ")}`,
  );
  expect(bad.join("\n")).toBe("");
});

it("joins the first epoch of a history to nothing, though another device was linked before that was done", async () => {
  const { violations } = await playStory({ seed: 13, accounts: true });
  expect(violations).toEqual([]);
});
