/**
 * Somebody who has a device's disk, and is given everything that the service has: what can be read with it.
 */

import { hex, utf8 } from "../../../bytes/text.ts";
import { Client } from "../../../client/client.ts";
import { keptEpochs, vaultEpoch } from "../../../client/history/epochs.ts";
import { restoredOf } from "../../../client/history/kept.ts";
import { storedEntries } from "../../../client/timeline/entries.ts";
import type { StoredEntry } from "../../../client/timeline/entry.ts";
import type { Connection, Delivery, Page } from "../../../delivery/delivery.ts";
import { DeliveryError } from "../../../delivery/errors.ts";
import { MemoryDisk, memoryStore } from "../../../storage/memory.ts";
import { VaultError } from "../../../vault/errors.ts";
import { openEdge } from "../../../vault/history/edge.ts";
import { chainOf, type VaultEpoch } from "../../../vault/history/epoch.ts";
import { openRecordAt } from "../../../vault/history/record.ts";
import type { SimulatedWorld } from "../world.ts";
import type { GivenRecord } from "./history-tap.ts";

/** An entry that was read, and the room that it is of. */
export interface ReadEntry {
  readonly room: string;
  readonly entry: StoredEntry;
}

/** A disk, as it is now. */
export function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk();
  const database = copy.open();
  void database.write(new Map(disk.contents), [], true);
  void database.close();
  return copy;
}

/** The disk after a client that has it has followed all rooms from where it was, of a service that keeps nothing from it. */
export async function followed(world: SimulatedWorld, disk: MemoryDisk): Promise<MemoryDisk> {
  const copy = copyOf(disk);
  const client = await Client.open({
    store: memoryStore({ disk: copy }),
    delivery: everything(world),
    history: {},
    clock: world.time.now,
    timers: "none",
  });
  for (let i = 0; i < 5; i++) {
    client.refresh();
    await world.pass(10);
  }
  copy.kill();
  return copy;
}

/** What the timelines on a disk have. */
export async function readInRooms(disk: MemoryDisk): Promise<readonly ReadEntry[]> {
  const store = memoryStore({ disk: copyOf(disk) });
  const read: ReadEntry[] = [];
  for await (const { room, entry } of storedEntries(store)) read.push({ room, entry });
  return read;
}

/** A service that shows everybody all logs, and takes nothing. */
function everything({ port, time }: SimulatedWorld): Delivery {
  const items = async (room: string, after: bigint): ReturnType<Connection["fetch"]> => {
    const all = { after: 0n, through: undefined };
    const rows = await port.rooms.items({ room, spans: [all], after, limit: 1_000, bytes: Infinity });
    return { items: rows as Page["items"], head: rows.at(-1)?.number ?? after, goneThrough: 0n };
  };
  const shown: Partial<Connection> = {
    fetch: ({ room, after }) => items(room, after),
    changed: async () => {
      const rooms = await port.rooms.names("", Infinity);
      return Promise.all(rooms.map(async (room) => ({ room, head: (await items(room, 0n)).head })));
    },
    queue: () => Promise.resolve([]),
    statements: () => Promise.resolve([]),
    subscribe: () => undefined,
    close: () => Promise.resolve(),
    acknowledge: () => Promise.resolve(),
    acknowledgeQueue: () => Promise.resolve(),
  };
  const connection = new Proxy({} as Connection, {
    get: (_, name) => {
      if (name === "then") return undefined;
      return (Reflect.get(shown, name) as unknown) ?? (() => Promise.reject(new DeliveryError("not-allowed")));
    },
  });
  return { connect: () => time.during(Promise.resolve(connection)) };
}

/** What this disk opens of all records that were ever given to be kept, edges included. */
export async function readInHistory(
  { histories }: SimulatedWorld,
  { disk, user, devices }: { readonly disk: MemoryDisk; readonly user: string; readonly devices: readonly string[] },
): Promise<readonly ReadEntry[]> {
  const account = utf8(user);
  const epochs = (await keptEpochs(memoryStore({ disk: copyOf(disk) }))).map(vaultEpoch);
  const known = new Set(epochs.map(nameOf));
  for (let i = 0; i < epochs.length; i++) {
    for (const edge of histories.edges) {
      const before = orNothing(() => openEdge(account, epochs[i]!, edge))?.epoch;
      if (before === undefined || known.has(nameOf(before))) continue;
      known.add(nameOf(before));
      epochs.push(before);
    }
  }
  const chains = new Map<string, GivenRecord[]>();
  for (const record of histories.records) chains.set(record.chain, [...(chains.get(record.chain) ?? []), record]);
  const read: ReadEntry[] = [];
  for (const epoch of epochs) {
    for (const device of devices) {
      for (const { position, bytes } of chains.get(hex(chainOf(epoch, device))) ?? []) {
        const opened = orNothing(() => openRecordAt(bytes, { account, epoch, device, position }));
        const entry = opened && restoredOf(opened.record.content);
        if (entry !== undefined) read.push({ room: opened!.record.room, entry });
      }
    }
  }
  return read;
}

function nameOf({ number, authenticator }: VaultEpoch): string {
  return `${String(number)} ${hex(authenticator)}`;
}

function orNothing<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
