import { describe, expect, it } from "vitest";
import { delivery, person, reborn, settle, user, type Person } from "./world.ts";

const day = 24 * 60 * 60 * 1000;

async function pair(clock: () => number, renewEvery?: number): Promise<[Person, Person, string]> {
  const service = delivery({ clock });
  const more = { clock, ...(renewEvery !== undefined && { renewEvery }) };
  const alice = await person(service, "alice", "phone", more);
  const bob = await person(service, "bob", "phone", { clock, renewEvery: 0 });
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  return [alice, bob, id];
}

/** Look for what is due, as the client does each half minute. */
async function look(...people: readonly Person[]): Promise<void> {
  for (const { client } of people) client.refresh();
  await settle(...people);
}

async function epoch({ client }: Person, room: string): Promise<bigint> {
  return (await client.room(room).epoch()).epoch;
}

describe("a device's keys in a room", () => {
  it("are renewed once when it is time, also over a restart, and followed by all", async () => {
    let now = 1_000_000;
    const [alice, bob, room] = await pair(() => now);
    await look(alice, bob);
    const first = await epoch(bob, room);
    now += 5 * day; // less than three quarters of seven days
    await look(alice, bob);
    expect(await epoch(bob, room)).toBe(first);
    const again = await reborn(alice);
    await settle(again);
    now += 4 * day; // more than five quarters, all in all
    await look(again, bob);
    await look(again, bob);
    expect(await epoch(bob, room)).toBe(first + 1n);
    expect(await epoch(again, room)).toBe(first + 1n);
  });

  it("are not renewed while the service is away, nor where the application does it", async () => {
    let now = 1_000_000;
    const [alice, bob, room] = await pair(() => now, 0);
    await look(alice, bob);
    const first = await epoch(bob, room);
    now += 100 * day;
    await look(alice, bob);
    expect(await epoch(bob, room)).toBe(first);
    const offline = await reborn({ ...alice, options: { ...alice.options, renewEvery: day } }, false);
    await look(offline);
    expect(await offline.client.room(room).waiting()).toEqual([]);
  });
});
