/**
 * Several processes of `copse serve` on one PostgreSQL, behind one address. One is killed in the middle of traffic, or PostgreSQL is; their
 * clients go on at another one, and nothing is lost or doubled. What is done, when and who is killed come from the seed; which of it
 * is under way then does not.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import { ClientError } from "../../src/client/errors.ts";
import { Client } from "../../src/client/client.ts";
import type { ClientEvent } from "../../src/client/events.ts";
import type { TimelineEntry } from "../../src/client/timeline/shown.ts";
import { bytesEqual } from "../../src/bytes/compare.ts";
import { hex } from "../../src/bytes/text.ts";
import { concat } from "../../src/bytes/concat.ts";
import type { Attachment } from "../../src/content/messages/media.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import { openDatabase } from "../../src/server/database/open-database.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import { Chance } from "../../src/testing/simulation/chance.ts";
import { Balancer } from "./balancer.ts";
import { PostgresServer, postgresPrograms } from "./postgres-server.ts";
import { ended, ServeProgram, type Served } from "./serve-program.ts";

const rounds = Number(process.env["COPSE_KILL_ROUNDS"] ?? 10);
const seed = Number(process.env["COPSE_KILL_SEED"] ?? 1);
const address = "mimi://example.org";

let program: ServeProgram;
let postgres: PostgresServer;
beforeAll(async () => {
  program = await ServeProgram.build();
  postgres = await PostgresServer.start(postgresPrograms() ?? "");
});
afterAll(() => {
  postgres.stop();
  program.remove();
});

/** What the database has of a room: the numbers of the items that are there still, the last number, and the epoch. */
interface Log {
  readonly numbers: readonly bigint[];
  readonly head: bigint;
  readonly epoch: bigint;
}

/** Processes on one database, and the one address of them all. */
class Service {
  readonly balancer: Balancer;
  readonly #url: string;
  readonly #all: Served[] = [];

  private constructor(balancer: Balancer, url: string) {
    this.balancer = balancer;
    this.#url = url;
  }

  static async start(count: number): Promise<Service> {
    const name = `processes${String(count)}`;
    postgres.run("createdb", "-h", "127.0.0.1", "-p", String(postgres.port), "-U", "copse", name);
    const service = new Service(await Balancer.listen(), postgres.urlOf(name));
    await Promise.all(Array.from({ length: count }, () => service.more()));
    return service;
  }

  get count(): number {
    return this.#all.length;
  }

  /** What wakes nobody up is found each second. */
  async more(): Promise<void> {
    const flags = { accounts: "first-key", consent: "everybody", sweep: 1, "log-level": "silent" };
    this.#all.push(await program.start({ ...flags, address, port: 0, database: this.#url }));
    this.#reach();
  }

  /** The balancer finds out by itself that it is gone. */
  async kill(port: number): Promise<void> {
    const which = this.#all.findIndex((each) => each.port === port);
    const [victim] = this.#all.splice(which, 1);
    if (victim !== undefined) await ended(victim, "SIGKILL");
  }

