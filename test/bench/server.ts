/**
 * What the delivery service does over PostgreSQL, beside the bare database with the same durability, in the same run: messages that it
 * accepts in a second, each for one recipient, and single rows that pgbench inserts over as many connections. Then commits, messages from
 * client to client, and connections.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { deliveryOver } from "../../src/delivery/service.ts";
import { openDatabase } from "../../src/server/database/open-database.ts";
import { newId, roomOf, testGroups, type TestDevice } from "../../src/testing/delivery/device.ts";
import { PostgresServer, postgresPrograms } from "../server/postgres-server.ts";
import { measureConnections } from "./server-connections.ts";
import { figure, type ServerFigure } from "./server-figure.ts";
import { measureCommits, measureEndToEnd } from "./server-rooms.ts";

const address = "mimi://example.org";
/** Connections, and rooms in which somebody says something at the same time. */
const clients = 16;
const messages = 200;
const free = { burst: Infinity, perSecond: Infinity };

/** Undefined where PostgreSQL is not installed. */
export async function measureServer({
  rounds,
  size,
  progress,
}: {
  readonly rounds: number;
  /** Devices of a room, and rooms; ten times as many connections are idle. */
  readonly size: number;
  readonly progress: (text: string) => void;
}): Promise<readonly ServerFigure[] | undefined> {
  const programs = postgresPrograms();
  if (programs === undefined) return undefined;
  progress("starting PostgreSQL");
  const server = await PostgresServer.start(programs);
  const database = await openDatabase({ url: server.url, connections: clients });
  try {
    const limits = { requests: free, rooms: free, handshakes: free, claims: free };
    const delivery = deliveryOver(database.port, {
      address,
      group: testGroups,
      accounts: firstKeyCounts,
      consent: "everybody",
      limits,
    });
    const subject = { delivery, address };
    const rooms: (readonly [string, TestDevice])[] = [];
    for (let i = 0; i < clients; i++) {
      const { room, devices } = await roomOf(subject, `alice-${String(i)}`, `bob-${String(i)}`);
      const [alice] = devices;
      if (alice !== undefined) rooms.push([room, alice]);
    }
    const script = join(server.folder, "insert.sql");
    server.run("psql", "-q", server.url, "-c", "create table bench (id bigserial primary key, message bytea not null)");
    const text = new TextEncoder().encode("x".repeat(100));
    const inserts: number[] = [];
    const accepted: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const sealed = await Promise.all(
        rooms.map(async ([room, { group, connection }]) => {
          const made = [];
          for (let i = 0; i < messages; i++) made.push({ id: newId(), room, message: await group.seal(text) });
          return { connection, made };
        }),
      );
      const bytes = sealed[0]?.made[0]?.message.length ?? 0;
      writeFileSync(script, `insert into bench (message) values ('\\x${"ab".repeat(bytes)}'::bytea);\n`, {
        mode: 0o644,
      });
      progress(`round ${String(round + 1)}: pgbench`);
      inserts.push(pgbench(server, script));
      progress(`round ${String(round + 1)}: messages of ${String(bytes)} bytes`);
      const begun = performance.now();
      await Promise.all(
        sealed.map(async ({ connection, made }) => {
          for (const publication of made) {
            const answer = await connection.publish(publication);
            if (answer.kind !== "accepted") throw new Error(answer.reason);
          }
        }),
      );
      accepted.push((clients * messages * 1000) / (performance.now() - begun));
    }
    const ratios = accepted.map((each, i) => each / (inserts[i] ?? NaN));
    const measuring = { port: database.port, rounds, rooms: size, progress };
    return [
      figure("server-inserts", "per second", inserts, "beside it"),
      figure("server-messages", "per second", accepted, "beside it"),
      figure("server-ratio", "ratio", ratios, "at least 0.4"),
      ...(await measureCommits(measuring)),
      ...(await measureEndToEnd(measuring)),
      ...(await measureConnections({ devices: size, rounds, progress })),
    ];
  } finally {
    await database.close();
    server.stop();
  }
}

/** Single rows in a second, each a transaction that is on the disk when it is answered. */
function pgbench(server: PostgresServer, script: string): number {
  const counts = ["-c", String(clients), "-j", "1", "-t", String(messages)];
  const out = server.run("pgbench", "-n", "-M", "prepared", ...counts, "-f", script, server.url);
  const tps = /tps = ([\d.]+) \(without/.exec(out)?.[1];
  if (tps === undefined) throw new Error(out);
  return Number(tps);
}
