/**
 * A member's proposal that no other member can authenticate: it must not stop a room.
 */

import { expect, it } from "vitest";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import type { Identity } from "../../src/public-group/identity.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import type { DeliveryService } from "../../src/delivery/service.ts";
import { Puppet } from "./puppet.ts";
import { delivery, opened, person, settle, user, type Person } from "./world.ts";
import { memoryStore } from "../../src/storage/memory.ts";

interface World {
  readonly service: DeliveryService;
  readonly alice: Person;
  readonly bob: Person;
  readonly id: string;
  readonly puppet: Puppet;
  now: number;
}

async function three(): Promise<World> {
  const time = { now: 1_800_000_000_000 };
  const clock = (): number => time.now;
  const service = delivery({ rooms: roomAppData(), clock });
  const alice = await person(service, "alice", "phone", { clock });
  const bob = await person(service, "bob", "phone", { clock });
  const mallory = await person(service, "mallory", "phone", { clock });
  await settle(alice, bob, mallory);
  const { id } = await alice.client.createRoom({ participants: [user("bob"), user("mallory")] });
  await settle(alice, bob, mallory);
  const { registry } = roomAppData();
  const { account } = mallory.options as unknown as { readonly account: { readonly identity: Identity } };
  const options = { identity: account.identity, authentication: trustAnyCredential, registry };
  const puppet = await Puppet.of(mallory, service, id, options);
  return Object.assign(time, { service, alice, bob, id, puppet });
}

/** The membership tag is the last field of a member's PublicMessage. */
function spoilt(message: Uint8Array): Uint8Array {
  const copy = message.slice();
  copy[copy.length - 1]! ^= 1;
  return copy;
}

const nameOf = async ({ client }: Person, id: string): Promise<string> =>
  (await client.room(id).data()).room_metadata.roomName;

it("a leaving with a wrong membership tag is complained of by all, and stops nothing", async () => {
  const world = await three();
  const { alice, bob, id, puppet } = world;
  expect((await puppet.publish(spoilt(await puppet.group.leave()))).kind).toBe("accepted");
  await settle(alice, bob);
  await alice.client.room(id).rename("other");
  await settle(alice, bob);
  expect(await nameOf(bob, id)).toBe("other");
});

it("where the service has forgotten what was said, who is refused says it again", async () => {
  const world = await three();
  const { alice, bob, id, puppet } = world;
  alice.disk.kill();
  bob.disk.kill();
  expect((await puppet.publish(spoilt(await puppet.group.leave()))).kind).toBe("accepted");
  // Alice sees it, and her complaint is lost.
  let isDeaf = true;
  const deaf: typeof alice.options.delivery = {
    connect: async (login) => {
      const connection = await world.service.connect(login);
      return new Proxy(connection, {
        get: (target, name) => {
          if (name === "complain" && isDeaf) return () => Promise.resolve("kept");
          const own: unknown = Reflect.get(target, name);
          return typeof own === "function" ? (own as (...all: unknown[]) => unknown).bind(target) : own;
        },
      });
    },
  };
  const again = await opened(
    { ...alice.options, delivery: deaf, store: memoryStore({ disk: alice.disk }) },
    alice.disk,
  );
  await settle(again);
  isDeaf = false;
  await again.client.room(id).rename("other");
  await settle(again);
  expect((await again.client.room(id).waiting()).length).toBe(1);
  world.now += 700_000; // limits.doubt: nobody else is there to say it
  again.client.tick();
  again.client.refresh();
  await settle(again);
  expect(await again.client.room(id).waiting()).toEqual([]);
  expect(await nameOf(again, id)).toBe("other");
});
