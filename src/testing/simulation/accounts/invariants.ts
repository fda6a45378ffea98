/**
 * What must be so of users with several devices when a story has come to rest: who is in, who is out, and what each of them reads.
 */

import { bytesEqual } from "../../../bytes/compare.ts";
import { hex, utf8Decode } from "../../../bytes/text.ts";
import { checkStatement } from "../../../accounts/check-statement.ts";
import type { Device } from "../../../accounts/devices.ts";
import { keptEpochs } from "../../../client/history/epochs.ts";
import { keptOf } from "../../../client/history/kept.ts";
import type { RestoredHistory } from "../../../client/history/options.ts";
import { storedEntries } from "../../../client/timeline/entries.ts";
import type { StoredEntry } from "../../../client/timeline/entry.ts";
import { decodeContent } from "../../../content/decode.ts";
import { userOfDevice } from "../../../rooms/uri.ts";
import { memoryStore, type MemoryDisk } from "../../../storage/memory.ts";
import type { SimulatedDevice } from "../device.ts";
import type { SimulatedWorld } from "../world.ts";
import { copyOf, followed, readInHistory, readInRooms, type ReadEntry } from "./thief.ts";
import type { SimulatedUser } from "./users.ts";

/** A disk that somebody has copied while its device was in somebody's hands. */
export interface Stolen {
  readonly device: SimulatedDevice;
  readonly disk: MemoryDisk;
}

/** A story that has come to rest, as it is looked at. */
export class Examination {
  readonly #world: SimulatedWorld;
  readonly #vanishing: ReadonlySet<string>;
  readonly #stolen: readonly Stolen[];
  /** Devices that are on their users' lists, and run. */
  honest: readonly SimulatedDevice[] = [];
  /** The numbers of the last items of rooms before the last words. */
  readonly #heads = new Map<string, bigint>();
  /** The device of each user that has restored everything. */
  readonly readers: Map<SimulatedUser, SimulatedDevice> = new Map();
  readonly restored: Map<SimulatedDevice, RestoredHistory> = new Map();

  constructor(world: SimulatedWorld, vanishing: ReadonlySet<string>, stolen: readonly Stolen[]) {
    this.#world = world;
    this.#vanishing = vanishing;
    this.#stolen = stolen;
  }

  /** Who is in, and how far the rooms are. */
  async begin(): Promise<void> {
    const { port, users } = this.#world;
    for (const room of await port.rooms.names("", Infinity)) {
      const all = { after: 0n, through: undefined };
      const items = await port.rooms.items({ room, spans: [all], after: 0n, limit: Infinity, bytes: Infinity });
      this.#heads.set(room, items.at(-1)?.number ?? 0n);
    }
    const honest: SimulatedDevice[] = [];
    for (const user of users) {
      const listed = await this.#listed(user);
      for (const device of user.devices) if (device.client !== undefined && isOn(listed, device)) honest.push(device);
    }
    this.honest = honest;
  }

  /** Whether a device is one that must be as all others are. */
  isHonest(device: SimulatedDevice): boolean {
    return this.honest.includes(device) || [...this.readers.values()].includes(device);
  }

