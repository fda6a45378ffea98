/**
 * PostgreSQL, or what speaks its protocol: any number of processes, each with some connections.
 */

import type { Client, ClientConfig } from "pg";
import { Connections, type Connection } from "./connections.ts";
import { checkWithin, type Database, type Parameter, type Row, type Runs, type Statement } from "./database.ts";
import { failed, isInTheWay } from "./errors.ts";
import { optional } from "./optional.ts";

/** How often the same is tried again where two transactions were in each other's way. */
const mostTries = 5;

/** Connections for statements that do not wait for the disk. */
const relaxedConnections = 2;

/** One lock for all changes of the tables: "copse" in ASCII. */
const migrationLock = 0x63_6f_70_73_65;

/** How long a statement may take, in milliseconds: longer than any should, and then its connection is given up. */
const answeredWithin = 60_000;

/** The settings of connections to an address. */
export function connectionTo(url: string): ClientConfig {
  return { connectionString: url, application_name: "copse", connectionTimeoutMillis: 10_000, keepAlive: true };
}

/**
 * Open the connections as they are needed: no more than so many.
 *
 * @param within After so many milliseconds a statement has failed, though the database has not said so: one that is never answered would
 * hold its connection, and whoever waits for it, for good.
 */
export async function postgresDatabase(
  url: string,
  connections: number,
  within: number = answeredWithin,
): Promise<Database> {
  const { Client } = (await optional("pg", () => import("pg"))).default;
  const make = (): Client => new Client(connectionTo(url));
  const relaxed = new Connections(make, relaxedConnections, within, relax);
  return new PostgresDatabase(make, new Connections(make, connections, within), relaxed);
}

/** Under names that no declared statement has: those begin with "copse ". */
const relax = { name: "relax", text: "set synchronous_commit = off" };
const begin = { name: "begin", text: "begin" };
const commit = { name: "commit", text: "commit" };
const rollback = { name: "rollback", text: "rollback" };

class PostgresDatabase implements Database {
  readonly #make: () => Client;
  readonly #strict: Connections;
  readonly #relaxed: Connections;

  constructor(make: () => Client, strict: Connections, relaxed: Connections) {
    this.#make = make;
    this.#strict = strict;
    this.#relaxed = relaxed;
  }

  async run(statement: Statement, ...parameters: readonly Parameter[]): Promise<readonly Row[]> {
    const connections = statement.isRelaxed ? this.#relaxed : this.#strict;
    return again(() => connections.run(statement, parameters));
  }

  async transaction<T>(
    scope: Parameters<Database["transaction"]>[0],
    key: string,
    work: (within: Runs) => Promise<T>,
  ): Promise<T> {
    const within = (connection: Connection): Runs => ({
      run: async (statement, ...parameters) => {
        checkWithin(scope, key, statement, parameters[0]);
        return connection.run(statement, parameters);
      },
    });
    return again(() => this.#strict.use((connection) => transaction(connection, () => work(within(connection)))));
  }

  /** On a connection of its own: changes of the tables take as long as they take. */
  async migrate(work: (execute: (sql: string) => Promise<readonly Row[]>) => Promise<void>): Promise<void> {
    const client = this.#make();
    client.on("error", () => undefined); // the statement that fails says so
    const ask = async (text: string, values?: unknown[]): Promise<readonly Row[]> =>
      (await client.query<Row>(text, values).catch(failed)).rows;
    try {
      await client.connect().catch(failed);
      await ask("begin");
      await ask("select pg_advisory_xact_lock($1)", [migrationLock]);
      await work(ask);
      await ask("commit");
    } finally {
      void client.end().catch(() => undefined); // which takes back what was not committed
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#strict.end(), this.#relaxed.end()]);
  }
}

async function transaction<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  await connection.run(begin);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await connection.run(rollback).catch(() => {
      connection.end();
    });
    throw error;
  }
  try {
    await connection.run(commit);
  } catch (error) {
    connection.end(); // it may be in the middle of it
    throw error;
  }
  return result;
}

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isInTheWay(error) || tries === mostTries) throw error;
    }
  }
}
