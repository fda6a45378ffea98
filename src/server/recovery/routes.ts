/**
 * A recovery server by HTTP: POST /recovery with the bytes of a request, which are answered with those of an answer. Counted and written
 * down is what was asked and what came of it, and never for whom.
 */

import type { Context, Hono } from "hono";
import { asBytes } from "../../bytes/bytes.ts";
import { longestRequest, readAnswer, readRequest, recoveryPath } from "../../vault/recovery/protocol.ts";
import type { RecoveryServer } from "../../vault/recovery/server.ts";
import { faultOf, type ServerLog } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { ServerPackages } from "../packages.ts";

/** What the answers are made of. */
export interface RecoveryRouteOptions {
  readonly packages: ServerPackages;
  readonly recovery: Pick<RecoveryServer, "answer">;
  readonly metrics: Metrics;
  readonly log: ServerLog;
  /** Requests that are worked on at once. */
  readonly atOnce: number;
}

/** The proof stands in each request, and no cookie: another page has none. */
const open = { "access-control-allow-origin": "*" };
const binary = { ...open, "content-type": "application/octet-stream", "cache-control": "no-store" };

export function recoveryRoutes(app: Hono, { packages, recovery, metrics, log, atOnce }: RecoveryRouteOptions): void {
  const path = `/${recoveryPath}`;
  let atWork = 0;

  app.options(path, (c) =>
    c.body(null, 204, {
      ...open,
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "content-type",
      "access-control-max-age": "86400",
    }),
  );

  app.post(
    path,
    async (c, next) => {
      // Before a byte of the body is read.
      if (c.req.header("content-type") !== "application/octet-stream") return c.body(null, 415, open);
      if ((c.req.header("content-encoding") ?? "identity") !== "identity") return c.body(null, 415, open);
      await next();
      return undefined;
    },
    packages.bodyLimit.bodyLimit({ maxSize: longestRequest, onError: (c) => c.body(null, 413, open) }),
    async (c) => {
      const request = new Uint8Array(await c.req.arrayBuffer());
      if (atWork >= atOnce) return busy(c);
      const operation = `recovery-${operationOf(request)}`;
      const done = metrics.seconds.startTimer({ operation });
      atWork++;
      try {
        const answer = await recovery.answer(request);
        const result = resultOf(answer);
        metrics.requests.inc({ operation, result });
        log.debug({ operation, result }, "recovery");
        return c.body(asBytes(answer), 200, binary);
      } catch (error) {
        metrics.requests.inc({ operation, result: "unreachable" });
        log.error(faultOf(error), "a request for recovery failed");
        return c.body(null, 503, open);
      } finally {
        atWork--;
        done();
      }
    },
  );

  function busy(c: Context): Response {
    metrics.requests.inc({ operation: "recovery-unread", result: "rate" });
    return c.body(null, 503, { ...open, "retry-after": "1" });
  }
}

function operationOf(request: Uint8Array): string {
  try {
    return readRequest(request).operation.kind;
  } catch {
    return "unread";
  }
}

function resultOf(answer: Uint8Array): string {
  const read = readAnswer(answer);
  return read.kind === "refused" ? read.code : "ok";
}
