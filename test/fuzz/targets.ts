/**
 * Everything that is fuzzed, over one world.
 */

import { Observer } from "../../src/public-group/observer/observer.ts";
import { decodingTargets } from "./decoding.ts";
import { frameTargets } from "./frames.ts";
import type { Target } from "./harness.ts";
import { joiningTargets } from "./joining.ts";
import { receivingTargets } from "./receiving.ts";
import { storingTargets } from "./storing.ts";
import { makeWorld } from "./world.ts";

/** All targets over a world of this seed and cipher suite. */
export async function allTargets(seed: number, suite: number): Promise<readonly Target[]> {
  const world = await makeWorld(seed, suite);
  const { groupInfo, options } = world;
  const observer = await Observer.follow({ ...options, suite: world.suite, groupInfo });
  return [
    ...decodingTargets(seed, world),
    ...receivingTargets(world, observer),
    ...(await joiningTargets(world)),
    ...storingTargets(world, observer),
    ...(await frameTargets()),
  ];
}
