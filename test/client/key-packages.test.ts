/** A device's key packages: enough of them at the service, each once, and none in the store that nobody can use any more. */

import { describe, expect, it } from "vitest";
import type { Connection, Delivery } from "../../src/delivery/delivery.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import { delivery, opened, person, settle, suite, user, type Person } from "./world.ts";

/** A delivery whose answers to uploads of key packages are lost, where `isLost` says so, which is asked when they are published. */
function losing(service: Delivery, isLost: () => boolean, connections: Connection[]): Delivery {
  return {
    connect: async (login) => {
      const connection = await service.connect(login);
      const publish = connection.publishKeyPackages.bind(connection);
      connections.push(connection);
      return Object.assign(connection, {
        publishKeyPackages: async (upload: Parameters<Connection["publishKeyPackages"]>[0]) => {
          await publish(upload);
          if (isLost()) await new Promise(() => undefined);
        },
      });
    },
  };
}

const stored = ({ disk }: Person, first: string): number =>
  [...disk.contents.keys()].filter((key) => key.startsWith(`${first}/`)).length;

async function reborn(dead: Person, more: Partial<Person["options"]> = {}): Promise<Person> {
  dead.disk.kill();
  return opened({ ...dead.options, ...more, store: memoryStore({ disk: dead.disk }) }, dead.disk);
}

describe("key packages", () => {
  it("are published once, though the process died before the answer came, and one was used since", async () => {
    const service = delivery();
    let isLost = true;
    let tell = (): void => undefined;
    const published = new Promise<void>((resolve) => (tell = resolve));
    const connections: Connection[] = [];
    const keyPackages = { full: 4, low: 2 };
    const askedNow = (): boolean => {
      tell();
      return isLost;
    };
    const alice = await person(service, "alice");
    const bob = await person(service, "bob", "phone", {
      delivery: losing(service, askedNow, connections),
      keyPackages,
    });
    await published;
    expect(stored(bob, "unpublished")).toBe(5);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice);
    expect(alice.events.at(-1)).toMatchObject({ kind: "room-changed" });
    isLost = false;
    const again = await reborn(bob);
    await settle(again);
    expect(again.client.rooms.map((room) => room.id)).toEqual([id]);
    expect(stored(again, "unpublished")).toBe(0);
    const left = await connections.at(-1)!.keyPackageCount({ cipherSuite: suite.id });
    expect(left).toBe(3);
    expect(stored(again, "key-package")).toBe(left + 1); // and the last resort
  });

  it("are made anew when few are left, and gone when they have expired for long", async () => {
    let now = Date.UTC(2026, 11, 1);
    const clock = (): number => now;
    const service = delivery({ clock });
    const connections: Connection[] = [];
    const keyPackages = { full: 4, low: 3 };
    const bob = await person(service, "bob", "phone", {
      delivery: losing(service, () => false, connections),
      clock,
      keyPackages,
    });
    await settle(bob);
    expect(stored(bob, "key-package")).toBe(5);
    const before = new Set(bob.disk.contents.keys());
    now += 400 * 24 * 60 * 60 * 1000;
    const again = await reborn(bob);
    await settle(again);
    expect(await connections.at(-1)!.keyPackageCount({ cipherSuite: suite.id })).toBe(4);
    const kept = [...again.disk.contents.keys()].filter((key) => key.startsWith("key-package/") && before.has(key));
    expect(kept).toEqual([]);
    expect(stored(again, "key-package")).toBe(5);
  });
});
