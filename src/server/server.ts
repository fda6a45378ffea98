/**
 * A delivery service on a port: WebSockets for devices, HTTP for blobs and for whoever watches over it.
 */

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import {
  flag,
  having,
  hook,
  is,
  isObject,
  options as optionsOf,
  text,
  thing,
  uint16,
  type Shape,
} from "../bytes/takes.ts";
import { checkCount } from "../bytes/numbers.ts";
import { platformTimers, type Timers } from "../bytes/timers.ts";
import { checkedRandom, platformRandom } from "../crypto/random.ts";
import type { Random } from "../crypto/provider.ts";
import { connectPath } from "../delivery/protocol/frames.ts";
import type { DeliveryService } from "../delivery/service.ts";
import { defaultDeliveryLimits } from "../delivery/limits.ts";
import { checkedClock, type Clock } from "../bytes/clock.ts";
import { RecoveryServer, type RecoveryServerOptions } from "../vault/recovery/server.ts";
import type { AccountLog } from "../transparency/account-log.ts";
import { isHeaderName } from "./address.ts";
import { DeviceSocket, type Surroundings } from "./device-socket.ts";
import { FrameWriter } from "./frame-writer.ts";
import { serverLimits, type ServerLimits } from "./limits.ts";
import { silentLog, type ServerLog } from "./log.ts";
import { metricsOf } from "./metrics.ts";
import { serverPackages } from "./packages.ts";
import { isOperatorSecret, type OperatorOptions } from "./operator.ts";
import { paced } from "./recovery/guard.ts";
import { webApp } from "./web.ts";

