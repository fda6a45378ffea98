/**
 * A store from an old backup, and a copy that runs elsewhere: nothing is encrypted from either before a person has decided, no key is
 * used twice, and what waited is sent.
 */

import { mkdtempSync, cpSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accountAuthentication } from "../../src/accounts/authentication.ts";
import { accountComponent } from "../../src/accounts/attestation.ts";
import { createAccount } from "../../src/client/account/create-account.ts";
import type { ClientAccount, ClientOptions } from "../../src/client/options.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { accountStatements } from "../../src/delivery/account-statements.ts";
import type { Delivery, Publication } from "../../src/delivery/delivery.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import type { DeliveryService } from "../../src/delivery/service.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { deviceUri } from "../../src/rooms/uri.ts";
import { levelStore } from "../../src/storage/level.ts";
import { MemoryDisk, memoryStore } from "../../src/storage/memory.ts";
import { watchedSuite, type WatchedSuite } from "../../src/testing/simulation/watched-suite.ts";
import { copyOf, delivery, opened, plain, settle, user, words, type Person } from "./world.ts";

/** The device's process is gone, and another one begins on this disk. */
function on(disk: MemoryDisk, { options }: Person, more: Partial<ClientOptions> = {}): Promise<Person> {
  return opened({ ...options, ...more, store: memoryStore({ disk }) }, disk);
}

function kinds({ events }: Person): string[] {
  return events.map(({ kind }) => kind);
}

/** The private key with which an account's device has begun. */
function privateKeyOf({ options: { account } }: Person): string {
  if (account === undefined || !("accountKey" in account)) throw new Error("an account of copse");
  return account.identity.privateKey.use((key) => Buffer.from(key).toString("latin1"));
}

/** Whether a device's disk holds these bytes. */
function holds({ disk }: Person, bytes: string): boolean {
  return [...disk.contents.values()].some((value) => Buffer.from(value).toString("latin1").includes(bytes));
}

/** Devices whose keys are watched, at a service that takes every key of theirs. */
class Watched {
  readonly watched: WatchedSuite = watchedSuite(cipherSuite(1));
  readonly service: DeliveryService = delivery({
    accounts: { ...firstKeyCounts, device: () => "listed" },
    suites: (id) => (id === this.watched.suite.id ? this.watched.suite : undefined),
  });
  /** The service, as devices reach it. */
  readonly way: Delivery = {
    connect: async (login) => {
      const connection = await this.service.connect(login);
      return new Proxy(connection, {
        get: (target, name) => {
          if (name === "publish")
            return (publication: Publication) => {
              this.watched.left(publication.message);
              return target.publish(publication);
            };
          const own: unknown = Reflect.get(target, name);
          return typeof own === "function" ? (own as (...all: unknown[]) => unknown).bind(target) : own;
        },
      });
    },
  };

  async account(name: string): Promise<ClientAccount> {
    const device = deviceUri(user(name), "phone");
    const identity = await createIdentity({ suite: this.watched.suite, credential: basic(device) });
    return { device, identity, authentication: trustAnyCredential };
  }

  async person(name: string): Promise<Person> {
    const disk = new MemoryDisk();
    const store = memoryStore({ disk });
    return opened({ account: await this.account(name), store, delivery: this.way, timers: "none" }, disk);
  }

  async pair(): Promise<[Person, Person, string]> {
    const [alice, bob] = [await this.person("alice"), await this.person("bob")];
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    return [alice, bob, id];
  }
}

