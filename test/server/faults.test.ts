/**
 * Networks that fail between a device and the service: nothing is lost or doubled, and nobody waits for ever.
 */

import { afterEach, expect, test } from "vitest";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { startServer, type RunningServer } from "../../src/server/server.ts";
import { newId, signedIn, TestDevice, testGroups } from "../../src/testing/delivery/device.ts";
import { Listening } from "../../src/testing/delivery/under-test.ts";
import { FaultyProxy } from "./faulty-proxy.ts";
import { SetTimers } from "./set-timers.ts";

const address = "mimi://example.org";
const room = `${address}/r/hiking`;
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

async function scene(): Promise<{
  readonly server: RunningServer;
  readonly proxy: FaultyProxy;
  readonly alice: TestDevice;
  readonly again: () => Promise<void>;
  readonly client: SetTimers;
  readonly serverTimers: SetTimers;
  readonly metric: (line: string) => Promise<number>;
}> {
  const [client, serverTimers] = [new SetTimers(), new SetTimers()];
  const delivery = memoryDelivery({ address, group: testGroups, accounts: firstKeyCounts, consent: "everybody" });
  const server = await startServer({ delivery, timers: serverTimers });
  ends.push(() => server.close());
  const proxy = await FaultyProxy.to(server.port);
  ends.push(() => proxy.close());
  const over = httpDelivery({ url: proxy.url, address, timers: client, silence: 20_000 });
  const alice = await TestDevice.connect({ delivery: over, address }, { user: "alice" });
  await alice.create(room);
  const again = async (): Promise<void> => {
    alice.connection = await signedIn(over, alice.uri, alice.identity, { known: 0n, next: 0n, id: newId() });
  };
  const metric = async (line: string): Promise<number> => {
    const page = await (await fetch(`${server.url}/metrics`)).text();
    return Number(
      page
        .split("\n")
        .find((each) => each.startsWith(line))
        ?.split(" ")
        .at(-1) ?? 0,
    );
  };
  return { server, proxy, alice, again, client, serverTimers, metric };
}

test("what was accepted and whose answer was lost is answered as it was when it is said again", async () => {
  const { proxy, alice, again, metric } = await scene();
  const publication = await alice.sealed(room, "hello");
  proxy.mode = "answers-lost";
  const lost = alice.connection.publish(publication);
  lost.catch(() => undefined);
  while ((await metric('copse_requests_total{operation="publish",result="ok"}')) === 0) await turn();
  proxy.cut();
  await expect(lost).rejects.toMatchObject({ code: "unreachable" });
  await again();
  expect(await alice.connection.publish(publication)).toMatchObject({ kind: "accepted", number: 1n });
  expect((await alice.connection.fetch({ room, after: 0n })).items.length).toBe(1);
});

test("what was lost on the way there is accepted once when it is said again", async () => {
  const { proxy, alice, again, metric } = await scene();
  const publication = await alice.sealed(room, "hello");
  proxy.mode = "held";
  const lost = alice.connection.publish(publication);
  lost.catch(() => undefined);
  await turn();
  proxy.cut();
  await expect(lost).rejects.toMatchObject({ code: "unreachable" });
  expect(await metric('copse_requests_total{operation="publish",result="ok"}')).toBe(0);
  await again();
  expect(await alice.connection.publish(publication)).toMatchObject({ kind: "accepted", number: 1n });
});

test("what comes late comes in its order", async () => {
  const { proxy, alice } = await scene();
  const said = await Promise.all(["1", "2", "3"].map((text) => alice.sealed(room, text)));
  proxy.mode = "held";
  const answers = said.map((publication) => alice.connection.publish(publication));
  for (let i = 0; i < 20; i++) await turn();
  proxy.release();
  const numbers = (await Promise.all(answers)).map((answer) => answer.kind === "accepted" && answer.number);
  expect(numbers).toEqual([1n, 2n, 3n]);
  const { items } = await alice.connection.fetch({ room, after: 0n });
  expect(items.map(({ message }) => message)).toEqual(said.map(({ message }) => message));
});

test("a half-open connection is given up by both sides, each by itself", async () => {
  const { proxy, alice, again, client, serverTimers, metric } = await scene();
  const heard = new Listening(alice.connection);
  serverTimers.fire(60_000);
  proxy.mode = "lost";
  client.fire(20_000); // it asks whether the service is there
  const asked = alice.connection.changed();
  asked.catch(() => undefined);
  client.fire(20_000);
  expect(await heard.first("closed")).toEqual({ kind: "closed", reason: "unreachable" });
  await expect(asked).rejects.toMatchObject({ code: "unreachable" });
  while ((await metric('copse_connections_ended_total{reason="silent"}')) === 0) serverTimers.fire(60_000);
  expect(await metric('copse_connections{state="devices"}')).toBe(0);
  proxy.mode = "open";
  await again();
  expect(await alice.connection.changed()).toEqual([]);
});

test("a device that never acknowledges takes no more than the room's limit, and keeps nobody else from going on", async () => {
  let now = 1_800_000_000_000;
  const day = 24 * 60 * 60 * 1000;
  const limits = { logBytes: 3_000, items: day };
  const clock = (): number => now;
  const delivery = memoryDelivery({
    address,
    group: testGroups,
    accounts: firstKeyCounts,
    consent: "everybody",
    limits,
    clock,
  });
  const server = await startServer({ delivery, clock });
  ends.push(() => server.close());
  const service = { delivery: httpDelivery({ url: server.url, address }), address, clock };
  const [alice, bob] = [
    await TestDevice.connect(service, { user: "alice" }),
    await TestDevice.connect(service, { user: "bob" }),
  ];
  await bob.stock();
  await alice.create(room);
  expect((await alice.add(room, bob)).kind).toBe("accepted");
  /** Say something until the room is full: the number of the last. */
  const fill = async (): Promise<bigint> => {
    for (let head = 0n; ;) {
      const answer = await alice.say(room, "x");
      if (answer.kind === "refused") {
        expect(answer).toMatchObject({ reason: "rate", code: "log-full" });
        return head;
      }
      head = answer.number;
    }
  };
  await alice.connection.acknowledge({ room, through: await fill() });
  await delivery.sweep();
  const head = await fill(); // in place of what was before Bob
  await alice.connection.acknowledge({ room, through: head });
  await delivery.sweep();
  expect(await fill(), "Bob has not read it").toBe(0n);
  now += day + 1;
  await delivery.sweep();
  expect((await alice.say(room, "x")).kind).toBe("accepted");
  const { goneThrough } = await bob.connection.fetch({ room, after: 1n });
  expect(goneThrough, "Bob is told what is gone").toBe(head);
});
