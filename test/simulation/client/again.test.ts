/**
 * A story that is played again is the same story: what a failing seed prints can be looked into. The first one in a process is no
 * exception, though it is the first to need what a client fetches when it needs it.
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";
import { playStory } from "../../../src/testing/simulation/play.ts";

/** What happened, and when, to whom. */
async function told(seed: number): Promise<readonly string[]> {
  const log: string[] = [];
  const { world } = await playStory({ seed, log: (line) => log.push(line) });
  for (const { uri, events } of world.devices)
    for (const event of events) log.push(`${uri} ${String(event.number)} ${event.kind}`);
  return log;
}

it("is the same when it is played again", async () => {
  const first = await told(46);
  expect(first.length).toBeGreaterThan(100);
  expect(await told(46)).toEqual(first);
});

it("begins with everything there that a client fetches when it needs it", () => {
  const client = join(import.meta.dirname, "../../../src/client");
  const simulation = join(client, "../testing/simulation");
  const fetched = new Set<string>();
  for (const name of readdirSync(client, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts")) continue;
    for (const [, path] of readFileSync(join(client, name), "utf8").matchAll(/\bimport\("(\.[^"]+)"\)/g))
      fetched.add(join(dirname(name), path!));
  }
  const here = readFileSync(join(simulation, "fetched.ts"), "utf8").matchAll(/^import "([^"]+)";$/gm);
  const there = new Set(Array.from(here, ([, path]) => relative(client, join(simulation, path!))));
  expect(fetched.size).toBeGreaterThan(10);
  expect([...fetched].filter((path) => !there.has(path))).toEqual([]);
});
