/**
 * `copse audit`: whether the entries of a log of accounts make the heads that it has signed, and what evidence proves against it.
 */

import { createReadStream, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fromHex } from "../bytes/text.ts";
import { cipherSuite } from "../crypto/choose.ts";
import { auditLog, type HeadFinding } from "../transparency/audit.ts";
import { TransparencyError } from "../transparency/errors.ts";
import { verifyEvidence, type Evidence } from "../transparency/evidence.ts";
import type { LogKeys } from "../transparency/head.ts";
import { accountLogPart, accountLogPath } from "../transparency/web.ts";
import { entryLength } from "../transparency/formats.ts";
import { quoted } from "./quoted.ts";
import { Failure, UsageError, type Terminal } from "./terminal.ts";

const help = `usage: copse audit URL --keys KEYS [--head HEAD ...]
       copse audit LOG --keys KEYS --head HEAD [--head HEAD ...]
       copse audit --evidence FILE --keys KEYS

Says of each head whether the log makes it. URL is a service's, as https://chat.example.org: its newest head is audited, too. LOG holds a
log's entries from the first one on, 72 bytes each, HEAD a signed head; each is a file, or an http or https URL with a path. With
--evidence it says what FILE proves against the log of these keys. The exit code is 0 where every head is sound, and where there is
evidence and it proves nothing; else 1.

  --keys KEYS      a JSON file: {"cipherSuite": N, "publicKey": HEX, "vrfKey": HEX}
  --head HEAD      a head to audit, as often as there are heads: from the service, from members of rooms, from other auditors
  --evidence FILE  evidence that a client has made
`;

/** The longest head, in bytes. */
const longestHead = 65_536;

/** In words. */
const findings: Readonly<Record<HeadFinding, string>> = {
  sound: "sound",
  log: "the log does not begin with the entries that this head was signed over: it was rewritten, or two were shown",
  map: "the entries do not make the map of this head: somebody was shown what the log does not say",
  short: "the log was not given up to its size",
  signature: "the log has not signed it, so that it proves nothing",
};

/** Run the command. */
export async function audit(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      keys: { type: "string" },
      head: { type: "string", multiple: true, default: [] },
      evidence: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    terminal.out(help);
    return 0;
  }
  if (values.keys === undefined) throw new UsageError("--keys names the file with the log's public keys");
  const [log, ...more] = positionals;
  if (values.evidence !== undefined) {
    if (log !== undefined) throw new UsageError("evidence stands by itself: without LOG");
    return auditEvidence(readKeys(values.keys), values.evidence, terminal);
  }
  if (log === undefined || more.length > 0) throw new UsageError("one LOG at a time");
  if (values.head.length === 0 && !isService(log)) throw new UsageError("--head names a head to audit");
  return auditHeads(readKeys(values.keys), { log, heads: values.head }, terminal);
}

async function auditHeads(
  keys: LogKeys,
  { log, heads: names }: { readonly log: string; readonly heads: readonly string[] },
  terminal: Terminal,
): Promise<number> {
  const all = isService(log) ? [new URL(`${accountLogPath}/head`, log).href, ...names] : names;
  const heads: Uint8Array[] = [];
  for (const name of all) heads.push(await shortBytes(name));
  const given = isService(log) ? entriesOf(log) : bytesOf(log);
  const { heads: audited, entries, outOfOrder } = await auditLog({ keys, heads, entries: given });
  terminal.out(`${String(entries)} entries\n`);
  if (outOfOrder !== undefined)
    terminal.out(`entry ${String(outOfOrder)} does not follow the one before of its index\n`);
  for (const [i, { head, finding }] of audited.entries()) {
    const said = head === undefined ? "" : ` of ${String(head.size)} entries, ${timeOf(head.at)}`;
    terminal.out(`head ${quoted(all[i])}${said}: ${findings[finding]}\n`);
  }
  return audited.every(({ finding }) => finding === "sound") ? 0 : 1;
}

/** The last millisecond that a Date has: a log may sign a later one. */
const lastTime = 8_640_000_000_000_000;

function timeOf(at: number): string {
  return at <= lastTime ? new Date(at).toISOString() : "of no time that there is";
}

async function auditEvidence(keys: LogKeys, file: string, terminal: Terminal): Promise<number> {
  try {
    terminal.out(`proven: ${inWords(await verifyEvidence(keys, new Uint8Array(readFileSync(file))))}\n`);
    return 1;
  } catch (error) {
    if (!(error instanceof TransparencyError)) throw error;
    if (error.code !== "evidence-invalid") throw new Failure(error.message);
    terminal.out("proves nothing against the log of these keys\n");
    return 0;
  }
}

function inWords(evidence: Evidence): string {
  if (evidence.kind === "heads") return `the log has signed two different heads of ${String(evidence.size)} entries`;
  const [one, other] = [evidence.one, evidence.other].map((found) =>
    found === undefined
      ? "nothing"
      : `version ${String(found.version)} with the root key ${Buffer.from(found.account.rootKey).toString("hex")}`,
  );
  return `the log has said two things of ${quoted(evidence.user)}: ${one!} and ${other!}`;
}

/** Whether it is the address of a service, and not of a file. */
function isService(name: string): boolean {
  return /^https?:\/\/[^/?#]+\/?$/.test(name);
}

/** The entries of a service's log, in the parts that it gives. */
async function* entriesOf(service: string): AsyncGenerator<Uint8Array> {
  for (let from = 0; ; from += accountLogPart) {
    const url = new URL(`${accountLogPath}/entries`, service);
    url.search = new URLSearchParams({ from: String(from), below: String(from + accountLogPart) }).toString();
    let length = 0;
    for await (const part of bytesOf(url.href)) {
      length += part.length;
      yield part;
    }
    if (length < accountLogPart * entryLength) return;
  }
}

/** A file, or what a URL gives. */
async function* bytesOf(name: string): AsyncGenerator<Uint8Array> {
  if (!/^https?:\/\//.test(name)) {
    yield* createReadStream(name) as AsyncIterable<Uint8Array>;
    return;
  }
  const response = await fetch(name).catch((cause: unknown) => {
    throw new Failure(`nothing answers at ${quoted(name)}`, { cause });
  });
  if (!response.ok || response.body === null) {
    throw new Failure(`${quoted(name)} answers with ${String(response.status)}`);
  }
  try {
    yield* response.body as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new Failure(`what ${quoted(name)} answers breaks off`, { cause });
  }
}

async function shortBytes(name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of bytesOf(name)) {
    parts.push(part);
    length += part.length;
    if (length > longestHead) throw new Failure(`${quoted(name)} is too long for a head`);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** @throws Failure where the file is not as `help` says. */
function readKeys(path: string): LogKeys {
  try {
    const {
      cipherSuite: id,
      publicKey,
      vrfKey,
    } = JSON.parse(readFileSync(path, "utf8")) as {
      readonly cipherSuite: number;
      readonly publicKey: string;
      readonly vrfKey: string;
    };
    return { suite: cipherSuite(id), publicKey: fromHex(publicKey), vrfKey: fromHex(vrfKey) };
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw error;
    throw new Failure("the file of --keys is not as copse audit --help says");
  }
}