/** How a server is started. */
export interface ServerOptions {
  /** The service, as `deliveryOver` or `memoryDelivery` make it. It is shut down with the server. Default: none, only `recovery` */
  readonly delivery?: DeliveryService;
  /**
   * A recovery server of copse/vault, at POST /recovery: where it keeps what it has, such as `recovery` of `openDatabase`, and who may ask.
   * Default: none
   */
  readonly recovery?: Omit<RecoveryServerOptions, "random">;
  /**
   * Whoever says the secret sees the reports that wait, with what each proves, and decides, by HTTP under /operator: see docs/operating.md.
   * Default: nobody
   */
  readonly operator?: OperatorOptions;
  /** Default: one that is free */
  readonly port?: number;
  /** Default: 127.0.0.1, for a proxy on the same machine. */
  readonly host?: string;
  /**
   * A header in which the proxy before it says from which address a request comes, as "x-real-ip": for limits of each address. Only where nobody else
   * can reach the port, since whoever does says what he likes. Default: the address of the connection
   */
  readonly addressHeader?: string;
  readonly limits?: Partial<ServerLimits>;
  /** The longest part of a blob that is taken and given: what the service was given as `blobPartBytes`. */
  readonly partBytes?: number;
  /** A logger of `pino`, or one like it. Default: nothing is written. */
  readonly log?: ServerLog;
  /** Whether the service can serve now, as whether its database answers: for /readyz. It throws where it can't. */
  readonly ready?: () => Promise<void>;
  /** The log of accounts, which auditors read under /account-log: what the service was given as `accountLog`. Default: none */
  readonly accountLog?: Pick<AccountLog, "head" | "entries">;
  /**
   * A folder with the files of an application, which are served at the same address: `index.html`, and what it asks for. What is in `assets` is
   * kept by browsers for good, so that its names must change with its content. Default: none
   */
  readonly site?: string;
  /** Whether the process's own metrics are among those of the server. Default false. */
  readonly processMetrics?: boolean;
  readonly timers?: Timers;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A server that listens. */
export interface RunningServer {
  /** Where: http://host:port */
  readonly url: string;
  readonly port: number;
  /**
   * Take no more, tell every connection that the server ends, answer what was asked, and wait until all are gone, or for as long as
   * `limits.shutdown` says.
   */
  close(): Promise<void>;
}

const shape: Shape<ServerOptions> = {
  delivery: having("a DeliveryService", "connect", "shutdown"),
  recovery: thing(
    "an object with port and authorize",
    {
      port: having("a recovery port: an object with read and swap", "read", "swap"),
      authorize: hook,
    },
    ["port", "authorize"],
  ),
  operator: thing(
    "an object with secret and verify",
    {
      secret: is("32 characters or more of A-Z a-z 0-9 - . _ ~ + / =", isOperatorSecret),
      verify: is(
        "an object with hubKeys and agentKeys",
        (value) => isObject(value) && "hubKeys" in value && "agentKeys" in value,
      ),
    },
    ["secret", "verify"],
  ),
  port: uint16,
  host: text,
  addressHeader: is("the name of a header", isHeaderName),
  limits: (place, value) => {
    serverLimits(place, value as Partial<ServerLimits>);
  },
  partBytes: (place, value) => {
    checkCount(place, value as number, [1, 2 ** 31 - 1]);
  },
  log: having("a logger", "info", "warn", "error", "debug"),
  ready: hook,
  accountLog: having("a log of accounts", "head", "entries"),
  site: text,
  processMetrics: flag,
  timers: having("Timers", "after"),
  clock: hook,
  random: hook,
};
const takes = optionsOf(shape);

/**
 * Start a server.
 *
 * @throws MissingPackages where its optional packages are not installed; TypeError for options that make no sense; the platform's error
 * where it can't listen.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  takes("startServer", options);
  if (options.delivery === undefined && options.recovery === undefined)
    throw new TypeError("startServer needs delivery or recovery");
  const { delivery, port = 0, host = "127.0.0.1", log = silentLog, timers = platformTimers } = options;
  const limits = serverLimits("startServer.limits", options.limits);
  const packages = await serverPackages();
  const metrics = metricsOf(packages, options.processMetrics ?? false);
  const sockets = new Set<DeviceSocket>();
  const strangers = new Set<DeviceSocket>();
  let isEnding = false;
  let onEmpty: (() => void) | undefined;
  const count = (): void => {
    metrics.connections.set({ state: "strangers" }, strangers.size);
    metrics.connections.set({ state: "devices" }, sockets.size - strangers.size);
  };
  const clock = checkedClock(options.clock);
  const random = checkedRandom(options.random ?? platformRandom);
  const around: Omit<Surroundings, "delivery"> = {
    limits,
    timers,
    clock,
    random,
    metrics,
    log,
    frames: new FrameWriter(),
    tokens: new Map(),
    onKnown: (socket) => {
      strangers.delete(socket);
      count();
    },
    onEnded: (socket) => {
      sockets.delete(socket);
      count();
      if (sockets.size === 0) onEmpty?.();
    },
  };
  const app = webApp({
    packages,
    tokens: delivery === undefined ? undefined : around.tokens,
    recovery: options.recovery && {
      recovery: new RecoveryServer({
        port: options.recovery.port,
        authorize: paced(options.recovery.authorize, limits, clock),
        random,
      }),
      atOnce: limits.recoveriesAtOnce,
    },
    metrics,
    log,
    accountLog: options.accountLog,
    operator: options.operator &&
      delivery && { ...options.operator, delivery, limits, clock, addressHeader: options.addressHeader },
    site: options.site,
    partBytes: options.partBytes ?? defaultDeliveryLimits.blobPartBytes,
    ready: async () => {
      if (isEnding) throw new Error("the server ends");
      await options.ready?.();
    },
  });
  const server = createServer(
    {
      headersTimeout: limits.headers,
      requestTimeout: limits.body,
      connectionsCheckingInterval: Math.max(100, Math.floor(limits.headers / 2)),
      keepAliveTimeout: limits.headers,
    },
    packages.nodeServer.getRequestListener(app.fetch, { overrideGlobalObjects: false }) as (
      ...given: Parameters<Parameters<typeof createServer>[1] & {}>
    ) => void,
  );
  server.maxConnections = limits.connections;
  const upgrades = new packages.ws.WebSocketServer({
    noServer: true,
    maxPayload: limits.frameBytes,
    perMessageDeflate: false, // what is encrypted does not shrink, and what is packed may grow
    skipUTF8Validation: true, // there is no text
    clientTracking: false,
  });
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const refuse = (status: string): void => {
      stream.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    };
    stream.on("error", () => {
      stream.destroy();
    });
    if (isEnding) refuse("503 Service Unavailable");
    else if (delivery === undefined || request.url !== `/${connectPath}`) refuse("404 Not Found");
    else if (strangers.size >= limits.strangers) {
      metrics.ended.inc({ reason: "too-many-strangers" });
      refuse("503 Service Unavailable");
    } else {
      upgrades.handleUpgrade(request, stream, head, (socket) => {
        const device = new DeviceSocket(socket, request.socket, { ...around, delivery });
        sockets.add(device);
        strangers.add(device);
        count();
      });
    }
  });
  const looking = every(timers, limits.silence, () => {
    for (const socket of [...sockets]) socket.look();
  });
  const url = await listening(server, port, host);
  log.info({ port: url.port }, "listening");
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    isEnding = true;
    log.info({ connections: sockets.size }, "ending");
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    const empty = new Promise<void>((resolve) => {
      onEmpty = resolve;
      if (sockets.size === 0) resolve();
    });
    for (const stranger of [...strangers]) stranger.end("shutdown");
    await delivery?.shutdown();
    const cancel = timers.after(limits.shutdown, () => {
      for (const socket of [...sockets]) socket.end("shutdown");
      server.closeAllConnections();
    });
    server.closeIdleConnections();
    await empty;
    await closed;
    cancel();
    looking();
    log.info({}, "ended");
  };
  return { url: url.href.replace(/\/$/, ""), port: Number(url.port), close: () => (closing ??= close()) };
}

function listening(server: Server, port: number, host: string): Promise<URL> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const { address, family, port: chosen } = server.address() as AddressInfo;
      resolve(new URL(`http://${family === "IPv6" ? `[${address}]` : address}:${String(chosen)}`));
    });
  });
}

/** Do something again and again. What it gives ends it. */
function every(timers: Timers, milliseconds: number, run: () => void): () => void {
  let cancel = timers.after(milliseconds, again);
  function again(): void {
    run();
    cancel = timers.after(milliseconds, again);
  }
  return () => {
    cancel();
  };
}
