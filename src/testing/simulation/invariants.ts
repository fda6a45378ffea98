/**
 * What must be so when a simulated world has come to rest, whatever has happened in it.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { hex, utf8Decode } from "../../bytes/text.ts";
import { storedEntries } from "../../client/timeline/entries.ts";
import type { StoredEntry } from "../../client/timeline/entry.ts";
import { decodeContent } from "../../content/decode.ts";
import { readMessage } from "../../content/messages/read.ts";
import type { ItemRow, Span } from "../../delivery/port.ts";
import { settingsOf } from "../../public-group/options/settings-of.ts";
import { trustAnyCredential } from "../../public-group/options/settings.ts";
import { roomAppData } from "../../rooms/components.ts";
import { decodeMessage } from "../../wire/message.ts";
import type { Store } from "../../storage/store.ts";
import { memoryStore } from "../../storage/memory.ts";
import type { SimulatedDevice } from "./device.ts";
import type { SimulatedWorld } from "./world.ts";

/**
 * What is not so.
 *
 * @param isHonest Devices of which all must be so. Of the others, who were taken off their users' lists or lost, it must be so that they read what they
 * may and nothing else. Default: all
 */
export async function violations(
  world: SimulatedWorld,
  isHonest: (device: SimulatedDevice) => boolean = () => true,
): Promise<string[]> {
  const found: string[] = [];
  const say = (what: string): void => {
    found.push(what);
  };
  found.push(...(await disagreements(world, isHonest)));
  if (world.watched.reused() > 0) say(`${String(world.watched.reused())} times a key has sealed two things`);
  for (const device of world.devices) if (isHonest(device)) checkDevice(device, say);
  const rooms = new Set<string>();
  for (const room of await world.port.rooms.names("", Infinity)) rooms.add(room);
  const stores = new Map<SimulatedDevice, Store>();
  for (const device of world.devices) {
    device.die("crash");
    stores.set(device, memoryStore({ disk: device.disk }));
  }
  for (const [device, store] of stores) if (isHonest(device)) await checkStore(world, device, store, say);
  for (const room of rooms) await checkMessages(world, stores, { room, isHonest }, say);
  return found;
}

/** What no honest world may bring about, and what everybody must have come to. */
function checkDevice(device: SimulatedDevice, say: (what: string) => void): void {
  const { client, uri } = device;
  if (client === undefined) {
    say(`${uri} does not run`);
    return;
  }
  const { failure } = client;
  if (failure !== undefined) say(`${uri} has failed: ${failure instanceof Error ? failure.message : typeof failure}`);
  if (client.isCopied) say(`${uri} takes itself for a copy`);
  for (const failure of device.failures) say(`${uri} had failed: ${String(failure)}`);
  for (const [intent, outcome] of device.asked) {
    if (outcome === "waiting") say(`${uri}: nothing came of ${intent}`);
    if (outcome.startsWith("failed refused")) say(`${uri}: ${outcome}`);
  }
  for (const event of device.events) {
    if (suspicious.has(event.kind))
      say(`${uri}: ${JSON.stringify(event, (_, v: unknown) => (typeof v === "bigint" ? String(v) : v))}`);
  }
}

const suspicious: ReadonlySet<string> = new Set([
  "unreadable",
  "broken-commit",
  "frozen",
  "log-differs",
  "withheld",
  "rejoined",
  "welcome-failed",
]);

async function checkStore(
  world: SimulatedWorld,
  device: SimulatedDevice,
  store: Store,
  say: (what: string) => void,
): Promise<void> {
  const { uri } = device;
  const now = world.time.now();
  for await (const { key } of store.range({ prefix: ["intent"] })) say(`${uri}: an intent is left: ${key.join(" ")}`);
  for await (const { key } of store.range({ prefix: ["announcement"] }))
    say(`${uri}: an announcement is left: ${key.join(" ")}`);
  const ended = new Set<string>();
  for await (const { key, value } of store.range({ prefix: ["room"] })) if (value[1] === 2) ended.add(String(key[1]));
  for await (const { key } of store.range({ prefix: ["record"] })) {
    if (ended.has(String(key[1]))) {
      say(`${uri}: a record of a room that was left: ${key.join(" ")}`);
      break;
    }
  }
  for await (const { key } of store.range({ prefix: ["expiry"], from: 0n })) {
    if (Number((key[1] as bigint) >> 20n) <= now) say(`${uri}: what is over is still there`);
  }
}

