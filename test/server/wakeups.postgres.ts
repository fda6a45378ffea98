/**
 * Two processes on one PostgreSQL: what one accepts, the other's devices hear of, also after the server was killed.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase, type OpenDatabase } from "../../src/server/database/open-database.ts";
import { signedIn } from "../../src/testing/delivery/device.ts";
import { Listening, some } from "../../src/testing/delivery/under-test.ts";
import { TestWorld } from "../delivery/world.ts";
import { PostgresServer, postgresPrograms } from "./postgres-server.ts";

let server: PostgresServer;
let processes: readonly OpenDatabase[];
beforeAll(async () => {
  server = await PostgresServer.start(postgresPrograms() ?? "");
  processes = await Promise.all([1, 2].map(() => openDatabase({ url: server.url, connections: 4 })));
});
afterAll(async () => {
  await Promise.all(processes.map((each) => each.close()));
  server.stop();
});

test("a device hears of what another process has accepted, and of a whisper, and reads it there", async () => {
  const [first, second] = processes.map(({ port, wakeups }) => new TestWorld({ wakeups }, port)) as [
    TestWorld,
    TestWorld,
  ];
  const { room, alice, bob } = await first.pair();
  bob.connection = await signedIn(second.delivery, bob.uri, bob.identity);
  const heard = new Listening(bob.connection);
  await alice.say(room, "hello");
  expect(await heard.first("room")).toMatchObject({ room, head: 2n });
  expect((await bob.connection.fetch({ room, after: 1n })).items.length).toBe(1);
  const bytes = new Uint8Array(16 * 1024).fill(3);
  await alice.connection.whisper({ room, bytes });
  expect(await heard.first("whisper")).toMatchObject({ room, from: alice.uri, bytes });
  // A commit of one process is followed by the other.
  expect((await alice.commit(room)).kind).toBe("accepted");
  await bob.catchUp(room);
  expect((await bob.commit(room)).kind).toBe("accepted");
});

test("a process listens again after the server was killed, and looks for what it may have missed", async () => {
  const wakeups = some(processes[0]).wakeups;
  const lost = new Promise<void>((done) => wakeups.hear(() => undefined, done));
  server.kill();
  server.begin();
  await lost;
  const device = "mimi://example.org/d/alice/phone";
  const told = new Promise<unknown>((done) => wakeups.hear(done));
  const other = await openDatabase({ url: server.url, connections: 1 });
  other.wakeups.tell({ kind: "queue", device });
  expect(await told).toEqual({ kind: "queue", device });
  await other.close();
});
