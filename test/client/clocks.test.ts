/**
 * A device whose clock was wrong for a while, as after a battery ran out: what it did meanwhile keeps it from nothing for good.
 */

import { describe, expect, it } from "vitest";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import { isStale } from "../../src/accounts/attestation.ts";
import { Clockwork, schedulerOf } from "../../src/client/clockwork.ts";
import { hasPassed, isDue } from "../../src/client/passed.ts";
import type { AccountView } from "../../src/accounts/view.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { plain, settle, user, words, type Person } from "./world.ts";
import { between, first, second, service } from "./people/world.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const tenYears = 3653 * day;

/** A service whose clock is right, and devices whose clocks are set one by one. */
function world() {
  let now = Date.UTC(2026, 11, 1);
  const wrongBy = new Map<string, number>();
  return {
    there: service({ clock: () => now }),
    /** The clock of a device. */
    clockOf: (name: string) => () => Math.max(0, now + (wrongBy.get(name) ?? 0)),
    set: (name: string, by: number) => wrongBy.set(name, by),
    pass: async (milliseconds: number, ...people: Person[]) => {
      now += milliseconds;
      for (const { client } of people) client.tick();
      await settle(...people);
    },
  };
}

describe.each([
  ["ten years ahead", tenYears],
  ["ten years behind", -tenYears],
  ["at 1970", -Number.MAX_SAFE_INTEGER],
])("a device whose clock was %s, and is right again", (_, by) => {
  it("can be brought into rooms, where it was opened first meanwhile", async () => {
    const { there, clockOf, set, pass } = world();
    set("bob", by);
    const alice = await first(there, "alice", { clock: clockOf("alice") });
    const bob = await first(there, "bob", { clock: clockOf("bob") });
    await settle(alice, bob);
    set("bob", 0);
    await pass(minute, alice, bob); // waits go on where they were
    await pass(minute, alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await alice.client.room(id).send(plain("welcome"));
    await settle(alice, bob);
    expect(await words(bob, id)).toEqual(["welcome"]);
    expect(alice.events.some(({ kind }) => kind === "failed")).toBe(false);
  });

  it("has the private keys of all key packages that the service hands out", async () => {
    const { there, clockOf, set, pass } = world();
    const counts: (() => Promise<number>)[] = [];
    const watched = between(there, (connection) => {
      counts.push(() => connection.keyPackageCount({ cipherSuite: 1 }));
      return {};
    });
    const bob = await first(watched, "bob", { clock: clockOf("bob"), keyPackages: { full: 4, low: 2 } });
    await settle(bob);
    set("bob", by);
    await pass(minute, bob);
    await pass(minute, bob);
    set("bob", 0);
    await pass(minute, bob);
    await pass(minute, bob);
    const stored = [...bob.disk.contents.keys()].filter((key) => key.startsWith("key-package/")).length;
    const left = await counts.at(-1)!();
    expect(left).toBe(4);
    expect(stored).toBe(left + 1); // and the last resort
    expect([...bob.disk.contents.keys()].filter((key) => key.startsWith("unpublished/"))).toEqual([]);
  });

  it("asks for the lists of contacts every day", async () => {
    const { there, clockOf, set, pass } = world();
    const asked: string[] = [];
    const watched: Delivery = between(there, (connection) => ({
      statements: (request) => {
        asked.push(request.user);
        return connection.statements(request);
      },
    }));
    const alice = await first(watched, "alice", { clock: clockOf("alice") });
    const bob = await first(there, "bob", { clock: clockOf("bob") });
    await settle(alice, bob);
    await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    set("alice", by);
    await pass(2 * day, alice);
    await pass(2 * day, alice);
    set("alice", 0);
    await pass(2 * day, alice);
    asked.length = 0;
    await pass(2 * day, alice);
    expect(asked).toContain(user("bob"));
    asked.length = 0;
    await pass(minute, alice);
    expect(asked).not.toContain(user("bob")); // not each time
  });

  it("renews its keys in its rooms", async () => {
    const { there, clockOf, set, pass } = world();
    const alice = await first(there, "alice", { clock: clockOf("alice") });
    await settle(alice);
    const { id } = await alice.client.createRoom({});
    await settle(alice);
    set("alice", by);
    await pass(minute, alice);
    await pass(10 * day, alice);
    await pass(minute, alice);
    set("alice", 0);
    await pass(minute, alice);
    const { epoch } = await alice.client.room(id).epoch();
    await pass(10 * day, alice);
    await pass(minute, alice);
    await pass(10 * day, alice);
    await pass(minute, alice);
    expect((await alice.client.room(id).epoch()).epoch).toBeGreaterThan(epoch);
  });

  it("makes lists of devices by its own clock, which grow stale again", async () => {
    const { there, clockOf, set, pass } = world();
    const seen: Uint8Array[] = [];
    const watched: Delivery = between(there, (connection) => ({
      publishStatement: (publication) => {
        seen.push(publication.statement);
        return connection.publishStatement(publication);
      },
    }));
    const clock = clockOf("alice");
    const alice = await first(watched, "alice", { clock });
    await settle(alice);
    set("alice", by);
    const wrong = clock();
    const laptop = await second(alice, there, "laptop", { clock });
    const newest = async (): Promise<AccountView> => checkStatement(undefined, seen.at(-1)!, { begin: "anywhere" });
    expect((await newest()).at).toBe(wrong);
    set("alice", 0);
    await pass(minute, alice, laptop);
    await alice.client.removeDevice(laptop.client.device);
    await settle(alice, laptop);
    const view = await newest();
    expect(view.devices.length).toBe(1);
    expect(view.at).toBe(clock());
    expect(isStale(view, clock() + 16 * day)).toBe(true);
  });
});

it("a device whose clock was ahead is heard past the log as soon as it is right", async () => {
  const { there, clockOf, set } = world();
  const alice = await first(there, "alice", { clock: clockOf("alice") });
  const bob = await first(there, "bob", { clock: clockOf("bob") });
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  const heard: number[] = [];
  bob.client.onEphemeral(({ at }) => heard.push(at));
  set("alice", tenYears);
  await alice.client.room(id).typing();
  set("alice", 0);
  for (let i = 0; i < 2; i++) await alice.client.room(id).typing();
  set("alice", -1000); // a little behind: numbers grow all the same
  await alice.client.room(id).typing();
  await settle(alice, bob);
  const now = clockOf("bob")();
  expect(heard).toEqual([now, now + 1, now + 2]);
  expect(bob.client.whispers.refused.stale).toBe(1);
});

describe("waits", () => {
  it("have passed where the mark lies as far ahead as the wait is long, and not where it lies a little ahead", () => {
    expect([0, 999, 1000, 1001, 2000].map((now) => hasPassed(1000, 0, now))).toEqual([false, false, true, true, true]);
    expect([1, 999, 1000, tenYears].map((ahead) => hasPassed(1000, ahead, 0))).toEqual([false, false, true, true]);
    expect([0, 999, 1000, 1999, 2000, tenYears].map((at) => isDue(at, 1000, 0))).toEqual([
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(hasPassed(1000, -Infinity, 0)).toBe(true);
  });

  it("of a client end when they would have, whatever it does first after its clock was set back", () => {
    for (const first of ["clear", "sooner"] as const) {
      let now = tenYears;
      const armed: number[] = [];
      const after = (delay: number) => {
        armed.push(delay);
        return () => undefined;
      };
      const clockwork = new Clockwork(() => now, { after });
      clockwork.set("wait", 1000, () => undefined);
      clockwork.set("other", 9000, () => undefined);
      now = 0;
      if (first === "clear") clockwork.clear("other");
      else clockwork.sooner("wait", 2000);
      expect([armed.at(-1), clockwork.next], first).toEqual([1000, 1000]);
    }
  });

  it("of a client are as long as before when its clock is set back", () => {
    let now = tenYears;
    const clockwork = new Clockwork(() => now, undefined);
    const scheduler = schedulerOf(() => now, clockwork);
    const done: string[] = [];
    clockwork.set("first", 1000, () => done.push("first"));
    scheduler.after(2000, () => done.push("second"));
    const began = scheduler.now();
    now = 0;
    clockwork.tick();
    expect(done).toEqual([]);
    expect(clockwork.next).toBe(1000);
    expect(scheduler.now() - began).toBe(0);
    now = 1000;
    clockwork.tick();
    expect(done).toEqual(["first"]);
    expect(scheduler.now() - began).toBe(1000);
    now = 2000;
    clockwork.tick();
    expect(done).toEqual(["first", "second"]);
  });
});
