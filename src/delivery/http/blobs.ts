/**
 * Blobs by HTTP: parts are sent with PATCH at an offset and read with GET as ranges, so that both go on where they were. Where the
 * process that answers does not know the connection, as behind a balancer, the connection itself is asked.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { copyBytes } from "../../bytes/copy.ts";
import type { PlatformClass } from "../../bytes/platform.ts";
import { hex } from "../../bytes/text.ts";
import { decode } from "../../codec/codec.ts";
import type { BlobPart, BlobRequest, Uploaded } from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import { blobsPath, Refusal } from "../protocol/frames.ts";
import { refused } from "./refused.ts";

/** What is used of a response's headers. */
export interface HeadersLike {
  /** A header, in any case. */
  get(name: string): string | null;
}

/** What is used of a `Response`. */
export interface FetchedLike {
  readonly status: number;
  readonly headers: HeadersLike;
  /** The body. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What is used of `fetch`. */
export type FetchLike = (
  url: string,
  request: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: Bytes;
    readonly signal: PlatformClass<"AbortSignal">;
  },
) => Promise<FetchedLike>;

export interface BlobsAt {
  readonly url: string;
  readonly token: Uint8Array;
  readonly fetch: FetchLike;
  /** Aborted with the connection. */
  readonly over: PlatformClass<"AbortSignal">;
}

/** Undefined where this way is closed. */
export async function uploadOver(at: BlobsAt, part: BlobPart): Promise<Uploaded | undefined> {
  const answer = await asked(at, part.blob, part.signal, {
    method: "PATCH",
    headers: {
      "content-type": "application/offset+octet-stream",
      "upload-offset": String(part.offset),
      "upload-length": String(part.size),
    },
    body: copyBytes(part.bytes),
  });
  if (answer === undefined) return undefined;
  const received = Number(answer.headers.get("upload-offset") ?? Number.NaN);
  if (!Number.isSafeInteger(received)) throw new DeliveryError("unreachable");
  return { received };
}

/** Undefined where this way is closed. */
export async function downloadOver(at: BlobsAt, request: BlobRequest): Promise<Bytes | undefined> {
  const { blob, offset, length } = request;
  const range = `bytes=${String(offset)}-${String(Math.min(offset + length, Number.MAX_SAFE_INTEGER) - 1)}`;
  const answer = await asked(at, blob, request.signal, { method: "GET", headers: { range } });
  if (answer === undefined) return undefined;
  if (answer.status === 416) return new Uint8Array(0);
  return bodyOf(answer, request.signal);
}

async function asked(
  { url, token, fetch, over }: BlobsAt,
  blob: Uint8Array,
  signal: AbortSignal | undefined,
  request: { readonly method: string; readonly headers: Record<string, string>; readonly body?: Bytes },
): Promise<FetchedLike | undefined> {
  const { method, headers, body } = request;
  let answer: FetchedLike;
  try {
    answer = await fetch(`${url}${blobsPath}/${hex(blob)}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${hex(token)}` },
      ...(body === undefined ? {} : { body }),
      signal: signal === undefined ? over : AbortSignal.any([signal, over]),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new DeliveryError("unreachable", { cause });
  }
  const { status } = answer;
  if ((status >= 200 && status < 300) || status === 416) return answer;
  const said = await bodyOf(answer, signal);
  if (status === 401) return undefined;
  let refusal: Refusal;
  try {
    refusal = decode(Refusal, said);
  } catch (cause) {
    throw new DeliveryError("unreachable", { cause }); // a proxy's answer, as where the service is away
  }
  throw refused(refusal);
}

async function bodyOf(answer: FetchedLike, signal: AbortSignal | undefined): Promise<Bytes> {
  try {
    return new Uint8Array(await answer.arrayBuffer());
  } catch (cause) {
    signal?.throwIfAborted();
    throw new DeliveryError("unreachable", { cause });
  }
}
