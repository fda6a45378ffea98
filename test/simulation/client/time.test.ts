/**
 * The simulation's time waits for what it is told of, and for nothing else.
 */

import { setImmediate as later } from "node:timers/promises";
import { expect, it } from "vitest";
import { memoryPort } from "../../../src/delivery/memory-port/memory-port.ts";
import { VirtualTime } from "../../../src/testing/simulation/time.ts";
import { SimulatedWorld } from "../../../src/testing/simulation/world.ts";

/** Work that takes some turns of the process, as a database does. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await later();
}

it("passes to the next event when the work that the last one has begun is done", async () => {
  const time = new VirtualTime();
  const log: string[] = [];
  time.after(1, () => {
    void time.during(turns(20)).then(() => {
      log.push("done");
      // What comes of it is waited for, too.
      void time.during(turns(20)).then(() => log.push("done again"));
    });
  });
  time.after(2, () => log.push("next"));
  await time.pass(3);
  expect(log).toEqual(["done", "done again", "next"]);
});

it("goes on when the work fails, and gives the error to whoever waits for it", async () => {
  const time = new VirtualTime();
  const failing = time.during(turns(3).then(() => Promise.reject(new Error("no"))));
  const failed = expect(failing).rejects.toThrow("no");
  await time.pass(1);
  await failed;
});

it("asks whether more comes until nothing does", async () => {
  const time = new VirtualTime();
  const log: string[] = [];
  let left = 0;
  time.settle(async () => {
    await turns(5);
    if (left === 0) return false;
    log.push(`came ${String(left--)}`);
    return true;
  });
  time.after(1, () => {
    left = 2;
  });
  time.after(1, () => log.push("next"));
  await time.pass(1);
  expect(log).toEqual(["came 2", "came 1", "next"]);
});

it("passes when the service's database has answered, also what nobody waits for", async () => {
  const port = memoryPort();
  const names = port.rooms.names.bind(port.rooms);
  port.rooms.names = (after, limit) => turns(10).then(() => names(after, limit));
  const world = new SimulatedWorld({ seed: 1, port });
  const log: string[] = [];
  void world.port.rooms.names("", 1).then(() => log.push("answered"));
  world.time.after(1, () => log.push("next"));
  await world.pass(1);
  expect(log).toEqual(["answered", "next"]);
});
