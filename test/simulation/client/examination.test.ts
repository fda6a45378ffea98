/**
 * What looks at users with accounts when a story has come to rest can fail: worlds in which something is not as it must be, looked at.
 */

import { describe, expect, it } from "vitest";
import type { NewRoomOptions } from "../../../src/client/room/creating.ts";
import { Examination } from "../../../src/testing/simulation/accounts/invariants.ts";
import type { SimulatedDevice } from "../../../src/testing/simulation/device.ts";
import { SimulatedWorld } from "../../../src/testing/simulation/world.ts";

const minute = 60_000;

interface Talk {
  readonly world: SimulatedWorld;
  readonly phone: SimulatedDevice;
  readonly laptop: SimulatedDevice;
  readonly bob: SimulatedDevice;
  /** Looked at before the last words. */
  readonly examination: Examination;
}

function asked(
  device: SimulatedDevice,
  what: (client: NonNullable<SimulatedDevice["client"]>) => Promise<unknown>,
): void {
  device.ask(async (client) => {
    await what(client);
    return undefined;
  });
}

/** Alice, with a phone and a laptop, and Bob, in a room in which something is said when it is looked at already. */
async function talk(): Promise<Talk> {
  const world = new SimulatedWorld({ seed: 1, accounts: true });
  const alice = await world.user("alice", "phone");
  const { devices } = await world.user("bob", "phone");
  const [phone, bob] = [alice.devices[0]!, devices[0]!];
  await world.pass(5_000);
  const laptop = await world.link(alice, "laptop", phone);
  await world.pass(2 * minute);
  const options: NewRoomOptions = { participants: [world.users[1]!.uri] };
  asked(phone, (client) => client.createRoom(options));
  await world.pass(2 * minute);
  const examination = new Examination(world, new Set(), []);
  await examination.begin();
  expect(examination.honest.length).toBe(3);
  asked(bob, (client) => client.rooms[0]!.send({ text: "the last word" }));
  await world.pass(3 * minute);
  return { world, phone, laptop, bob, examination };
}

/** What is found of Alice, who has not linked one device more. */
async function found({ examination }: Talk): Promise<readonly string[]> {
  return (await examination.found()).filter((what) => !what.includes("could not link"));
}

describe("an examination", () => {
  it("finds nothing where all is well", async () => {
    expect(await found(await talk())).toEqual([]);
  });

  it("finds whoever is out and reads what is said since, in rooms and in the history", async () => {
    const talked = await talk();
    const { examination, laptop } = talked;
    examination.honest = examination.honest.filter((device) => device !== laptop);
    const what = await found(talked);
    expect(what).toContain(`${laptop.uri} is out, and reads in rooms: the last word`);
    expect(what).toContain(`${laptop.uri} is out, and reads in the history: the last word`);
  });

  it("finds whoever is off the list, and in a room still", async () => {
    const { world, phone, laptop, bob } = await talk();
    const examination = new Examination(world, new Set(), []);
    // Until the list is there, and no longer: nobody gets to put the laptop out.
    asked(phone, (client) => client.removeDevice(laptop.uri));
    while ((await examination.begin(), examination.isHonest(laptop))) await world.pass(5);
    phone.isCut = bob.isCut = true;
    await world.pass(minute);
    expect(await examination.found()).toContain(`${laptop.uri} is in ${bob.client!.rooms[0]!.id}, and off the list`);
  });

  it("finds devices that know another list than the service has", async () => {
    const talked = await talk();
    const { world, phone, laptop } = talked;
    laptop.isCut = true;
    const signatureKey = new Uint8Array(32).fill(9);
    asked(phone, (client) =>
      client.addDevice({ uri: phone.uri.replace("phone", "watch"), cipherSuite: world.watched.suite.id, signatureKey }),
    );
    await world.pass(minute);
    expect(await found(talked)).toContainEqual(expect.stringMatching(/laptop knows the list .*, the service .*watch/));
  });

  it("finds what a device that has restored everything does not have, and what was to vanish and was kept", async () => {
    const world = (await talk()).world;
    const [alice] = world.users;
    const [phone, laptop] = alice!.devices as [SimulatedDevice, SimulatedDevice];
    const examination = new Examination(world, new Set(["the last word"]), []);
    await examination.begin();
    const late = await world.link(alice!, "tablet", phone);
    await world.pass(6 * minute);
    examination.readers.set(alice!, late);
    const nothing = { restored: 0, unreadable: 1, misplaced: 1, findings: [], isWhole: true };
    examination.restored.set(late, nothing);
    const what = await examination.found();
    expect(what).toContain(`${late.uri} lacks "the last word" (received), which ${laptop.uri} has`);
    expect(what).toContain(`"the last word" was to vanish, and ${alice!.uri} has kept it`);
    expect(what).toContain(`${late.uri} can't read 1 records`);
    expect(what).toContain(`${late.uri} has no place for 1 records`);
    const finding = { kind: "missing", epoch: 1n, device: phone.uri, position: 3n } as const;
    examination.restored.set(late, { ...nothing, findings: [finding] });
    expect(await examination.found()).toContainEqual(
      expect.stringContaining("is told of what nobody has done: missing 1"),
    );
  });
});
