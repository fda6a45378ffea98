/**
 * A random story of a few devices: what people do with a messenger, while processes die, power goes and the network is bad. Then all
 * of that ends, and what must be so is looked at.
 */

import { checkUint } from "../../bytes/numbers.ts";
import { utf8 } from "../../bytes/text.ts";
import type { Client } from "../../client/client.ts";
import type { NewRoomOptions } from "../../client/room/creating.ts";
import type { ClientRoom } from "../../client/room/room.ts";
import type { MimiContent } from "../../content/mimi.ts";
import { userUri } from "../../rooms/uri.ts";
import { accountWeights, Households, isAccountStep, type AccountStep } from "./accounts/households.ts";
import { violations } from "./invariants.ts";
import { fairWeather, foulWeather } from "./network.ts";
import type { Death, SimulatedDevice } from "./device.ts";
import { allVersions, newer, newerContent, newerRoom, today, type ClientVersion } from "./versions.ts";
import { simulatedHost, SimulatedWorld, type WorldOptions } from "./world.ts";

/** A story, and the world that it happens in. Default weather: `foulWeather`. */
export interface StoryOptions extends Omit<WorldOptions, "seed"> {
  readonly seed: number;
  /** Default: 20 to 60, as the seed says. */
  readonly steps?: number;
  /** What may happen to processes. Default: crashes. */
  readonly deaths?: readonly Death[];
  /** Whether clients of several versions are in it, and change from one to another: see versions.ts. Default: all are this one. */
  readonly mixed?: boolean;
  /**
   * Whether users have accounts of copse: devices are linked, idle, taken off, revoked and lost, accounts recovered, and each user's encrypted history is
   * written and restored. Default false, as in `WorldOptions`.
   */
  readonly accounts?: boolean;
  /** Told of each step. */
  readonly log?: (line: string) => void;
}

/** How a story ended. */
export interface StoryEnd {
  readonly seed: number;
  /** What is not as it must be: nothing, where all is well. */
  readonly violations: readonly string[];
  readonly messages: number;
  readonly deaths: number;
  readonly world: SimulatedWorld;
}

const people = ["alice", "bob", "carol", "dave"] as const;

type Step =
  | "send"
  | "edit"
  | "react"
  | "unsend"
  | "vanishing"
  | "read"
  | "rename"
  | "add"
  | "remove"
  | "leave"
  | "ban"
  | "renew"
  | "timer"
  | "newer"
  | "become"
  | "create"
  | "crash"
  | "start"
  | "cut"
  | "mend"
  | "wait";

const weights: Readonly<Record<Step, number>> = {
  send: 30,
  edit: 4,
  react: 5,
  unsend: 2,
  vanishing: 4,
  read: 6,
  rename: 5,
  add: 7,
  remove: 4,
  leave: 2,
  ban: 1,
  renew: 4,
  timer: 2,
  newer: 0,
  become: 0,
  create: 3,
  crash: 9,
  start: 8,
  cut: 4,
  mend: 4,
  wait: 5,
};

const mixedWeights: typeof weights = { ...weights, newer: 20, become: 5 };
const householdWeights: Readonly<Record<Step | AccountStep, number>> = { ...weights, ...accountWeights };

/** Play the story of a seed. */
export async function playStory(options: StoryOptions): Promise<StoryEnd> {
  if (options.steps !== undefined) checkUint("steps", options.steps, 32);
  const world = new SimulatedWorld({ ...options, weather: options.weather ?? foulWeather });
  const { chance } = world;
  const story = new Story(world, options);
  await story.begin();
  const steps = options.steps ?? chance.between(20, 60);
  for (let i = 0; i < steps; i++) {
    await story.step();
    await world.pass(story.wait + (chance.happens(0.3) ? 0 : chance.between(1, 2_000)));
    story.wait = 0;
  }
  await story.end();
  return {
    seed: options.seed,
    violations: [
      ...((await story.households?.violations()) ?? []),
      ...(await violations(world, (device) => story.households?.isHonest(device) ?? true)),
    ],
    messages: story.messages,
    deaths: world.devices.reduce((sum, { deaths }) => sum + deaths, 0),
    world,
  };
}

class Story {
  readonly #world: SimulatedWorld;
  readonly #options: StoryOptions;
  messages = 0;
  /** How long nothing is done now, in milliseconds. */
  wait = 0;
  /** The users, where they have accounts of copse. */
  readonly households: Households | undefined;

  constructor(world: SimulatedWorld, options: StoryOptions) {
    this.#world = world;
    this.#options = options;
    if (options.accounts === true) this.households = new Households(world, (line) => options.log?.(line));
  }