describe("an old backup", () => {
  it("of the same opening finds in the log what it has never sent, encrypts nothing, and heals when a person says so", async () => {
    const world = new Watched();
    const [alice, bob, room] = await world.pair();
    await alice.client.room(room).send(plain("before"));
    await settle(alice, bob);
    const backup = copyOf(alice.disk);
    await alice.client.room(room).send(plain("after"));
    await settle(alice, bob);
    alice.disk.kill();

    const old = await on(backup, alice, { online: false });
    await old.client.room(room).send(plain("from the backup"));
    old.client.connect();
    await settle(old, bob);
    expect(kinds(old)).toContain("copied");
    expect(old.client.isCopied).toBe(true);
    expect(old.client.isOnline).toBe(false);
    expect(await old.client.room(room).waiting()).toHaveLength(1);
    expect(await words(bob, room)).toEqual(["before", "after"]);

    // It knows it also when it is opened again.
    old.disk.kill();
    const again = await on(backup, old);
    await settle(again);
    expect(again.client.isCopied).toBe(true);
    expect(await words(bob, room)).toEqual(["before", "after"]);

    await again.client.heal(await world.account("alice"));
    await settle(again, bob);
    expect(again.client.isCopied).toBe(false);
    expect(kinds(again)).toEqual(expect.arrayContaining(["healed", "rejoined", "done"]));
    expect(await words(bob, room)).toEqual(["before", "after", "from the backup"]);
    await bob.client.room(room).send(plain("well again"));
    await settle(again, bob);
    expect(await words(again, room)).toEqual(["before", "from the backup", "after", "well again"]);
    expect(world.watched.reused()).toBe(0);
  });

  it("of an earlier opening finds out when it signs in", async () => {
    const world = new Watched();
    const [alice, bob, room] = await world.pair();
    const backup = copyOf(alice.disk);
    alice.disk.kill();
    const later = await on(alice.disk, alice);
    await later.client.room(room).renew();
    await later.client.room(room).send(plain("after"));
    await settle(later, bob);
    later.disk.kill();
    const old = await on(backup, alice);
    await old.client.room(room).send(plain("from the backup"));
    await settle(old, bob);
    expect(kinds(old)).toEqual(["copied"]);
    await old.client.heal(await world.account("alice"));
    await settle(old, bob);
    expect(await words(bob, room)).toEqual(["after", "from the backup"]);
    expect(world.watched.reused()).toBe(0);
  });

  it("comes back into rooms that it has never heard of, and into no others", async () => {
    const world = new Watched();
    const [alice, bob, room] = await world.pair();
    const backup = copyOf(alice.disk);
    alice.disk.kill();
    const later = await on(alice.disk, alice);
    await settle(later);
    const { id: known } = await bob.client.createRoom({ participants: [user("alice")] });
    await settle(later, bob);
    const { id: own } = await later.client.createRoom({ participants: [user("bob")] });
    await settle(later, bob);
    later.disk.kill();
    // Added by an old key package, while nobody was there to take the Welcome.
    const { id: late } = await bob.client.createRoom({ participants: [user("alice")] });
    await settle(bob);
    const old = await on(backup, alice);
    await settle(old);
    await old.client.heal(await world.account("alice"));
    for (const each of [known, own, late]) await bob.client.room(each).send(plain("hello"));
    await settle(old, bob);
    old.client.refresh();
    await settle(old, bob);
    await bob.client.room(known).send(plain("again"));
    await bob.client.room(own).send(plain("again"));
    await bob.client.room(late).send(plain("again"));
    await settle(old, bob);
    expect(old.client.rooms.map(({ id }) => id).sort()).toEqual([room, known, own, late].sort());
    for (const each of [known, own, late]) {
      expect(old.client.room(each).status).toBe("member");
      expect((await words(old, each)).at(-1)).toBe("again");
    }
    expect(world.watched.reused()).toBe(0);
  });
});

describe("two copies that run", () => {
  it("both stop; the one that a person chooses lives, and the other one is out of everything", async () => {
    const world = new Watched();
    const [alice, bob, room] = await world.pair();
    const other = await on(copyOf(alice.disk), alice);
    await other.client.room(room).send(plain("from the copy"));
    await settle(other, alice, bob);
    // The service has let go of the first one, which finds out when it comes back.
    await alice.client.room(room).send(plain("from the first"));
    alice.client.connect();
    await settle(alice, other, bob);
    expect(alice.client.isCopied).toBe(true);
    await alice.client.heal(await world.account("alice"));
    await settle(alice, other, bob);
    expect(await words(bob, room)).toEqual(["from the copy", "from the first"]);
    await other.client.room(room).send(plain("still there?"));
    other.client.connect();
    await settle(alice, other, bob);
    expect(other.client.isCopied).toBe(true);
    expect(await words(bob, room)).toEqual(["from the copy", "from the first"]);
    expect(world.watched.reused()).toBe(0);
  });
});

