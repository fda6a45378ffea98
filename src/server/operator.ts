/**
 * What whoever runs a service does about reports, by HTTP: see those that wait with what each proves, decide, and let a user in no more or
 * again. Every request says the secret: there is no cookie, so that no other page can ask by somebody's browser.
 */

import { readFile } from "node:fs/promises";
import type { Context, Hono } from "hono";
import type { Clock } from "../bytes/clock.ts";
import { hex } from "../bytes/text.ts";
import type { DeliveryService } from "../delivery/service.ts";
import { ReportError } from "../reports/errors.ts";
import { verifyReport, type VerifyOptions } from "../reports/report.ts";
import { addressOf } from "./address.ts";
import type { ServerLimits } from "./limits.ts";
import type { ServerLog } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { OperatorTries } from "./operator-tries.ts";
import type { ServerPackages } from "./packages.ts";
import { ConfigurationError } from "./settings.ts";

/** What the routes for whoever runs the service are made of. */
export interface OperatorOptions {
  /** What every request says as `Authorization: Bearer`: 32 characters or more of A to Z, a to z, 0 to 9, and - . _ ~ + / = */
  readonly secret: string;
  /** The keys that reports are verified with: what `verifyReport` of copse/reports takes. */
  readonly verify: Omit<VerifyOptions, "room">;
}

/** Where the routes are. */
const path = "/operator";
/** Reports that are shown at once: the oldest, and no more behind the one with which they are as many bytes. */
const mostReports = 50;
const mostBytes = 4 * 1024 * 1024;
/** A request is a few names and at most 2,000 characters. */
const longestRequest = 32 * 1024;

/** Whether a text can be the secret: it stands in a header. */
export function isOperatorSecret(secret: unknown): boolean {
  return typeof secret === "string" && /^[A-Za-z0-9._~+/=-]{32,1000}$/.test(secret);
}

/** The secret in a file. @throws ConfigurationError, which names no secret */
export async function operatorSecretIn(file: string): Promise<string> {
  const secret = (await readFile(file, "utf8")).trim();
  if (isOperatorSecret(secret)) return secret;
  throw new ConfigurationError(
    "the file of --operator-secret must hold 32 characters or more of A-Z a-z 0-9 - . _ ~ + / =",
  );
}

type Delivery = Pick<DeliveryService, "reports" | "decideReport" | "decisions" | "shutOut" | "shutOutUsers">;

/** What the routes are made of, beside what the operator has said. */
export interface OperatorRouteOptions extends OperatorOptions {
  readonly packages: ServerPackages;
  readonly delivery: Delivery;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly metrics: Metrics;
  /** The header in which the proxy says who asks. */
  readonly addressHeader: string | undefined;
}

export function operatorRoutes(app: Hono, options: OperatorRouteOptions): void {
  const { packages, delivery, secret, verify, limits, clock, log, metrics, addressHeader } = options;
  const tries = new OperatorTries(secret, limits, clock());
  app.use(`${path}/*`, async (c, next) => {
    c.header("cache-control", "no-store");
    const from = addressOf(c, addressHeader);
    const tried = tries.try(c.req.header("authorization"), from, clock());
    metrics.operatorTries.inc({ result: tried.kind });
    if (tried.kind === "too-many")
      return c.text("not so often", 429, { "retry-after": String(Math.ceil(tried.retryAfter / 1000)) });
    if (tried.kind === "wrong") log.warn({ from }, "somebody has said a wrong operator secret");
    if (tried.kind !== "right") return c.text("who are you?", 401);
    await next();
    return undefined;
  });
  app.get(`${path}/reports`, async (c) => {
    const reports = [];
    let bytes = 0;
    for (const report of await delivery.reports(mostReports)) {
      if (bytes >= mostBytes) break;
      bytes += report.bytes.length;
      const { user, key, room, at } = report;
      reports.push({ user, key, room, at, ...(await provenBy(report.bytes, { ...verify, room })) });
    }
    return c.json({ reports, decisions: await delivery.decisions(), shutOut: await delivery.shutOutUsers() });
  });
  const limit = packages.bodyLimit.bodyLimit({ maxSize: longestRequest, onError: (c) => c.text("too much", 413) });
  app.post(`${path}/decisions`, limit, (c) =>
    answered(c, async ({ user, key, what, about, words }) => {
      const verdict = { what, about, words } as Parameters<Delivery["decideReport"]>[1];
      // First: where the service ends in between, the report is still there, and the same can be decided again.
      if (what === "shut-out") await delivery.shutOut(about as string, true);
      return delivery.decideReport({ user: user as string, key: key as string }, verdict);
    }),
  );
  app.post(`${path}/shut-out`, limit, (c) =>
    answered(c, async ({ user, isOut }) => {
      await delivery.shutOut(user as string, isOut as boolean);
      return true;
    }),
  );
}

/** What a report says and proves, with contents in hex; what cannot be read proves nothing. */
async function provenBy(bytes: Uint8Array, options: VerifyOptions): Promise<object> {
  try {
    const { allegedAbuser, reason, note, verdicts } = await verifyReport(bytes, options);
    const messages = verdicts.map((each) => (each.kind === "proven" ? { ...each, content: hex(each.content) } : each));
    return { allegedAbuser, reason, note, messages };
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    return { allegedAbuser: "", reason: 0, note: "", messages: [{ kind: "unproven", why: "content" }] };
  }
}

/** 200 where it was done, 404 where the report waits no more, 400 for what is no such request. */
async function answered(
  c: Context,
  act: (asked: Readonly<Record<string, unknown>>) => Promise<boolean>,
): Promise<Response> {
  try {
    const asked: unknown = JSON.parse(await c.req.text());
    if (typeof asked !== "object" || asked === null) return c.text("not understood", 400);
    return (await act(asked as Readonly<Record<string, unknown>>)) ? c.json({}) : c.text("it waits no more", 404);
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return c.text("not understood", 400);
    throw error;
  }
}
