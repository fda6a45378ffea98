/**
 * A delivery service over a database: the core that runs in a process of its client, in tests and behind a server alike.
 */

import { copyBytes } from "../bytes/copy.ts";
import { checkCount } from "../bytes/numbers.ts";
import { text } from "../bytes/takes.ts";
import { DeviceConnection } from "./connection.ts";
import type { Core } from "./core.ts";
import type { Connection, Delivery, DeviceLogin } from "./delivery.ts";
import { DeliveryError } from "./errors.ts";
import { memoryPort } from "./memory-port/memory-port.ts";
import { Newsroom } from "./news.ts";
import { deliverySettings, type DeliveryOptions, type ReportOfMessages, type Settings } from "./options.ts";
import type { Ages, DeliveryPort } from "./port.ts";
import { Pushes } from "./pushes.ts";
import { Rates } from "./rates.ts";
import { checkLogin } from "./requests.ts";
import { FollowedRooms } from "./rooms/followed-rooms.ts";
import { relayWelcomes } from "./rooms/welcomes.ts";
import { Sessions } from "./sessions.ts";
import { signIn, stillIn } from "./sign-in.ts";
import { logStatements } from "./users/account-log.ts";
import {
  decideReport,
  shutOut,
  type ReportDecision,
  type ReportVerdict,
  type ShutOutUser,
} from "./users/moderation.ts";

/** A delivery service, for its clients and for whoever runs it. */
export interface DeliveryService extends Delivery {
  /**
   * What nobody waits for: Welcomes that were not carried over, items that everybody has, what is too old. Of rooms at most
   * `limits.sweptRooms`: the next call goes on behind them. Call it now and then, in one process.
   */
  sweep(): Promise<void>;
  /**
   * Tell the devices that are connected to this process of what other processes may have told in vain. Call it now and then in each
   * process, where there are several: a hint between them may be lost, and is found by this.
   */
  lookForNews(): Promise<void>;
  /** Reports of messages that wait, the oldest first: at most so many. Default 100. */
  reports(limit?: number): Promise<readonly WaitingReport[]>;
  /** Somebody has decided about a report: it is forgotten. */
  settleReport(report: Pick<WaitingReport, "user" | "key">): Promise<void>;
  /**
   * Somebody has decided about a report: what was reported is forgotten, and who reported what room, when, and what was decided is kept for
   * `limits.decisions`. False where it is not waiting any more, as when somebody else was faster.
   */
  decideReport(report: Pick<WaitingReport, "user" | "key">, verdict: ReportVerdict): Promise<boolean>;
  /** What was decided about reports, the newest first: at most so many. Default 100. */
  decisions(limit?: number): Promise<readonly ReportDecision[]>;
  /**
   * Let a user's devices in no more ("not-allowed"), and end their connections, those to other processes by the next `lookForNews` at the
   * latest; or let them in again. Nothing of the user is deleted, and its devices stay in their rooms until members remove them: the service
   * has the keys of none.
   */
  shutOut(user: string, isOut: boolean): Promise<void>;
  /** Users who are shut out, the newest first: at most so many. Default 1,000. */
  shutOutUsers(limit?: number): Promise<readonly ShutOutUser[]>;
  /** Tell every connection that the service ends. */
  shutdown(): Promise<void>;
}

/** A report that waits for whoever looks at it. */
export interface WaitingReport extends ReportOfMessages {
  /** By which it is settled. */
  readonly key: string;
}

/** A delivery service in memory: gone with its process. */
export function memoryDelivery(options: DeliveryOptions): DeliveryService {
  return deliveryOver(memoryPort(), options);
}

