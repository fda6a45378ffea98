/**
 * Devices in memory: their queues and key packages.
 */

import { copyBytes } from "../../bytes/copy.ts";
import type {
  Ages,
  DeviceRow,
  DevicesPort,
  Enqueue,
  KeyPackageRow,
  KeyPackageStock,
  Once,
  OpenLimits,
  QueuedContent,
  QueuedRow,
  Written,
} from "../port.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import { WritesOnce } from "./once.ts";
import type { Sync } from "./sync.ts";

interface Device {
  row: DeviceRow;
  /** When it first came. */
  readonly at: number;
  /** Whether something was done in this incarnation, and the one before it. */
  isUsed: boolean;
  previous: bigint;
}

interface Queue {
  last: bigint;
  readonly items: Map<bigint, QueuedRow & { readonly adder: string | undefined }>;
  readonly writes: WritesOnce<bigint>;
}

interface Stock {
  keyPackages: readonly KeyPackageRow[];
  readonly lastResorts: Map<number, KeyPackageRow>;
  readonly uploads: WritesOnce<undefined>;
  readonly claims: WritesOnce<Uint8Array | undefined>;
}

export class MemoryDevices implements Sync<DevicesPort> {
  readonly #devices = new Map<string, Device>();
  readonly #ofUser = new Map<string, Set<string>>();
  readonly #ended = new Set<string>();
  readonly #queues = new Map<string, Queue>();
  readonly #stocks = new Map<string, Stock>();
  readonly #isLast: (user: string, statement: bigint) => boolean;

  /** @param isLast Whether a user has no statement of a greater number. */
  constructor(isLast: (user: string, statement: bigint) => boolean) {
    this.#isLast = isLast;
  }

  row(device: string): DeviceRow | undefined {
    return this.#devices.get(device)?.row;
  }

