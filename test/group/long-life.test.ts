/** A group that lives long: what a member or an observer holds does not grow with its epochs. */

import { expect, test } from "vitest";
import { kept } from "../memory/measure.ts";

test("an epoch with its messages keeps no object", async () => {
  const { bytesPerStep, leaking } = await kept("test/group/long-life.memory.ts", { between: 16, leak: 128 });
  expect(leaking).toBeGreaterThan(96); // of 128 bytes an epoch: less than a byte string of 32
  expect(bytesPerStep).toBeLessThan(64);
});
