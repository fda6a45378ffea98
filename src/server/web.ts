/**
 * What a server answers by HTTP: whether it lives, whether it is ready, its metrics, and blobs, in parts that go on where they were.
 */

import type { Context, Hono } from "hono";
import { fromHex } from "../bytes/text.ts";
import { encode } from "../codec/codec.ts";
import type { Connection } from "../delivery/delivery.ts";
import { DeliveryError, type DeliveryErrorCode } from "../delivery/errors.ts";
import { blobsPath, Refusal } from "../delivery/protocol/frames.ts";
import type { AccountLog } from "../transparency/account-log.ts";
import { accountLogRoutes } from "./account-log.ts";
import { refusalOf } from "./answering.ts";
import { faultOf, type ServerLog } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { operatorRoutes, type OperatorRouteOptions } from "./operator.ts";
import type { ServerPackages } from "./packages.ts";
import { recoveryRoutes, type RecoveryRouteOptions } from "./recovery/routes.ts";
import { serveSite } from "./site.ts";

/** What the answers are made of. */
export interface WebOptions {
  readonly packages: ServerPackages;
  /** Connections by the token that opens blobs; undefined where there is no delivery service. */
  readonly tokens: ReadonlyMap<string, Connection> | undefined;
  readonly recovery: Pick<RecoveryRouteOptions, "recovery" | "atOnce"> | undefined;
  readonly metrics: Metrics;
  readonly log: ServerLog;
  /** The longest part of a blob that is taken. */
  readonly partBytes: number;
  /** @throws where the server can't serve. */
  readonly ready: () => Promise<void>;
  /** The log of accounts, for auditors. */
  readonly accountLog: Pick<AccountLog, "head" | "entries"> | undefined;
  /** For whoever runs the service. */
  readonly operator: Omit<OperatorRouteOptions, "packages" | "metrics" | "log"> | undefined;
  /** A folder with the files of an application. */
  readonly site: string | undefined;
}

type Status = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 416 | 429 | 501 | 503;

const statuses: Readonly<Record<DeliveryErrorCode, Status>> = {
  unreachable: 503,
  "not-allowed": 403,
  incarnation: 403,
  "no-consent": 403,
  "not-found": 404,
  "id-taken": 409,
  "too-large": 413,
  rate: 429,
  invalid: 400,
  unsupported: 501,
};

export function webApp(options: WebOptions): Hono {
  const { packages, metrics, ready } = options;
  const app = new packages.hono.Hono();
  app.get("/healthz", (c) => c.text("ok"));
  app.get("/readyz", async (c) => {
    try {
      await ready();
      return c.text("ready");
    } catch {
      return c.text("not ready", 503);
    }
  });
  app.get("/metrics", async (c) =>
    c.text(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType }),
  );
  const { tokens, recovery } = options;
  if (tokens !== undefined) blobRoutes(app, { ...options, tokens });
  if (options.accountLog !== undefined) accountLogRoutes(app, options.accountLog);
  if (options.operator !== undefined) operatorRoutes(app, { ...options, ...options.operator });
  if (recovery !== undefined) recoveryRoutes(app, { ...options, ...recovery });
  if (options.site !== undefined) serveSite(app, packages, options.site);
  app.notFound((c) => c.text("not found", 404));
  app.onError((error, c) => {
    options.log.error(faultOf(error), "an answer by HTTP failed");
    return c.text("unreachable", 503);
  });
  return app;
}

/** Where a range begins, and how long it is. */
interface Range {
  readonly offset: number;
  readonly length: number;
}

type BlobOptions = WebOptions & { readonly tokens: ReadonlyMap<string, Connection> };

