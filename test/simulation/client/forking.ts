/**
 * A story with a service that forks a room, or goes back to an older state of it: some of the devices are shown one branch, some another.
 * Then time passes, the service keeps one branch, the people of the other one join it, and what must be so is looked at.
 */

import { hex, utf8, utf8Decode } from "../../../src/bytes/text.ts";
import type { MimiContent } from "../../../src/content/mimi.ts";
import { memoryPort } from "../../../src/delivery/memory-port/memory-port.ts";
import { firstKeyCounts } from "../../../src/delivery/options.ts";
import { deliveryOver } from "../../../src/delivery/service.ts";
import { trustAnyCredential } from "../../../src/public-group/options/settings.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { userUri } from "../../../src/rooms/uri.ts";
import { Chance } from "../../../src/testing/simulation/chance.ts";
import type { SimulatedDevice } from "../../../src/testing/simulation/device.ts";
import { ForkingService } from "../../../src/testing/simulation/forking.ts";
import { simulatedHost, SimulatedWorld } from "../../../src/testing/simulation/world.ts";

export interface ForkingEnd {
  readonly kind: "fork" | "back";
  readonly violations: readonly string[];
  /** Devices that were told of it. */
  readonly told: number;
  /** Messages that waited in the branch that was left, and came to all. */
  readonly saved: number;
}

const minute = 60_000;

