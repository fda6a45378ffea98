/**
 * A terminal that remembers what was written to it.
 */

import { main } from "../../src/cli/main.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

/** What a command did. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What a command finds around it. */
export interface Surroundings {
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  readonly interactive?: boolean;
  readonly colours?: boolean;
  readonly columns?: number;
}

/** A terminal in memory, and what has been written to it. */
export function memoryTerminal({
  input = "",
  environment = {},
  interactive = false,
  colours = false,
  columns,
}: Surroundings = {}): {
  readonly terminal: Terminal;
  readonly written: () => { readonly out: string; readonly err: string };
} {
  let out = "";
  let err = "";
  const terminal: Terminal = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    interactive,
    colours,
    columns,
    input: () => Promise.resolve(typeof input === "string" ? new TextEncoder().encode(input) : input),
    environment,
  };
  return { terminal, written: () => ({ out, err }) };
}

/** Carry out a command line in this process. */
export async function copse(args: readonly string[], surroundings?: Surroundings): Promise<Run> {
  const { terminal, written } = memoryTerminal(surroundings);
  const code = await main(args, terminal);
  return { code, ...written() };
}
