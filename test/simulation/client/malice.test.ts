/**
 * Clients at a service that lies: COPSE_STORIES says how many seeds, COPSE_SEED which is the first.
 */

import { expect, it } from "vitest";
import { playMalice } from "../../../src/testing/simulation/malice.ts";

const stories = Math.ceil(Number(process.env["COPSE_STORIES"] ?? process.env["COPSE_HISTORIES"] ?? 200) / 20);
const seed = Number(process.env["COPSE_SEED"] ?? 1);

it("reads what it may, or is told, whatever lies it is told", async () => {
  const bad: string[] = [];
  let [messages, told, lacking] = [0, 0, 0];
  for (let each = seed; each < seed + stories && bad.length < 5; each++) {
    const log: string[] = [];
    const end = await playMalice({ seed: each, log: (line) => log.push(line) });
    messages += end.messages;
    told += end.told;
    lacking += end.lacking;
    if (end.violations.length === 0) continue;
    const again = `COPSE_SEED=${String(each)} COPSE_STORIES=1 npx vitest run --config test/checks/vitest.config.ts test/simulation/client/malice.test.ts`;
    bad.push([again, ...(stories === 1 ? log : []), ...end.violations.slice(0, 12)].join("\n  "));
  }
  console.log(
    `lies: ${String(stories)} stories, ${String(messages)} messages, ${String(told)} events that tell of lies, ${String(lacking)} readings that were lost and told`,
  );
  expect(bad.join("\n")).toBe("");
  if (stories > 1) expect(lacking).toBeGreaterThan(0);
});
