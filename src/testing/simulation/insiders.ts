/**
 * A story with a member that keeps no rule. It publishes commits that break the room's policy, paths whose secrets are wrong for some, two
 * commits of one epoch, messages in others' names, and what is too large or nonsense. The service refuses what it can see, or sees none of
 * the room's rules and takes back what members complain of, or colludes and takes nothing back. Then the member is silent, the others
 * say one word more, and what must be so is looked at.
 */

import { checkUint } from "../../bytes/numbers.ts";
import { hex, utf8, utf8Decode } from "../../bytes/text.ts";
import type { MimiContent } from "../../content/mimi.ts";
import { CopseError } from "../../errors.ts";
import { addParticipants, changeRole, removeParticipants, rename } from "../../rooms/changes.ts";
import { RoomError } from "../../rooms/errors.ts";
import { readyPolicies } from "../../rooms/policies/ready.ts";
import { userUri } from "../../rooms/uri.ts";
import { Chance } from "./chance.ts";
import type { SimulatedDevice } from "./device.ts";
import { Insider, type Answer } from "./insider.ts";
import { simulatedHost, SimulatedWorld, type WorldOptions } from "./world.ts";

/** What a member does that no member should. */
export type Deed =
  /** A commit without the capability for it: a role for itself, somebody put out, another name, somebody brought in. */
  | "take-role"
  | "put-out"
  | "rename"
  | "bring-in"
  /** A commit whose path secrets are wrong for some members. */
  | "broken-path"
  /** A second commit of an epoch. */
  | "second-commit"
  /** A proposal that it may not make. */
  | "proposal"
  /** A message in another's name, edits and unsends of what others have said. */
  | "in-anothers-name"
  | "edit-another"
  | "unsend-another"
  /** The same message twice, what is no content, what is large, and what is larger than the service takes. */
  | "again"
  | "nonsense"
  | "large"
  | "too-large";

/** Every deed. */
export const allDeeds: readonly Deed[] = [
  "take-role",
  "put-out",
  "rename",
  "bring-in",
  "broken-path",
  "second-commit",
  "proposal",
  "in-anothers-name",
  "edit-another",
  "unsend-another",
  "again",
  "nonsense",
  "large",
  "too-large",
];

/** Deeds that break the room's policy: a service that knows rooms refuses them. */
const breaking: ReadonlySet<Deed> = new Set<Deed>(["take-role", "put-out", "rename", "bring-in"]);

/**
 * What the service does about it. "checks": it knows the room's rules. "blind": it knows none, and takes back what members complain of.
 * "colludes": it knows none, and takes nothing back.
 */
export type Oversight = "checks" | "blind" | "colludes";

/** A story of a member that keeps no rule. */
export interface InsiderOptions extends Omit<WorldOptions, "between" | "service"> {
  /** Default: all. */
  readonly deeds?: readonly Deed[];
  /** Default: as the seed says. */
  readonly oversight?: Oversight;
  /** Told of each step. */
  readonly log?: (line: string) => void;
}

/** How it ended. */
export interface InsiderEnd {
  /** What is not as it must be: nothing, where all is well. */
  readonly violations: readonly string[];
  readonly oversight: Oversight;
  readonly messages: number;
  /** What the service said to each deed. */
  readonly deeds: readonly { readonly deed: Deed; readonly answer: Answer }[];
  /** Events that name the member as the author of a commit that can't be followed. */
  readonly named: number;
  /** How often a device came back from outside. */
  readonly rejoined: number;
  /** Messages that somebody has not read, and was told of. */
  readonly lacking: number;
}

const honest = ["alice", "bob", "carol"] as const;
const { creatorRole, memberRole } = readyPolicies.administered;
const alice = userUri(simulatedHost, "alice");
const bob = userUri(simulatedHost, "bob");
const erin = userUri(simulatedHost, "erin");
const mark = "insider";

/** Play the story of a seed. */
export async function playInsider(options: InsiderOptions): Promise<InsiderEnd> {
  const { deeds: allowed = allDeeds, log, ...world } = options;
  checkUint("seed", options.seed, 32);
  const chance = new Chance(options.seed, "insider");
  const oversight = options.oversight ?? chance.one<Oversight>(["checks", "checks", "blind", "colludes"])!;
  const story = new Story(world, chance, oversight, log ?? (() => undefined));
  await story.begin();
  const steps = chance.between(8, 20);
  for (let i = 0; i < steps; i++) {
    await story.step();
    if (chance.happens(0.5)) await story.misbehave(chance.one(allowed)!);
  }
  await story.end();
  return { ...(await story.found()), oversight, deeds: story.deeds, messages: story.messages };
}

class Story {
  readonly #world: SimulatedWorld;
  readonly #chance: Chance;
  readonly #oversight: Oversight;
  readonly #log: (line: string) => void;
  readonly deeds: { readonly deed: Deed; readonly answer: Answer }[] = [];
  readonly #sent = new Map<string, string>();
  messages = 0;
  #room = "";
  #insider: Insider | undefined;
  #honest: readonly SimulatedDevice[] = [];

