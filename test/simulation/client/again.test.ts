/**
 * A story that is played again is the same story: what a failing seed prints can be looked into. The first one in a process is no
 * exception, though it is the first to need what a client fetches when it needs it.
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";
import { playStory } from "../../../src/testing/simulation/play.ts";

/** What was done, and when, by whom; and what each device was told of it. */
async function told(seed: number): Promise<{ readonly done: readonly string[]; readonly events: readonly string[] }> {
  const done: string[] = [];
  const { world } = await playStory({ seed, log: (line) => done.push(line) });
  const events = world.devices.flatMap((device) =>
    device.events.map(({ number, kind }) => `${device.uri} ${String(number)} ${kind}`),
  );
  return { done, events };
}

it("is the same when it is played again", async () => {
  const { done, events } = await told(46);
  // However the story goes, which changes with the order of a client's steps: much is done in it, and told to several.
  expect(done.length).toBeGreaterThan(40);
  expect(new Set(events.map((line) => line.split(" ")[0])).size).toBeGreaterThan(2);
  expect(await told(46)).toEqual({ done, events });
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