  #reach(): void {
    this.balancer.ports = this.#all.map(({ port }) => port);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((each) => ended(each, "SIGTERM")));
    await this.balancer.close();
  }

  /** What the database has of a room. */
  async log(room: string): Promise<Log> {
    const { port, close } = await openDatabase({ url: this.#url, connections: 2 });
    try {
      const spans = [{ after: 0n, through: undefined }];
      const items = await port.rooms.items({ room, spans, after: 0n, limit: Infinity, bytes: Infinity });
      const row = await port.rooms.row(room);
      return { numbers: items.map(({ number }) => number), head: row?.head ?? 0n, epoch: row?.epoch ?? 0n };
    } finally {
      await close();
    }
  }
}

/** A user, with one device. */
class Person {
  readonly client: Client;
  readonly events: ClientEvent[] = [];
  readonly #waiting: (() => void)[] = [];

  private constructor(client: Client) {
    this.client = client;
    client.listen((event) => {
      this.events.push(event);
      for (const go of this.#waiting.splice(0)) go();
    });
  }

  static async open(user: string, url: string): Promise<Person> {
    const device = `${address}/d/${user}/phone`;
    const identity = await createIdentity({ suite: cipherSuite(1), credential: basic(device) });
    const account = { device, identity, authentication: trustAnyCredential };
    const delivery = httpDelivery({ url, address, silence: 2_000 });
    return new Person(
      await Client.open({
        account,
        store: memoryStore(),
        delivery,
        renewEvery: 0,
        receipts: { delivered: false, read: false },
      }),
    );
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((go) => this.#waiting.push(go));
  }

  count(kind: ClientEvent["kind"], room?: string): number {
    return this.events.filter(
      (event) => event.kind === kind && (room === undefined || ("room" in event && event.room === room)),
    ).length;
  }

  /** Until it is in an epoch of a room, or behind it. */
  async reaches(room: string, epoch: bigint): Promise<void> {
    for (;;) {
      const seen = this.events.length;
      if ((await this.client.room(room).epoch()).epoch >= epoch) return;
      await this.until(() => this.events.length > seen);
    }
  }

  isOver(intent: Uint8Array): boolean {
    const name = hex(intent);
    return this.events.some(
      (event) => (event.kind === "done" || event.kind === "failed") && hex(event.intent) === name,
    );
  }
}

/** What was asked for, and by whom. */
interface Asked {
  readonly by: Person;
  readonly room: string;
  readonly intent: Uint8Array;
  /** Of a message: what it says. Of a file: its name. */
  readonly says: string | undefined;
  readonly isFile: boolean;
}

const fileOf = (name: string): Uint8Array => new Chance(seed, name).bytes(200_000);

async function act(chance: Chance, by: Person, room: string, name: string): Promise<Asked> {
  const there = by.client.room(room);
  const what = chance.weighted({ say: 10, file: 1, rename: 1, renew: 2 });
  const isSaid = what === "say" || what === "file";
  const asked = { by, room, says: isSaid ? name : undefined, isFile: what === "file" };
  switch (what) {
    case "say":
      return { ...asked, ...(await there.send({ text: name })) };
    case "file":
      return {
        ...asked,
        ...(await there.send({ attachment: fileOf(name), contentType: "video/mp4", filename: name })),
      };
    case "rename":
      return { ...asked, ...(await there.rename(name)) };
    case "renew":
      return { ...asked, ...(await there.renew()) };
  }
}

/** What a person reads in a room, the first first: who says it, and what. */
async function read({ client }: Person, room: string): Promise<readonly string[]> {
  const entries = await client.room(room).timeline({ limit: 1_000_000 });
  return entries.map(({ said, user }) => `${user} ${wordsOf(said)}`).reverse();
}

function nameOf(attachment: Attachment | undefined): string {
  return attachment?.file.filename ?? "";
}

function wordsOf(said: TimelineEntry["said"]): string {
  if (said?.kind === "text") return said.text;
  return said?.kind === "media" ? nameOf(said.attachments[0]) : "";
}

test.each([2, 3])(
  `%s processes lose and double nothing in ${String(rounds)} rounds of seed ${String(seed)}`,
  async (many) => {
    const chance = new Chance(seed, `${String(many)} processes`);
    const service = await Service.start(many);
    const people: Person[] = [];
    try {
      for (const user of ["alice", "bob", "carol"]) people.push(await Person.open(user, service.balancer.url));
      for (const { client } of people) await client.settled();
      const rooms: string[] = [];
      for (const { client } of people.slice(0, 2)) {
        const participants = people.map(({ client: { user } }) => user).filter((user) => user !== client.user);
        rooms.push((await client.createRoom({ participants, name: "at first" })).id);
      }
      for (const each of people) {
        await each.until(() => each.count("joined") === rooms.length);
        await each.client.settled();
      }
      const asked: Asked[] = [];
      // What was in the logs before: from now on each message is one item, and each commit one that begins an epoch.
      const starts = new Map<string, Log>();
      for (const room of rooms) starts.set(room, await service.log(room));
      for (let round = 0; round < rounds; round++) {
        // Each third time it is PostgreSQL.
        const isDatabase = round % 3 === 2;
        const due = chance.between(5, 25);
        const roll = chance.fraction;
        const before = asked.length;
        const more = async (count: number): Promise<void> => {
          for (let i = 0; i < count; i++)
            asked.push(
              await act(chance, chance.one(people)!, chance.one(rooms)!, `${String(round)}.${String(asked.length)}`),
            );
        };
        const heads = async (): Promise<bigint> => {
          let sum = 0n;
          for (const room of rooms) sum += (await service.log(room)).head;
          return sum;
        };
        await more(due);
        if (isDatabase) {
          postgres.kill();
          postgres.begin();
        } else {
          // What it has accepted last is not answered: whoever asked has to ask again, elsewhere.
          const { busy } = service.balancer;
          const victim = busy[Math.floor(roll * busy.length)] ?? 0;
          const then = await heads();
          service.balancer.mute(victim);
          await more(10);
          // Where nobody asks it anything, it is killed all the same.
          for (let i = 0; i < 50 && !(service.balancer.isAskedInVain && (await heads()) > then + 1n); i++)
            await new Promise((again) => setImmediate(again));
          await service.kill(victim);
        }
        await more(30 - due);
        for (const { by, intent } of asked.slice(before)) await by.until(() => by.isOver(intent));
        if (service.count < many) await service.more();

        await check(service, people, starts, asked);
      }
      // Told of each once, however often its server was another one.
      for (const each of people) {
        for (const room of rooms) {
          const ofOthers = asked.filter(
            ({ by, room: where, says }) => by !== each && where === room && says !== undefined,
          );
          expect(each.count("message", room)).toBe(ofOthers.length);
        }
        expect(each.client.failure).toBeUndefined();
        expect(each.events.filter(({ kind }) => strange.has(kind))).toEqual([]);
      }
      console.log(`${String(asked.length)} things were asked of ${String(many)} processes in ${String(rounds)} rounds`);
    } finally {
      for (const { client } of people) await client.close();
      await service.close();
    }
  },
  600_000 + rounds * 120_000,
);

const strange: ReadonlySet<string> = new Set([
  "failed",
  "unreadable",
  "broken-commit",
  "frozen",
  "withheld",
  "log-differs",
  "rejoined",
  "copied",
  "welcome-failed",
]);

/** Everybody has what was said, each of it once, in one order, in one epoch; the log has no gap; and a file is whole. */
async function check(
  service: Service,
  people: readonly Person[],
  starts: ReadonlyMap<string, Log>,
  asked: readonly Asked[],
): Promise<void> {
  for (const [room, before] of starts) {
    const said = asked.filter(({ room: where, says }) => where === room && says !== undefined);
    const heard: (readonly string[])[] = [];
    for (const each of people) {
      const ofOthers = said.filter(({ by }) => by !== each).length;
      await each.until(() => each.count("message", room) >= ofOthers);
      heard.push(await read(each, room));
    }
    const all = said.map(({ says, by }) => `${by.client.user} ${says ?? ""}`).sort();
    for (const each of heard) expect([...each].sort()).toEqual(all);
    // Its own words stand where a person has said them, the others' where the service has put them.
    for (const [i, each] of people.entries()) {
      const other = (i + 1) % people.length;
      const ofOthers = (what: string): boolean =>
        ![each, people[other]].some((by) => what.startsWith(`${by?.client.user ?? ""} `));
      expect(heard[i]?.filter(ofOthers), "in one order").toEqual(heard[other]?.filter(ofOthers));
    }
    const { numbers, head, epoch } = await service.log(room);
    const messages = head - before.head - (epoch - before.epoch);
    expect(messages, "each message is in the log once").toBe(BigInt(said.length));
    expect(numbers, "no gap behind what everybody has").toEqual(
      numbers.map((_, i) => head - BigInt(numbers.length - 1 - i)),
    );
    const secrets = new Set<string>();
    for (const each of people) {
      await each.reaches(room, epoch);
      secrets.add(hex((await each.client.room(room).epoch()).authenticator));
    }
    expect(secrets.size, "one epoch of all").toBe(1);
    const file = said.findLast(({ isFile }) => isFile);
    if (file !== undefined) for (const each of people) await checkFile(each, room, file.says ?? "");
  }
}

async function checkFile({ client }: Person, room: string, name: string): Promise<void> {
  const entries = await client.room(room).timeline({ limit: 1_000_000 });
  const entry = entries.find(({ said }) => said?.kind === "media" && nameOf(said.attachments[0]) === name);
  for (;;) {
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of client.room(room).download(entry?.place ?? 0n)) chunks.push(chunk);
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== "offline") throw error;
      await online(client); // its server was killed, and it is on its way to another one
      continue;
    }
    expect(bytesEqual(concat(...chunks), fileOf(name)), name).toBe(true);
    return;
  }
}

/** Until a client is connected. */
async function online(client: Client): Promise<void> {
  let stop = (): void => undefined;
  await new Promise<void>((done) => {
    const look = (): void => {
      if (client.isOnline) done();
    };
    stop = client.onConnection(look);
    look();
  });
  stop();
}
