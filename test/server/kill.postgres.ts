/**
 * PostgreSQL is killed in the middle of writes, again and again: what was answered is there, what was not is there once or not at all,
 * and is answered when it is said again.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import type { Append, DeliveryPort, Enqueue, Once } from "../../src/delivery/port.ts";
import { openDatabase, type OpenDatabase } from "../../src/server/database/open-database.ts";
import { PostgresServer, postgresPrograms } from "./postgres-server.ts";

const rounds = Number(process.env["COPSE_KILL_ROUNDS"] ?? 10);
const seed = Number(process.env["COPSE_KILL_SEED"] ?? 1);

let server: PostgresServer;
let database: OpenDatabase;
beforeAll(async () => {
  server = await PostgresServer.start(postgresPrograms() ?? "");
  database = await openDatabase({ url: server.url, connections: 12 });
});
afterAll(async () => {
  await database.close();
  server.stop();
});

/** The same numbers for the same seed. */
function chance(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const start = 1_800_000_000_000;
const device = "mimi://example.org/d/alice/phone";
const rooms = [1, 2].map((i) => `mimi://example.org/r/${String(i)}`);

let count = 0;
function once(): Once {
  const id = (++count).toString(16).padStart(32, "0");
  return { device, id, digest: id.padStart(64, "0") };
}

/** Something that is written, and what was answered. */
interface Written {
  readonly kind: "message" | "commit" | "queue" | "claim";
  readonly place: string;
  readonly bytes: string;
  readonly write: () => Promise<{ readonly kind: string; readonly number?: bigint; readonly value?: unknown }>;
  answer: string | undefined;
}

function written(port: DeliveryPort, kind: Written["kind"], place: string, revision: bigint): Written {
  const id = once();
  const bytes = `${kind} ${id.id}`;
  const message = utf8(bytes);
  const room = { room: place, once: id, message, at: start, mostBytes: Infinity };
  const commit: Append = {
    ...room,
    change: {
      kind: "commit",
      revision,
      records: { whole: false, puts: new Map([["epoch", message]]), deletes: [] },
      epoch: revision + 1n,
      groupInfo: message,
      committer: device,
      joined: [`${device}-${id.id}`],
      left: [],
      welcomes: [{ device: `${device}-${id.id}`, welcome: message }],
      ratchetTree: message,
      mostWelcomeBytes: Infinity,
    },
  };
  const item: Enqueue = {
    device: place,
    once: id,
    at: start,
    content: { kind: "welcome", room: bytes, number: 1n },
    limits: { items: 1, bytes: 1, ofOne: 1, welcomes: Infinity, welcomesOfOne: Infinity },
  };
  const said: Append = { ...room, change: { kind: "message", epoch: revision, since: start - 1, stamp: undefined } };
  const write = {
    message: () => port.rooms.append(said),
    commit: () => port.rooms.append(commit),
    queue: () => port.devices.enqueue(item),
    claim: () => port.devices.claim(place, 1, id, start),
  }[kind];
  return { kind, place, bytes, write, answer: undefined };
}

function answerOf(answer: Awaited<ReturnType<Written["write"]>>): string {
  if (answer.number !== undefined) return String(answer.number);
  return answer.value instanceof Uint8Array ? new TextDecoder().decode(answer.value) : String(answer.value);
}

const isWritten = ({ kind }: { readonly kind: string }): boolean =>
  kind === "accepted" || kind === "known" || kind === "done";

test(`nothing is lost or doubled in ${String(rounds)} rounds of seed ${String(seed)}`, async () => {
  const { port } = database;
  const next = chance(seed);
  for (const room of rooms) {
    await port.rooms.create({
      room,
      once: once(),
      groupId: utf8(room),
      cipherSuite: 1,
      epoch: 0n,
      device,
      groupInfo: utf8("info"),
      records: { whole: true, puts: new Map(), deletes: [] },
      at: start,
    });
  }
  const all: Written[] = [];
  let stocked = 0;
  let unanswered = 0;
  for (let round = 0; round < rounds; round++) {
    await stock(port, 40, stocked);
    stocked += 40;
    const isDue = { after: 30 + next(200), isKilled: false };
    const writer = async (): Promise<void> => {
      while (!isDue.isKilled) {
        const kind = (["message", "message", "commit", "queue", "claim"] as const)[next(5)] ?? "message";
        const place = kind === "queue" || kind === "claim" ? device : (rooms[next(rooms.length)] ?? "");
        let one: Written | undefined;
        try {
          const revision = (await port.rooms.row(rooms.includes(place) ? place : ""))?.revision ?? 0n;
          one = written(port, kind, place, revision);
          const answer = await one.write();
          if (!isWritten(answer)) continue; // another commit was first
          one.answer = answerOf(answer);
          all.push(one);
        } catch {
          if (one !== undefined) all.push(one); // nobody knows what became of it
          return;
        }
        if (--isDue.after === 0) {
          isDue.isKilled = true;
          server.kill();
        }
      }
    };
    await Promise.all(Array.from({ length: 12 }, writer));
    expect(isDue.isKilled, "it was killed").toBe(true);
    server.begin();
    for (const one of all.filter(({ answer }) => answer === undefined)) {
      unanswered += 1;
      const answer = await again(one.write);
      // A commit that lost its race in the end was never written.
      if (isWritten(answer)) one.answer = answerOf(answer);
      else all.splice(all.indexOf(one), 1);
    }
    await check(port, all);
  }
  console.log(
    `${String(all.length)} writes in ${String(rounds)} rounds, ${String(unanswered)} of them without an answer at first`,
  );
  // Some were under way in each round, or nothing was tried.
  expect(unanswered).toBeGreaterThanOrEqual(rounds);
});

async function stock(port: DeliveryPort, many: number, first: number): Promise<void> {
  const keyPackages = Array.from({ length: many }, (_, i) => {
    const ref = (first + i).toString(16).padStart(64, "0");
    return { ref, cipherSuite: 1, keyPackage: utf8(`package ${ref}`), notAfter: start + 1 };
  });
  const given = { device, once: once(), keyPackages, lastResort: undefined, replace: false, most: 1e6, at: start };
  await again(() => port.devices.stock(given));
}

/** Until it is answered: connections of before the kill fail first. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 50) throw error;
    }
  }
}

async function check(port: DeliveryPort, all: readonly Written[]): Promise<void> {
  for (const room of rooms) {
    const spans = [{ after: 0n, through: undefined }];
    const items = await port.rooms.items({ room, spans, after: 0n, limit: Infinity, bytes: Infinity });
    expect(items.map(({ number }) => number)).toEqual(items.map((_, i) => BigInt(i + 1)));
    const ofRoom = all.filter(({ place }) => place === room);
    const found = new Map(items.map(({ number, message }) => [String(number), new TextDecoder().decode(message)]));
    expect(found).toEqual(new Map(ofRoom.map(({ answer, bytes }) => [String(answer), bytes])));
    expect(found.size).toBe(ofRoom.length);
    const row = await port.rooms.row(room);
    const commits = ofRoom.filter(({ kind }) => kind === "commit").length;
    expect([row?.head, row?.epoch, row?.revision]).toEqual([BigInt(ofRoom.length), BigInt(commits), BigInt(commits)]);
    // What belongs to a commit came with it.
    expect((await port.rooms.devices(room))?.devices.length).toBe(commits + 1);
    expect((await port.rooms.outbox(room)).length).toBe(commits);
  }
  const queue = await port.devices.queue(device, 0n, Infinity, Infinity);
  expect(queue.map(({ number }) => number)).toEqual(queue.map((_, i) => BigInt(i + 1)));
  const queued = all.filter(({ kind }) => kind === "queue");
  expect(
    new Map(queue.map(({ number, content }) => [String(number), content.kind === "welcome" && content.room])),
  ).toEqual(new Map(queued.map(({ answer, bytes }) => [answer, bytes])));
  const claimed = all.filter(({ kind, answer }) => kind === "claim" && answer !== "undefined");
  expect(new Set(claimed.map(({ answer }) => answer)).size).toBe(claimed.length);
}
