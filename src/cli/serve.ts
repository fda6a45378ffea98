/**
 * `copse serve`: a delivery service for clients of `httpDelivery`, until it is told to end.
 */

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { DatabaseError } from "../server/database/errors.ts";
import { NatsError } from "../server/nats-reader.ts";
import { MissingPackages } from "../server/packages.ts";
import type { ServerLog } from "../server/log.ts";
import { configured, ConfigurationError, environmentName, settings, type Setting } from "../server/settings.ts";
import { Failure, UsageError, type Terminal } from "./terminal.ts";

const entries = Object.entries(settings) as [string, Setting][];

const head = ([name, { value }]: [string, Setting]): string => `--${name}${value === undefined ? "" : ` ${value}`}`;

function lineOf(entry: [string, Setting]): string {
  const { words, choices, default: usual } = entry[1];
  const may = choices === undefined ? "" : ` (${choices.join(", ")})`;
  const else_ = usual === undefined || usual === false ? "" : `. Default: ${String(usual)}`;
  return `  ${head(entry).padEnd(24)}  ${words}${may}${else_}`;
}

const help = `usage: copse serve --address URI [options]

A delivery service for the clients of copse/delivery/http: rooms, devices, key packages, attachments. Without options it
keeps everything in an embedded database in a folder. It listens without TLS, for a proxy on the same machine.

${entries.map(lineOf).join("\n")}

Each can stand in the environment, as ${environmentName("address")}, or in the file. SIGTERM and SIGINT end it: connections are told, and
what was asked is answered. SIGHUP has it read the file of franking keys again, which it does by itself within half a minute. docs/operating.md says more.
`;

/** Run the command. */
export async function serve(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(
        entries.map(([name, { kind }]) => [name, { type: kind === "switch" ? "boolean" : "string" } as const]),
      ),
      help: { type: "boolean", short: "h" },
    },
  });
  const flags = values as Readonly<Record<string, string | boolean | undefined>>;
  if (flags["help"] === true) {
    terminal.out(help);
    return 0;
  }
  const { environment } = terminal;
  const path = flags["config"] ?? environment["COPSE_CONFIG"];
  try {
    const configuration = configured(flags, environment, typeof path === "string" ? await fileAt(path) : {});
    const log = await logOf(configuration["log-level"]);
    const { runService } = await import("../server/run.ts"); // all of it, which --help needs none of
    const running = await runService(configuration, log);
    terminal.err(`copse: listening on ${running.url}\n`);
    const reload = (): void => void running.reload();
    // Of a terminal that is closed it means the end.
    if (!process.stdin.isTTY) process.on("SIGHUP", reload);
    await told();
    await running.close();
    process.off("SIGHUP", reload);
    return 0;
  } catch (error) {
    if (error instanceof ConfigurationError) throw new UsageError(error.message);
    if (error instanceof MissingPackages || error instanceof DatabaseError || error instanceof NatsError)
      throw new Failure(error.message);
    throw error;
  }
}

async function fileAt(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, "utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigurationError("the file of --config is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ConfigurationError("the file of --config must hold an object");
  return value as Readonly<Record<string, unknown>>;
}

async function logOf(level: string): Promise<ServerLog> {
  try {
    const { pino } = await import("pino");
    const logger = pino({ level, base: null });
    const at = (name: keyof ServerLog) => (fields: object, message: string) => {
      logger[name](fields, message);
    };
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  } catch (cause) {
    throw new MissingPackages(["pino"], cause);
  }
}

/** When the process is told to end. */
function told(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
}