  ofUser(user: string): readonly DeviceRow[] {
    return [...(this.#ofUser.get(user) ?? [])].flatMap((device) => this.#devices.get(device)?.row ?? []);
  }

  open(given: DeviceRow, known: bigint, { most, at, since }: OpenLimits): "opened" | "incarnation" | "full" | "ended" {
    const row = { ...given, signatureKey: copyBytes(given.signatureKey) };
    const { device, user, incarnation: next } = row;
    const found = this.#devices.get(device);
    if (this.#ended.has(user)) return "ended";
    if (found === undefined) {
      const devices = this.#ofUser.get(user) ?? new Set<string>();
      const ofKind = [...devices].filter((each) => this.#devices.get(each)?.row.listed === row.listed);
      if (ofKind.length >= most) {
        const [oldest] = ofKind;
        // Anybody may ask to be linked, and must neither keep others from it, nor push out who has just come.
        if (row.listed || oldest === undefined || (this.#devices.get(oldest)?.at ?? at) >= since) return "full";
        this.#forget(oldest);
      }
      this.#ofUser.set(user, devices.add(device));
      this.#devices.set(device, { row, at, isUsed: false, previous: known });
      return "opened";
    }
    const isAgain =
      !found.isUsed &&
      found.row.incarnation === next &&
      found.row.incarnationId === row.incarnationId &&
      found.previous === known;
    if (found.row.incarnation !== known && !isAgain) return "incarnation";
    if (!isAgain && next !== known) Object.assign(found, { isUsed: false, previous: known });
    found.row = row;
    return "opened";
  }

  /** The user is no more: all its devices go, and none comes again. */
  endAll(user: string): readonly string[] {
    this.#ended.add(user);
    const devices = [...(this.#ofUser.get(user) ?? [])];
    for (const device of devices) this.#forget(device);
    return devices;
  }

  #forget(device: string): void {
    this.#ofUser.get(this.#devices.get(device)?.row.user ?? "")?.delete(device);
    this.#devices.delete(device);
    this.#queues.delete(device);
    this.#stocks.delete(device);
  }

  used(device: string, incarnation: bigint): void {
    const found = this.#devices.get(device);
    if (found?.row.incarnation === incarnation) found.isUsed = true;
  }

  list(device: string, listed: boolean, statement: bigint): void {
    const found = this.#devices.get(device);
    if (found !== undefined && this.#isLast(found.row.user, statement)) found.row = { ...found.row, listed };
  }

  enqueue({ device, once, at, content, adder, limits }: Enqueue): Written<bigint> | { readonly kind: "full" } {
    const queue = this.#queue(device);
    const said = queue.writes.find(once);
    if (said !== undefined) return said;
    if (content.kind !== "welcome") {
      const others = [...queue.items.values()].map((row) => row.content).filter(({ kind }) => kind !== "welcome");
      const bytes = others.reduce((sum, each) => sum + sizeOf(each), sizeOf(content));
      const ofOne = others.filter((each) => senderOf(each) === content.from).length;
      if (others.length >= limits.items || bytes > limits.bytes || ofOne >= limits.ofOne) return { kind: "full" };
    } else {
      const welcomes = [...queue.items.values()].filter((row) => row.content.kind === "welcome");
      const ofOne = welcomes.filter((row) => row.adder === adder).length;
      if (welcomes.length >= limits.welcomes || ofOne >= limits.welcomesOfOne) return { kind: "full" };
    }
    const number = ++queue.last;
    queue.items.set(number, { number, at, content: copied(content), adder });
    queue.writes.add(once, number, at);
    return { kind: "done", value: number };
  }

  queue(device: string, after: bigint, limit: number, bytes: number): readonly QueuedRow[] {
    const rows: QueuedRow[] = [];
    let size = 0;
    for (const row of this.#queues.get(device)?.items.values() ?? []) {
      if (row.number <= after) continue;
      if (rows.length >= limit || size >= bytes) break;
      rows.push(rowOf(row));
      size += sizeOf(row.content);
    }
    return rows;
  }

  acknowledge(device: string, through: bigint): readonly QueuedRow[] {
    const queue = this.#queues.get(device);
    const gone = [...(queue?.items.values() ?? [])].filter(({ number }) => number <= through);
    for (const { number } of gone) queue?.items.delete(number);
    return gone.map(rowOf);
  }

  dropFrom(device: string, user: string): void {
    const items = this.#queues.get(device)?.items;
    for (const [number, { content }] of items ?? []) {
      const sender = senderOf(content);
      if (sender === user || (content.kind === "parcel" && userOfDevice(content.from) === user)) items?.delete(number);
    }
  }

  stock(stock: KeyPackageStock): Written<undefined> | { readonly kind: "full" } {
    const { device, once, replace, most, lastResort, at } = stock;
    const found = this.#stock(device);
    const said = found.uploads.find(once);
    if (said !== undefined) return said;
    const kept = replace ? [] : found.keyPackages;
    const refs = new Set(kept.map(({ ref }) => ref));
    const fresh = stock.keyPackages.filter(({ ref }) => !refs.has(ref) && refs.add(ref));
    const all = [...kept, ...fresh];
    const suites = new Set(all.map(({ cipherSuite }) => cipherSuite));
    for (const suite of suites) {
      if (all.filter(({ cipherSuite }) => cipherSuite === suite).length > most) return { kind: "full" };
    }
    found.keyPackages = all.map((row) => ({ ...row, keyPackage: copyBytes(row.keyPackage) }));
    if (replace) found.lastResorts.clear();
    if (lastResort !== undefined) {
      found.lastResorts.set(lastResort.cipherSuite, { ...lastResort, keyPackage: copyBytes(lastResort.keyPackage) });
    }
    found.uploads.add(once, undefined, at);
    return { kind: "done", value: undefined };
  }

  count(device: string, cipherSuite: number, now: number): number {
    const { keyPackages = [] } = this.#stocks.get(device) ?? {};
    return keyPackages.filter((row) => row.cipherSuite === cipherSuite && row.notAfter >= now).length;
  }

  claim(device: string, cipherSuite: number, once: Once, now: number): Written<Uint8Array | undefined> {
    const stock = this.#stock(device);
    const said = stock.claims.find(once);
    if (said !== undefined) return said;
    const fits = (row: KeyPackageRow | undefined): boolean => row?.cipherSuite === cipherSuite && row.notAfter >= now;
    const next = stock.keyPackages.find(fits);
    const lastResort = stock.lastResorts.get(cipherSuite);
    const value = next?.keyPackage ?? (fits(lastResort) ? lastResort?.keyPackage : undefined);
    stock.keyPackages = stock.keyPackages.filter((row) => row !== next);
    stock.claims.add(once, value, now);
    return { kind: "done", value };
  }

  collect({ ids, queues, now }: Ages): void {
    for (const { items, writes } of this.#queues.values()) {
      for (const { number, at } of items.values()) if (at < queues) items.delete(number);
      writes.forget(ids);
    }
    for (const stock of this.#stocks.values()) {
      stock.keyPackages = stock.keyPackages.filter(({ notAfter }) => notAfter >= now);
      stock.uploads.forget(ids);
      stock.claims.forget(ids);
    }
  }

  #queue(device: string): Queue {
    const found = this.#queues.get(device) ?? { last: 0n, items: new Map(), writes: new WritesOnce() };
    this.#queues.set(device, found);
    return found;
  }

  #stock(device: string): Stock {
    const found = this.#stocks.get(device) ?? {
      keyPackages: [],
      lastResorts: new Map(),
      uploads: new WritesOnce(),
      claims: new WritesOnce(),
    };
    this.#stocks.set(device, found);
    return found;
  }
}

function rowOf({ number, at, content }: QueuedRow): QueuedRow {
  return { number, at, content };
}

function sizeOf(content: QueuedContent): number {
  return 256 + (content.kind === "parcel" ? content.bytes.length : 0);
}

function senderOf(content: QueuedContent): string | undefined {
  return content.kind === "welcome" ? undefined : content.from;
}

function copied(content: QueuedContent): QueuedContent {
  return content.kind === "parcel" ? { ...content, bytes: copyBytes(content.bytes) } : content;
}
