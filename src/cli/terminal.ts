/**
 * What the command sees of the world around it: two streams, an input and the environment. Tests pass their own.
 */

/** The process as a command knows it. */
export interface Terminal {
  /** Results: standard output. */
  out(text: string): void;
  /** Everything said about the results: standard error. */
  err(text: string): void;
  /** Whether standard error is a terminal, where a line may be drawn over. */
  readonly interactive: boolean;
  /** Whether standard output is a terminal that shows colours. */
  readonly colours: boolean;
  /** How many columns standard output has, where it is a terminal. */
  readonly columns?: number | undefined;
  /** The whole of standard input. */
  input(): Promise<Uint8Array>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A command line that can't be carried out as it stands: the command says why and exits with 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A failure that was found, in words of its own: the command says them and exits with 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The terminal of this process. A reader that stops listening (`copse ... | head`) ends the output, quietly. */
export function processTerminal(): Terminal {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY,
    colours: showsColours(process.stdout.isTTY, process.env),
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    input: readInput,
    environment: process.env,
  };
}

/** Colours are for terminals that have them and users that want them: see no-color.org. */
export function showsColours(isTerminal: boolean, environment: Terminal["environment"]): boolean {
  return isTerminal && (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
}

async function readInput(): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of process.stdin) parts.push(part as Uint8Array);
  return new Uint8Array(Buffer.concat(parts));
}