interface Logged extends ItemRow {
  readonly epoch: bigint;
  readonly isCommit: boolean;
  readonly isMessage: boolean;
}

async function checkMessages(
  world: SimulatedWorld,
  stores: ReadonlyMap<SimulatedDevice, Store>,
  { room, isHonest }: { readonly room: string; readonly isHonest: (device: SimulatedDevice) => boolean },
  say: (what: string) => void,
): Promise<void> {
  const { rooms } = world.port;
  const row = await rooms.row(room);
  if (row === undefined) return;
  const all: Span = { after: 0n, through: undefined };
  const items = await rooms.items({ room, spans: [all], after: 0n, limit: Infinity, bytes: Infinity });
  const log = new Map(items.map((item) => [item.number, logged(item)]));
  const spans = new Map<SimulatedDevice, readonly Span[]>();
  const timelines = new Map<SimulatedDevice, readonly StoredEntry[]>();
  for (const [device, store] of stores) {
    spans.set(device, (await rooms.member(room, device.uri))?.spans ?? []);
    const entries: StoredEntry[] = [];
    for await (const { entry } of storedEntries(store, room, { from: 0n })) entries.push(entry);
    timelines.set(device, entries);
  }
  const mayRead = (device: SimulatedDevice, { number, epoch }: Logged): boolean =>
    (spans.get(device) ?? []).some(
      ({ after, through }) =>
        number > after &&
        (through === undefined || number <= through) &&
        (after === 0n ? true : (log.get(after)?.epoch ?? -1n) < epoch),
    );
  for (const [device, entries] of timelines) {
    const seen = new Set<string>();
    const texts = new Set<string>();
    for (const entry of entries) {
      if (entry.content.length > 0) readMessage(decodeContent(entry.content)); // whatever a newer client says, it is something
      const id = hex(entry.id);
      const text = textOf(entry);
      if (seen.has(id) || (text !== undefined && texts.has(text)))
        say(`${device.uri} has "${text ?? id}" twice in ${room}`);
      seen.add(id);
      if (text !== undefined) texts.add(text);
      if (entry.status === "waiting" && isHonest(device)) say(`${device.uri} has "${text ?? id}" waiting in ${room}`);
      if (entry.status !== "received") continue;
      const item = log.get(entry.number);
      if (item === undefined || !item.isMessage || !mayRead(device, item))
        say(`${device.uri} has read "${text ?? id}", which it may not`);
    }
    // Everybody entitled has what was sent.
    for (const entry of entries) {
      if (entry.status !== "sent") continue;
      const item = log.get(entry.number);
      const text = textOf(entry) ?? hex(entry.id);
      if (item === undefined) {
        say(`"${text}" of ${device.uri} is not in the log`);
        continue;
      }
      if (hasExpiry(entry)) continue;
      for (const [other, theirs] of timelines) {
        if (other === device || !isHonest(other) || !mayRead(other, item)) continue;
        const same = theirs.find((each) => bytesEqual(each.id, entry.id));
        if (same === undefined)
          say(`${other.uri} does not have "${text}" of ${device.uri} in ${room} (item ${String(entry.number)})`);
      }
    }
  }
  checkSame(room, timelines, spans, say);
}

