/**
 * Whom a message is told of: the members of its room as it was accepted, of whom nothing is asked again while they are the same.
 */

import { expect, it } from "vitest";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import { Newsroom } from "../../src/delivery/news.ts";
import type { DeliveryPort } from "../../src/delivery/port.ts";
import { Pushes } from "../../src/delivery/pushes.ts";
import { Sessions, type Session } from "../../src/delivery/sessions.ts";
import { noWakeups } from "../../src/delivery/wakeups.ts";
import { signedIn } from "../../src/testing/delivery/device.ts";
import { Listening } from "../../src/testing/delivery/under-test.ts";
import { gated, TestWorld } from "./world.ts";

/** A port, and how often it was asked for the members of a room. */
function counted(port = memoryPort()): { readonly port: DeliveryPort; readonly looks: () => number } {
  let looks = 0;
  const watched = gated(port, (operation) => {
    if (operation === "rooms.devices") looks++;
    return Promise.resolve();
  });
  return { port: watched, looks: () => looks };
}

/** What was begun is over: nothing in memory waits for anything else. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const headsOf = ({ news }: Listening): readonly bigint[] =>
  news.flatMap((each) => (each.kind === "room" ? [each.head] : []));

it("messages of a room look for its members once, until it is of another revision", async () => {
  const { port, looks } = counted();
  const world = new TestWorld({ push: () => undefined }, port);
  const { room, alice, bob } = await world.pair();
  const heard = new Listening(bob.connection);
  await alice.say(room, "first");
  await settled();
  const before = looks();
  for (let i = 0; i < 5; i++) {
    await alice.say(room, "hello");
    await settled();
  }
  expect(looks(), "neither for news nor for pushes").toBe(before);
  expect(headsOf(heard)).toEqual([2n, 3n, 4n, 5n, 6n, 7n]);
  await alice.commit(room);
  await settled();
  const afterCommit = looks();
  for (let i = 0; i < 3; i++) {
    await alice.say(room, "hello");
    await settled();
  }
  expect(looks(), "whoever was told of the commit has looked").toBe(afterCommit);
  expect(headsOf(heard)).toEqual([2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n, 11n]);
});

it("another process's commit changes whom the next message is told", async () => {
  const port = memoryPort();
  const [one, other] = [new TestWorld({}, port), new TestWorld({}, port)]; // which tell each other nothing
  const { room, alice, bob, carol } = await one.three();
  const dave = await one.device("dave");
  await dave.stock();
  const [bobs, daves] = [new Listening(bob.connection), new Listening(dave.connection)];
  await alice.say(room, "to all");
  await settled();
  expect(headsOf(bobs)).toEqual([2n]);
  carol.connection = await signedIn(other.delivery, carol.uri, carol.identity);
  await carol.catchUp(room);
  const changes = { remove: [1], add: await carol.claim(dave) };
  expect((await carol.commit(room, changes)).kind).toBe("accepted");
  await alice.catchUp(room);
  await alice.say(room, "to those who are there now");
  await settled();
  expect(headsOf(bobs), "bob is out").toEqual([2n]);
  expect(headsOf(daves)).toEqual([4n]);
});

it("members are kept of so many rooms as have a hundred thousand together", async () => {
  const members = Array.from({ length: 40_000 }, (_, i) => `mimi://example.org/d/u${String(i)}/phone`);
  let looks = 0;
  const rooms = {
    devices: () => {
      looks++;
      return Promise.resolve({ revision: 1n, devices: members });
    },
  } as unknown as DeliveryPort["rooms"];
  const sessions = new Sessions();
  sessions.begin({ device: "", tell: () => undefined } as unknown as Session);
  const settings = { clock: () => 0, push: undefined } as unknown as ConstructorParameters<typeof Pushes>[0];
  const news = new Newsroom({ ...memoryPort(), rooms }, sessions, noWakeups, new Pushes(settings, sessions));
  const say = async (...names: readonly string[]): Promise<number> => {
    const before = looks;
    for (const name of names) {
      news.message(name, 1n, 1n);
      await settled();
    }
    return looks - before;
  };
  expect(await say("a", "b", "a", "b")).toBe(2);
  expect(await say("c"), "the first one goes").toBe(1);
  expect(await say("b", "c", "b", "c")).toBe(0);
  expect(await say("a")).toBe(1);
});
