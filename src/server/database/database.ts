/**
 * What the port asks of a database of SQL: statements with parameters, and transactions that stay within one scope.
 *
 * A scope is one room, one device, one user, one blob, one account of a recovery server or the log of accounts. Every
 * table is keyed by its scope, and every statement of a scope carries the
 * key as its first parameter: so the tables can be spread over many machines, and no transaction ever spans two.
 */

/** What the rows of a table belong to, and the column that says so. */
export const scopeKeys = {
  room: "room",
  device: "device",
  user: "user_uri",
  blob: "blob",
  account: "account",
  log: "log",
} as const;
export type ScopeKind = keyof typeof scopeKeys;

/** What a statement stays within: rows of one key, or a look for work over all of them, which changes nothing. */
export type StatementScope = ScopeKind | "scan";

/** A statement, prepared under its name on each connection. */
export interface Statement {
  readonly scope: StatementScope;
  readonly name: string;
  readonly text: string;
  /** What a crash may take back: it is said again then. It does not wait for the disk. */
  readonly isRelaxed: boolean;
}

/** A value for a statement. Texts hold no NUL, and numbers are double precision or integer as the column is. */
export type Parameter =
  | string
  | bigint
  | number
  | boolean
  | Uint8Array
  | undefined
  | readonly string[]
  | readonly bigint[]
  | readonly number[]
  | readonly Uint8Array[];

/** A row by the names of its columns. What each holds is the statement's: see rows.ts. */
export type Row = Readonly<Record<string, unknown>>;

/** Whatever runs statements: each by itself, or within one transaction. */
export interface Runs {
  /** The first parameter is the scope's key. */
  run(statement: Statement, ...parameters: readonly Parameter[]): Promise<readonly Row[]>;
}

/** A database. */
export interface Database extends Runs {
  /** Statements of one scope, of which all are carried out or none. What `work` throws takes them back. */
  transaction<T>(scope: ScopeKind, key: string, work: (within: Runs) => Promise<T>): Promise<T>;
  /** Statements without parameters, one after the other, under a lock that one process has at a time, in one transaction. */
  migrate(work: (execute: (sql: string) => Promise<readonly Row[]>) => Promise<void>): Promise<void>;
  /** End it when what was asked has been answered. */
  close(): Promise<void>;
}

const all: Statement[] = [];

/** All statements there are, for the checks. */
export function statements(): readonly Statement[] {
  return all;
}

/** Declare a statement of a scope, under a name of its own. */
export function statement(
  scope: StatementScope,
  name: string,
  text: string,
  { isRelaxed = false }: { readonly isRelaxed?: boolean } = {},
): Statement {
  const declared = { scope, name: `copse ${name}`, text, isRelaxed };
  all.push(declared);
  return declared;
}

/** @throws TypeError where a statement is of another scope, or of another key. */
export function checkWithin(scope: ScopeKind, key: string, { scope: own, name }: Statement, first: Parameter): void {
  if (own !== scope || first !== key) throw new TypeError(`${name} leaves its transaction's scope`);
}