describe("an account's device", () => {
  const rooms = roomAppData({ appData: { components: [accountComponent] } });

  async function pair(
    change: (service: Delivery) => Delivery = (service) => service,
  ): Promise<{ alice: Person; bob: Person; hub: DeliveryService; room: string }> {
    const group = { authentication: accountAuthentication(), registry: rooms.registry };
    const hub = delivery({ group, accounts: accountStatements(), rooms });
    const open = async (name: string, delivery: Delivery): Promise<Person> => {
      const disk = new MemoryDisk();
      const { account } = await createAccount({ user: user(name), device: "phone" });
      return opened({ account, store: memoryStore({ disk }), delivery, timers: "none" }, disk);
    };
    const [alice, bob] = [await open("alice", change(hub)), await open("bob", hub)];
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    return { alice, bob, hub, room: id };
  }

  it("is listed under its new key when it is healed, and a copy that was not chosen is refused", async () => {
    const { alice, bob, room } = await pair();
    const number = (await alice.client.safetyNumber(user("bob"))).digits;
    const former = privateKeyOf(alice);
    expect(holds(alice, former)).toBe(true);
    const [before] = await alice.client.devices();
    const other = await on(copyOf(alice.disk), alice);
    await settle(other, alice, bob);
    alice.client.connect();
    await settle(alice, other);
    expect(alice.client.isCopied).toBe(true);
    await alice.client.heal();
    await settle(alice, other, bob);
    const [after, ...more] = await alice.client.devices();
    expect(more).toEqual([]);
    expect(after?.uri).toBe(before?.uri);
    expect(after?.signatureKey).not.toEqual(before?.signatureKey);
    // Its contacts hear that it has another key under the name that they know, when they ask.
    await bob.client.safetyNumber(user("alice"));
    await settle(bob);
    expect(bob.events).toContainEqual(
      expect.objectContaining({ kind: "device-changed", device: alice.client.device, what: "rekeyed" }),
    );
    await alice.client.room(room).send(plain("well again"));
    await settle(alice, bob);
    expect(await words(bob, room)).toEqual(["well again"]);
    expect((await alice.client.safetyNumber(user("bob"))).digits).toBe(number);
    other.client.connect();
    await settle(other);
    expect(other.client.isOnline).toBe(false);

    // Nothing is left of its former key when all rooms are joined anew.
    alice.client.tick();
    alice.client.connect();
    await settle(alice, bob);
    expect(holds(alice, former)).toBe(false);

    // Opened again, it is the new one; and bob can add it by its new key packages alone.
    alice.disk.kill();
    const again = await on(alice.disk, alice);
    await settle(again, bob);
    expect(again.client.isOnline).toBe(true);
    const { id } = await bob.client.createRoom({ participants: [user("alice")] });
    await settle(again, bob);
    expect(again.client.room(id).status).toBe("member");
  });

  it("refuses to heal the copy that was not chosen", async () => {
    const { alice, bob } = await pair();
    const other = await on(copyOf(alice.disk), alice);
    await settle(other, alice, bob);
    alice.client.connect();
    await settle(alice, other);
    const third = await on(copyOf(alice.disk), alice);
    await settle(third);
    expect([alice.client.isCopied, third.client.isCopied]).toEqual([true, true]);
    await alice.client.heal();
    await settle(alice);
    await expect(third.client.heal()).rejects.toMatchObject({ code: "device-replaced" });
    expect(third.client.isCopied).toBe(true);
  });

  it("goes on healing with the same key where the answer to its list was lost, and the process died", async () => {
    let isLosing = false;
    const { alice, bob, room } = await pair((service) => ({
      connect: async (login) => {
        const connection = await service.connect(login);
        return new Proxy(connection, {
          get: (target, name) => {
            if (name === "publishStatement" && isLosing)
              return async (statement: Parameters<typeof target.publishStatement>[0]) => {
                await target.publishStatement(statement);
                throw new DeliveryError("unreachable");
              };
            const own: unknown = Reflect.get(target, name);
            return typeof own === "function" ? (own as (...all: unknown[]) => unknown).bind(target) : own;
          },
        });
      },
    }));
    const other = await on(copyOf(alice.disk), alice);
    await settle(other);
    alice.client.connect();
    await settle(alice);
    isLosing = true;
    await expect(alice.client.heal()).rejects.toMatchObject({ code: "offline" });
    isLosing = false;
    alice.disk.kill();
    const again = await on(alice.disk, alice);
    await settle(again);
    expect(again.client.isCopied).toBe(true);
    await again.client.heal();
    await again.client.room(room).send(plain("well again"));
    await settle(again, bob);
    expect(await words(bob, room)).toEqual(["well again"]);
  });
});

