/**
 * A story with a service that lies to some of the devices: it leaves out, repeats, reorders and cuts off what they read, numbers the rest
 * anew, refuses without a reason, says that items are gone, and hands key packages out twice. Then it is honest again, everybody says
 * one word more, and what must be so is looked at: what anybody lacks is told.
 */

import { checkUint } from "../../bytes/numbers.ts";
import { hex, utf8, utf8Decode } from "../../bytes/text.ts";
import type { MimiContent } from "../../content/mimi.ts";
import { userUri } from "../../rooms/uri.ts";
import { Chance } from "./chance.ts";
import type { SimulatedDevice } from "./device.ts";
import { lying, type Lies, type ShownItem } from "./lying.ts";
import { simulatedHost, SimulatedWorld, type WorldOptions } from "./world.ts";

/** A kind of lie. */
export type Lie = "withhold" | "replay" | "reorder" | "cut-off" | "gone" | "refuse" | "hand-out-twice";
/** Every kind. */
export const allLies: readonly Lie[] = ["withhold", "replay", "reorder", "cut-off", "gone", "refuse", "hand-out-twice"];

/** A story of lies. */
export interface MaliceOptions extends Omit<WorldOptions, "between"> {
  /** Default: all. */
  readonly lies?: readonly Lie[];
  /** Told of each step. */
  readonly log?: (line: string) => void;
}

/** How it ended. */
export interface MaliceEnd {
  /** What is not as it must be: nothing, where all is well. */
  readonly violations: readonly string[];
  readonly messages: number;
  /** Events that tell of a lie. */
  readonly told: number;
  /** Messages that somebody has not read, and was told of. */
  readonly lacking: number;
}

/** The events that tell of something that is not there. */
const telling: ReadonlySet<string> = new Set([
  "withheld",
  "log-differs",
  "unreadable",
  "rejoined",
  "broken-commit",
  "frozen",
  "welcome-failed",
]);

const people = ["alice", "bob", "carol"] as const;

/** Play the story of a seed. */
export async function playMalice(options: MaliceOptions): Promise<MaliceEnd> {
  const { lies = allLies, log } = options;
  checkUint("seed", options.seed, 32);
  let isLying = false;
  const chance = new Chance(options.seed, "malice");
  const world = new SimulatedWorld({
    ...options,
    between: (service, device) =>
      device.includes("/d/alice/")
        ? service
        : lying(
            service,
            liesOf(chance, lies, () => isLying),
          ),
  });
  for (const user of people) await world.device(user, "phone");
  const outsider = await world.device("dave", "phone");
  await world.pass(3_000);
  const devices = world.devices.filter((device) => device !== outsider);
  const [alice] = devices;
  const users = people.slice(1).map((user) => userUri(simulatedHost, user));
  let room = "";
  alice!.ask(async (client) => {
    ({ id: room } = await client.createRoom({ participants: users, name: "lies" }));
    return undefined;
  });
  await world.pass(10_000);
  isLying = true;
  let messages = 0;
  const sent = new Map<string, string>();
  const say = (device: SimulatedDevice): void => {
    const text = `${device.uri.slice(21)} ${String(++messages)}`;
    device.ask(async (client) => {
      const asked = await client.room(room).send(words(text));
      sent.set(text, device.uri);
      return asked;
    });
  };
  const steps = chance.between(15, 40);
  for (let i = 0; i < steps; i++) {
    const device = chance.one(devices)!;
    const step = chance.weighted({ send: 10, renew: 2, rename: 1, crash: 1, wait: 2 });
    log?.(`${String(world.time.now() % 1e9)} ${device.uri.slice(21)} ${step}`);
    if (step === "send") say(device);
    if (step === "renew") device.ask(async (client) => client.room(room).renew());
    if (step === "rename") device.ask(async (client) => client.room(room).rename(`name ${String(i)}`));
    if (step === "crash") device.die("crash");
    await world.pass(step === "wait" ? chance.between(20_000, 200_000) : chance.between(1, 3_000));
    for (const each of devices) void each.start();
  }
  isLying = false;
  for (let round = 0; round < 3; round++) {
    await world.pass(3 * 60 * 60_000);
    for (const device of devices) device.client?.connect();
    for (const device of devices) say(device);
  }
  await world.pass(3 * 60 * 60_000);
  return { ...(await found(devices, outsider, room, sent)), messages };
}

