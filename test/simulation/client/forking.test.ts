/**
 * Clients at a service that forks a room or goes back: COPSE_STORIES says how many seeds, COPSE_SEED which is the first.
 */

import { expect, it } from "vitest";
import { playForking } from "./forking.ts";

const stories = Math.ceil(Number(process.env["COPSE_STORIES"] ?? process.env["COPSE_HISTORIES"] ?? 200) / 33);
const seed = Number(process.env["COPSE_SEED"] ?? 1);

it("tells of branches, leaves the choice to people, and keeps what waits", async () => {
  const bad: string[] = [];
  let [told, saved] = [0, 0];
  for (let each = seed; each < seed + stories && bad.length < 5; each++) {
    const log: string[] = [];
    const end = await playForking(each, (line) => log.push(line));
    told += end.told;
    saved += end.saved;
    if (end.violations.length === 0) continue;
    const again = `COPSE_SEED=${String(each)} COPSE_STORIES=1 npx vitest run --config test/checks/vitest.config.ts test/simulation/client/forking.test.ts`;
    bad.push([again, end.kind, ...(stories === 1 ? log : []), ...end.violations.slice(0, 12)].join("\n  "));
  }
  console.log(
    `forks: ${String(stories)} stories, ${String(told)} devices told, ${String(saved)} readings of what had waited`,
  );
  expect(bad.join("\n")).toBe("");
  expect(told).toBeGreaterThan(0);
  expect(saved).toBeGreaterThan(0);
});