/** A delivery service over a database. */
export function deliveryOver(port: DeliveryPort, options: DeliveryOptions): DeliveryService {
  const settings = deliverySettings("deliveryOver", options);
  const sessions = new Sessions();
  const core: Core = {
    port,
    settings,
    sessions,
    rates: new Rates(settings.limits, settings.clock),
    rooms: new FollowedRooms(port, settings),
    news: new Newsroom(port, sessions, settings.wakeups, new Pushes(settings, sessions)),
    logStatements: onceMore(() => logStatements({ port, settings })),
  };
  /** One look at a time: who asks for another meanwhile gets one more behind it, however often. */
  const look = onceMore(() => lookForNews(core));
  const stopHearing = settings.wakeups.hear(
    (wakeup) => {
      core.news.hear(wakeup);
    },
    () => {
      void look().catch(() => undefined); // else who calls it next
    },
  );
  let isOpen = true;
  const checkOpen = (): void => {
    if (!isOpen) throw new DeliveryError("unreachable");
  };
  let sweptTo = "";
  return {
    async connect(login: DeviceLogin): Promise<Connection> {
      checkLogin(login);
      login.signal?.throwIfAborted();
      checkOpen();
      const signedIn = await signIn(core, login);
      checkOpen(); // it may have been shut down meanwhile
      const connection = new DeviceConnection(core, signedIn.caller, login.incarnation.next);
      sessions.begin(connection);
      core.news.opened(connection.device, login.incarnation.next);
      await stillIn(core, connection, signedIn);
      return connection;
    },
    async sweep(): Promise<void> {
      sweptTo = await sweep(core, sweptTo);
    },
    async lookForNews(): Promise<void> {
      await look();
    },
    async reports(limit = 100): Promise<readonly WaitingReport[]> {
      checkCount("reports.limit", limit, [1, 10_000]);
      return (await port.users.reports(limit)).map((row) => ({ ...row, bytes: copyBytes(row.bytes) }));
    },
    async settleReport({ user, key }): Promise<void> {
      text("settleReport.user", user);
      text("settleReport.key", key);
      await port.users.dropReport(user, key);
    },
    decideReport: (report, verdict) => decideReport(core, report, verdict),
    async decisions(limit = 100): Promise<readonly ReportDecision[]> {
      checkCount("decisions.limit", limit, [1, 10_000]);
      return port.users.decisions(limit);
    },
    shutOut: (user, isOut) => shutOut(core, user, isOut),
    async shutOutUsers(limit = 1_000): Promise<readonly ShutOutUser[]> {
      checkCount("shutOutUsers.limit", limit, [1, 10_000]);
      return port.users.allShutOut(limit);
    },
    async shutdown(): Promise<void> {
      isOpen = false;
      stopHearing();
      sessions.endAll("shutdown");
      return Promise.resolve();
    },
  };
}

/** Work that is done once at a time: of those who ask for it meanwhile, all wait for one more. */
function onceMore(work: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    const begun = work().finally(() => {
      if (underWay === begun) underWay = undefined;
    });
    return (underWay = begun);
  };
  return () => {
    if (underWay === undefined) return begin();
    next ??= underWay
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return underWay ?? begin(); // begun since
      });
    return next;
  };
}

/** How many names of rooms are asked for at once. */
const page = 500;

/** Sweep rooms behind one, and all else. Up to which room: "" behind the last. */
async function sweep(core: Core, after: string): Promise<string> {
  const { port } = core;
  const { sweptRooms } = core.settings.limits;
  const ages = agesOf(core.settings);
  let last = after;
  for (let left = sweptRooms; left > 0;) {
    const rooms = await port.rooms.names(last, Math.min(page, left));
    for (const room of rooms) {
      await relayWelcomes(core, room);
      await port.rooms.collect(room, ages);
    }
    left -= rooms.length;
    last = rooms.at(-1) ?? "";
    if (rooms.length === 0) break;
  }
  await core.logStatements();
  await port.devices.collect(ages);
  await port.users.collect(ages);
  await port.blobs.collect(ages);
  return last;
}

/** One device after the other: it is nobody's hurry. */
async function lookForNews({ port, sessions, news }: Core): Promise<void> {
  for (const session of sessions.all()) {
    const { device } = session;
    for (const { room, head } of await port.rooms.changed(device)) session.tell({ kind: "room", room, head });
    if ((await port.devices.queue(device, 0n, 1, 1)).length > 0) session.tell({ kind: "queue" });
    await news.endIfOver(session);
  }
}

/** What was before these times goes. An id is known longer than the item that was written under it. */
function agesOf({ clock, limits }: Settings): Ages {
  const now = clock();
  const { items, ids, queue, blobs, undecided, decisions } = limits;
  return {
    now,
    items: now - items,
    ids: now - items - ids,
    welcomes: now - queue,
    queues: now - queue,
    blobs: now - blobs,
    undecided: now - undecided,
    decisions: now - decisions,
  };
}
