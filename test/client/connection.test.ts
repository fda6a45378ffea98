/** Whether the service is there, and why it does not let a device in: what an application shows. */

import { expect, it } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import { delivery, opened, person, plain, settle } from "./world.ts";

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

it("tries again soon where somebody writes, however long the service was away", async () => {
  const service = delivery();
  const time = { now: 1_800_000_000_000 };
  const first = await person(service, "alice", "phone", { clock: () => time.now });
  await settle(first);
  const { id } = await first.client.createRoom({ participants: [] });
  await settle(first);
  await first.client.close();

  const line = { isCut: true, tries: 0 };
  const overLine: Delivery = {
    connect: async (login) => {
      line.tries++;
      if (line.isCut) throw new DeliveryError("unreachable");
      return service.connect(login);
    },
  };
  const store = memoryStore({ disk: first.disk });
  const alice = await opened({ ...first.options, store, delivery: overLine }, first.disk);
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 500) {
      time.now += 500;
      alice.client.tick();
      await settle(alice);
    }
  };
  await pass(120_000);
  for (const last = line.tries; line.tries === last;) await pass(500); // from now on it waits for half a minute at least
  const before = line.tries;
  line.isCut = false;
  await pass(5_000);
  expect([alice.client.isOnline, line.tries - before]).toEqual([false, 0]);
  await alice.client.room(id).send(plain("Are you there?"));
  await pass(500);
  expect([alice.client.isOnline, line.tries - before]).toEqual([true, 1]);
  await settle(alice);
  const [entry] = await alice.client.room(id).timeline();
  expect(entry?.status).toBe("sent");
});