describe("a Level store that was copied", () => {
  it("is found out like every other", async () => {
    const folder = mkdtempSync(join(tmpdir(), "copse-copied-"));
    const world = new Watched();
    const bob = await world.person("bob");
    const account = await world.account("alice");
    const at = async (name: string, more: Partial<ClientOptions> = {}): Promise<Person> =>
      opened(
        { account, store: await levelStore(join(folder, name)), delivery: world.way, timers: "none", ...more },
        new MemoryDisk(),
      );
    const first = await at("first");
    await settle(first, bob);
    const { id: room } = await first.client.createRoom({ participants: [user("bob")] });
    await settle(first, bob);
    await first.client.close();
    cpSync(join(folder, "first"), join(folder, "second"), { recursive: true });
    const again = await at("first");
    await again.client.room(room).send(plain("from the first"));
    await settle(again, bob);
    await again.client.close();
    const copy = await at("second");
    await copy.client.room(room).send(plain("from the copy"));
    await settle(copy, bob);
    expect(kinds(copy)).toEqual(["copied"]);
    await copy.client.heal(await world.account("alice"));
    await settle(copy, bob);
    expect(await words(bob, room)).toEqual(["from the first", "from the copy"]);
    expect(world.watched.reused()).toBe(0);
    await copy.client.close();
    rmSync(folder, { recursive: true });
  });
});

describe("a device that was away for a year", () => {
  it("comes back by itself, though what it has missed is gone", async () => {
    let now = 1_800_000_000_000;
    const clock = (): number => now;
    // It knows the rules of rooms: else a commit that nobody confirms would keep all behind it waiting, until the other is back.
    const hub = delivery({ clock, rooms: roomAppData() });
    const [alice, bob] = await Promise.all(
      ["alice", "bob"].map(async (name): Promise<Person> => {
        const device = deviceUri(user(name), "phone");
        const identity = await createIdentity({ suite: cipherSuite(1), credential: basic(device) });
        const disk = new MemoryDisk();
        const account = { device, identity, authentication: trustAnyCredential };
        return opened({ account, store: memoryStore({ disk }), delivery: hub, timers: "none", clock }, disk);
      }),
    );
    if (alice === undefined || bob === undefined) throw new Error("two people");
    await settle(alice, bob);
    const { id: room } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    bob.disk.kill();
    for (let month = 0; month < 12; month++) {
      now += 31 * 24 * 60 * 60 * 1000;
      alice.client.tick();
      await alice.client.room(room).send(plain(`month ${String(month)}`));
      await alice.client.room(room).renew();
      await settle(alice);
      await hub.sweep();
    }
    const back = await on(bob.disk, bob, { online: false });
    await back.client.room(room).send(plain("I am back"));
    back.client.connect();
    await settle(back, alice);
    expect(kinds(back)).toContain("rejoined");
    expect(kinds(back)).not.toContain("copied");
    const months = Array.from({ length: 12 }, (_, month) => `month ${String(month)}`);
    expect(await words(alice, room)).toEqual([...months, "I am back"]);
    await alice.client.room(room).send(plain("welcome"));
    await settle(back, alice);
    expect(await words(back, room)).toEqual(["I am back", "welcome"]);
  });
});
