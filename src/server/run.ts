/**
 * What `copse serve` runs: a database, the service over it, and the server, begun in this order and ended in the other.
 */

import { accountAuthentication } from "../accounts/authentication.ts";
import { platformClock } from "../bytes/clock.ts";
import { platformTimers } from "../bytes/timers.ts";
import { accountStatements } from "../delivery/account-statements.ts";
import { memoryPort } from "../delivery/memory-port/memory-port.ts";
import { firstKeyCounts } from "../delivery/options.ts";
import { deliveryOver, type DeliveryService } from "../delivery/service.ts";
import { noWakeups } from "../delivery/wakeups.ts";
import { trustAnyCredential } from "../public-group/options/settings.ts";
import { roomAppData } from "../rooms/components.ts";
import { memoryStore } from "../storage/memory.ts";
import type { AccountLog } from "../transparency/account-log.ts";
import { memoryRecoveryPort } from "../vault/recovery/port.ts";
import { accountLogBy } from "./account-log.ts";
import { openDatabase, type OpenDatabase } from "./database/open-database.ts";
import { frankingBy, type FileFranking } from "./franking-keys.ts";
import { accountsOf, hooksOf } from "./hooks.ts";
import { faultOf, type ServerLog } from "./log.ts";
import { natsWakeups, type NatsWakeups } from "./nats-wakeups.ts";
import { operatorSecretIn } from "./operator.ts";
import { guardOf } from "./recovery/guard.ts";
import { startServer, type RunningServer } from "./server.ts";
import type { Configuration } from "./settings.ts";

/** How often a file of keys is looked at, in seconds: a changed one is used within that. */
const lookAtKeys = 30;

/** A service that runs. */
export interface RunningService extends RunningServer {
  /** Read the file of franking keys again, now. It does not throw: a file that can't be read is logged, and the keys stay as they were. */
  reload(): Promise<void>;
}

/** Run a service until it is closed. */
export async function runService(configuration: Configuration, log: ServerLog): Promise<RunningService> {
  const { host, port, limits } = configuration;
  const authorize = await guardOf(configuration, platformClock);
  const database = await opened(configuration);
  let nats: NatsWakeups | undefined;
  try {
    if (configuration.nats !== undefined) {
      nats = await natsWakeups({ url: configuration.nats, address: configuration.address ?? "" });
    }
    const logKeys = configuration["account-log"];
    const accountLog = logKeys === undefined ? undefined : await accountLogBy(logKeys, database.accountLog);
    const parts = { database, nats, accountLog };
    const made = configuration["recovery-only"] ? undefined : await deliveryOf(configuration, parts);
    const { delivery, franking } = made ?? {};
    const verify = franking?.verify;
    const { "operator-secret": secret, "address-header": header } = configuration;
    const part = limits["blobPartBytes"];
    const server = await startServer({
      ...(delivery === undefined ? {} : { delivery }),
      ...(secret === undefined || verify === undefined
        ? {}
        : { operator: { secret: await operatorSecretIn(secret), verify } }),
      ...(authorize === undefined ? {} : { recovery: { port: database.recovery, authorize } }),
      host,
      port,
      log,
      limits: configuration["server-limits"],
      ...(header === undefined ? {} : { addressHeader: header }),
      ...(typeof part === "number" ? { partBytes: part } : {}),
      ...(accountLog === undefined ? {} : { accountLog }),
      ...(configuration.site === undefined ? {} : { site: configuration.site }),
      ready: () => database.check(),
      processMetrics: true,
    });
    const sweep = (of: DeliveryService) => (): Promise<void> => of.lookForNews().then(() => of.sweep());
    const failed = (message: string) => (error: unknown) => {
      log.error(faultOf(error), message);
    };
    const reload = async (): Promise<void> => {
      if ((await franking?.reread()) === true)
        log.info({}, "the file of franking keys has changed, and was read again");
    };
    const [sweepFailed, keysStay] = [failed("sweeping failed"), failed("franking keys stay as they were")];
    const stops = [
      ...(delivery === undefined ? [] : [repeating(configuration.sweep, sweep(delivery), sweepFailed)]),
      ...(franking === undefined ? [] : [repeating(lookAtKeys, reload, keysStay)]),
    ];
    return {
      ...server,
      reload: () => reload().catch(keysStay),
      close: async () => {
        for (const stop of stops) stop();
        await server.close();
        await nats?.close();
        await database.close();
      },
    };
  } catch (error) {
    await nats?.close();
    await database.close();
    throw error;
  }
}

/** What a delivery service is made of, beside its configuration. */
interface Parts {
  readonly database: Opened;
  readonly nats: NatsWakeups | undefined;
  readonly accountLog: AccountLog | undefined;
}

/** The delivery service of a configuration, over its database. */
async function deliveryOf(
  configuration: Configuration,
  { database, nats, accountLog }: Parts,
): Promise<{ readonly delivery: DeliveryService; readonly franking: FileFranking | undefined }> {
  const { address = "", limits, "franking-keys": keys } = configuration;
  const rooms = roomAppData();
  const isFirstKey = configuration.accounts === "first-key";
  const franking = keys === undefined ? undefined : await frankingBy(keys, address);
  const delivery = deliveryOver(database.port, {
    address,
    group: { authentication: isFirstKey ? trustAnyCredential : accountAuthentication(), registry: rooms.registry },
    rooms,
    accounts: accountsOf(configuration, isFirstKey ? firstKeyCounts : accountStatements()),
    consent: configuration.consent === "everybody" ? "everybody" : "opt-in",
    limits,
    wakeups: nats ?? database.wakeups,
    ...(await hooksOf(configuration)),
    ...(franking === undefined ? {} : { stamp: franking.stamp, frankingAgent: franking.frankingAgent }),
    ...(accountLog === undefined ? {} : { accountLog }),
  });
  return { delivery, franking };
}

/** A database, in which the log of accounts may be this process's alone. */
type Opened = Omit<OpenDatabase, "accountLog"> & { readonly accountLog: Parameters<typeof accountLogBy>[1] };

async function opened(configuration: Configuration): Promise<Opened> {
  const { memory, database: url, data: folder, blobs, connections } = configuration;
  const nothing = (): Promise<void> => Promise.resolve();
  if (memory) {
    const [port, recovery, accountLog] = [memoryPort(), memoryRecoveryPort(), memoryStore()];
    return { port, recovery, accountLog, wakeups: noWakeups, check: nothing, close: nothing };
  }
  const files = blobs === undefined ? {} : { blobs };
  return openDatabase(url === undefined ? { folder, ...files } : { url, connections, ...files });
}

/** Do something again and again, one time after the other. What it gives ends it. */
function repeating(seconds: number, work: () => Promise<void>, failed: (error: unknown) => void): () => void {
  if (seconds === 0) return () => undefined;
  let isOver = false;
  let cancel: () => void = () => undefined;
  const next = (): void => {
    cancel = platformTimers.after(Math.min(seconds * 1000, 2 ** 31 - 1), () => {
      void work()
        .catch(failed)
        .finally(() => {
          if (!isOver) next();
        });
    });
  };
  next();
  return () => {
    isOver = true;
    cancel();
  };
}
