/**
 * What the benchmark is asked for on the command line.
 */

import { parseArgs } from "node:util";
import { daveRowNames, type DaveRowName } from "./dave-rows.ts";
import { persistRowNames, rowNames, scriptPeerNames, type RowName, type ScriptPeerName } from "./rows.ts";
import { sframeRowNames, type SFrameRowName } from "./sframe-rows.ts";
import { suiteNames } from "./suite.ts";

/** What to measure, and where the figures go. */
export interface Arguments {
  readonly json: boolean;
  readonly rows: ReadonlySet<RowName>;
  /** Of SFrame: none unless they are asked for. */
  readonly sframeRows: readonly SFrameRowName[];
  /** Of DAVE, beside davey: none unless they are asked for. */
  readonly daveRows: readonly DaveRowName[];
  /** Whether a client is measured over its store, beside the engine: only where it is asked for. */
  readonly client: boolean;
  /** Whether the delivery service is measured over PostgreSQL: only where it is asked for. */
  readonly server: boolean;
  /** Whether the vault is measured beside its bare parts: only where it is asked for. */
  readonly vault: boolean;
  readonly sizes: readonly number[];
  readonly peersAt: (size: number) => readonly ScriptPeerName[];
  /** Whether OpenMLS and mls-rs are measured, too. */
  readonly native: boolean;
  readonly rounds: number;
  readonly writeDocs: boolean;
  readonly chromium: boolean;
  /** The cipher suite to measure in, by its name, where it is not the first. */
  readonly suite: string | undefined;
  /** A commit in every cipher suite under every provider, instead of anything else. */
  readonly suites: boolean;
}

/** Up to here the peers are measured beside copse, unless they are asked for; it takes them minutes beyond. */
const besidePeers = 1_000;

/** The sizes that are measured when none are asked for: beside the peers, then alone. */
const defaultSizes = [2, 100, 1_000, 10_000, 50_000];

const clientSizes = [3, 1_000, 10_000];

export const usage: string = `npm run bench -- [options]

  --json         print one JSON array on standard output
  --only NAME    these rows only: ${rowNames.join(", ")};
                 or persist, all rows of a group that is stored as it changes;
                 or client, a client over a Level store (--sizes: users of its room, default ${clientSizes.join(",")});
                 or those of DAVE, beside davey: dave, ${daveRowNames.join(", ")};
                 or server, the delivery service over PostgreSQL, beside pgbench and bare
                 WebSockets: --sizes are devices of a room, and rooms;
                 or vault, history and recovery beside their bare parts: --sizes are records of a history;
                 or those of SFrame, in Node and in a worker of Chromium: sframe, ${sframeRowNames.join(", ")}
  --sizes LIST   groups of these sizes (default ${defaultSizes.join(",")})
  --peer NAME    these peers only: ${scriptPeerNames.join(", ")} (default: all up to ${besidePeers} members, copse alone beyond)
  --native       OpenMLS and mls-rs beside them, built from their crates, where cargo is there
  --rounds N     at least 3 (default 3)
  --chromium     in Chromium, with the web provider, instead of in Node
  --suite NAME   in this cipher suite, post-quantum ones included, copse alone:
                 ${suiteNames.join("\n                 ")}
  --suites       a commit in every cipher suite under every provider, at the first of the sizes (default 1000)
  --write-docs   write the tables and the plot of docs/performance.md, or the table of docs/providers.md
  --no-build     measure dist/ as it is

NAME may be a list, and given more than once.`;

/** @throws TypeError of what is wrong with them. */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      only: { type: "string", multiple: true },
      sizes: { type: "string", multiple: true },
      peer: { type: "string", multiple: true },
      rounds: { type: "string", default: "3" },
      chromium: { type: "boolean", default: false },
      suite: { type: "string" },
      suites: { type: "boolean", default: false },
      native: { type: "boolean", default: false },
      "write-docs": { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 3) throw new TypeError("--rounds is at least 3");
  const client = listOf(values.only)?.includes("client") === true;
  const server = listOf(values.only)?.includes("server") === true;
  const vault = listOf(values.only)?.includes("vault") === true;
  const only = listOf(values.only)?.flatMap((name): readonly string[] =>
    ["client", "server", "vault"].includes(name)
      ? []
      : name === "dave"
        ? daveRowNames
        : name === "sframe"
          ? sframeRowNames
          : name === "persist"
            ? persistRowNames
            : [name],
  );
  const known = [...rowNames, ...sframeRowNames, ...daveRowNames];
  const rows: readonly (typeof known)[number][] = only?.map((name) => oneOf("--only", known, name)) ?? rowNames;
  const peers = listOf(values.peer)?.map((name) => oneOf("--peer", scriptPeerNames, name));
  const suite = values.suite === undefined ? undefined : oneOf("--suite", suiteNames, values.suite);
  if (suite !== undefined && (values.native || peers?.some((peer) => peer !== "copse") === true)) {
    throw new TypeError("--suite measures copse alone");
  }
  return {
    json: values.json,
    rows: new Set(rowNames.filter((name) => rows.includes(name))),
    client,
    daveRows: daveRowNames.filter((name) => rows.includes(name)),
    server,
    vault,
    sframeRows: sframeRowNames.filter((name) => rows.includes(name)),
    sizes:
      listOf(values.sizes)?.map(sizeOf) ??
      (vault
        ? [100_000]
        : server
          ? [1_000]
          : client
            ? clientSizes
            : values.suites
              ? [1_000]
              : values.chromium
                ? defaultSizes.slice(0, 3)
                : defaultSizes),
    peersAt: (size) => peers ?? (suite === undefined && size <= besidePeers ? scriptPeerNames : ["copse"]),
    native: values.native,
    rounds,
    writeDocs: values["write-docs"],
    chromium: values.chromium,
    suite,
    suites: values.suites,
  };
}

function listOf(values: readonly string[] | undefined): readonly string[] | undefined {
  return values?.flatMap((value) => value.split(",")).map((value) => value.trim());
}

function oneOf<Name extends string>(option: string, names: readonly Name[], given: string): Name {
  const name = names.find((candidate) => candidate === given);
  if (name === undefined) throw new TypeError(`${option} is one of ${names.join(", ")}`);
  return name;
}

function sizeOf(text: string): number {
  const size = Number(text.replaceAll("_", ""));
  if (!Number.isInteger(size) || size < 2 || size > 100_000)
    throw new TypeError("--sizes are numbers from 2 to 100000");
  return size;
}
