/**
 * Downloading a file of a message: whole, from where it stopped, or a part out of its middle. What is kept of it stands in the store under its
 * message, and goes with it.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { asBytes } from "../../bytes/bytes.ts";
import { checkCount } from "../../bytes/numbers.ts";
import { flag, hook, is, options, uint64, type Shape, type Takes } from "../../bytes/takes.ts";
import { attachmentLayout, checkAttachment, decryptAttachment, readRange } from "../../content/attachments/decrypt.ts";
import { ContentError } from "../../content/errors.ts";
import type { ExternalFile } from "../../content/messages/media.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { ClientError } from "../errors.ts";
import type { RoomCore } from "../room/core.ts";
import type { Timeline } from "../timeline/timeline.ts";
import type { DownloadOptions } from "./options.ts";
import { blobOfUrl, chunkKey } from "./record.ts";

/** Bytes that are asked for at once. */
const piece = 512 * 1024;
/** The longest file that is kept, in bytes: what deletes it is one batch. */
const mostKept = 64 * 2 ** 20;

const count: Takes = (place, value) => {
  checkCount(place, value as number, [0, Number.MAX_SAFE_INTEGER]);
};
const takesDownload: Takes = options({
  index: count,
  range: options({ start: count, end: count }, "start", "end"),
  from: count,
  keep: flag,
  limit: count,
  signal: is("an AbortSignal", (value) => typeof (value as Partial<AbortSignal> | null)?.throwIfAborted === "function"),
  onProgress: hook,
} satisfies Shape<DownloadOptions>);

/** What a download is of. */
interface Wanted {
  readonly core: RoomCore;
  readonly place: bigint;
  readonly index: number;
  readonly file: ExternalFile;
  readonly blob: Uint8Array;
}

export async function* download(
  core: RoomCore,
  timeline: Timeline,
  place: bigint,
  how: DownloadOptions,
): AsyncGenerator<Bytes, void, undefined> {
  uint64("entry", place);
  takesDownload("download", how);
  const { index = 0, range, keep = false, from = 0, limit, signal, onProgress } = how;
  const wanted = { core, place, index, ...(await fileOf(core, timeline, place, index)) };
  const { file, blob } = wanted;
  const long = {
    ...(limit !== undefined && { limit }),
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress }),
  };
  if (range !== undefined) {
    const fetch = (at: number, length: number): Promise<Uint8Array> => fetched(core, blob, at, length, signal);
    yield await readRange(file, { ...range, fetch, ...(limit !== undefined && { limit }) });
    return;
  }
  const { length, chunkSize, offsetOf } = attachmentLayout(file, limit);
  if (!keep) {
    yield* decryptAttachment(file, ciphertext(wanted, offsetOf(from), signal), { ...long, from });
    return;
  }
  if (length > mostKept) throw new ContentError("attachment-limit");
  const kept = await keptOf(wanted, chunkSize);
  const start = Math.min(kept.length * chunkSize, length);
  const isWhole = start === length;
  for (const [i, chunk] of kept.entries()) if (i * chunkSize >= from) yield chunk;
  if (isWhole && length > 0) return;
  const chunks = decryptAttachment(file, ciphertext(wanted, offsetOf(start), signal), { ...long, from: start });
  let at = start;
  for await (const chunk of chunks) {
    const isLast = at + chunk.length === length;
    // The whole is looked at before its last chunk is given: what was kept before, nobody has compared with the message's hash.
    if (isLast && start > 0) await checkWhole(wanted, chunkSize, chunk);
    await keepChunk(wanted, timeline, at / chunkSize, chunk);
    if (at >= from) yield chunk;
    at += chunk.length;
  }
}

async function fileOf(
  core: RoomCore,
  timeline: Timeline,
  place: bigint,
  index: number,
): Promise<{ readonly file: ExternalFile; readonly blob: Uint8Array }> {
  const said = (await timeline.at(core.id, place))?.said;
  if (said === undefined) throw new ClientError("message-unknown");
  const file = said.kind === "media" ? said.attachments[index]?.file : undefined;
  const blob = file?.cardinality === "external" ? blobOfUrl(file.url) : undefined;
  if (file?.cardinality !== "external" || blob === undefined) throw new ClientError("file-unknown");
  return { file, blob };
}

async function* ciphertext(
  { core, blob, file }: Wanted,
  from: number,
  signal: DownloadOptions["signal"],
): AsyncGenerator<Uint8Array> {
  for (let at = from; at < file.size;) {
    const bytes = await fetched(core, blob, at, Math.min(piece, file.size - at), signal);
    yield bytes;
    at += bytes.length;
  }
}

/** Bytes of a blob: some, and no more than were asked for. */
async function fetched(
  core: RoomCore,
  blob: Uint8Array,
  offset: number,
  length: number,
  signal: DownloadOptions["signal"],
): Promise<Uint8Array> {
  const connection: Connection | undefined = core.around.connection();
  if (connection === undefined) throw new ClientError("offline");
  try {
    const bytes = await connection.download({ blob, offset, length, ...(signal !== undefined && { signal }) });
    if (bytes.length === 0 || bytes.length > length) throw new ContentError("attachment-damaged");
    return bytes;
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    if (error.code === "not-found") throw new ClientError("file-gone", { cause: error });
    if (error.code === "unreachable") core.around.lost();
    throw new ClientError("offline", { cause: error });
  }
}

/** The chunks that are kept, from the first on without a gap. */
async function keptOf({ core, place, index }: Wanted, chunkSize: number): Promise<readonly Bytes[]> {
  const kept: Bytes[] = [];
  const prefix = ["file", core.id, String(place), String(index)] as const;
  for await (const { key, value } of core.around.store.range({ prefix, from: 0n })) {
    if (key.at(-1) !== BigInt(kept.length)) break;
    const last = kept.at(-1);
    if (last !== undefined && last.length !== chunkSize) break;
    kept.push(asBytes(value));
  }
  return kept;
}

/** The chunk is kept as long as its message is there: they go in one batch. */
async function keepChunk(
  { core, place, index }: Wanted,
  timeline: Timeline,
  number: number,
  chunk: Bytes,
): Promise<void> {
  await core.turn(async () => {
    if ((await timeline.at(core.id, place))?.said === undefined) throw new ClientError("message-unknown");
    await core.write({ changes: [{ put: chunkKey(core.id, place, index, number), value: chunk }] });
  });
}

async function checkWhole(wanted: Wanted, chunkSize: number, last: Bytes): Promise<void> {
  const { core, place, index, file } = wanted;
  const kept = await keptOf(wanted, chunkSize);
  const source = async function* (): AsyncGenerator<Uint8Array> {
    for (const chunk of kept) yield await Promise.resolve(chunk);
    yield last;
  };
  try {
    await checkAttachment(file, source);
  } catch (error) {
    const changes = kept.map((_, i) => ({ delete: chunkKey(core.id, place, index, i) }));
    await core.turn(() => core.write({ changes }));
    throw error;
  }
}
