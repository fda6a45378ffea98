/**
 * The errors of databases: one class, and one list of codes. A client is told none of them: for it the service is unreachable.
 */

/** What each code means, and what to do. */
export const databaseErrorCodes = {
  "database-package": "an optional package is not installed",
  "database-version": "the database was made by a newer version of copse: run that version, or restore a backup",
  "database-old": "the server of the database is too old: PostgreSQL 15 or newer is needed",
  "database-in-use":
    "another process has the folder: end it first, or use PostgreSQL for several; where none has it, delete the file that is named here",
  "database-failed": "the database does not answer, or failed; what was asked may have been done",
} as const;

/** A literal code, stable within a major version. */
export type DatabaseErrorCode = keyof typeof databaseErrorCodes;

/** What may be said beside the code. */
export interface DatabaseErrorDetail {
  /** In words, without anything that is stored. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** Every failure of a database that is not the caller's wrong argument, which is a TypeError. Branch on `code`. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, { detail, cause }: DatabaseErrorDetail = {}) {
    super(
      `${code}: ${databaseErrorCodes[code]}${detail === undefined ? "" : `: ${detail}`}`,
      cause === undefined ? {} : { cause },
    );
    this.code = code;
  }
}

/**
 * What PostgreSQL says is wrong, without what it says beside that: its words quote values, and drivers add the parameters.
 */
class SqlFailure extends Error {
  override readonly name = "SqlFailure";
  /** SQLSTATE: five characters. */
  readonly code: string;

  constructor(code: string, { table, constraint, routine }: Readonly<Record<string, unknown>>) {
    const parts = { table, constraint, routine };
    const known = Object.entries(parts).flatMap(([name, value]) =>
      typeof value === "string" ? [`${name} ${value}`] : [],
    );
    super([`SQLSTATE ${code}`, ...known].join(", "));
    this.code = code;
  }
}

/** What a driver has thrown. */
export function failed(error: unknown): never {
  const known = (error ?? {}) as Readonly<Record<string, unknown>>;
  const { code } = known;
  const isOfSql = typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E");
  throw new DatabaseError("database-failed", { cause: isOfSql ? new SqlFailure(code, known) : error });
}

function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError && error.cause instanceof SqlFailure ? error.cause.code : undefined;
}

/** Another transaction wrote a row of this key first. */
export function isDuplicate(error: unknown): boolean {
  return sqlState(error) === "23505";
}

/** Two transactions were in each other's way, and nothing of this one was written: the same again. */
export function isInTheWay(error: unknown): boolean {
  const state = sqlState(error);
  return state === "40001" || state === "40P01";
}
