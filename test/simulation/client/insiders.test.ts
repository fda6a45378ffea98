/**
 * Clients in a room with a member that keeps no rule: COPSE_STORIES says how many seeds, COPSE_SEED which is the first.
 */

import { expect, it } from "vitest";
import { playInsider, type Deed, type InsiderEnd, type Oversight } from "../../../src/testing/simulation/insiders.ts";

const stories = Math.ceil(Number(process.env["COPSE_STORIES"] ?? process.env["COPSE_HISTORIES"] ?? 200) / 20);
const seed = Number(process.env["COPSE_SEED"] ?? 1);

it("follows nothing that breaks a rule, and loses nothing without being told, whatever a member does", async () => {
  const bad: string[] = [];
  let [messages, named, rejoined, lacking] = [0, 0, 0, 0];
  const answers = new Map<string, number>();
  for (let each = seed; each < seed + stories && bad.length < 5; each++) {
    const log: string[] = [];
    const end = await playInsider({ seed: each, log: (line) => log.push(line) });
    messages += end.messages;
    named += end.named;
    rejoined += end.rejoined;
    lacking += end.lacking;
    for (const { deed, answer } of end.deeds)
      answers.set(`${deed} ${answer}`, (answers.get(`${deed} ${answer}`) ?? 0) + 1);
    if (end.violations.length === 0) continue;
    const again = `COPSE_SEED=${String(each)} COPSE_STORIES=1 npx vitest run --config test/checks/vitest.config.ts test/simulation/client/insiders.test.ts`;
    bad.push([again, end.oversight, ...(stories === 1 ? log : []), ...end.violations.slice(0, 12)].join("\n  "));
  }
  console.log(
    `insiders: ${String(stories)} stories, ${String(messages)} messages, ${String(named)} times named, ${String(rejoined)} rejoined, ${String(lacking)} readings that were lost and told; ${[...answers].map(([what, count]) => `${what} ${String(count)}`).join(", ")}`,
  );
  expect(bad.join("\n")).toBe("");
});

/** The same deeds in three stories. */
async function told(oversight: Oversight, ...deeds: readonly Deed[]): Promise<InsiderEnd[]> {
  const ends: InsiderEnd[] = [];
  for (let each = 1; each <= 3; each++) ends.push(await playInsider({ seed: each, oversight, deeds }));
  expect(ends.flatMap(({ violations }) => violations)).toEqual([]);
  return ends;
}

it("names who has broken the path for some, and brings them back from outside", async () => {
  const ends = await told("checks", "broken-path");
  expect(ends.flatMap(({ deeds }) => deeds)).toContainEqual({ deed: "broken-path", answer: "accepted" });
  expect(Math.max(...ends.map(({ named }) => named))).toBeGreaterThan(0);
  expect(Math.max(...ends.map(({ rejoined }) => rejoined))).toBeGreaterThan(0);
});

it("names who breaks the policy, where the service does not see it, and goes on when that is taken back", async () => {
  const ends = await told("blind", "take-role", "put-out", "rename", "bring-in");
  for (const { deeds, named, lacking } of ends) {
    if (deeds.every(({ answer }) => answer === "refused")) continue;
    expect(named).toBeGreaterThan(0);
    expect(lacking).toBe(0);
  }
  expect(ends.some(({ deeds }) => deeds.some(({ answer }) => answer === "accepted"))).toBe(true);
});

it("stands still and keeps what is to be said, where the service takes nothing back", async () => {
  const ends = await told("colludes", "take-role");
  expect(ends.some(({ named, lacking }) => named === 3 && lacking > 0)).toBe(true);
});