function blobRoutes(app: Hono, { packages, tokens, metrics, log, partBytes }: BlobOptions): void {
  const path = `/${blobsPath}/:blob{[0-9a-f]{32}}`;
  const connectionOf = (c: Context): Connection | undefined => {
    const [, token] = /^Bearer ([0-9a-f]{64})$/.exec(c.req.header("authorization") ?? "") ?? [];
    return token === undefined ? undefined : tokens.get(token);
  };
  // The token is said in each request, by whoever holds it, and no cookie: another page has none.
  const open = { "access-control-allow-origin": "*", "access-control-expose-headers": "upload-offset, content-range" };
  const refuse = (c: Context, error: unknown): Response => {
    const [refusal, fault] = refusalOf(error);
    if (fault !== undefined) log.error(faultOf(fault), "a request for a blob failed");
    const status = statuses[refusal.code as DeliveryErrorCode];
    const wait =
      refusal.retryAfter === undefined ? {} : { "retry-after": String(Math.ceil(refusal.retryAfter / 1000)) };
    return c.body(encode(Refusal, refusal), status, { ...open, ...wait, "content-type": "application/octet-stream" });
  };
  const answer = async (
    c: Context,
    operation: "upload" | "download",
    act: (connection: Connection, blob: Uint8Array) => Promise<Response>,
  ): Promise<Response> => {
    const connection = connectionOf(c);
    if (connection === undefined) return c.body(null, 401, open);
    try {
      const response = await act(connection, fromHex(c.req.param("blob") ?? ""));
      metrics.requests.inc({ operation, result: "ok" });
      return response;
    } catch (error) {
      metrics.requests.inc({ operation, result: refusalOf(error)[0].code });
      return refuse(c, error);
    }
  };

  app.options(path, (c) =>
    c.body(null, 204, {
      ...open,
      "access-control-allow-methods": "GET, HEAD, PATCH",
      "access-control-allow-headers": "authorization, content-type, range, upload-length, upload-offset",
      "access-control-max-age": "86400",
    }),
  );

  // HEAD: how much of a blob is there, for who sends it. Hono answers HEAD by the routes of GET.
  app.get(path, async (c) =>
    answer(c, c.req.method === "HEAD" ? "upload" : "download", async (connection, blob) => {
      if (c.req.method === "HEAD") {
        const size = numberOf(c.req.header("upload-length"));
        const { received } = await connection.upload({ blob, size, offset: 0, bytes: new Uint8Array(0) });
        return c.body(null, 200, {
          ...open,
          "cache-control": "no-store",
          "upload-offset": String(received),
          "upload-length": String(size),
        });
      }
      const range = rangeOf(c.req.header("range"), partBytes);
      if (range === undefined) {
        // Asked before anything is answered, so that what is refused has its code.
        const first = await connection.download({ blob, offset: 0, length: partBytes });
        const cut = (error: unknown): void => {
          const [, fault] = refusalOf(error);
          if (fault !== undefined) log.error(faultOf(fault), "a request for a blob failed");
          cutOff(c);
        };
        return c.body(whole({ connection, blob, first, partBytes, cut }), 200, binary);
      }
      const bytes = await connection.download({ blob, ...range });
      if (bytes.length === 0) return c.body(null, 416, { ...open, "content-range": "bytes */*" });
      const last = range.offset + bytes.length - 1;
      return c.body(bytes, 206, { ...binary, "content-range": `bytes ${String(range.offset)}-${String(last)}/*` });
    }),
  );
  const binary = { ...open, "content-type": "application/octet-stream", "cache-control": "no-store" };

  app.patch(
    path,
    async (c, next) => {
      // Before a byte of the body is read.
      if (connectionOf(c) === undefined) return c.body(null, 401, open);
      if (!isPlain(c)) return c.body(null, 415, open);
      await next();
      return undefined;
    },
    packages.bodyLimit.bodyLimit({ maxSize: partBytes, onError: (c) => refuse(c, new DeliveryError("too-large")) }),
    async (c) =>
      answer(c, "upload", async (connection, blob) => {
        const size = numberOf(c.req.header("upload-length"));
        const offset = numberOf(c.req.header("upload-offset"));
        const bytes = new Uint8Array(await c.req.arrayBuffer());
        const { received } = await connection.upload({ blob, size, offset, bytes });
        return c.body(null, 204, { ...open, "upload-offset": String(received) });
      }),
  );
}

/** A part as tus sends it, and not packed: what is encrypted does not shrink, and what is packed may grow. */
function isPlain(c: Context): boolean {
  return (
    c.req.header("content-type") === "application/offset+octet-stream" &&
    (c.req.header("content-encoding") ?? "identity") === "identity"
  );
}

/** @throws DeliveryError "invalid" */
function numberOf(header: string | undefined): number {
  const value = /^[0-9]{1,16}$/.test(header ?? "") ? Number(header) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new DeliveryError("invalid");
  return value;
}

/** One range, from its beginning on. @throws DeliveryError "invalid" for another one */
function rangeOf(header: string | undefined, most: number): Range | undefined {
  if (header === undefined) return undefined;
  const [, first, last = ""] = /^bytes=([0-9]+)-([0-9]*)$/.exec(header) ?? [];
  const offset = numberOf(first);
  const length = last === "" ? most : numberOf(last) - offset + 1;
  if (length < 1) throw new DeliveryError("invalid");
  return { offset, length: Math.min(length, most) };
}

/** All of a blob, part after part, as fast as it is read. What is missing of it is not taken for its end: `cut` is told. */
function whole({
  connection,
  blob,
  first,
  partBytes,
  cut,
}: {
  readonly connection: Connection;
  readonly blob: Uint8Array;
  readonly first: Uint8Array<ArrayBuffer>;
  readonly partBytes: number;
  readonly cut: (error: unknown) => void;
}): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  return new ReadableStream({
    async pull(controller) {
      try {
        const bytes = offset === 0 ? first : await connection.download({ blob, offset, length: partBytes });
        offset += bytes.length;
        if (bytes.length > 0) controller.enqueue(bytes);
        if (bytes.length < partBytes) controller.close();
      } catch (error) {
        // Not the stream's error: @hono/node-server writes its words to standard error, and to whoever reads.
        cut(error);
        controller.close();
      }
    },
  });
}

/** End a connection in the middle of its answer. */
function cutOff({ env }: Pick<Context, "env">): void {
  const { outgoing } = env as { readonly outgoing?: { destroy(): unknown } };
  outgoing?.destroy();
}
