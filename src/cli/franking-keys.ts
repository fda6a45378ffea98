/**
 * `copse franking-keys`: the file of keys by which a service franks messages: made, listed, and given another hub key.
 */

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { isUri } from "../rooms/uri.ts";
import { addHubKey, frankingKeysIn, makeFrankingKeys, type FrankingKeys } from "../server/franking-keys.ts";
import { KeyFileBusy } from "../server/key-file.ts";
import { ConfigurationError } from "../server/settings.ts";
import { platformClock } from "../bytes/clock.ts";
import { Failure, UsageError, type Terminal } from "./terminal.ts";

const help = `usage: copse franking-keys make FILE --address URI
       copse franking-keys list FILE [--json]
       copse franking-keys rotate FILE [--from TIME]

The keys of copse serve --franking-keys FILE, by which messages are franked and reports of them verified. No command prints a secret.

  make    a new file: a hub key, and a pair of keys for each cipher suite
  list    each hub key by a name that tells nothing of it, with the time from which it is used; the public halves of the others
  rotate  one more hub key, used from TIME on. The ones before it stay, so that reports of their time are verified as ever

  --address URI  the service's address, as mimi://example.org
  --from TIME    as 2027-01-31T12:00Z; an hour from now where it is not said. Processes of the service read a changed file within
                 half a minute. A copy of it on another machine has to be there before
  --json         print one JSON object
`;

/** How far ahead a new hub key is, in milliseconds: every process has to have read it before, and copies of the file to be where they belong. */
const ahead = 60 * 60 * 1000;

/** Run the command. */
export async function frankingKeys(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      address: { type: "string" },
      from: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    terminal.out(help);
    return 0;
  }
  const [what, file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError("copse franking-keys make, list or rotate, and one FILE");
  const { address, from, json } = values;
  if (address !== undefined && what !== "make") throw new UsageError("--address goes with make");
  if (from !== undefined && what !== "rotate") throw new UsageError("--from goes with rotate");
  if (json && what !== "list") throw new UsageError("--json goes with list");
  try {
    switch (what) {
      case "make":
        await make(file, address, terminal);
        return 0;
      case "list": {
        const keys = frankingKeysIn(await readFile(file, "utf8"));
        terminal.out(json ? `${JSON.stringify(keys)}\n` : inWords(keys, platformClock()));
        return 0;
      }
      case "rotate":
        await rotate(file, from, terminal);
        return 0;
      default:
        throw new UsageError("copse franking-keys make, list or rotate");
    }
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof KeyFileBusy) throw new Failure(error.message);
    throw error;
  }
}

async function make(file: string, address: string | undefined, terminal: Terminal): Promise<void> {
  if (address === undefined || !isUri(address, "provider"))
    throw new UsageError("--address must be the URI of a provider, as mimi://example.org");
  if (!(await makeFrankingKeys(file, address))) throw new Failure(`${file} is there, and stays as it is`);
  terminal.err(`copse: ${file} is made. Keep a copy: without it, nothing that was said can be reported any more\n`);
}

async function rotate(file: string, said: string | undefined, terminal: Terminal): Promise<void> {
  const now = platformClock();
  const from = said === undefined ? now + ahead : timeOf(said);
  if (from <= now) throw new UsageError("--from must be a time to come: what is franked already has the key of before");
  const { name } = await addHubKey(file, from);
  const time = new Date(from).toISOString();
  terminal.err(
    `copse: hub key ${name} is used from ${time} on: every process of the service has to have this file before\n`,
  );
}

/** In milliseconds since 1970. */
function timeOf(said: string): number {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(said);
  const time = isTime ? Date.parse(said) : Number.NaN;
  if (Number.isNaN(time)) throw new UsageError("--from must be a time with its zone, as 2027-01-31T12:00Z");
  return time;
}

function inWords({ hubKeys, agentKeys }: FrankingKeys, now: number): string {
  const current = hubKeys.findLast(({ from }) => from <= now);
  const state = (each: (typeof hubKeys)[number]): string => {
    if (each === current) return "used now";
    return each.from > now ? "to come" : "for reports of its time";
  };
  return [
    ...hubKeys.map((each) => `hub key ${each.name}  from ${new Date(each.from).toISOString()}  ${state(each)}`),
    ...agentKeys.map(
      ({ cipherSuite, publicKey, isOwn }) =>
        `agent key of suite ${String(cipherSuite)}  ${publicKey}  ${isOwn ? "signs" : "for reports of its time"}`,
    ),
    "",
  ].join("\n");
}
