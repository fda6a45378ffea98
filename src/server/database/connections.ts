/**
 * Connections to PostgreSQL, opened as they are needed and used by one at a time. A pool of `pg` takes a quarter more of the processor for a
 * statement that stands alone: here it goes to an idle connection at once.
 */

import type { Client } from "pg";
import { Asking, type Prepared, type ReadsText } from "./asking.ts";
import type { Parameter, Row, Statement } from "./database.ts";
import { failed, failure } from "./errors.ts";

/** How long to wait for a connection, in milliseconds, where all are in use. */
const waitsFor = 10_000;

/** What a client of `pg` has, whose type names only the types that it knows. */
interface HasReaders {
  getTypeParser(type: number, format: "text"): ReadsText;
}

/** A connection, and what its server knows. */
export class Connection {
  readonly #client: Client;
  readonly #prepared = new Map<string, Prepared>();
  readonly #timer: ReturnType<typeof setTimeout>;
  #submitted: Asking | undefined;
  /** Statements that are not answered: those of a transaction wait for each other. */
  #open = 0;
  #isUsable = true;
  /** Tells of a statement that failed when it is known what becomes of the connection: the server ends it after some failures. */
  #failing: (() => void) | undefined;

  /**
   * @param within After so many milliseconds a statement that is not answered has failed, and its connection with it; one that nobody
   * used for as long is `idled`.
   */
  constructor(
    client: Client,
    within: number,
    { idled, ended }: { readonly idled: () => void; readonly ended: () => void },
  ) {
    this.#client = client;
    this.#timer = setTimeout(() => {
      if (this.#open === 0) idled();
      else this.end();
    }, within).unref();
    const isOver = (): void => {
      this.#isUsable = false;
      clearTimeout(this.#timer);
      this.#tellFailure();
      ended();
    };
    client.on("error", isOver);
    client.on("end", isOver);
    client.connection.on("readyForQuery", () => {
      this.#tellFailure();
    });
    client.connection.on("parseComplete", () => this.#submitted?.parsed());
  }

  /** False from its end on. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  async connect(): Promise<void> {
    await this.#client.connect().catch(failed);
  }

  /**
   * Ask when what was asked before is answered.
   *
   * @throws DatabaseError "database-failed"
   */
  run(statement: Pick<Statement, "name" | "text">, parameters: readonly Parameter[] = []): Promise<readonly Row[]> {
    if (this.#isUsable) this.#timer.refresh();
    return new Promise((resolve, reject) => {
      const asking = new Asking({
        statement,
        parameters,
        prepared: this.#prepared,
        readerOf: this.#readerOf,
        submitted: this.#submitting,
        done: (rows) => {
          this.#open--;
          try {
            resolve(rows());
          } catch (error) {
            reject(failure(error));
          }
        },
        failed: (error) => {
          this.#failing = () => {
            this.#open--;
            reject(failure(error));
          };
          if (!this.#isUsable) this.#tellFailure();
        },
      });
      this.#open++;
      this.#client.query(asking);
    });
  }

  #tellFailure(): void {
    const tell = this.#failing;
    this.#failing = undefined;
    tell?.();
  }

  readonly #submitting = (asking: Asking): void => {
    this.#submitted = asking;
  };

  readonly #readerOf = (type: number): ReadsText => (this.#client as HasReaders).getTypeParser(type, "text");

  /** End it, with whatever is not answered. */
  end(): void {
    this.#isUsable = false;
    clearTimeout(this.#timer);
    void this.#client.end().catch(() => undefined);
  }
}

interface Waiting {
  readonly use: (connection: Connection) => void;
  readonly fail: (error: unknown) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** So many connections at most. */
export class Connections {
  readonly #make: () => Client;
  readonly #most: number;
  readonly #within: number;
  readonly #first: Pick<Statement, "name" | "text"> | undefined;
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Waiting>();
  /** Those that are open, or about to be. */
  #count = 0;
  #ended: (() => void) | undefined;

  /** @param within As of `Connection`. @param first Asked of each before anything else. */
  constructor(make: () => Client, most: number, within: number, first?: Pick<Statement, "name" | "text">) {
    this.#make = make;
    this.#first = first;
    this.#most = most;
    this.#within = within;
  }

  /** A statement by itself. @throws DatabaseError "database-failed" */
  run(statement: Statement, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    return this.use((connection) => connection.run(statement, parameters));
  }

  /** Have a connection for as long as the work takes. */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = this.#idle.pop() ?? (await this.#next());
    try {
      return await work(connection);
    } finally {
      this.#release(connection);
    }
  }

  /** End them when what was asked is answered. */
  async end(): Promise<void> {
    const ended = new Promise<void>((resolve) => (this.#ended = resolve));
    for (const connection of this.#idle.splice(0)) this.#drop(connection);
    this.#endWhereNone();
    await ended;
  }

  #next(): Promise<Connection> {
    if (this.#ended !== undefined) return Promise.reject(failure(new Error("the connections were ended")));
    return new Promise((use, fail) => {
      const waiting: Waiting = {
        use,
        fail,
        timer: setTimeout(() => {
          this.#waiting.delete(waiting);
          fail(failure(new Error("no connection was free in time")));
        }, waitsFor),
      };
      this.#waiting.add(waiting);
      this.#openAnother();
    });
  }

  #openAnother(): void {
    if (this.#count >= this.#most) return;
    this.#count++;
    const connection: Connection = new Connection(this.#make(), this.#within, {
      idled: () => {
        if (this.#takeBack(connection)) this.#drop(connection);
      },
      ended: () => {
        if (this.#takeBack(connection)) this.#gone();
      },
    });
    this.#begin(connection).then(
      () => {
        this.#release(connection);
      },
      (error: unknown) => {
        this.#waits()?.fail(error);
        this.#drop(connection);
      },
    );
  }

  async #begin(connection: Connection): Promise<void> {
    await connection.connect();
    if (this.#first !== undefined) await connection.run(this.#first);
  }

  /** From those that nobody uses. */
  #takeBack(connection: Connection): boolean {
    const place = this.#idle.indexOf(connection);
    if (place >= 0) this.#idle.splice(place, 1);
    return place >= 0;
  }

  #release(connection: Connection): void {
    if (!connection.isUsable) {
      this.#gone();
      return;
    }
    const next = this.#waits();
    if (next !== undefined) next.use(connection);
    else if (this.#ended === undefined) this.#idle.push(connection);
    else this.#drop(connection);
  }

  #drop(connection: Connection): void {
    connection.end();
    this.#gone();
  }

  #gone(): void {
    this.#count--;
    if (this.#waiting.size > 0) this.#openAnother();
    this.#endWhereNone();
  }

  #endWhereNone(): void {
    if (this.#count === 0) this.#ended?.();
  }

  /** Whoever has waited for the longest. */
  #waits(): Waiting | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    clearTimeout(first.timer);
    this.#waiting.delete(first);
    return first;
  }
}
