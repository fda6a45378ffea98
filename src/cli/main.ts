/**
 * The copse command's frame: finds the subcommand, and turns every failure into a line and an exit code.
 *
 * 0 is success, 1 a failure that was found, 2 a command line that makes no sense.
 */

import { readFileSync } from "node:fs";
import { CopseError } from "../errors.ts";
import "../extensions/explained.ts";
import "../public-group/explained.ts";
import { Failure, UsageError, type Terminal } from "./terminal.ts";

/** A subcommand: what follows its name on the command line, and the terminal; it gives the exit code. */
export type Command = (args: readonly string[], terminal: Terminal) => number | Promise<number>;

const help = `copse: end-to-end encrypted groups (RFC 9420) and frames (RFC 9605)

usage: copse <command> [options]

  demo           tell the story of a group chat and a call, verified as it happens
  vectors        run the published test vectors
  serve          run a delivery service
  franking-keys  make, list and rotate the keys by which reports are verified
  verify-report  say what a report of abuse proves
  audit          check a log of accounts against the heads that it has signed
  inspect        explain a message, a key package, a group info, a ratchet tree or an SFrame header

  copse <command> --help    the options of a command
  copse --version           the version
`;

/** Loaded when asked for: explaining a message needs no cryptography. */
const commands = new Map<string, () => Promise<Command>>([
  ["demo", async () => (await import("./demo.ts")).demo],
  ["vectors", async () => (await import("./vectors.ts")).vectors],
  ["serve", async () => (await import("./serve.ts")).serve],
  ["franking-keys", async () => (await import("./franking-keys.ts")).frankingKeys],
  ["verify-report", async () => (await import("./verify-report.ts")).verifyReportCommand],
  ["audit", async () => (await import("./audit.ts")).audit],
  ["inspect", async () => (await import("./inspect.ts")).inspect],
]);

/** Carry out a command line, given without the program's name. Gives the exit code, and never throws for a bad input. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === "--help" || name === "-h") {
      terminal.out(help);
      return 0;
    }
    if (name === "--version") {
      terminal.out(`${version()}\n`);
      return 0;
    }
    if (name === undefined) {
      terminal.err(`${help}\nBegin with copse demo, which needs nothing.\n`);
      return 2;
    }
    const load = commands.get(name);
    if (load === undefined) throw new UsageError(`no such command: ${JSON.stringify(name)}`);
    return await (
      await load()
    )(rest, terminal);
  } catch (error) {
    return report(error, terminal);
  }
}

function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}

function report(error: unknown, terminal: Terminal): number {
  if (error instanceof UsageError || isParseError(error)) {
    terminal.err(`copse: ${oneLine(error.message)}\ncopse: see copse --help\n`);
    return 2;
  }
  const isFailure = error instanceof CopseError || error instanceof Failure || isSystemError(error);
  if (!isFailure) throw error; // a defect: the stack is wanted
  terminal.err(`copse: ${oneLine(error.message)}\n`);
  return 1;
}

/** What `parseArgs` throws for an option that it does not know. */
function isParseError(error: unknown): error is Error {
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}

/** What the file system throws: a file that is not there, or can't be read. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}
