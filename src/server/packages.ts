/**
 * The packages that a server stands on, which only those install who run one.
 */

import type * as NodeServer from "@hono/node-server";
import type * as NodeServerStatic from "@hono/node-server/serve-static";
import type * as HonoModule from "hono";
import type * as BodyLimit from "hono/body-limit";
import type * as Prometheus from "prom-client";
import type * as WebSockets from "ws";

/** The packages, loaded. */
export interface ServerPackages {
  readonly hono: typeof HonoModule;
  readonly bodyLimit: typeof BodyLimit;
  readonly nodeServer: typeof NodeServer;
  readonly nodeServerStatic: typeof NodeServerStatic;
  readonly ws: typeof WebSockets;
  readonly prometheus: typeof Prometheus;
}

/** Says which packages are missing, and what to do. */
export class MissingPackages extends Error {
  override readonly name = "MissingPackages";
  readonly packages: readonly string[];

  constructor(packages: readonly string[], cause?: unknown) {
    super(`a server needs packages that are not installed: npm install ${packages.join(" ")}`, { cause });
    this.packages = packages;
  }
}

/** Load all of them. @throws MissingPackages, which names every one that is missing */
export async function serverPackages(): Promise<ServerPackages> {
  const missing: string[] = [];
  let cause: unknown;
  const load = async <T>(name: string, loading: Promise<T>): Promise<T | undefined> => {
    try {
      return await loading;
    } catch (error) {
      if (!missing.includes(name)) missing.push(name);
      cause = error;
      return undefined;
    }
  };
  const hono = await load("hono", import("hono"));
  const bodyLimit = await load("hono", import("hono/body-limit"));
  const nodeServer = await load("@hono/node-server", import("@hono/node-server"));
  const nodeServerStatic = await load("@hono/node-server", import("@hono/node-server/serve-static"));
  const ws = await load("ws", import("ws"));
  const prometheus = await load("prom-client", import("prom-client"));
  if (
    hono === undefined ||
    bodyLimit === undefined ||
    nodeServer === undefined ||
    nodeServerStatic === undefined ||
    ws === undefined ||
    prometheus === undefined
  ) {
    throw new MissingPackages(missing, cause);
  }
  return { hono, bodyLimit, nodeServer, nodeServerStatic, ws, prometheus };
}
