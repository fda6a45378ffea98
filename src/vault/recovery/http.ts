/**
 * A recovery server over HTTP, as `copse serve --recovery` answers: one POST for each request. TLS tells the client which server it is.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { checkCount } from "../../bytes/numbers.ts";
import type { PlatformClass } from "../../bytes/platform.ts";
import { having, hook, is, options as optionsOf, text, type Shape } from "../../bytes/takes.ts";
import { platformTimers, type Timers } from "../../bytes/timers.ts";
import type { RecoveryLink } from "./asking.ts";
import { longestAnswer, recoveryPath } from "./protocol.ts";

/** What is used of a `Response`. */
export interface RecoveryResponse {
  readonly status: number;
  readonly headers: {
    /** A header's value, or null. */
    get(name: string): string | null;
  };
  /** The body, as it comes. */
  readonly body: {
    /** What reads it. */
    getReader(): RecoveryReader;
  } | null;
}

/** What is used of the reader of a body. */
export interface RecoveryReader {
  /** The next part. */
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  /** Nothing more of it is wanted. */
  cancel(): Promise<void>;
}

/** What is used of `fetch`. */
export type RecoveryFetch = (
  url: string,
  request: {
    readonly method: "POST";
    readonly headers: Record<string, string>;
    readonly body: Bytes;
    readonly credentials: "omit";
    readonly redirect: "error";
    readonly referrerPolicy: "no-referrer";
    readonly cache: "no-store";
    readonly signal: PlatformClass<"AbortSignal">;
  },
) => Promise<RecoveryResponse>;

/** Where a recovery server is. */
export interface HttpRecoveryOptions {
  /** What it is called in findings: a name that the person may be told, such as that of its operator. */
  readonly name: string;
  /** Its address, with https:. http: is for a server on the same machine. */
  readonly url: string;
  /** Default: the platform's */
  readonly fetch?: RecoveryFetch;
  /** How long an answer may take, in milliseconds. Then the server counts as down. Default: 15 seconds */
  readonly timeout?: number;
  readonly timers?: Timers;
}

const shape: Shape<HttpRecoveryOptions> = {
  name: text,
  url: is("an https: URL, or an http: URL of this machine", (value) => baseOf(value) !== undefined),
  fetch: hook,
  timeout: (place, value) => {
    checkCount(place, value as number, [1, 2 ** 31 - 1]);
  },
  timers: having("Timers", "after"),
};
const takes = /* @__PURE__ */ optionsOf(shape, "name", "url");

/**
 * A recovery server over HTTP, for the `servers` of `register` and `recover`. It does not connect by itself. A server that does not
 * answer in time, that a proxy answers for, or whose answer breaks off, is found to be "down"; one whose answer is too long, or no answer,
 * "lies".
 *
 *     const servers = [httpRecoveryServer({ name: "Example Foundation", url: "https://recovery.example.org" }), ...];
 *
 * @throws TypeError for options that make no sense
 */
export function httpRecoveryServer(options: HttpRecoveryOptions): RecoveryLink {
  takes("httpRecoveryServer", options);
  const { name, timeout = 15_000, timers = platformTimers } = options;
  const url = new URL(recoveryPath, baseOf(options.url)).href;
  return {
    name,
    ask: async (request) => {
      const over = new AbortController();
      const cancel = timers.after(timeout, () => {
        over.abort(new Error("the recovery server did not answer in time"));
      });
      const late = new Promise<never>((_, reject) => {
        over.signal.addEventListener("abort", () => {
          reject(over.signal.reason as Error);
        });
      });
      try {
        // Against whatever `fetch` does not end at the signal.
        return await Promise.race([answerTo(options.fetch ?? globalThis.fetch, url, request, over.signal), late]);
      } finally {
        cancel();
      }
    },
  };
}

async function answerTo(fetch: RecoveryFetch, url: string, body: Bytes, signal: AbortSignal): Promise<Uint8Array> {
  const {
    status,
    headers,
    body: stream,
  } = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body,
    credentials: "omit",
    redirect: "error",
    referrerPolicy: "no-referrer",
    cache: "no-store",
    signal,
  });
  // A proxy's page is no answer of the server, and so no lie of it.
  if (status !== 200 || headers.get("content-type") !== "application/octet-stream" || stream === null) {
    await stream?.getReader().cancel();
    throw new Error(`the recovery server's address answers with HTTP ${String(status)}`);
  }
  return upTo(stream.getReader(), longestAnswer + 1);
}

/** The first bytes of a body: of one that is longer than any answer so much as shows it. */
async function upTo(reader: RecoveryReader, most: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(most);
  let length = 0;
  while (length < most) {
    const { done, value = new Uint8Array(0) } = await reader.read();
    if (done) return bytes.slice(0, length);
    const part = value.subarray(0, most - length);
    bytes.set(part, length);
    length += part.length;
  }
  await reader.cancel();
  return bytes;
}

/** A URL that ends with a slash, where nobody on the way can answer in the server's place. */
function baseOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return undefined;
  }
  const isHere = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isHere)) return undefined;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return undefined;
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}
