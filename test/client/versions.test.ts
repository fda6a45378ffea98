import { expect, it } from "vitest";
import { SimulatedWorld } from "../../src/testing/simulation/world.ts";
import { newer, older, today, tooOld } from "../../src/testing/simulation/versions.ts";
import type { SimulatedDevice } from "../../src/testing/simulation/device.ts";
import { readMessage } from "../../src/content/messages/read.ts";
import { dataOf, dictionaryIn } from "../../src/extensions/app-data/dictionary.ts";
import { draftNumbers } from "../../src/extensions/app-data/numbers.ts";
import { readNumbers } from "../../src/extensions/app-data/lists.ts";
import { utf8 } from "../../src/bytes/text.ts";
import { Insider } from "../../src/testing/simulation/insider.ts";
import { deviceOf } from "../../src/rooms/uri.ts";
import { user } from "./world.ts";

/** What a device's application was told of what it asked for. */
function failures({ asked }: SimulatedDevice): string[] {
  return [...asked.values()].filter((outcome) => outcome.startsWith("failed"));
}

/** What an operation gives, while time passes. */
async function during<T>(world: SimulatedWorld, operation: Promise<T>): Promise<T> {
  await world.pass(20_000);
  return operation;
}

async function roomOf(device: SimulatedDevice, world: SimulatedWorld, ...participants: string[]): Promise<string> {
  const options = { participants: participants.map(user), name: "mixed" };
  return (await during(world, device.client!.createRoom(options))).id;
}

it("brings in the devices of a user that can be in the room, and leaves those out that can't", async () => {
  const world = await start(5);
  const [alice] = world.devices;
  await world.device("bob", "phone", tooOld);
  await world.device("bob", "laptop", older);
  await world.pass(5_000);
  const room = await roomOf(alice!, world, "bob");
  const users = await alice!.client!.room(room).participants();
  expect(users.find((each) => each.user === user("bob"))?.clients).toBe(1);
});

it("says of a user whose devices are all too old that they are to be updated, and brings them in when one was", async () => {
  const world = await start(6);
  const [alice] = world.devices;
  const bob = await world.device("bob", "phone", tooOld);
  await world.pass(5_000);
  const room = await roomOf(alice!, world);
  alice!.ask((client) => client.room(room).add(user("bob")));
  await world.pass(10_000);
  expect(failures(alice!)).toEqual(["failed user-outdated "]);
  bob.version = today;
  bob.die("crash");
  void bob.start();
  await world.pass(10_000);
  // The key packages of the version before are gone from the service.
  alice!.ask((client) => client.room(room).add(user("bob")));
  await world.pass(10_000);
  expect(failures(alice!)).toHaveLength(1);
  expect(bob.client!.rooms.map(({ id }) => id)).toEqual([room]);
});

it("says in its leaf what it supports after an update, with its next new keys", async () => {
  const world = await start(7);
  const [alice] = world.devices;
  const bob = await world.device("bob", "phone", older);
  await world.pass(5_000);
  const room = await roomOf(alice!, world, "bob");
  bob.version = newer;
  bob.die("crash");
  void bob.start();
  await world.pass(5_000);
  bob.ask((client) => client.room(room).renew());
  await world.pass(10_000);
  const { group } = await Insider.of(alice!, world.service, room, world.chance);
  const theirs = [...group.members].find(({ credential }) => deviceOf(credential) === bob.uri)!;
  expect(theirs.capabilities.extensions).toContain(0xf0e2);
  const components = dataOf(dictionaryIn(theirs.extensions, draftNumbers.appDataDictionary), 1)!;
  expect(readNumbers(components)).toContain(0xf0e1);
});

it("shows what only a newer client understands as something, and carries what it keeps in a room along", async () => {
  const world = await start(8);
  const [alice] = world.devices;
  const bob = await world.device("bob", "phone", newer);
  await world.pass(5_000);
  const more = { otherData: { 0xf0e1: utf8("kept") } };
  const made = bob.client!.createRoom({ participants: [user("alice")], more });
  const { id: room } = await during(world, made);
  bob.ask((client) =>
    client.room(room).send({
      nestedPart: {
        disposition: "session",
        cardinality: "single",
        contentType: "application/vnd.example.hologram",
        content: utf8("?"),
      },
    }),
  );
  await world.pass(5_000);
  alice!.ask((client) => client.room(room).rename("by an older one"));
  await world.pass(5_000);
  const [entry] = await alice!.client!.room(room).timeline();
  expect(readMessage(entry!.message!)).toMatchObject({
    kind: "unknown",
    contentTypes: ["application/vnd.example.hologram"],
  });
  expect([...alice!.events, ...bob.events].filter(({ kind }) => kind === "unreadable" || kind === "refused")).toEqual(
    [],
  );
  const epochs = await Promise.all([alice!, bob].map(({ client }) => client!.room(room).epoch()));
  expect(epochs[0]).toEqual(epochs[1]);
});

async function start(seed: number): Promise<SimulatedWorld> {
  const world = new SimulatedWorld({ seed });
  await world.device("alice", "phone");
  await world.pass(5_000);
  return world;
}
