/**
 * Users whose history a service keeps badly: COPSE_STORIES says how many seeds, COPSE_SEED which is the first.
 */

import { expect, it } from "vitest";
import { playHistoryLies } from "../../../src/testing/simulation/accounts/history-lies.ts";

const stories = Math.ceil(Number(process.env["COPSE_STORIES"] ?? process.env["COPSE_HISTORIES"] ?? 200) / 40);
const seed = Number(process.env["COPSE_SEED"] ?? 1);

it("restores what there is, or is told, whatever the service shows of the history", async () => {
  const bad: string[] = [];
  let [messages, lies, told] = [0, 0, 0];
  for (let each = seed; each < seed + stories && bad.length < 5; each++) {
    const log: string[] = [];
    const end = await playHistoryLies({ seed: each, log: (line) => log.push(line) });
    messages += end.messages;
    lies += end.lies;
    told += end.told;
    if (end.violations.length === 0) continue;
    const again = `COPSE_SEED=${String(each)} COPSE_STORIES=1 npx vitest run --config test/checks/vitest.config.ts test/simulation/client/history-lies.test.ts`;
    bad.push([again, end.lie, ...(stories === 1 ? log : []), ...end.violations.slice(0, 12)].join("\n  "));
  }
  console.log(
    `history lies: ${String(stories)} stories, ${String(messages)} messages, ${String(lies)} answers that were lies, ${String(told)} times told`,
  );
  expect(bad.join("\n")).toBe("");
  if (stories > 1) expect(told).toBeGreaterThan(0);
});
