/**
 * What a client costs over a Level store, beside the engine alone: writing, sending, catching up, opening. The delivery service is a
 * list in memory, so that only the client is measured.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8 } from "../../src/bytes/text.ts";
import { Client } from "../../src/client/client.ts";
import { encodeContent } from "../../src/content/encode.ts";
import type { MimiContent } from "../../src/content/mimi.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import type { Connection, Delivery, LogItem, News, QueueItem } from "../../src/delivery/delivery.ts";
import { Group } from "../../src/group/group.ts";
import { createKeyPackage, type KeyPackageBundle } from "../../src/group/joining/key-package-bundle.ts";
import { basic, createIdentity, type Identity } from "../../src/public-group/identity.ts";
import { trustAnyCredential, type GroupOptions } from "../../src/public-group/options/settings.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { createRoomExtensions } from "../../src/rooms/create.ts";
import { bytesOfUri, deviceUri, groupUri, roomUri, userUri } from "../../src/rooms/uri.ts";
import { levelStore } from "../../src/storage/level.ts";
import type { Store, StoreChange } from "../../src/storage/store.ts";
import { settleMemory } from "./clock.ts";
import { median } from "./rows.ts";
import { runSuite } from "./suite.ts";

export const clientRowNames = [
  "client-send-bytes",
  "client-commit-bytes",
  "client-send",
  "client-catch-up",
  "client-memory",
  "client-open",
] as const;

export type ClientRowName = (typeof clientRowNames)[number];

/** One figure: a median of its rounds, its spread, and what is to be reached. */
export interface ClientFigure {
  readonly name: ClientRowName;
  /** Users of the room; of "client-open" and "client-catch-up", rooms. */
  readonly size: number;
  readonly unit: "bytes" | "ms" | "ratio";
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
  readonly target: string;
}

const host = "example.org";
const appData = roomAppData();
const me = deviceUri(userUri(host, "me"), "phone");

/** A store that counts what is written. */
function counting(store: Store): Store & { written: number } {
  const sizeOf = (change: StoreChange): number => {
    const key = "put" in change ? change.put : change.delete;
    const length = key.reduce<number>((sum, part) => sum + (typeof part === "string" ? part.length + 1 : 18), 0);
    return length + ("put" in change ? change.value.length : 0);
  };
  const counted = {
    ...store,
    written: 0,
    async batch(...[changes, options]: Parameters<Store["batch"]>) {
      for (const change of changes) counted.written += sizeOf(change);
      await store.batch(changes, options);
    },
  };
  return counted;
}

/** What no row asks of the service. */
function unmeasured(): Promise<never> {
  return Promise.reject(new Error("no row of this bench asks for this"));
}

/** A delivery that has what it was given, and takes whatever is published. */
class Listed {
  readonly logs = new Map<string, LogItem[]>();
  readonly queue: QueueItem[] = [];
  keyPackages: readonly Uint8Array[] = [];
  onPublish: () => void = () => undefined;
  #listener: (news: News) => void = () => undefined;

  readonly delivery: Delivery = {
    connect: () => Promise.resolve(this.#connection),
  };

  readonly #connection: Connection = {
    createRoom: () => Promise.resolve(),
    publish: ({ room, message }) => {
      this.onPublish();
      const log = this.logs.get(room) ?? [];
      this.logs.set(room, log);
      const number = BigInt(log.length + 1);
      log.push({ number, at: Date.now(), message: message.slice() });
      return Promise.resolve({ kind: "accepted", number, at: Date.now() });
    },
    fetch: ({ room, after }) => {
      const log = this.logs.get(room) ?? [];
      return Promise.resolve({
        items: log.slice(Number(after), Number(after) + 100),
        head: BigInt(log.length),
        goneThrough: 0n,
      });
    },
    changed: () => Promise.resolve(Array.from(this.logs, ([room, log]) => ({ room, head: BigInt(log.length) }))),
    acknowledge: () => Promise.resolve(),
    queue: ({ after = 0n } = {}) => Promise.resolve(this.queue.filter(({ number }) => number > after)),
    acknowledgeQueue: () => Promise.resolve(),
    publishKeyPackages: ({ keyPackages }) => {
      this.keyPackages = [...this.keyPackages, ...keyPackages];
      return Promise.resolve();
    },
    keyPackageCount: () => Promise.resolve(this.keyPackages.length),
    claimKeyPackages: () => Promise.resolve([]),
    statements: () => Promise.resolve([]),
    confirm: () => Promise.resolve(),
    subscribe: (listener) => {
      this.#listener = listener;
    },
    close: () => Promise.resolve(),
    groupInfo: unmeasured,
    complain: unmeasured,
    consent: unmeasured,
    send: unmeasured,
    publishStatement: unmeasured,
    upload: unmeasured,
    download: unmeasured,
    whisper: unmeasured,
    report: unmeasured,
    putHistory: unmeasured,
    history: unmeasured,
    putHistoryEdge: unmeasured,
    historyEdge: unmeasured,
    frankingAgent: () => Promise.resolve({}),
    lookUp: () => Promise.resolve({}),
    logProof: () => Promise.resolve({}),
    callServers: () => Promise.resolve({ iceServers: [] }),
    deleteAccount: () => Promise.resolve(),
    block: unmeasured,
  };

