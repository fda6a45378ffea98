/**
 * The audit: whether the entries of a log make the heads that it has signed. It takes the whole log, in order, and sees of nobody who
 * they are.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { Chunks } from "../bytes/chunks.ts";
import { bytes as aBytes, having, list, options as optionsOf } from "../bytes/takes.ts";
import { hex } from "../bytes/text.ts";
import { decode } from "../codec/codec.ts";
import { TransparencyError } from "./errors.ts";
import { entryLength, LogEntry } from "./formats.ts";
import { readHead, someKeys, type LogHead, type LogKeys } from "./head.ts";
import { leafHash, nodeHash, rootOver } from "./log.ts";
import { mapRootOf } from "./map.ts";

/** What is audited. */
export interface AuditOptions {
  readonly keys: LogKeys;
  /** Heads from wherever they were seen: the service, members of rooms, other auditors. */
  readonly heads: readonly Uint8Array[];
  /** The log from its first entry on, 72 bytes each, in pieces of any length. No more is read than the largest head says. */
  readonly entries: AsyncIterable<Uint8Array>;
}

/**
 * What is found of a head: "sound": the entries make it; "log": the log does not begin with what this head was over; "map": a user who
 * was looked up under it was shown what the entries don't say; "short": the log was not given up to its size; "signature": this log has
 * not signed it, so that it says nothing of it.
 */
export type HeadFinding = "sound" | "log" | "map" | "short" | "signature";

/** A head that was audited. */
export interface AuditedHead {
  /** Undefined where it doesn't decode or isn't signed. */
  readonly head: LogHead | undefined;
  readonly finding: HeadFinding;
}

/** What an audit finds. */
export interface Audit {
  /** In the order in which they were passed. */
  readonly heads: readonly AuditedHead[];
  /** How many entries were read. */
  readonly entries: number;
  /** The first entry whose version doesn't follow the one before of its index, where there is one: no head beyond it is sound. */
  readonly outOfOrder: number | undefined;
}

const takes = /* @__PURE__ */ optionsOf(
  {
    keys: someKeys,
    heads: list(aBytes),
    entries: having("an async iterable", Symbol.asyncIterator as unknown as string),
  },
  "keys",
  "heads",
  "entries",
);

/** Audit a log. It holds one entry of each index in memory. */
export async function auditLog(options: AuditOptions): Promise<Audit> {
  takes("auditLog", options);
  const { keys, entries } = options;
  const heads = await Promise.all(
    options.heads.map((bytes) =>
      readHead(keys, bytes).catch((error: unknown) => {
        if (error instanceof TransparencyError) return undefined;
        throw error;
      }),
    ),
  );
  const findings = heads.map((head): HeadFinding => (head === undefined ? "signature" : "short"));
  const largest = Math.max(0, ...heads.map((head) => head?.size ?? 0));
  const subtrees: { readonly level: number; readonly hash: Uint8Array }[] = [];
  const newest = new Map<string, LogEntry>();
  let [size, outOfOrder] = [0, undefined as number | undefined];
  const compare = (): void => {
    const here = heads.flatMap((head, i) => (head?.size === size ? [{ head, i }] : []));
    if (here.length === 0) return;
    const logRoot = rootOver(subtrees.map(({ hash }) => hash));
    const mapRoot = mapRootOf([...newest.values()]);
    for (const { head, i } of here) {
      const isMap = outOfOrder === undefined && bytesEqual(head.mapRoot, mapRoot);
      findings[i] = bytesEqual(head.logRoot, logRoot) ? (isMap ? "sound" : "map") : "log";
    }
  };
  compare();
  for await (const bytes of piecesOf(entries, largest)) {
    let { level, hash } = { level: 0, hash: leafHash(bytes) };
    for (; subtrees.at(-1)?.level === level; level++) hash = nodeHash(subtrees.pop()!.hash, hash);
    subtrees.push({ level, hash });
    const entry = readEntry(bytes);
    const name = entry === undefined ? "" : hex(entry.index);
    if (entry?.version !== (newest.get(name)?.version ?? -1) + 1) outOfOrder ??= size;
    if (entry !== undefined) newest.set(name, entry);
    size += 1;
    compare();
  }
  const audited = heads.map((head, i): AuditedHead => ({
    head: head === undefined ? undefined : { size: head.size, at: head.at },
    finding: findings[i]!,
  }));
  return { heads: audited, entries: size, outOfOrder };
}

function readEntry(bytes: Uint8Array): LogEntry | undefined {
  try {
    return decode(LogEntry, bytes);
  } catch {
    return undefined;
  }
}

/** At most so many entries, each in bytes of its own. */
async function* piecesOf(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  if (most === 0) return;
  const chunks = new Chunks(bytes, () => new TransparencyError("transparency-format"));
  try {
    for (let count = 0; count < most; count++) {
      const entry = await chunks.upTo(entryLength);
      if (entry.length < entryLength) return;
      yield entry;
    }
  } finally {
    await chunks.close();
  }
}