  async found(): Promise<readonly string[]> {
    const found: string[] = [...this.#world.unsaid];
    for (const user of this.#world.users) {
      found.push(...(await this.#checkDevices(user)));
      found.push(...(await this.#checkRestored(user)));
    }
    found.push(...(await this.#checkStolen()));
    const reused = this.#world.histories.reused().length;
    if (reused > 0) found.push(`${String(reused)} nonces of the history were used twice`);
    return found;
  }

  async #listed({ uri }: SimulatedUser): Promise<readonly Device[]> {
    const last = await this.#world.port.users.lastStatement(uri);
    if (last === undefined) return [];
    return (await checkStatement(undefined, last.statement, { begin: "anywhere" })).devices;
  }

  /** The user's devices agree on the list, and rooms have those that are on it and no others. */
  async #checkDevices(user: SimulatedUser): Promise<readonly string[]> {
    const found: string[] = [];
    const listed = await this.#listed(user);
    const names = namesOf(listed);
    const devices = user.devices.filter((device) => this.isHonest(device));
    if (devices.length === 0) found.push(`${user.uri} has no device that runs and is listed: ${names}`);
    for (const device of devices) {
      if (!isOn(listed, device)) found.push(`${device.uri} is off the list`);
      const known = namesOf((await device.client?.devices()) ?? []);
      if (known !== names) found.push(`${device.uri} knows the list ${known}, the service ${names}`);
    }
    const epochs = new Map<string, string>();
    for (const device of devices) {
      const newest = (await keptEpochs(memoryStore({ disk: copyOf(device.disk) }))).at(-1);
      if (newest !== undefined) epochs.set(`${String(newest.number)} ${hex(newest.authenticator)}`, device.uri);
    }
    if (epochs.size > 1)
      found.push(`${user.uri}: devices are in different epochs of the history: ${[...epochs].join(" | ")}`);
    const { port } = this.#world;
    for (const room of await port.rooms.names("", Infinity)) {
      const members = (await port.rooms.devices(room))?.devices ?? [];
      const there = members.filter((uri) => userOfDevice(uri) === user.uri);
      // In a room where nobody is left there is nobody to put anybody out.
      if (!members.some((uri) => this.#world.devices.some((device) => device.uri === uri && this.isHonest(device))))
        continue;
      for (const uri of there)
        if (!listed.some((device) => device.uri === uri)) found.push(`${uri} is in ${room}, and off the list`);
      const isShown = devices.some(
        ({ client }) => client?.rooms.some(({ id, status }) => id === room && status === "member") === true,
      );
      if (there.length === 0 || !isShown) continue;
      for (const { uri } of devices) if (!there.includes(uri)) found.push(`${uri} is not in ${room}, where others are`);
    }
    return found;
  }

  /** What the user's devices have is what the newest one has restored; what was to vanish is nowhere in the history. */
  async #checkRestored(user: SimulatedUser): Promise<readonly string[]> {
    const found: string[] = [];
    const reader = this.readers.get(user);
    if (reader === undefined) return [`${user.uri} could not link a device`];
    const restored = this.restored.get(reader);
    if (restored === undefined) {
      const why = reader.refused.map(String).join();
      return [`${reader.uri} has restored nothing: ${why} ${String(reader.entryFailure)}`];
    }
    for (const { kind, epoch, device, position } of restored.findings) {
      // Of an epoch whose root only devices had that are out, before they have joined it to the next, nothing comes back: it is said.
      if (kind === "edge" && user.devices.some((each) => !this.isHonest(each))) continue;
      const where = [epoch, device, position].map(String).join(" ");
      found.push(`${reader.uri} is told of what nobody has done: ${kind} ${where}`);
    }
    if (restored.unreadable > 0) found.push(`${reader.uri} can't read ${String(restored.unreadable)} records`);
    if (restored.misplaced > 0) found.push(`${reader.uri} has no place for ${String(restored.misplaced)} records`);
    const own = await keepable(reader.disk);
    for (const device of user.devices) {
      if (!this.honest.includes(device)) continue;
      for (const [name, { text, entry }] of await keepable(device.disk)) {
        const same = own.get(name);
        if (same === undefined) found.push(`${reader.uri} lacks "${text}" (${entry.status}), which ${device.uri} has`);
        else if (same.text !== text) found.push(`${reader.uri} has "${same.text}" where ${device.uri} has "${text}"`);
      }
    }
    const devices = user.devices.map(({ uri }) => uri);
    const kept = await readInHistory(this.#world, { disk: reader.disk, user: user.uri, devices });
    for (const { entry } of kept) {
      const text = textOf(entry);
      const isVanishing = entry.content.length > 0 && decodeContent(entry.content).expires !== undefined;
      if (isVanishing || this.#vanishing.has(text)) found.push(`"${text}" was to vanish, and ${user.uri} has kept it`);
    }
    return found;
  }

  /** Whoever is out reads nothing of what was said since, in rooms or in the history, whatever the service gives. */
  async #checkStolen(): Promise<readonly string[]> {
    const found: string[] = [];
    const out = this.#world.devices
      .filter((device) => !this.isHonest(device))
      .map((device): Stolen => ({ device, disk: copyOf(device.disk) }));
    for (const { device, disk } of [...out, ...this.#stolen]) {
      if (this.isHonest(device) || disk.contents.size === 0) continue;
      const user = this.#world.users.find(({ devices }) => devices.includes(device))!;
      const devices = user.devices.map(({ uri }) => uri);
      const end = device.hasAccount ? await followed(this.#world, disk) : disk;
      const kept = await readInHistory(this.#world, { disk: end, user: user.uri, devices });
      const read = await readInRooms(end);
      for (const [where, entries] of [["the history", kept] as const, ["rooms", read] as const]) {
        const after = entries.filter((each) => this.#isAfter(each));
        if (after.length > 0)
          found.push(`${device.uri} is out, and reads in ${where}: ${after.map(({ entry }) => textOf(entry)).join()}`);
      }
    }
    return found;
  }

  #isAfter({ room, entry }: ReadEntry): boolean {
    return entry.status !== "waiting" && entry.number > (this.#heads.get(room) ?? 0n);
  }
}

/** What of a disk's timelines the history keeps, by room and message. */
async function keepable(
  disk: MemoryDisk,
): Promise<ReadonlyMap<string, { readonly text: string; readonly entry: StoredEntry }>> {
  const store = memoryStore({ disk: copyOf(disk) });
  const found = new Map<string, { readonly text: string; readonly entry: StoredEntry }>();
  for await (const { room, place, entry } of storedEntries(store)) {
    if (!(keptOf(entry, { room, place }) instanceof Uint8Array)) continue;
    found.set(`${room} ${hex(entry.id)}`, { text: textOf(entry), entry });
  }
  return found;
}

function isOn(listed: readonly Device[], device: SimulatedDevice): boolean {
  return (
    device.hasAccount &&
    listed.some(
      ({ uri, suspended, signatureKey }) =>
        uri === device.uri && !suspended && bytesEqual(signatureKey, device.identity.signatureKey),
    )
  );
}

function namesOf(devices: readonly Device[]): string {
  return devices
    .map(({ uri, signatureKey }) => `${uri.slice(21)} ${hex(signatureKey).slice(0, 8)}`)
    .sort()
    .join(", ");
}

function textOf({ content }: StoredEntry): string {
  if (content.length === 0) return "";
  const { nestedPart } = decodeContent(content);
  return nestedPart.cardinality === "single" ? (utf8Decode(nestedPart.content) ?? "") : "";
}
