import { expect, it } from "vitest";
import { agreeing } from "./agreeing.ts";
import { World } from "./world.ts";

it("a call converges with a bounded number of commits when two hundred devices join within ten seconds", async () => {
  const duration = 10_000;
  const debounce = 1_000;
  const world = await World.create({ devices: 200, timing: { debounce } });
  const [starter, ...others] = world.devices;
  await world.start(starter!);
  for (const device of others) {
    world.clock.after(world.chance() * duration, () => {
      world.join(device);
    });
  }
  await world.clock.run(duration);
  // Between two commits lies a debounce at least. One more for the last to knock, one for who knocked while that was on
  // its way, and the branch that the call began with.
  const bound = Math.ceil(duration / debounce) + 3;
  await world.clock.run(3 * debounce);
  agreeing(world, { in: 200 });
  expect(Number(world.service.epoch)).toBeLessThanOrEqual(bound);
  expect(world.service.commits.size).toBeLessThanOrEqual(bound);
  expect(world.devices.flatMap(({ events }) => events).filter(({ kind }) => kind !== "in")).toEqual([]);
});