  async begin(): Promise<void> {
    const { chance } = this.#world;
    if (this.households !== undefined) {
      await this.households.begin();
      return;
    }
    const users = people.slice(0, chance.between(2, 4));
    const version = (): ClientVersion => (this.#options.mixed === true ? chance.one(allVersions)! : today);
    for (const user of users) await this.#world.device(user, "phone", version());
    if (users.length < 4 || chance.happens(0.3)) await this.#world.device(users[0]!, "laptop", version());
    await this.#world.pass(3_000);
  }

  async step(): Promise<void> {
    const { chance, devices } = this.#world;
    const device = chance.one(devices)!;
    const { households } = this;
    const step =
      households === undefined
        ? chance.weighted(this.#options.mixed === true ? mixedWeights : weights)
        : chance.weighted(householdWeights);
    this.#options.log?.(`${String(this.#world.time.now() % 1e9)} ${device.uri.slice(21)} ${step}`);
    if (isAccountStep(step)) await households?.step(step, device);
    else this.#do(step, device);
  }

  #do(step: Step, device: SimulatedDevice): void {
    const { chance, devices } = this.#world;
    const { client } = device;
    const room = client && chance.one(client.rooms.filter(({ status }) => status !== "left"));
    const other = chance.one(devices)!;
    const user = chance.happens(0.1) ? userUri(simulatedHost, "nobody") : (other.client?.user ?? userOf(other.uri));
    switch (step) {
      case "create":
        if (client !== undefined) device.ask((it) => create(it, this.#newRoom(device, client)));
        return;
      case "become":
        device.version = chance.one(allVersions)!;
        device.die("crash");
        return;
      case "crash": {
        const death = chance.one<Death>(this.#options.deaths ?? ["crash"]);
        if (death === undefined) return;
        if (chance.happens(0.3)) device.die(death);
        else device.doom(chance.between(1, 40), death);
        return;
      }
      case "start":
        for (const each of devices) if (!each.isRunning && !each.isAway) void each.start();
        return;
      case "cut":
        device.isCut = true;
        return;
      case "mend":
        for (const each of devices) each.isCut = false;
        return;
      case "wait":
        this.wait = chance.between(10_000, 120_000);
        return;
      default: // what is done in a room
    }
    if (room === undefined) {
      if (client !== undefined && client.rooms.length === 0 && chance.happens(0.5)) this.#do("create", device);
      return;
    }
    device.ask(() => this.#inRoom(step, device, room, user));
  }

  async #inRoom(
    step: Exclude<Step, "become" | "create" | "crash" | "start" | "cut" | "mend" | "wait">,
    device: SimulatedDevice,
    room: ClientRoom,
    user: string,
  ): Promise<{ intent: Uint8Array<ArrayBuffer> } | undefined> {
    const { chance } = this.#world;
    switch (step) {
      case "send":
        this.messages++;
        return room.send(words(this.#word(device)));
      case "vanishing":
        this.messages++;
        return this.#vanishing(room, device, chance.between(5, 60));
      case "edit":
      case "react":
      case "unsend":
      case "read": {
        const roll = chance.fraction;
        const entries = await room.timeline();
        const entry = entries[Math.floor(roll * entries.length)];
        if (entry === undefined) return undefined;
        if (step === "read") {
          await room.markRead(entry.place);
          return undefined;
        }
        if (step === "react") return room.send({ ...reaction(), inReplyTo: entry.id });
        if (entry.device !== device.uri) return undefined;
        if (step === "edit") return room.send({ ...words(this.#word(device)), replaces: entry.id });
        return room.send({ nestedPart: { disposition: "render", cardinality: "null" }, replaces: entry.id });
      }
      case "newer": {
        this.messages++;
        const word = this.#word(device);
        const about = (await room.timeline({ limit: 1 }))[0]?.id;
        return room.send(newerContent(chance, word, about));
      }
      case "rename":
        return room.rename(this.#word(device));
      case "add":
        return room.add(user);
      case "remove":
        return room.remove(user);
      case "ban":
        return room.setRole(user, 1);
      case "leave":
        return room.leave();
      case "renew":
        return room.renew();
      case "timer":
        return room.setTimer(chance.happens(0.3) ? undefined : chance.between(10, 3_600));
    }
  }

  #vanishing(room: ClientRoom, device: SimulatedDevice, time: number): ReturnType<ClientRoom["send"]> {
    const word = this.#word(device);
    this.households?.vanishing.add(word);
    return room.send({ ...words(word), expires: { relative: true, time } });
  }

  /** The storm is over: everything runs, and what was asked for is carried out. */
  async end(): Promise<void> {
    const world = this.#world;
    world.weather = fairWeather;
    for (const device of world.devices) {
      device.pardon();
      device.isCut = false;
      if (!device.isAway) void device.start();
    }
    for (let i = 0; i < 40; i++) {
      await world.pass(30_000);
      if (i > 3 && (await isQuiet(world))) break;
    }
    await this.households?.end((device, room) => {
      this.messages++;
      return room.send(words(this.#word(device)));
    });
    // Until what was to vanish has vanished at those who have read it.
    await world.pass(70_000);
  }

  #word(device: SimulatedDevice): string {
    return `${device.uri.slice(21)} ${String(++this.#words)}`;
  }
  #words = 0;

  #newRoom(device: SimulatedDevice, { user }: Client): NewRoomOptions {
    const room = { participants: this.#others(user), name: `room ${this.#word(device)}` };
    return device.version === newer ? { ...room, ...newerRoom(this.#world.chance) } : room;
  }

  #others(user: string): string[] {
    const { chance, devices } = this.#world;
    const users = new Set(devices.map(({ uri }) => userOf(uri)));
    return [...users].filter((each) => each !== user && chance.happens(0.7));
  }
}

/** Whether nobody waits for anything. */
async function isQuiet({ devices }: SimulatedWorld): Promise<boolean> {
  for (const { client, isAway } of devices) {
    if (isAway) continue;
    if (client === undefined) return false;
    for (const room of client.rooms) if ((await room.waiting()).length > 0) return false;
  }
  return true;
}

async function create(client: Client, room: NewRoomOptions): Promise<undefined> {
  await client.createRoom(room);
}

/** A text as content. */
function words(text: string): Omit<MimiContent, "salt"> {
  const contentType = "text/plain;charset=utf-8";
  return { nestedPart: { disposition: "render", cardinality: "single", contentType, content: utf8(text) } };
}

function reaction(): Omit<MimiContent, "salt"> {
  return { nestedPart: { ...words("👍").nestedPart, disposition: "reaction" } };
}

/** The user of a device's URI. */
function userOf(device: string): string {
  return device.replace("/d/", "/u/").replace(/\/[^/]*$/, "");
}