/** Those who were there all the time have the same of each message. */
function checkSame(
  room: string,
  timelines: ReadonlyMap<SimulatedDevice, readonly StoredEntry[]>,
  spans: ReadonlyMap<SimulatedDevice, readonly Span[]>,
  say: (what: string) => void,
): void {
  const first = new Map<string, { device: string; what: string }>();
  for (const [device, entries] of timelines) {
    const [span, ...more] = spans.get(device) ?? [];
    if (span === undefined || more.length > 0 || span.through !== undefined) continue;
    for (const entry of entries) {
      const reactions = entry.reactions.map(({ id }) => hex(id)).sort();
      const what = `${textOf(entry) ?? hex(entry.content)} ${reactions.join()}`;
      const known = first.get(hex(entry.id));
      if (known === undefined) first.set(hex(entry.id), { device: device.uri, what });
      else if (known.what !== what)
        say(`in ${room} ${device.uri} has "${what}" where ${known.device} has "${known.what}"`);
    }
  }
}

/** Members agree on the epoch, its secrets, and who is in the room. Asked before the processes end. */
async function disagreements(world: SimulatedWorld, isHonest: (device: SimulatedDevice) => boolean): Promise<string[]> {
  const found: string[] = [];
  for (const room of await world.port.rooms.names("", Infinity)) {
    if (isHidden(world, room)) continue;
    const row = await world.port.rooms.row(room);
    const members = (await world.port.rooms.devices(room))?.devices ?? [];
    let first: { readonly device: string; readonly what: string } | undefined;
    for (const device of world.devices) {
      if (!isHonest(device)) continue;
      const there = device.client?.rooms.find(({ id }) => id === room);
      if (!members.includes(device.uri)) {
        if (there !== undefined && there.status !== "left")
          found.push(`${device.uri} takes itself for a member of ${room}`);
        continue;
      }
      if (there?.status === "left" && members.length === 1) continue; // who leaves as the last one has nobody to ask
      if (there?.status !== "member") {
        found.push(`${device.uri} is a member of ${room}, and says: ${there?.status ?? "nothing"}`);
        continue;
      }
      const { epoch, authenticator } = await there.epoch();
      if (epoch !== row?.epoch)
        found.push(`${device.uri} is in epoch ${String(epoch)} of ${room}, the service in ${String(row?.epoch)}`);
      const people = (await there.participants()).map(
        ({ user, role, clients }) => `${user} ${String(role)} ${String(clients)}`,
      );
      const what = `${hex(authenticator)} ${people.join()} ${(await there.data()).room_metadata.roomName}`;
      if (first === undefined) first = { device: device.uri, what };
      else if (first.what !== what) found.push(`${device.uri} and ${first.device} disagree about ${room}`);
    }
  }
  return found;
}

/** Whether a room is one of a user's own devices, which clients show to nobody. */
function isHidden({ devices, users }: SimulatedWorld, room: string): boolean {
  return users.length > 0 && !devices.some(({ client }) => client?.rooms.some(({ id }) => id === room) === true);
}

const { reading } = settingsOf({ authentication: trustAnyCredential, registry: roomAppData().registry });

function logged(item: ItemRow): Logged {
  if (item.message.length === 0) return { ...item, epoch: -1n, isCommit: false, isMessage: false };
  const message = decodeMessage(item.message, reading);
  if (message.wireFormat === "mls_private_message")
    return { ...item, epoch: message.privateMessage.epoch, isCommit: false, isMessage: true };
  if (message.wireFormat !== "mls_public_message") return { ...item, epoch: -1n, isCommit: false, isMessage: false };
  const { content } = message.publicMessage;
  return { ...item, epoch: content.epoch, isCommit: content.content.type === "commit", isMessage: false };
}

function textOf({ content }: StoredEntry): string | undefined {
  if (content.length === 0) return undefined;
  const { nestedPart } = decodeContent(content);
  return nestedPart.cardinality === "single" ? utf8Decode(nestedPart.content) : undefined;
}

function hasExpiry({ content }: StoredEntry): boolean {
  return content.length > 0 && decodeContent(content).expires !== undefined;
}
