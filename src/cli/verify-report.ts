/**
 * `copse verify-report`: what a report of abuse proves, by the keys of the hub that it is about.
 */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fromHex } from "../bytes/text.ts";
import { cipherSuite } from "../crypto/choose.ts";
import { ReportError } from "../reports/errors.ts";
import { someHubKeys } from "../reports/hub.ts";
import { verifyReport, type Unproven, type Verdict, type VerifyOptions } from "../reports/report.ts";
import { quoted } from "./quoted.ts";
import { Failure, UsageError, type Terminal } from "./terminal.ts";

const help = `usage: copse verify-report [FILE] --keys KEYS [--room URI] [--json]

Says of each message in an AbuseReport of MIMI who sent it, when and where, or why it proves nothing. FILE holds the report's bytes;
without FILE, or with -, standard input is read. The exit code is 0 where every message is proven, else 1.

  --keys KEYS  a JSON file: {"hubKeys": [{"from": MILLISECONDS, "key": HEX}], "agentKeys": [{"cipherSuite": N, "publicKey": HEX}]}
               with all keys whose reports are still taken, older ones too
  --room URI   the room that the report is about: a message of another room proves nothing
  --json       print one JSON object; contents are in hex
`;

/** In words. */
const reasons: Readonly<Record<Unproven, string>> = {
  content: "it is no content that could have been franked",
  time: "there is no hub key of its time",
  frank: "this hub has accepted no such content of this sender, in this room, at this time",
  signature: "the hub has franked it, and the signature is another",
  sender: "it is not of the one who is accused",
  room: "it is of another room",
};

/** Run the command. */
export async function verifyReportCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      keys: { type: "string" },
      room: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    terminal.out(help);
    return 0;
  }
  if (positionals.length > 1) throw new UsageError("one FILE at a time");
  if (values.keys === undefined) throw new UsageError("--keys names the file with the hub's keys");
  const { room } = values;
  const options = { ...readKeys(values.keys), ...(room === undefined ? {} : { room }) };
  const file = positionals[0] ?? "-";
  const bytes = file === "-" ? await terminal.input() : new Uint8Array(readFileSync(file));
  const report = await verifyReport(bytes, options).catch((error: unknown) => {
    throw error instanceof ReportError ? new Failure(error.message) : error;
  });
  const { verdicts, ...head } = report;
  if (values.json) {
    const said = verdicts.map((verdict) =>
      verdict.kind === "proven" ? { ...verdict, content: Buffer.from(verdict.content).toString("hex") } : verdict,
    );
    terminal.out(`${quoted({ ...head, verdicts: said })}\n`);
  } else {
    terminal.out(`accused ${quoted(head.allegedAbuser)}, reason ${head.reason}, note ${quoted(head.note)}\n`);
    for (const [i, verdict] of verdicts.entries()) terminal.out(`message ${i + 1}: ${inWords(verdict)}\n`);
  }
  return verdicts.every(({ kind }) => kind === "proven") ? 0 : 1;
}

function inWords(verdict: Verdict): string {
  if (verdict.kind === "unproven") return `proves nothing: ${reasons[verdict.why]}`;
  const { sender, room, at, content } = verdict;
  return `proven: ${quoted(sender)} said ${content.length} bytes in ${quoted(room)} at ${new Date(at).toISOString()}`;
}

/** @throws Failure where the file is not as `help` says; it names no key. */
function readKeys(path: string): VerifyOptions {
  try {
    const { hubKeys, agentKeys } = JSON.parse(readFileSync(path, "utf8")) as {
      readonly hubKeys: readonly { readonly from: number; readonly key: string }[];
      readonly agentKeys: readonly { readonly cipherSuite: number; readonly publicKey: string }[];
    };
    const keys = hubKeys.map(({ from, key }) => ({ from, key: fromHex(key) }));
    someHubKeys("hubKeys", keys);
    return {
      hubKeys: keys,
      agentKeys: agentKeys.map(({ cipherSuite: id, publicKey }) => ({
        suite: cipherSuite(id),
        publicKey: fromHex(publicKey),
      })),
    };
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw error;
    throw new Failure("the file of --keys is not as copse verify-report --help says");
  }
}