  /** Say that there may be something new everywhere. */
  tell(): void {
    this.#listener({ kind: "queue" });
    for (const [room, log] of this.logs) this.#listener({ kind: "room", room, head: BigInt(log.length) });
  }

  add(room: string, messages: readonly Uint8Array[]): void {
    const log = this.logs.get(room) ?? [];
    this.logs.set(room, log);
    for (const message of messages)
      log.push({ number: BigInt(log.length + 1), at: Date.now(), message: message.slice() });
  }
}

function content(text: string): MimiContent {
  return {
    salt: platformRandom(16),
    nestedPart: {
      disposition: "render",
      language: "",
      cardinality: "single",
      contentType: "text/plain;charset=utf-8",
      content: utf8(text),
    },
  };
}

function groupOptions(identity: Identity): GroupOptions & { readonly identity: Identity } {
  return {
    identity,
    authentication: trustAnyCredential,
    registry: appData.registry,
    handshake: "public",
    acceptHandshake: "public",
  };
}

/** How many members the author adds by one commit. */
const addedAtOnce = 1_000;

interface Author {
  readonly room: string;
  readonly group: Group;
  readonly bare: Group | undefined;
}

/** A room of so many users that somebody has made, with the client in it, and one more member for the engine alone. */
async function roomOf(
  listed: Listed,
  name: string,
  users: number,
  keyPackage: Uint8Array,
  withBare: boolean,
): Promise<Author> {
  const suite = runSuite();
  const device = (who: string): Promise<Identity> =>
    createIdentity({ suite, credential: basic(deviceUri(userUri(host, who), "phone")) });
  const author = await device("author");
  const bareIdentity = await device("bare");
  const bundle: KeyPackageBundle = await createKeyPackage({ identity: bareIdentity, registry: appData.registry });
  const others: Uint8Array[] = [];
  const names = Array.from({ length: Math.max(0, users - 3) }, (_, i) => `user-${String(i)}`);
  for (const other of names) {
    others.push((await createKeyPackage({ identity: await device(other), registry: appData.registry })).keyPackage);
  }
  const room = roomUri(host, name);
  const group = await Group.create({
    ...groupOptions(author),
    groupId: bytesOfUri(groupUri(room)),
    extensions: createRoomExtensions({
      rooms: appData,
      room,
      creator: userUri(host, "author"),
      participants: ["me", "bare", ...names].map((each) => userUri(host, each)),
    }),
  });
  // A commit holds so many proposals at the most; the client comes with the last one.
  for (let at = 0; at < others.length; at += addedAtOnce)
    await group.apply(await group.commit({ add: others.slice(at, at + addedAtOnce), welcome: { ratchetTree: false } }));
  const pending = await group.commit({ add: [keyPackage, bundle.keyPackage], welcome: { ratchetTree: false } });
  const { welcome } = pending;
  await group.apply(pending);
  if (welcome === undefined) throw new Error("no Welcome");
  const ratchetTree = group.ratchetTree();
  listed.queue.push({
    number: BigInt(listed.queue.length + 1),
    at: Date.now(),
    kind: "welcome",
    room,
    head: 0n,
    welcome: welcome.slice(),
    ratchetTree,
  });
  const bare = withBare
    ? await Group.join({ ...groupOptions(bareIdentity), welcome, ratchetTree, keyPackages: [bundle] })
    : undefined;
  return { room, group, bare };
}

interface Bench {
  readonly client: Client;
  readonly store: ReturnType<typeof counting>;
  readonly listed: Listed;
}

async function settled(client: Client): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await client.settled();
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (client.failure !== undefined) throw client.failure as Error;
}

const identity = (): Promise<Identity> => createIdentity({ suite: runSuite(), credential: basic(me) });

async function openClient(path: string, listed: Listed, as: Identity, online = true): Promise<Bench> {
  const store = counting(await levelStore(path));
  const client = await Client.open({
    account: { device: me, identity: as, authentication: trustAnyCredential },
    store,
    delivery: listed.delivery,
    timers: "none",
    keyPackages: { full: 150, low: 0 },
    online,
  });
  client.listen(() => undefined);
  await settled(client);
  return { client, store, listed };
}

