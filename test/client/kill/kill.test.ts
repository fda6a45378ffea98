/**
 * A client whose process is killed by SIGKILL, wherever it is, comes to the same end as one that nobody has killed: nothing is lost,
 * nothing is there twice, and no key has made two messages. `npm run soak` plays every persistence point and random instants.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { play, type Kill } from "./game.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
let folder = "";
let program = "";

beforeAll(async () => {
  folder = mkdtempSync(join(root, "node_modules/.cache-copse-day-"));
  program = join(folder, "killed.mjs");
  const { outputFiles } = await build({
    entryPoints: [join(root, "test/client/kill/killed.ts")],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    conditions: ["copse-src"],
    packages: "external",
    alias: { "#symmetric": join(root, "src/crypto/symmetric-node.ts") },
    logLevel: "error",
  });
  writeFileSync(program, outputFiles[0]!.contents);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/**
 * How it is killed. "seeded": at random persistence points, each process that comes after a kill by the next one. "points": at one
 * point a game, from this index on, in an order that is spread over the day. "instants": at random instants.
 */
const { COPSE_KILLING: killing = "seeded", COPSE_KILLS: wanted = "50", COPSE_SEED: seed = "1" } = process.env;

/** Numbers below a bound, the same for a seed. */
function numbersFrom(start: number): (bound: number) => number {
  let state = start;
  return (bound) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % bound;
  };
}

const kinds = ["level", "sqlite"] as const;
/** Kills of one game, and how many points there are at the most from one to the next, so that together they go through the day. */
const killsOfGame = 10;
const pointsBetween = 60;
/** More persistence points than a day has, and a step that has no divisor in common with it. */
const mostPoints = 331;
const stride = 101;
/** Longer than a process lives, in milliseconds. */
const longestLife = 1_500;

/** The kills of each game, and its store. */
function games(): readonly { readonly kind: (typeof kinds)[number]; readonly kills: readonly Kill[] }[] {
  const count = Number(wanted);
  const random = numbersFrom(Number(seed));
  const kindOf = (game: number): (typeof kinds)[number] => kinds[game % kinds.length]!;
  if (killing === "points") {
    return Array.from({ length: count }, (_, i) => {
      const index = Number(seed) + i;
      const point = 1 + ((Math.floor(index / kinds.length) * stride) % mostPoints);
      return { kind: kindOf(index), kills: [{ point }] };
    });
  }
  return Array.from({ length: Math.ceil(count / killsOfGame) }, (_, game) => ({
    kind: kindOf(game),
    kills: Array.from({ length: Math.min(killsOfGame, count - game * killsOfGame) }, () =>
      killing === "instants" ? { after: 100 + random(longestLife) } : { point: 1 + random(pointsBetween) },
    ),
  }));
}

describe("a client that nobody kills", () => {
  it.each(kinds)("has its day on %s", async (kind) => {
    const { wrong, points, seen } = await play(program, kind, []);
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThanOrEqual(7); // messages of Alice's, each looked at
    expect(points).toBeGreaterThan(200);
    expect(points).toBeLessThan(mostPoints);
  });
});

describe("a client that is killed", () => {
  it("comes to the same end", { timeout: 7_200_000 }, async () => {
    const counts = { level: 0, sqlite: 0 };
    const wrong: string[] = [];
    for (const { kind, kills } of games()) {
      const played = await play(program, kind, kills);
      if (played.wrong.length > 0) wrong.push(`${kind} killed at ${JSON.stringify(kills)}`, ...played.wrong);
      counts[kind] += played.kills;
    }
    expect(wrong).toEqual([]);
    const { level, sqlite } = counts;
    console.log(`killed (${killing}): ${String(level)} times on Level, ${String(sqlite)} times on SQLite`);
    if (killing === "seeded") expect(level + sqlite).toBeGreaterThan(Number(wanted) * 0.8);
  });
});
