/**
 * PostgreSQL for tests: Debian's programs, with a data folder and a port of its own, on this machine only.
 */

import { execFileSync, type ExecFileSyncOptions } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";

/** The newest version there is, of 15 and later; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  const parent = "/usr/lib/postgresql";
  if (!existsSync(parent)) return undefined;
  const versions = readdirSync(parent).filter(
    (name) => Number(name) >= 15 && existsSync(join(parent, name, "bin/initdb")),
  );
  const newest = versions.sort((a, b) => Number(b) - Number(a)).at(0);
  return newest === undefined ? undefined : join(parent, newest, "bin");
}

/** A server of one data folder. */
export class PostgresServer {
  readonly folder: string;
  readonly port: number;
  readonly #programs: string;
  /** PostgreSQL refuses to run as root: it runs as Debian's user for it then. */
  readonly #user: { readonly uid: number; readonly gid: number } | undefined;

  private constructor(programs: string, port: number) {
    this.#programs = programs;
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), "copse-postgres-"));
    this.#user = userInfo().uid === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : undefined;
    if (this.#user !== undefined) chownSync(this.folder, this.#user.uid, this.#user.gid);
  }

  /** A new server, which runs. */
  static async start(programs: string): Promise<PostgresServer> {
    const server = new PostgresServer(programs, await freePort());
    server.#run("initdb", "-D", server.#data, "-U", "copse", "-A", "trust", "-E", "UTF8", "--locale=C");
    server.begin();
    server.#run("createdb", "-h", "127.0.0.1", "-p", String(server.port), "-U", "copse", "copse");
    return server;
  }

  get #data(): string {
    return join(this.folder, "data");
  }

  get url(): string {
    return this.urlOf("copse");
  }

  urlOf(database: string): string {
    return `postgres://copse@127.0.0.1:${String(this.port)}/${database}`;
  }

  /** Begin, and come back when it takes connections. */
  begin(): void {
    const options = `-p ${String(this.port)} -c listen_addresses=127.0.0.1 -k '' -c max_connections=200`;
    const log = join(this.folder, "log");
    try {
      this.#run("pg_ctl", "-D", this.#data, "-w", "-t", "300", "-l", log, "-o", options, "start");
    } catch (cause) {
      const said = existsSync(log) ? readFileSync(log, "utf8").slice(-2_000) : "";
      throw new Error(`PostgreSQL does not start: ${said}`, { cause });
    }
  }

  /** SIGKILL to every one of its processes. */
  kill(): void {
    const [first] = readFileSync(join(this.#data, "postmaster.pid"), "utf8").split("\n");
    const postmaster = Number(first);
    process.kill(postmaster, "SIGSTOP"); // so that it makes no more of them, once it has stopped
    while (!isStopped(postmaster)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    const children = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && parentOf(name) === postmaster);
    const pids = [...children.map(Number), postmaster];
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if ((error as { readonly code?: unknown }).code !== "ESRCH") throw error;
      }
    }
    // Processes that are killed may be there a little longer.
    while (pids.some((pid) => isAlive(pid))) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    // Where nobody asks what became of a process, its number stays in use, and the next server would take it for the same.
    rmSync(join(this.#data, "postmaster.pid"), { force: true });
  }

  /** End it, and forget its data. */
  stop(): void {
    try {
      this.#run("pg_ctl", "-D", this.#data, "-m", "immediate", "-w", "stop");
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  /** Run one of the programs, and give what it prints. */
  run(program: string, ...args: readonly string[]): string {
    return this.#run(program, ...args);
  }

  #run(program: string, ...args: readonly string[]): string {
    const options: ExecFileSyncOptions = { cwd: "/", stdio: ["ignore", "pipe", "pipe"], ...this.#user };
    // What pg_ctl starts would keep a pipe open.
    if (program === "pg_ctl") options.stdio = "ignore";
    const out = execFileSync(join(this.#programs, program), args, options) as Buffer | null;
    return out === null ? "" : out.toString();
  }
}

function idOf(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, "postgres"]).toString());
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${String(pid)}/status`, "utf8"));
  } catch {
    return false;
  }
}

function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${String(pid)}/status`, "utf8"));
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return undefined; // it has ended
  }
}
