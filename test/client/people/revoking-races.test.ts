/**
 * Revocations that meet something else of the same user: another revocation, or a device that is being linked. What wins is the same for everybody,
 * on both sides of a partition, and whoever is out reads nothing after.
 */

import { describe, expect, it } from "vitest";
import { accountComponent } from "../../../src/accounts/attestation.ts";
import type { ClaimedKeyPackage, Delivery } from "../../../src/delivery/delivery.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { deviceUri } from "../../../src/rooms/uri.ts";
import { plain, settle, user, words, type Person } from "../world.ts";
import { time, type Time } from "./time.ts";
import { between, first, link, second, service } from "./world.ts";

const appData = roomAppData({ appData: { components: [accountComponent] } });
type Name = "phone" | "laptop" | "tablet";
const uriOf = (name: string): string => deviceUri(user("alice"), name);

interface Story {
  readonly hub: Delivery;
  readonly time: Time;
  readonly alice: Readonly<Record<Name, Person>>;
  readonly bob: Person;
  readonly code: string;
  readonly room: string;
  /** Who does not reach the service. */
  readonly cut: Set<Name>;
  /** Who finds that the phone and the laptop have no key packages left. */
  readonly spent: Set<Name>;
}

function without({ device, keyPackage }: ClaimedKeyPackage, names: readonly Name[]): ClaimedKeyPackage {
  return { device, keyPackage: names.some((name) => device === uriOf(name)) ? undefined : keyPackage };
}

/** Alice's three devices, each with a way of its own to the service, and Bob in a room. */
async function story(): Promise<Story> {
  const passing = time();
  const { clock } = passing;
  const hub = service({ clock, rooms: appData });
  const cut = new Set<Name>();
  const spent = new Set<Name>();
  const wayOf = (name: Name): Delivery => {
    const gone = (): Promise<never> => Promise.reject(new DeliveryError("unreachable"));
    const way = between(hub, (connection) => ({
      ...Object.fromEntries(
        (["publish", "fetch", "changed", "queue", "statements", "publishStatement", "send"] as const).map((what) => [
          what,
          (request: never) => (cut.has(name) ? gone() : (connection[what] as (request: never) => unknown)(request)),
        ]),
      ),
      claimKeyPackages: async (claim) => {
        const claimed = await connection.claimKeyPackages(claim);
        return spent.has(name) ? claimed.map((each) => without(each, ["phone", "laptop"])) : claimed;
      },
    }));
    return { connect: (login) => (cut.has(name) ? gone() : way.connect(login)) };
  };
  const phone = await first(wayOf("phone"), "alice", { clock });
  const bob = await first(hub, "bob", { clock });
  await settle(phone, bob);
  const laptop = await second(phone, wayOf("laptop"), "laptop", { clock });
  const tablet = await second(phone, wayOf("tablet"), "tablet", { clock });
  for (let i = 0; i < 3; i++) await passing.pass(60_000, phone, laptop, tablet, bob);
  const { id } = await bob.client.createRoom({ participants: [user("alice")] });
  for (let i = 0; i < 3; i++) await passing.pass(31_000, phone, laptop, tablet, bob);
  return { hub, time: passing, alice: { phone, laptop, tablet }, bob, code: phone.recoveryCode, room: id, cut, spent };
}

async function names({ client }: Person): Promise<string[]> {
  return (await client.devices()).map(({ uri }) => uri.split("/").at(-1) ?? "").sort();
}

async function turns({ time: { pass }, alice, bob }: Story, count = 6): Promise<void> {
  for (let i = 0; i < count; i++) await pass(31_000, ...Object.values(alice), bob);
}

const kinds = ({ events }: Person): string[] => events.map(({ kind }) => kind);

describe("two devices that revoke each other at once", () => {
  it.each([
    ["phone", "tablet"],
    ["tablet", "phone"],
  ] as const)(
    "come to what reached the service first: the %s stays, and the %s is out for everybody",
    async (wins, loses) => {
      const there = await story();
      const { alice, bob, code, room, cut } = there;
      cut.add(wins).add(loses);
      for (const name of [wins, loses]) await settle(alice[name]);
      await alice[wins].client.revokeDevice(uriOf(loses), { recoveryCode: code });
      await alice[loses].client.revokeDevice(uriOf(wins), { recoveryCode: code });
      await turns(there, 1);
      expect(await names(alice.laptop)).toEqual(["laptop", "phone", "tablet"]); // nobody has heard of either
      cut.delete(wins);
      await turns(there);
      cut.delete(loses);
      await turns(there);
      const left = ["laptop", wins].sort();
      for (const each of [alice[wins], alice.laptop]) expect(await names(each)).toEqual(left);
      expect((await bob.client.room(room).participants()).find(({ user: uri }) => uri === user("alice"))?.clients).toBe(
        2,
      );
      expect(kinds(alice[wins])).not.toContain("revocation-failed");
      // As everybody else sees it, one key follows another: nothing contradicts anything.
      await there.time.pass(24 * 60 * 60 * 1000, alice[wins], alice.laptop, bob);
      await turns(there, 2);
      for (const each of [bob, alice.laptop]) {
        expect(kinds(each)).not.toContain("account-alarm");
        const renewed = each.events.filter((event) => event.kind === "account-renewed" && event.user === user("alice"));
        expect(renewed).toMatchObject([{ by: uriOf(wins), keyNumber: 2 }]);
      }
      await bob.client.room(room).send(plain("after"));
      await turns(there, 2);
      for (const each of [alice[wins], alice.laptop]) expect((await words(each, room)).at(-1)).toBe("after");
      expect(await words(alice[loses], room)).not.toContain("after");
    },
  );
});