/** What one device is told. */
function liesOf(chance: Chance, lies: readonly Lie[], isLying: () => boolean): Lies {
  const now = (lie: Lie, probability: number): boolean =>
    isLying() && lies.includes(lie) && chance.happens(probability);
  let kept: ShownItem[] = [];
  let cutOff = 0;
  let claimed: Parameters<NonNullable<Lies["claimed"]>>[0] = [];
  return {
    shown: (item, { before }) => {
      const isMessage = item.message[3] === 2;
      if (isMessage && now("withhold", 0.15)) return [];
      if (isMessage && now("reorder", 0.1)) {
        kept.push(item);
        return [];
      }
      const late = kept;
      kept = [];
      const again = now("replay", 0.1) ? chance.one(before) : undefined;
      return [item, ...late, ...(again === undefined ? [] : [{ ...again }])];
    },
    isCutOff: () => {
      if (cutOff > 0 && isLying()) {
        cutOff--;
        return true;
      }
      if (now("cut-off", 0.03)) cutOff = chance.between(3, 20);
      return false;
    },
    goneThrough: ({ head }) => (now("gone", 0.02) ? head : 0n),
    published: (answer) => (now("refuse", 0.05) ? { kind: "refused", reason: "epoch" } : answer),
    claimed: (given) => {
      const handed = now("hand-out-twice", 0.5) && claimed.length > 0 ? claimed : given;
      claimed = given;
      return handed;
    },
  };
}

async function found(
  devices: readonly SimulatedDevice[],
  outsider: SimulatedDevice,
  room: string,
  sent: ReadonlyMap<string, string>,
): Promise<Pick<MaliceEnd, "violations" | "told" | "lacking">> {
  const violations: string[] = [];
  let lacking = 0;
  const read = new Map<SimulatedDevice, readonly string[]>();
  const epochs = new Map<string, string>();
  for (const device of devices) {
    const { client, uri } = device;
    const there = client?.rooms.find(({ id }) => id === room);
    for (const failure of [client?.failure, ...device.failures])
      if (failure !== undefined)
        violations.push(`${uri} has failed: ${failure instanceof Error ? failure.message : typeof failure}`);
    if (client?.isCopied === true) violations.push(`${uri} takes itself for a copy`);
    if (there?.status !== "member") {
      violations.push(`${uri} is no member: ${String(there?.status)}`);
      continue;
    }
    const texts = (await there.timeline({ limit: 1_000 })).map(({ message }) => message && textOf(message));
    const all = texts.filter((text) => text !== undefined);
    if (new Set(all).size < all.length) violations.push(`${uri} has something twice: ${all.join()}`);
    read.set(device, all);
    if ((await there.waiting()).length > 0) violations.push(`${uri} has something waiting`);
    for (const [intent, outcome] of device.asked) if (outcome === "waiting") violations.push(`${uri}: ${intent} waits`);
    const { epoch, authenticator } = await there.epoch();
    epochs.set(`${String(epoch)} ${hex(authenticator)}`, uri);
  }
  if (epochs.size > 1) violations.push(`they are in different epochs: ${[...epochs.keys()].join(", ")}`);
  for (const [text, by] of sent) {
    for (const [device, texts] of read) {
      if (texts.includes(text)) continue;
      const isTold = device.events.some((event) => telling.has(event.kind) && "room" in event && event.room === room);
      if (isTold) lacking++;
      else violations.push(`${device.uri} lacks "${text}" of ${by}, and was not told`);
    }
  }
  for (const each of outsider.client?.rooms ?? []) violations.push(`${outsider.uri} is in ${each.id}`);
  const told = devices.reduce((sum, { events }) => sum + events.filter(({ kind }) => telling.has(kind)).length, 0);
  return { violations, told, lacking };
}

function words(text: string): Omit<MimiContent, "salt"> {
  const contentType = "text/plain;charset=utf-8";
  return { nestedPart: { disposition: "render", cardinality: "single", contentType, content: utf8(text) } };
}

function textOf({ nestedPart }: MimiContent): string | undefined {
  return nestedPart.cardinality === "single" ? utf8Decode(nestedPart.content) : undefined;
}
