/** A long call: what its members hold does not grow with it. */

import { expect, test } from "vitest";
import { kept } from "../memory/measure.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import { VirtualCall } from "./virtual-call.ts";

test("many epochs leave as many secrets as the first ones", () => {
  const live = new LiveSecrets();
  const call = new VirtualCall();
  const epochs = (count: number): void => {
    for (let epoch = 0; epoch < count; epoch++) {
      call.commit();
      call.second();
    }
  };
  try {
    epochs(6);
    const secrets = live.count;
    expect(secrets).toBeGreaterThan(0);
    epochs(60);
    expect(live.count).toBe(secrets);
  } finally {
    live.stop();
  }
});

test("a frame keeps not one byte of memory", async () => {
  const { bytesPerStep, leaking } = await kept("test/sframe/long-call.memory.ts", { between: 15, leak: 32 });
  expect(leaking).toBeGreaterThan(24); // of 32 bytes a second, or a byte for every third frame
  expect(bytesPerStep).toBeLessThan(10); // a second has 80 frames
});
