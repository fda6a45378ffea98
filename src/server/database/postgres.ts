/**
 * PostgreSQL, or what speaks its protocol: any number of processes, each with some connections.
 */

import type { ClientBase, Pool, PoolClient, PoolConfig, QueryResult } from "pg";
import { checkWithin, type Database, type Parameter, type Row, type Runs, type Statement } from "./database.ts";
import { failed, isInTheWay } from "./errors.ts";
import { optional } from "./optional.ts";
import { storable } from "./rows.ts";

/** How often the same is tried again where two transactions were in each other's way. */
const mostTries = 5;

/** Connections for statements that do not wait for the disk. */
const relaxedConnections = 2;

/** One lock for all changes of the tables: "copse" in ASCII. */
const migrationLock = 0x63_6f_70_73_65;

/** How long a statement may take, in milliseconds: longer than any should, and then its connection is given up. */
const answeredWithin = 60_000;
/** Of changes of the tables: they take as long as they take. */
const unhurried = 2 ** 31 - 1;

/** The settings of connections to an address. */
export function connectionTo(url: string): PoolConfig {
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
  const { Pool } = (await optional("pg", () => import("pg"))).default;
  const poolOf = (max: number, more: PoolConfig = {}): Pool => {
    const pool = new Pool({ ...connectionTo(url), query_timeout: within, max, ...more });
    // A connection that ends while it is idle is opened again; whoever asks next hears of it otherwise.
    pool.on("error", () => undefined);
    // One that ends between two statements of a transaction tells nobody else, and the next statement fails.
    pool.on("connect", (client) => client.on("error", () => undefined));
    return pool;
  };
  // The pool waits for it, though its type does not say so.
  const onConnect: (client: ClientBase) => unknown = (client) => client.query("set synchronous_commit = off");
  const relaxed = poolOf(relaxedConnections, { onConnect });
  return new PostgresDatabase(poolOf(connections), relaxed);
}

class PostgresDatabase implements Database {
  readonly #pool: Pool;
  readonly #relaxed: Pool;

  constructor(pool: Pool, relaxed: Pool) {
    this.#pool = pool;
    this.#relaxed = relaxed;
  }

  async run(statement: Statement, ...parameters: readonly Parameter[]): Promise<readonly Row[]> {
    const pool = statement.isRelaxed ? this.#relaxed : this.#pool;
    return again(() => asked(pool, statement, parameters));
  }

  async transaction<T>(
    scope: Parameters<Database["transaction"]>[0],
    key: string,
    work: (within: Runs) => Promise<T>,
  ): Promise<T> {
    const within = (client: PoolClient): Runs => ({
      run: (statement, ...parameters) => {
        checkWithin(scope, key, statement, parameters[0]);
        return asked(client, statement, parameters);
      },
    });
    return again(() => this.#transaction((client) => work(within(client))));
  }

  async migrate(work: (execute: (sql: string) => Promise<readonly Row[]>) => Promise<void>): Promise<void> {
    await this.#transaction(async (client) => {
      const ask = (text: string, values: readonly unknown[] = []): Promise<QueryResult<Row>> =>
        client.query<Row>(Object.assign({ text, values: [...values] }, { query_timeout: unhurried })).catch(failed);
      await ask("select pg_advisory_xact_lock($1)", [migrationLock]);
      await work(async (sql) => (await ask(sql)).rows);
    });
  }

  async #transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch(failed);
    let isBroken = true;
    try {
      await client.query("begin").catch(failed);
      let result: T;
      try {
        result = await work(client);
      } catch (error) {
        await client.query("rollback").then(
          () => (isBroken = false),
          () => undefined,
        );
        throw error;
      }
      await client.query("commit").catch(failed);
      isBroken = false;
      return result;
    } finally {
      client.release(isBroken);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.end(), this.#relaxed.end()]);
  }
}

async function asked(
  connection: Pick<PoolClient, "query">,
  { name, text }: Statement,
  parameters: readonly Parameter[],
): Promise<readonly Row[]> {
  return (await connection.query<Row>({ name, text, values: parameters.map(storable) }).catch(failed)).rows;
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
