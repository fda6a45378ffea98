/**
 * Users in memory: statements about their keys, and whom they let write to them.
 */

import { copyBytes } from "../../bytes/copy.ts";
import type {
  Ages,
  ConsentRow,
  Decision,
  DecisionRow,
  NewReport,
  Once,
  ReportRow,
  UsersPort,
  UserWrite,
  UserWritten,
} from "../port.ts";
import { WritesOnce } from "./once.ts";
import type { Sync } from "./sync.ts";

interface StatementRow {
  readonly number: bigint;
  readonly statement: Uint8Array;
}

interface User {
  readonly statements: StatementRow[];
  readonly consents: Map<string, ConsentRow>;
  readonly blocked: Set<string>;
  /** Rooms that it has begun, and when. */
  readonly begun: Map<string, number>;
  readonly writes: WritesOnce<ConsentRow>;
  readonly reports: Map<string, { readonly digest: string; row: ReportRow; decision?: Decision }>;
}

export class MemoryUsers implements Sync<UsersPort> {
  readonly #users = new Map<string, User>();
  /** Users of whom statements are not logged yet, and from which on. */
  readonly #unlogged = new Map<string, number>();
  /** Who may not sign in, and since when. */
  readonly #shutOut = new Map<string, number>();
  readonly #endDevices: (user: string) => readonly string[];

  /** @param endDevices what is done to the devices of a user that is no more */
  constructor(endDevices: (user: string) => readonly string[]) {
    this.#endDevices = endDevices;
  }

  lastStatement(user: string): StatementRow | undefined {
    return this.#users.get(user)?.statements.at(-1);
  }

  statements(user: string, from: bigint, limit: number, bytes: number): readonly StatementRow[] {
    const rows: StatementRow[] = [];
    let size = 0;
    for (const row of this.#users.get(user)?.statements ?? []) {
      if (row.number < from) continue;
      if (rows.length >= limit || size >= bytes) break;
      rows.push(row);
      size += row.statement.length;
    }
    return rows;
  }

