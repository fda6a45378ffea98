/**
 * What is asked of a database about users: statements, consents, blocks, reports.
 */

import type { Ages, Once } from "./writes.ts";

/** What one user lets another do, in general (room "") or for one room. */
export interface ConsentRow {
  readonly granted: boolean;
  readonly requested: boolean;
  /** Taken back, or never to be given. */
  readonly refused: boolean;
}

/** A write about a user. */
export interface UserWrite {
  readonly once: Once;
  readonly at: number;
  /** The most consents, or blocked users, that one user has. */
  readonly most: number;
}

/** What became of it; of a consent that was set, with what it was before, also where it is said again. */
export type UserWritten =
  { readonly kind: "done"; readonly before: ConsentRow } | { readonly kind: "known" | "taken" | "full" };

/** Users: the statements about their keys, and whom they let write to them. */
export interface UsersPort {
  /** The number of the last statement about a user, and its bytes. */
  lastStatement(user: string): Promise<{ readonly number: bigint; readonly statement: Uint8Array } | undefined>;
  /** Statements from this number on, in order: at most `limit`, and no more behind the one with which they are as many bytes. */
  statements(
    user: string,
    from: bigint,
    limit: number,
    bytes: number,
  ): Promise<readonly { readonly number: bigint; readonly statement: Uint8Array }[]>;
  /** "number" where the last one's number is not one less, "full" where all would be more bytes than `most`. */
  addStatement(user: string, number: bigint, statement: Uint8Array, most: number): Promise<"added" | "number" | "full">;
  /** Statements that are in no log of accounts yet: at most so many, of each user in their order and from the first such one. */
  unlogged(
    limit: number,
  ): Promise<readonly { readonly user: string; readonly number: bigint; readonly statement: Uint8Array }[]>;
  /** A statement is in the log. */
  logged(user: string, number: bigint): Promise<void>;
  /** Count a room that the user begins: "full" where it would have begun more than `most`, that are not forgotten. */
  beginRoom(user: string, room: string, at: number, most: number): Promise<"counted" | "known" | "full">;
  /** The room was not begun after all. */
  dropRoom(user: string, room: string): Promise<void>;
  /** What `user` lets `from` do, in general (room "") or for one room; undefined where nothing was said. */
  consent(user: string, from: string, room: string): Promise<ConsentRow | undefined>;
  /**
   * Of what `user` lets `from` do. "known" where it was so already, by another write: what was said under this id is "done"
   * again. "full" where there would be more.
   */
  setConsent(
    user: string,
    from: string,
    room: string,
    change: Partial<ConsentRow>,
    write: UserWrite,
  ): Promise<UserWritten>;
  /** `user` blocks `other`, or no longer: what `other` has asked before is forgotten. "full" where more would be blocked. */
  block(user: string, other: string, blocked: boolean, write: UserWrite): Promise<UserWritten>;
  /**
   * The user is no more, for good: nothing of it is kept but its name. Its devices, which are forgotten, and again where it was ended before
   * and they were not all emptied.
   */
  end(user: string): Promise<readonly string[]>;
  /** Whether `user` has blocked `other`. */
  isBlocked(user: string, other: string): Promise<boolean>;
  /** Keep a report: "known" where the same one is there, "full" where all of the user would be more bytes than `most`. */
  addReport(report: NewReport, once: Once, most: number): Promise<"added" | "known" | "taken" | "full">;
  /** Reports, the oldest first: at most so many. */
  reports(limit: number): Promise<readonly ReportRow[]>;
  /** Nobody needs it any more. */
  dropReport(user: string, key: string): Promise<void>;
  /** Somebody has decided: the report's bytes go, and the decision stays in its place. False where the report is not waiting any more. */
  decideReport(user: string, key: string, decision: Decision): Promise<boolean>;
  /** What was decided, the newest first: at most so many. */
  decisions(limit: number): Promise<readonly DecisionRow[]>;
  /** The user may not sign in from this time on; or may again. */
  shutOut(user: string, at: number | undefined): Promise<void>;
  /** Whether the user may not sign in. */
  isShutOut(user: string): Promise<boolean>;
  /** Who may not, the newest first: at most so many. */
  allShutOut(limit: number): Promise<readonly { readonly user: string; readonly at: number }[]>;
  /** Ids of writes that are too old go, rooms that were begun before the oldest items, and reports and decisions of before theirs. */
  collect(ages: Ages): Promise<void>;
}

/** What somebody has decided about a report. */
export interface Decision {
  readonly what: "dismissed" | "shut-out";
  /** The user that it is about: empty where the report proves nothing of anybody. */
  readonly about: string;
  readonly words: string;
  readonly decidedAt: number;
}
/** A decision, and what is left of its report. */
export interface DecisionRow extends Decision, Omit<NewReport, "bytes"> {}

/** A report of messages. */
export interface NewReport {
  readonly user: string;
  readonly room: string;
  readonly at: number;
  readonly bytes: Uint8Array;
}
export interface ReportRow extends NewReport {
  /** By which it is dropped: the user's own. */
  readonly key: string;
}