/** Runs with a folder that is gone afterwards. */
async function inFolder<T>(work: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "copse-bench-"));
  try {
    return await work(join(folder, "store"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Samples = Map<string, { readonly name: ClientRowName; readonly size: number; readonly values: number[] }>;

function add(samples: Samples, name: ClientRowName, size: number, value: number): void {
  const key = `${name} ${String(size)}`;
  const found = samples.get(key) ?? { name, size, values: [] };
  samples.set(key, found);
  found.values.push(value);
  if (process.env["COPSE_BENCH_TRACE"] !== undefined) process.stderr.write(`${key} ${value.toPrecision(4)}\n`);
}

/** In a room of so many users: what a commit and a message write, and how long sending takes beside the engine and two batches. */
async function inRoom(samples: Samples, users: number): Promise<void> {
  await inFolder(async (path) => {
    const listed = new Listed();
    const { client, store } = await openClient(path, listed, await identity());
    const [keyPackage] = listed.keyPackages;
    if (keyPackage === undefined) throw new Error("no key package");
    const { room, group, bare } = await roomOf(listed, "room", users, keyPackage, true);
    await catchUp({ client, listed });
    for (let i = 0; i < 6; i++) {
      const pending = await group.commit({});
      listed.add(room, [pending.commit]);
      await group.apply(pending);
      store.written = 0;
      await catchUp({ client, listed });
      if (i > 0) add(samples, "client-commit-bytes", users, store.written);
    }
    if (bare === undefined) return;
    for (const { message } of listed.logs.get(room) ?? []) await bare.receive(message);
    const plain = encodeContent(content("x".repeat(100)));
    const other = await levelStore(`${path}-other`);
    const times: number[] = [];
    const engine: number[] = [];
    for (let i = 0; i < 100; i++) {
      let out = 0;
      listed.onPublish = () => (out = performance.now());
      store.written = 0;
      let start = performance.now();
      await client.room(room).send(content("x".repeat(100)));
      await settled(client);
      times.push(out - start);
      add(samples, "client-send-bytes", users, store.written);
      start = performance.now();
      const message = await bare.seal(plain);
      for (const name of ["one", "two"]) await other.batch([{ put: [name], value: message }], { flush: true });
      engine.push(performance.now() - start);
    }
    add(samples, "client-send", users, median(times) / median(engine));
    await client.close();
    await other.close();
  });
}

async function catchUp({ client, listed }: Pick<Bench, "client" | "listed">): Promise<void> {
  listed.tell();
  await settled(client);
}

const rooms = 100;
const messagesOfRoom = 100;

async function catchingUp(samples: Samples): Promise<void> {
  await inFolder(async (path) => {
    const listed = new Listed();
    const as = await identity();
    const first = await openClient(path, listed, as);
    const authors: Author[] = [];
    for (let i = 0; i < rooms; i++)
      authors.push(await roomOf(listed, `room-${String(i)}`, 3, listed.keyPackages[i]!, true));
    await catchUp(first);
    await first.client.close();
    for (const { room, group } of authors) {
      const messages: Uint8Array[] = [];
      for (let i = 0; i < messagesOfRoom; i++) messages.push(await group.seal(encodeContent(content("x".repeat(100)))));
      listed.add(room, messages);
    }
    settleMemory();
    let start = performance.now();
    for (const { room, bare } of authors) {
      for (const { message } of listed.logs.get(room) ?? []) await bare!.receive(message);
    }
    const engine = performance.now() - start;
    authors.length = 0;
    settleMemory();
    const before = used();
    const { client } = await openClient(path, listed, as, false);
    start = performance.now();
    client.connect();
    await settled(client);
    const whole = performance.now() - start;
    const [{ id } = { id: "" }] = client.rooms;
    const { length } = await client.room(id).timeline({ limit: 1_000 });
    if (length !== messagesOfRoom) throw new Error(`${String(length)} messages came`);
    add(samples, "client-catch-up", rooms, engine / whole);
    settleMemory();
    add(samples, "client-memory", rooms, used() - before);
    await client.close();
  });
}

function used(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const openedRooms = 1_000;

async function opening(samples: Samples, rounds: number): Promise<void> {
  await inFolder(async (path) => {
    const listed = new Listed();
    const as = await identity();
    const { client } = await openClient(path, listed, as);
    for (let i = 0; i < openedRooms; i++) await client.createRoom({});
    await settled(client);
    await client.close();
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      const again = await openClient(path, listed, as);
      add(samples, "client-open", openedRooms, performance.now() - start);
      if (again.client.rooms.length !== openedRooms) throw new Error("rooms are missing");
      await again.client.close();
    }
  });
}

const targets: Readonly<Record<ClientRowName, readonly [ClientFigure["unit"], string]>> = {
  "client-send-bytes": ["bytes", "at most 2 kB"],
  "client-commit-bytes": ["bytes", "at most 20 kB at 10,000 users"],
  "client-send": ["ratio", "at most 2 times the engine's seal and two flushed batches"],
  "client-catch-up": ["ratio", "at least 0.5 of the engine's receive"],
  "client-memory": ["bytes", "at most 150 MB"],
  "client-open": ["ms", "at most 2 s for 1,000 rooms"],
};

export async function measureClient(options: {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly progress: (text: string) => void;
}): Promise<readonly ClientFigure[]> {
  const { sizes, rounds, progress } = options;
  const samples: Samples = new Map();
  progress("client: opening");
  await opening(samples, rounds);
  for (let round = 0; round < rounds; round++) {
    progress(`client: catching up, round ${String(round + 1)}`);
    await catchingUp(samples);
    for (const users of sizes) {
      progress(`client: a room of ${String(users)} users, round ${String(round + 1)}`);
      await inRoom(samples, users);
    }
  }
  return [...samples.values()].map(({ name, size, values }) => ({
    name,
    size,
    unit: targets[name][0],
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    runs: values.length,
    target: targets[name][1],
  }));
}