describe("a device that is in a room of which the user's others have not heard", () => {
  it.each(["revoked", "removed"] as const)(
    "is out of it, too, when it is %s: another device comes in there",
    async (how) => {
      const there = await story();
      const { alice, bob, code, cut, spent } = there;
      const { phone, laptop, tablet } = alice;
      spent.add("tablet");
      cut.add("phone").add("laptop");
      for (const each of [phone, laptop]) await settle(each);
      const { id: room } = await tablet.client.createRoom({ participants: [user("bob")] });
      await there.time.pass(1_000, tablet, bob);
      expect(bob.client.rooms.map(({ id }) => id)).toContain(room);
      cut.add("tablet");
      await settle(tablet);
      cut.delete("phone");
      cut.delete("laptop");
      for (const each of [phone, laptop]) await settle(each);
      if (how === "revoked") await phone.client.revokeDevice(uriOf("tablet"), { recoveryCode: code });
      else {
        await there.time.pass(1_000, phone);
        await phone.client.removeDevice(uriOf("tablet"));
      }
      await turns(there, 8);
      expect(phone.client.rooms.map(({ id }) => id)).toContain(room);
      await bob.client.room(room).send(plain("after"));
      cut.delete("tablet");
      await turns(there, 4);
      expect((await words(phone, room)).at(-1)).toBe("after");
      expect(await words(tablet, room)).not.toContain("after");
      expect((await bob.client.room(room).participants()).find(({ user: uri }) => uri === user("alice"))?.clients).toBe(
        2,
      );
    },
  );
});

describe("a device that is linked while another one is revoked", () => {
  it("is off the list again where the list that it was on came first, and reads nothing after", async () => {
    const there = await story();
    const { hub, alice, bob, code, room, cut } = there;
    cut.add("phone");
    await settle(alice.phone);
    await alice.phone.client.revokeDevice(uriOf("tablet"), { recoveryCode: code });
    // The laptop has not heard of it.
    const watch = await second(alice.laptop, hub, "watch", { clock: there.time.clock });
    for (let i = 0; i < 2; i++) await there.time.pass(31_000, alice.laptop, alice.tablet, watch, bob);
    expect(await names(alice.laptop)).toEqual(["laptop", "phone", "tablet", "watch"]);
    expect(watch.client.rooms.map(({ id }) => id)).toContain(room);
    cut.delete("phone");
    for (let i = 0; i < 6; i++) await there.time.pass(31_000, ...Object.values(alice), watch, bob);
    for (const each of [alice.phone, alice.laptop]) expect(await names(each)).toEqual(["laptop", "phone"]);
    await bob.client.room(room).send(plain("after"));
    for (let i = 0; i < 2; i++) await there.time.pass(31_000, ...Object.values(alice), watch, bob);
    for (const each of [alice.phone, alice.laptop]) expect((await words(each, room)).at(-1)).toBe("after");
    for (const each of [watch, alice.tablet]) expect(await words(each, room)).not.toContain("after");
  });

  it("is on the list of the later account key where its helper was handed that before, and follows it", async () => {
    const there = await story();
    const { hub, alice, bob, code, room, cut } = there;
    cut.add("laptop"); // it does not hear of the new key
    await settle(alice.laptop);
    await alice.phone.client.revokeDevice(uriOf("tablet"), { recoveryCode: code });
    await there.time.pass(31_000, alice.phone, bob);
    await there.time.pass(31_000, alice.phone, bob);
    expect(await names(alice.phone)).toEqual(["laptop", "phone"]);
    cut.delete("laptop");
    // It is there again, is handed the new key, and lets a device in.
    await there.time.pass(31_000, alice.laptop);
    const { clock } = there.time;
    const asked = link(alice.laptop, hub, { device: "watch", clock });
    const ends = await Promise.allSettled([asked.existing, asked.fresh]);
    for (let i = 0; i < 6; i++) await there.time.pass(31_000, ...Object.values(alice), bob);
    const list = await names(alice.phone);
    expect(await names(alice.laptop)).toEqual(list);
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(list).toEqual(["laptop", "phone", "watch"]);
    const account = alice.laptop.events.filter((event) => event.kind === "account-alarm");
    expect(account).toEqual([]);
    await bob.client.room(room).send(plain("after"));
    for (let i = 0; i < 2; i++) await there.time.pass(31_000, ...Object.values(alice), bob);
    for (const each of [alice.phone, alice.laptop]) expect((await words(each, room)).at(-1)).toBe("after");
    expect(await words(alice.tablet, room)).not.toContain("after");
  });
});
