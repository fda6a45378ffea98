/**
 * PGlite: PostgreSQL within the process, in a folder or in memory, for one process. It writes without waiting for the disk: what a
 * crash of the process leaves is whole, what a power failure leaves may not be.
 */

import type { PGlite, Transaction } from "@electric-sql/pglite";
import { checkWithin, type Database, type Parameter, type Row, type Runs, type Statement } from "./database.ts";
import { failed } from "./errors.ts";
import { lockFolder } from "./folder-lock.ts";
import { optional } from "./optional.ts";
import { storable } from "./rows.ts";

/** Open a folder, or memory where there is none. */
export async function pgliteDatabase(folder: string | undefined): Promise<Database> {
  const { PGlite } = await optional("@electric-sql/pglite", () => import("@electric-sql/pglite"));
  const unlock = folder === undefined ? () => Promise.resolve() : await lockFolder(folder);
  try {
    const opened: PGlite = folder === undefined ? new PGlite() : new PGlite(folder);
    await opened.waitReady.catch(failed);
    return new PgliteDatabase(opened, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

class PgliteDatabase implements Database {
  readonly #pglite: PGlite;
  readonly #unlock: () => Promise<void>;

  constructor(pglite: PGlite, unlock: () => Promise<void>) {
    this.#pglite = pglite;
    this.#unlock = unlock;
  }

  async run({ text }: Statement, ...parameters: readonly Parameter[]): Promise<readonly Row[]> {
    return asked(this.#pglite, text, parameters);
  }

  async transaction<T>(
    scope: Parameters<Database["transaction"]>[0],
    key: string,
    work: (within: Runs) => Promise<T>,
  ): Promise<T> {
    let thrown: { readonly error: unknown } | undefined;
    try {
      return await this.#pglite.transaction(async (transaction) => {
        try {
          return await work({
            run: async (statement, ...parameters) => {
              checkWithin(scope, key, statement, parameters[0]);
              return asked(transaction, statement.text, parameters);
            },
          });
        } catch (error) {
          thrown = { error };
          throw error;
        }
      });
    } catch (error) {
      if (thrown !== undefined) throw thrown.error;
      return failed(error);
    }
  }

  async migrate(work: (execute: (sql: string) => Promise<readonly Row[]>) => Promise<void>): Promise<void> {
    await this.#pglite.transaction(async (transaction) => {
      await work(async (sql) => (await transaction.exec(sql).catch(failed)).at(-1)?.rows ?? []);
    });
  }

  async close(): Promise<void> {
    await this.#pglite.close();
    await this.#unlock();
  }
}

async function asked(
  connection: Pick<Transaction, "query">,
  sql: string,
  parameters: readonly Parameter[],
): Promise<readonly Row[]> {
  return (await connection.query<Row>(sql, parameters.map(asPglite)).catch(failed)).rows;
}

/** PGlite takes texts for what JSON has no word for. */
function asPglite(value: Parameter): unknown {
  if (value === undefined) return null;
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map((each: string | bigint | number | Uint8Array) => asPglite(each));
  return storable(value);
}
