/**
 * A service that goes back to an older state of a room, as one that was restored from a backup, or that wants a removed member back: what it
 * has shown before is not there any more, and other things get its numbers.
 */

import { expect, it } from "vitest";
import { roomAppData } from "../../../src/rooms/components.ts";
import { ForkingService } from "../../../src/testing/simulation/forking.ts";
import { delivery, person, plain, reborn, settle, user, words, type Person } from "../world.ts";

/** Alice has gone on with a commit and two messages, bob has not, and the service has forgotten all of that. */
async function rolledBack(): Promise<{ alice: Person; bob: Person; room: string; wait: () => Promise<void> }> {
  const time = { now: 1_800_000_000_000 };
  const clock = (): number => time.now;
  const [first, second] = [
    delivery({ rooms: roomAppData(), clock }),
    delivery({ rooms: roomAppData(), clock }),
  ] as const;
  const hub = new ForkingService([first, second], () => false);
  const open = (name: string): Promise<Person> => person(first, name, "phone", { clock, delivery: hub.delivery });
  const [alice, bob] = [await open("alice"), await open("bob")];
  await settle(alice, bob);
  const { id: room } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  await alice.client.room(room).send(plain("one"));
  await settle(alice, bob);
  bob.disk.kill();
  hub.fork(room);
  await alice.client.room(room).renew();
  await alice.client.room(room).send(plain("forgotten"));
  await alice.client.room(room).send(plain("forgotten, too"));
  await settle(alice);
  alice.events.length = 0;
  hub.end(room, "second");
  const again = await reborn(bob);
  const wait = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      time.now += 60_000;
      for (const { client } of [alice, again]) client.tick();
      alice.client.refresh();
      await settle(alice, again);
    }
  };
  return { alice, bob: again, room, wait };
}

it("is told to whoever has read more, and what is to be said waits for a person", async () => {
  const { alice, bob, room, wait } = await rolledBack();
  await alice.client.room(room).send(plain("unsent"));
  await wait();
  const told = alice.events.filter((event) => event.kind === "withheld");
  expect(told).toEqual([expect.objectContaining({ kind: "withheld", room })]); // and once
  expect(told[0]!.through - told[0]!.from).toBeGreaterThan(0n); // of three, the number of one may be something else by now
  expect(await alice.client.room(room).waiting()).toHaveLength(1);
  // There is no device to name, and yet there is something to choose.
  expect(await alice.client.room(room).forks()).toEqual([]);
  expect(await alice.client.room(room).isUndecided()).toBe(true);
  expect(await bob.client.room(room).isUndecided()).toBe(false);
  expect(await words(bob, room)).toEqual(["one"]);
  await bob.client.room(room).send(plain("in the old epoch"));
  await wait();
  expect(alice.events.map(({ kind }) => kind)).not.toContain("rejoined"); // nothing is joined by the software's choice
  await alice.client.room(room).chooseBranch("other");
  expect(await alice.client.room(room).isUndecided()).toBe(false);
  await wait();
  expect(alice.events).toContainEqual(expect.objectContaining({ kind: "rejoined", room }));
  expect(await words(bob, room)).toEqual(["one", "in the old epoch", "unsent"]);
  expect(await alice.client.room(room).waiting()).toEqual([]);
  await bob.client.room(room).send(plain("welcome"));
  await wait();
  expect((await words(alice, room)).at(-1)).toBe("welcome");
});

it("is nothing to choose where the service shows all that was read", async () => {
  const { alice, bob, room, wait } = await rolledBack();
  await wait();
  await expect(bob.client.room(room).chooseBranch("other")).rejects.toMatchObject({ code: "room-unknown" });
  await alice.client.room(room).chooseBranch("own");
  expect(alice.client.room(room).status).toBe("member");
});
