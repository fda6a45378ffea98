/** A server that gets thousands of requests that it refuses: what it holds does not grow with them. */

import { expect, test } from "vitest";
import { kept } from "../memory/measure.ts";

test("thirty requests that are refused keep no object", async () => {
  const { bytesPerStep, leaking } = await kept("test/server/hostile-requests.memory.ts", { between: 16, leak: 2_048 });
  console.log(
    `${String(Math.round(bytesPerStep))} bytes for thirty requests, ${String(Math.round(leaking))} with a leak of 2048`,
  );
  expect(leaking).toBeGreaterThan(1_536);
  expect(bytesPerStep).toBeLessThan(320);
});
