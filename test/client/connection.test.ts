/** Whether the service is there, and why it does not let a device in: what an application shows. */

import { expect, it } from "vitest";
import { delivery, person, settle } from "./world.ts";

it("says that there is a connection, and that it was lost", async () => {
  const service = delivery();
  const alice = await person(service, "alice", "phone", { online: false });
  const heard: boolean[] = [];
  const stop = alice.client.onConnection(() => heard.push(alice.client.isOnline));
  alice.client.connect();
  await settle(alice);
  expect(heard.at(-1)).toBe(true);
  expect(alice.client.refusal).toBe(undefined);
  await service.shutdown();
  await settle(alice);
  expect(heard.at(-1)).toBe(false);
  const before = heard.length;
  stop();
  alice.client.tick();
  await settle(alice);
  expect(heard.length).toBe(before);
});

it("says why a device is not let in, until it is", async () => {
  let isOpen = false;
  const check = { device: () => (isOpen ? ("listed" as const) : ("refused" as const)), statement: () => false };
  const time = { now: 1_800_000_000_000 };
  const service = delivery({ accounts: check });
  const alice = await person(service, "alice", "phone", { clock: () => time.now });
  let heard = 0;
  alice.client.onConnection(() => heard++);
  await settle(alice);
  expect(alice.client.isOnline).toBe(false);
  expect(alice.client.refusal).toBe("not-allowed");
  isOpen = true;
  time.now += 600_000;
  alice.client.tick();
  await settle(alice);
  expect(alice.client.refusal).toBe(undefined);
  expect(alice.client.isOnline).toBe(true);
  expect(heard).toBeGreaterThan(0);
});