  addStatement(user: string, number: bigint, statement: Uint8Array, most: number): "added" | "number" | "full" {
    const { statements } = this.#user(user);
    if (BigInt(statements.length) !== number) return "number";
    const bytes = statements.reduce((sum, row) => sum + row.statement.length, statement.length);
    if (bytes > most) return "full";
    statements.push({ number, statement: copyBytes(statement) });
    if (!this.#unlogged.has(user)) this.#unlogged.set(user, Number(number));
    return "added";
  }

  unlogged(limit: number): readonly (StatementRow & { readonly user: string })[] {
    const rows: (StatementRow & { readonly user: string })[] = [];
    for (const [user, from] of this.#unlogged) {
      for (const row of this.#users.get(user)?.statements.slice(from) ?? []) {
        if (rows.length >= limit) return rows;
        rows.push({ user, ...row });
      }
    }
    return rows;
  }

  logged(user: string, number: bigint): void {
    const from = this.#unlogged.get(user);
    if (from === undefined || number < from) return;
    const next = Number(number) + 1;
    if (next < (this.#users.get(user)?.statements.length ?? 0)) this.#unlogged.set(user, next);
    else this.#unlogged.delete(user);
  }

  beginRoom(user: string, room: string, at: number, most: number): "counted" | "known" | "full" {
    const { begun } = this.#user(user);
    if (begun.has(room)) return "known";
    if (begun.size >= most) return "full";
    begun.set(room, at);
    return "counted";
  }

  dropRoom(user: string, room: string): void {
    this.#users.get(user)?.begun.delete(room);
  }

  consent(user: string, from: string, room: string): ConsentRow | undefined {
    return this.#users.get(user)?.consents.get(consentKey(from, room));
  }

  setConsent(
    user: string,
    from: string,
    room: string,
    change: Partial<ConsentRow>,
    { once, at, most }: UserWrite,
  ): UserWritten {
    const { consents, writes } = this.#user(user);
    const said = writes.find(once);
    if (said !== undefined) return said.kind === "taken" ? said : { kind: "done", before: said.value };
    const key = consentKey(from, room);
    const before = consents.get(key) ?? nothing;
    const after = { ...before, ...change };
    if (names.every((name) => after[name] === before[name])) return { kind: "known" };
    if (!consents.has(key) && consents.size >= most) return { kind: "full" };
    if (names.some((name) => after[name])) consents.set(key, after);
    else consents.delete(key);
    writes.add(once, before, at);
    return { kind: "done", before };
  }

  block(user: string, other: string, isBlocked: boolean, write: UserWrite): UserWritten {
    const { once, at, most } = write;
    const { blocked, consents, writes } = this.#user(user);
    const said = writes.find(once);
    if (said !== undefined) return said.kind === "taken" ? said : { kind: "done", before: nothing };
    if (isBlocked && !blocked.has(other) && blocked.size >= most) return { kind: "full" };
    if (isBlocked) blocked.add(other);
    else blocked.delete(other);
    for (const [key, consent] of consents) {
      if (!consent.requested || !key.startsWith(consentKey(other, ""))) continue;
      if (consent.granted || consent.refused) consents.set(key, { ...consent, requested: false });
      else consents.delete(key);
    }
    writes.add(once, nothing, at);
    return { kind: "done", before: nothing };
  }

  addReport(report: NewReport, once: Once, most: number): "added" | "known" | "taken" | "full" {
    const { reports } = this.#user(report.user);
    const key = `${once.id} ${once.device}`;
    const known = reports.get(key);
    if (known !== undefined) return known.digest === once.digest ? "known" : "taken";
    let bytes = report.bytes.length;
    for (const { row, decision } of reports.values()) if (decision === undefined) bytes += row.bytes.length;
    if (bytes > most) return "full";
    reports.set(key, { digest: once.digest, row: { ...report, bytes: copyBytes(report.bytes), key } });
    return "added";
  }

  reports(limit: number): readonly ReportRow[] {
    const all = this.#reports().filter(({ decision }) => decision === undefined);
    return all
      .map(({ row }) => row)
      .sort((a, b) => a.at - b.at)
      .slice(0, limit);
  }

  decideReport(user: string, key: string, decision: Decision): boolean {
    const found = this.#users.get(user)?.reports.get(key);
    if (found === undefined || found.decision !== undefined) return false;
    found.row = { ...found.row, bytes: new Uint8Array(0) };
    found.decision = decision;
    return true;
  }

  decisions(limit: number): readonly DecisionRow[] {
    const all = this.#reports().flatMap(({ row: { user, room, at }, decision }) =>
      decision === undefined ? [] : [{ user, room, at, ...decision }],
    );
    return all.sort((a, b) => b.decidedAt - a.decidedAt).slice(0, limit);
  }

  #reports(): readonly { readonly row: ReportRow; readonly decision?: Decision }[] {
    return Array.from(this.#users.values(), ({ reports }) => [...reports.values()]).flat();
  }

  shutOut(user: string, at: number | undefined): void {
    if (at === undefined) this.#shutOut.delete(user);
    else this.#shutOut.set(user, at);
  }

  isShutOut(user: string): boolean {
    return this.#shutOut.has(user);
  }

  allShutOut(limit: number): readonly { readonly user: string; readonly at: number }[] {
    const all = Array.from(this.#shutOut, ([user, at]) => ({ user, at }));
    return all.sort((a, b) => b.at - a.at).slice(0, limit);
  }

  dropReport(user: string, key: string): void {
    this.#users.get(user)?.reports.delete(key);
  }

  end(user: string): readonly string[] {
    this.#users.delete(user);
    this.#unlogged.delete(user);
    return this.#endDevices(user);
  }

  isBlocked(user: string, other: string): boolean {
    return this.#users.get(user)?.blocked.has(other) === true;
  }

  collect({ ids, items, undecided, decisions }: Ages): void {
    for (const { writes, begun, reports } of this.#users.values()) {
      for (const [key, { row, decision }] of reports)
        if (decision === undefined ? row.at < undecided : decision.decidedAt < decisions) reports.delete(key);
      writes.forget(ids);
      for (const [room, at] of begun) if (at < items) begun.delete(room);
    }
  }

  #user(user: string): User {
    const found = this.#users.get(user) ?? {
      statements: [],
      consents: new Map(),
      blocked: new Set(),
      begun: new Map(),
      writes: new WritesOnce(),
      reports: new Map(),
    };
    this.#users.set(user, found);
    return found;
  }
}

const nothing: ConsentRow = { granted: false, requested: false, refused: false };
const names = ["granted", "requested", "refused"] as const;

function consentKey(from: string, room: string): string {
  return `${from} ${room}`;
}