/** Play the story of a seed. */
export async function playForking(seed: number, log: (line: string) => void = () => undefined): Promise<ForkingEnd> {
  const chance = new Chance(seed, "forking");
  const kind = chance.one(["fork", "back"] as const)!;
  const names = ["alice", "bob", "carol"];
  /** Who is shown the second branch: somebody, and not all. Of a service that goes back, everybody is shown the first one before. */
  const others = new Set(names.filter((_, i) => ((chance.between(1, 6) >> i) & 1) === 1 && kind === "fork"));
  if (kind === "fork" && (others.size === 0 || others.size === 3)) others.clear();
  if (kind === "fork" && others.size === 0) others.add(chance.one(names)!);
  let hub: ForkingService | undefined;
  const world: SimulatedWorld = new SimulatedWorld({
    seed,
    between: (service, _, { time, watched }) => {
      if (hub === undefined) {
        const rooms = roomAppData();
        const second = deliveryOver(memoryPort(), {
          address: `mimi://${simulatedHost}`,
          group: { authentication: trustAnyCredential, registry: rooms.registry },
          accounts: firstKeyCounts,
          rooms,
          consent: "everybody",
          suites: (id) => (id === watched.suite.id ? watched.suite : undefined),
          clock: time.now,
          random: new Chance(seed, "second service").bytes,
        });
        hub = new ForkingService([service, second], (device) => [...others].some((name) => device.includes(name)));
      }
      return hub.delivery;
    },
  });
  const devices: SimulatedDevice[] = [];
  for (const name of names) devices.push(await world.device(name, "phone"));
  await until(world, () => devices.every(({ client }) => client?.isOnline === true));
  await world.pass(minute); // their key packages are there
  const participants = ["bob", "carol"].map((user) => userUri(simulatedHost, user));
  const made: string[] = [];
  for (const name of ["forked", "another"]) {
    devices[0]!.ask(async (client) => {
      made.push((await client.createRoom({ participants, name })).id);
      return undefined;
    });
    const isThere = ({ client }: SimulatedDevice): boolean => client?.rooms.length === made.length;
    await until(world, () => devices.every(isThere) && made.length > 0);
    await world.pass(10_000);
  }
  const room = made[0]!;
  const inSecond = (device: SimulatedDevice): boolean => [...others].some((name) => device.uri.includes(name));
  let count = 0;
  const texts: string[] = [];
  const say = (device: SimulatedDevice): string => {
    const text = `${device.uri.slice(21)} ${String(++count)}`;
    device.ask(async (client) => client.room(room).send(words(text)));
    log(`says ${text}`);
    return text;
  };
  const live = async (steps: number): Promise<void> => {
    for (let i = 0; i < steps; i++) {
      const device = chance.one(devices)!;
      if (chance.happens(0.3)) device.ask(async (client) => client.room(room).renew());
      else texts.push(say(device));
      await world.pass(chance.between(1, 5_000));
    }
    await world.pass(20_000);
  };
  await live(chance.between(1, 6));
  hub!.fork(room);
  // At least one commit in each branch: before that there is nothing to differ.
  for (const device of devices) {
    device.ask(async (client) => client.room(room).renew());
    await world.pass(3_000);
  }
  await live(chance.between(2, 8));
  const kept = kind === "back" ? "second" : chance.one(["first", "second"] as const)!;
  const leaving = devices.filter((device) => (kept === "second") !== inSecond(device));
  log(`${kind}; ${kept} is kept; ${leaving.map(({ uri }) => uri.slice(21)).join()} leave`);
  if (kind === "fork") for (let i = 0; i < 200; i++) await world.pass(minute); // so that they tell each other
  // A service can take what is said in another branch, in an epoch of the same number or the one before: nobody there can read it, and "fork" has told of it.
  const staying = devices.find((device) => !leaving.includes(device));
  while (staying !== undefined && (await epochOf(staying, room)) <= (await epochOf(leaving[0]!, room)) + 1n) {
    staying.ask(async (client) => client.room(room).renew());
    await world.pass(3_000);
  }
  hub!.end(room, kept);
  const unsent = leaving.map(say);
  await world.pass(5 * minute);
  for (const device of devices) device.client?.refresh();
  await world.pass(5 * minute);
  const violations: string[] = [];
  let told = 0;
  for (const device of devices) {
    const isTold = device.events.some((event) => event.kind === (kind === "fork" ? "fork" : "withheld"));
    if (isTold) told++;
    else if (kind === "fork" || leaving.includes(device)) violations.push(`${device.uri} was not told`);
    if (kind === "fork" && (await device.client!.room(room).forks()).length === 0)
      violations.push(`${device.uri} has no evidence`);
    const isOwnChoice = device.events.some((event) => event.kind === "rejoined" && event.room === room);
    if (isOwnChoice) violations.push(`${device.uri} has chosen by itself`);
  }
  for (const device of devices) {
    const { client } = device;
    const waits = (await client!.room(room).waiting()).length;
    if (leaving.includes(device) && waits === 0) violations.push(`${device.uri} has lost what was to be said`);
    const choice = leaving.includes(device) ? "other" : "own";
    if (choice === "own" && kind === "back") continue;
    const chosen = client!.room(room).chooseBranch(choice);
    chosen.catch((error: unknown) => violations.push(`${device.uri} can't choose "${choice}": ${String(error)}`));
    await world.pass(minute);
  }
  await world.pass(10 * minute);
  const last = devices.map(say);
  await world.pass(10 * minute);
  const epochs = new Set<string>();
  let saved = 0;
  for (const device of devices) {
    const there = device.client!.room(room);
    const { epoch, authenticator } = await there.epoch();
    epochs.add(`${String(epoch)} ${hex(authenticator)}`);
    const read = (await there.timeline({ limit: 1_000 })).map(({ message }) => message && textOf(message));
    if (new Set(read).size < read.length) violations.push(`${device.uri} has something twice`);
    for (const text of last) if (!read.includes(text)) violations.push(`${device.uri} lacks "${text}" at the end`);
    // Who comes back from outside later does not read what was said before.
    for (const text of unsent) {
      if (read.includes(text)) saved++;
      else if (!leaving.includes(device)) violations.push(`${device.uri} lacks "${text}", which had waited`);
    }
    if ((await there.waiting()).length > 0) violations.push(`${device.uri} has something waiting`);
    const { failure } = device.client!;
    if (failure !== undefined) violations.push(`${device.uri} has failed`);
  }
  if (epochs.size > 1) violations.push(`they are in different epochs: ${[...epochs].join(", ")}`);
  if (world.watched.reused() > 0) violations.push("a key has sealed two things");
  return { kind, violations, told, saved };
}

/** Until everybody is there: of a story that does not begin nothing can be said. */
async function until(world: SimulatedWorld, isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !isSo(); i++) await world.pass(1_000);
  if (!isSo()) throw new Error("the story did not begin");
}

async function epochOf({ client }: SimulatedDevice, room: string): Promise<bigint> {
  return (await client!.room(room).epoch()).epoch;
}

function words(text: string): Omit<MimiContent, "salt"> {
  const contentType = "text/plain;charset=utf-8";
  return { nestedPart: { disposition: "render", cardinality: "single", contentType, content: utf8(text) } };
}

function textOf({ nestedPart }: MimiContent): string | undefined {
  return nestedPart.cardinality === "single" ? utf8Decode(nestedPart.content) : undefined;
}
