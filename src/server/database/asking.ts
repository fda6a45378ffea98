/**
 * One statement at one connection of `pg`. What a query of `pg` asks and is told each time, the server's description of the rows, is asked
 * once a connection here, when the statement is prepared. PostgreSQL's frontend/backend protocol, "Extended Query".
 */

import { Buffer } from "node:buffer";
import type { Connection, FieldDef, Submittable } from "pg";
import type { Parameter, Row, Statement } from "./database.ts";
import { storable } from "./rows.ts";

/** What a connection knows of a statement that its server has prepared. */
export interface Prepared {
  columns: readonly Column[];
}

interface Column {
  readonly name: string;
  readonly read: ReadsText;
}

/** Make a value of the text that the server gives for it. */
export type ReadsText = (text: string) => unknown;

/** What is asked, of which connection, and who hears of it. */
export interface Asked {
  readonly statement: Pick<Statement, "name" | "text">;
  readonly parameters: readonly Parameter[];
  /** Statements that the connection's server has, by their names. */
  readonly prepared: Map<string, Prepared>;
  /** How values of a type are read, by its number. */
  readonly readerOf: (type: number) => ReadsText;
  /** It is written now, and what the server says next is said of it. */
  readonly submitted: (asking: Asking) => void;
  /** Its rows, which whoever hears of it reads: what is thrown within `pg` would end the process. */
  readonly done: (rows: () => readonly Row[]) => void;
  /** It failed: by what the server has said, or by the end of the connection. */
  readonly failed: (error: unknown) => void;
}

/** `pg` writes it when the connection is ready, and calls its other methods with what the server answers. */
export class Asking implements Submittable {
  readonly #asked: Asked;
  readonly #values: (string | Buffer | null)[];
  readonly #rows: (readonly (string | null)[])[] = [];
  #prepared: Prepared | undefined;

  constructor(asked: Asked) {
    this.#asked = asked;
    this.#values = asked.parameters.map(valueOf);
  }

  submit(connection: Connection): void {
    const { name, text } = this.#asked.statement;
    this.#prepared = this.#asked.prepared.get(name);
    this.#asked.submitted(this);
    connection.stream.cork(); // one piece for the socket
    try {
      if (this.#prepared === undefined) {
        connection.parse({ name, text, types: [] }, true);
        connection.describe({ type: "S", name }, true);
      }
      connection.bind({ statement: name, values: this.#values }, true);
      connection.execute(null, true);
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
  }

  /** The server has it from now on, whatever becomes of this execution. */
  parsed(): void {
    this.#prepared = { columns: [] };
    this.#asked.prepared.set(this.#asked.statement.name, this.#prepared);
  }

  handleRowDescription({ fields }: { readonly fields: readonly FieldDef[] }): void {
    const { readerOf } = this.#asked;
    if (this.#prepared !== undefined)
      this.#prepared.columns = fields.map(({ name, dataTypeID }) => ({ name, read: readerOf(dataTypeID) }));
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete(): void {
    // How many rows there were is known.
  }

  handleReadyForQuery(): void {
    this.#asked.done(() => this.#rows.map((fields) => rowOf(this.#prepared?.columns ?? [], fields)));
  }

  handleError(error: unknown): void {
    this.#asked.failed(error);
  }
}

function rowOf(columns: readonly Column[], fields: readonly (string | null)[]): Row {
  const row: Record<string, unknown> = {};
  let place = 0;
  for (const { name, read } of columns) {
    const text = fields[place++] ?? null;
    row[name] = text === null ? null : read(text);
  }
  return row;
}

function valueOf(given: Parameter): string | Buffer | null {
  const value = storable(given);
  if (value === undefined) return null;
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return bufferOf(value);
  return typeof value === "object" ? arrayOf(value) : String(value);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** An array as PostgreSQL reads it from a text: "Array Input and Output Syntax". */
function arrayOf(values: Extract<Parameter, readonly unknown[]>): string {
  const each = values.map((value: string | bigint | number | Uint8Array) => {
    if (value instanceof Uint8Array) return String.raw`"\\x${bufferOf(value).toString("hex")}"`;
    return typeof value === "string"
      ? `"${String(storable(value)).replaceAll(/[\\"]/g, String.raw`\$&`)}"`
      : String(value);
  });
  return `{${each.join(",")}}`;
}