  constructor(
    options: Omit<WorldOptions, "service">,
    chance: Chance,
    oversight: Oversight,
    log: (line: string) => void,
  ) {
    const isKept = oversight === "colludes" ? { isProven: () => false } : {};
    const service = oversight === "checks" ? {} : { reviewRoom: () => true, ...isKept };
    this.#world = new SimulatedWorld({ ...options, service, knowsRooms: oversight === "checks" });
    this.#chance = chance;
    this.#oversight = oversight;
    this.#log = log;
  }

  async begin(): Promise<void> {
    const world = this.#world;
    for (const user of [...honest, "mallory", "erin"]) await world.device(user, "phone");
    await world.pass(3_000);
    this.#honest = world.devices.slice(0, honest.length);
    const participants = ["bob", "carol", "mallory"].map((user) => userUri(simulatedHost, user));
    world.devices[0]!.ask(async (client) => {
      ({ id: this.#room } = await client.createRoom({ participants, name: "room", policy: "administered" }));
      return undefined;
    });
    await world.pass(20_000);
    const mallory = world.devices[honest.length]!;
    this.#insider = await Insider.of(mallory, world.service, this.#room, this.#chance);
  }

  /** One of the others does something. */
  async step(): Promise<void> {
    const chance = this.#chance;
    const device = chance.one(this.#honest)!;
    const step = chance.weighted({ send: 10, renew: 2, rename: 1, crash: 1, wait: 2 });
    this.#log(`${String(this.#world.time.now() % 1e9)} ${device.uri.slice(21)} ${step}`);
    const room = this.#room;
    if (step === "send") this.#say(device);
    if (step === "renew") device.ask(async (client) => client.room(room).renew());
    if (step === "rename") this.#honest[0]!.ask(async (client) => client.room(room).rename("another name"));
    if (step === "crash") device.die("crash");
    await this.#world.pass(step === "wait" ? chance.between(20_000, 200_000) : chance.between(1, 3_000));
    for (const each of this.#honest) void each.start();
  }

  #say(device: SimulatedDevice): void {
    const text = `${device.uri.slice(21)} ${String(++this.messages)}`;
    device.ask(async (client) => {
      const asked = await client.room(this.#room).send(words(text));
      this.#sent.set(text, device.uri);
      return asked;
    });
  }

  /** The member does what it should not, as far as its group is where the room is. */
  async misbehave(deed: Deed): Promise<void> {
    const insider = this.#insider;
    if (insider === undefined) return;
    if (!(await insider.follow())) {
      this.#log("the member can't follow the room any more");
      this.#insider = undefined;
      return;
    }
    let answer: Answer | undefined;
    try {
      answer = await this.#commits(insider, deed);
    } catch (error) {
      if (!(error instanceof CopseError || error instanceof RoomError)) throw error;
      this.#log(`${deed}: its own engine does not make it: ${error.code}`);
    }
    if (answer === undefined) return;
    this.#log(`${String(this.#world.time.now() % 1e9)} ${mark} ${deed}: ${answer}`);
    this.deeds.push({ deed, answer });
    await this.#world.pass(this.#chance.between(1, 20_000));
  }

  async #commits(insider: Insider, deed: Deed): Promise<Answer | undefined> {
    const { group, rules, user } = insider;
    const another = this.#chance.one(insider.heard);
    switch (deed) {
      case "take-role":
        return insider.commit({ custom: [changeRole(rules, user, creatorRole)] });
      case "put-out":
        return insider.commit({ remove: insider.leavesOf(bob), custom: [removeParticipants(rules, [bob])] });
      case "rename":
        return insider.commit({ custom: [rename(rules, mark)] });
      case "bring-in": {
        const keyPackage = await insider.keyPackageOf(erin);
        const custom = [addParticipants(rules, [{ user: erin, role: memberRole }])];
        return keyPackage && insider.commit({ add: [keyPackage], custom });
      }
      case "broken-path":
        return insider.commitOfBrokenPath();
      case "second-commit":
        return insider.commitTwice();
      case "proposal":
        return insider.publish(await group.propose({ remove: insider.leavesOf(bob)[0]! }));
      case "in-anothers-name":
        return insider.say({ ...this.#content(`${mark} as alice`), senderUri: alice });
      case "edit-another":
        return another && insider.say({ ...this.#content(`${mark} edits`), replaces: another });
      case "unsend-another":
        return another && insider.say({ ...this.#content(""), nestedPart: gone, replaces: another });
      case "again": {
        const content = this.#content(`${mark} again`);
        await insider.say(content);
        return insider.say(content);
      }
      case "nonsense":
        return insider.say(this.#chance.bytes(this.#chance.between(0, 200)));
      case "large":
        return insider.say(this.#content(`${mark} ${"x".repeat(200_000)}`));
      case "too-large":
        return insider.say(this.#content(`${mark} ${"x".repeat(600_000)}`));
    }
  }

  #content(text: string): MimiContent {
    return { ...words(`${text} ${String(this.deeds.length)}`), salt: this.#chance.bytes(16) };
  }

  /** The others say one word more, and nothing else happens for hours. */
  async end(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      await this.#world.pass(3 * 60 * 60_000);
      for (const device of this.#honest) device.client?.connect();
      for (const device of this.#honest) this.#say(device);
    }
    await this.#world.pass(3 * 60 * 60_000);
  }

  async found(): Promise<Pick<InsiderEnd, "violations" | "named" | "rejoined" | "lacking">> {
    const violations: string[] = [];
    const mallory = this.#world.devices[honest.length]!.uri;
    let [named, rejoined, lacking] = [0, 0, 0];
    const read = new Map<SimulatedDevice, readonly string[]>();
    const epochs = new Set<string>();
    for (const device of this.#honest) {
      const { client, uri, events } = device;
      const say = (what: string): number => violations.push(`${uri} ${what}`);
      for (const failure of [client?.failure, ...device.failures])
        if (failure !== undefined) say(`has failed: ${failure instanceof Error ? failure.message : typeof failure}`);
      if (client?.isCopied === true) say("takes itself for a copy");
      for (const event of events) {
        if (event.kind === "rejoined") rejoined++;
        if (event.kind === "broken-commit" && event.author === mallory) named++;
        if (event.kind === "broken-commit" && event.author !== mallory) say(`names ${event.author ?? "nobody"}`);
        if (event.kind === "refused" && event.by !== mallory) say(`refuses what ${event.by} says: ${event.reason}`);
      }
      const there = client?.rooms.find(({ id }) => id === this.#room);
      const isOver = there?.status === "frozen" && isFrozen(device) && this.#oversight === "colludes";
      if (there === undefined || (there.status !== "member" && !isOver)) {
        say(`is no member: ${String(there?.status)}`);
        continue;
      }
      const { epoch, authenticator } = await there.epoch();
      epochs.add(`${String(epoch)} ${hex(authenticator)}`);
      const people = await there.participants();
      const roles = people.map(({ user, role }) => `${user.slice(21)} ${String(role)}`).sort();
      if (roles.join() !== rolesAsMade.join()) say(`has other people in the room: ${roles.join()}`);
      if ((await there.data()).room_metadata.roomName.includes(mark)) say("has the name that it may not have");
      const texts: string[] = [];
      for (const entry of await there.timeline({ limit: 1_000 })) {
        const text = entry.message && textOf(entry.message);
        if (text === undefined) {
          say(`lacks what was taken back by who may not`);
          continue;
        }
        texts.push(text);
        if (text.startsWith(mark) !== (entry.device === mallory)) say(`has "${text.slice(0, 40)}" of ${entry.device}`);
      }
      if (new Set(texts).size < texts.length) say(`has something twice: ${texts.join().slice(0, 1_000)}`);
      read.set(device, texts);
      if (isOver) continue; // what is asked for waits on
      if ((await there.waiting()).length > 0) say("has something waiting");
      for (const [intent, outcome] of device.asked) if (outcome === "waiting") say(`${intent} waits`);
    }
    if (epochs.size > 1) violations.push(`they are in different epochs: ${[...epochs].join(", ")}`);
    for (const [text, by] of this.#sent) {
      for (const [device, texts] of read) {
        if (texts.includes(text)) continue;
        const author = this.#honest.find(({ uri }) => uri === by);
        if (mayLack(device) || (author !== undefined && isFrozen(author))) lacking++;
        else violations.push(`${device.uri} lacks "${text}" of ${by}, and was not told`);
      }
    }
    const { client: erins } = this.#world.devices[honest.length + 1]!;
    if (this.#oversight === "checks" && erins?.rooms.length !== 0) violations.push("erin is in the room");
    const wrongly = this.deeds.find(({ deed, answer }) => breaking.has(deed) && answer === "accepted");
    if (this.#oversight === "checks" && wrongly !== undefined) violations.push(`the service took ${wrongly.deed}`);
    const reused = this.#world.watched.reused();
    if (reused > 0) violations.push(`${String(reused)} times a key has sealed two things`);
    return { violations, named, rejoined, lacking };
  }
}

/** Whether it was told that the room stands still for it, and not that it goes on. */
function isFrozen({ events }: SimulatedDevice): boolean {
  return events.findLast(({ kind }) => kind === "frozen" || kind === "thawed")?.kind === "frozen";
}

/** Whether it was told that it can't have all that was said. */
function mayLack(device: SimulatedDevice): boolean {
  return isFrozen(device) || device.events.some(({ kind }) => kind === "rejoined");
}

const rolesAsMade = [
  `alice ${String(creatorRole)}`,
  ...["bob", "carol", "mallory"].map((user) => `${user} ${String(memberRole)}`),
];

const gone = { disposition: "render", cardinality: "null" } as const;

function words(text: string): Omit<MimiContent, "salt"> {
  const contentType = "text/plain;charset=utf-8";
  return { nestedPart: { disposition: "render", cardinality: "single", contentType, content: utf8(text) } };
}

function textOf({ nestedPart }: MimiContent): string | undefined {
  return nestedPart.cardinality === "single" ? utf8Decode(nestedPart.content) : undefined;
}
