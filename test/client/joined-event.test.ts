/** Whoever hears that a room is there finds it: what an application does in its listener is to look at the room. */

import { expect, it } from "vitest";
import { roomAppData } from "../../src/rooms/components.ts";
import { delivery, person, settle, user, type Person } from "./world.ts";

/** What is found of each room when "joined" is told. */
function found({ client }: Person): string[] {
  const all: string[] = [];
  client.listen((event) => {
    if (event.kind !== "joined") return;
    try {
      all.push(client.room(event.room).status);
    } catch (error) {
      all.push(String(error));
    }
  });
  return all;
}

it("a room into which this device was brought is there when it is told", async () => {
  const service = delivery({ rooms: roomAppData() });
  const [alice, bob] = [await person(service, "alice"), await person(service, "bob")];
  await settle(alice, bob);
  const seen = found(bob);
  await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  expect(seen).toEqual(["member"]);
});

it("a room into which a link leads is there when it is told", async () => {
  const service = delivery({ rooms: roomAppData() });
  const [alice, bob] = [await person(service, "alice"), await person(service, "bob")];
  const room = await alice.client.createRoom({ policy: "administered" });
  await settle(alice, bob);
  const { link } = await room.createLink();
  await settle(alice, bob);
  const seen = found(bob);
  await bob.client.joinByLink(link);
  await settle(alice, bob);
  expect(seen).toEqual(["member"]);
});
