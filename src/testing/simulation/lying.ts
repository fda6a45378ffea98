/**
 * A service that lies to a device about the logs of its rooms: it leaves items out, shows them twice or in another order, and numbers
 * what is left anew, so that no number is missing. What the device does reaches the honest service behind it.
 */

import type {
  Connection,
  CurrentGroupInfo,
  Delivery,
  LogItem,
  Page,
  Published,
  QueueItem,
} from "../../delivery/delivery.ts";

/** An item as it is shown; without a number, as the liar numbers. */
export type ShownItem = Omit<LogItem, "number">;

/** What a device is told in place of what is so. */
export interface Lies {
  /**
   * What is shown in place of an item of the log: nothing, the item, or more. It is asked once for each item, in the log's order.
   * Default: the item.
   */
  readonly shown?: (item: ShownItem, where: LyingRoom) => readonly ShownItem[];
  /** Whether nothing further of the log is shown now. */
  readonly isCutOff?: (room: string) => boolean;
  /** What whoever comes in from outside is shown in place of a room's GroupInfo. Default: it. */
  readonly groupInfo?: (info: CurrentGroupInfo, room: string) => CurrentGroupInfo;
  /** The key packages that are handed out in place of those that the service has. Default: they. */
  readonly claimed?: (
    claimed: Awaited<ReturnType<Connection["claimKeyPackages"]>>,
  ) => Awaited<ReturnType<Connection["claimKeyPackages"]>>;
  /** What a device is answered that has published something. Default: what the service says. */
  readonly published?: (answer: Published) => Published;
  /** The number up to which items are said to be gone. */
  readonly goneThrough?: (page: Page, room: string) => bigint;
}

/** Where an item is shown. */
export interface LyingRoom {
  readonly room: string;
  /** Whether this device has published it. */
  readonly isOwn: boolean;
  /** What was shown before, oldest first. */
  readonly before: readonly ShownItem[];
}

/** A room's log, as a device sees it. */
class ShownLog {
  readonly base: bigint;
  readonly items: ShownItem[] = [];
  /** The real numbers of what is shown: 0n where it is made up. */
  readonly real: bigint[] = [];
  through: bigint;

  constructor(base: bigint) {
    this.base = base;
    this.through = base;
  }

  get head(): bigint {
    return this.base + BigInt(this.items.length);
  }

  numberOf(real: bigint): bigint | undefined {
    const place = this.real.indexOf(real);
    return place < 0 ? undefined : this.base + BigInt(place) + 1n;
  }

  /** The last real item that a shown number stands for, or comes after. */
  realOf(number: bigint): bigint {
    const shown = this.real.slice(0, Number(number - this.base));
    return shown.reduce((last, real) => (real > last ? real : last), this.base);
  }
}

/** A service of which one device sees what a liar shows. */
export function lying(service: Delivery, lies: Lies): Delivery {
  const logs = new Map<string, ShownLog>();
  const own = new Set<string>();
  return {
    connect: async (login) => over(await service.connect(login), { lies, logs, own }),
  };
}

interface Liar {
  readonly lies: Lies;
  readonly logs: Map<string, ShownLog>;
  /** Messages of this device. */
  readonly own: Set<string>;
}

function over(connection: Connection, liar: Liar): Connection {
  const { lies, logs, own } = liar;
  const pull = (log: ShownLog, room: string): Promise<Page> => pulled(connection, liar, { log, room });
  const lied: Partial<Connection> = {
    fetch: async ({ room, after }) => {
      const known = logs.get(room);
      const log = known !== undefined && after >= known.base && after <= known.head ? known : new ShownLog(after);
      logs.set(room, log);
      const page = await pull(log, room);
      const from = Number(after - log.base);
      const items = log.items.slice(from, from + 50).map((item, i) => ({ ...item, number: after + BigInt(i) + 1n }));
      const goneThrough = lies.goneThrough?.(page, room) ?? 0n;
      return { items, head: goneThrough > log.head ? goneThrough : log.head, goneThrough };
    },
    changed: async (request) =>
      (await connection.changed(request)).map(({ room, head }) => ({ room, head: logs.get(room)?.head ?? head })),
    acknowledge: ({ room, through }) =>
      connection.acknowledge({ room, through: logs.get(room)?.realOf(through) ?? through }),
    groupInfo: async (request) => {
      const info = await connection.groupInfo(request);
      return lies.groupInfo?.(info, request.room) ?? info;
    },
    claimKeyPackages: async (request) => {
      const claimed = await connection.claimKeyPackages(request);
      return lies.claimed?.(claimed) ?? claimed;
    },
    complain: (complaint) => {
      const number = logs.get(complaint.room)?.realOf(complaint.number) ?? complaint.number;
      return connection.complain({ ...complaint, number });
    },
    queue: async (request): Promise<readonly QueueItem[]> => {
      const items = await connection.queue(request);
      // Whoever comes in again reads on from there.
      for (const item of items) if (item.kind === "welcome") logs.delete(item.room);
      return items;
    },
    publish: async (publication) => {
      const { room, message, commit } = publication;
      own.add(keyOf(message));
      const answer = await connection.publish(publication);
      const log = logs.get(room);
      if (answer.kind === "accepted" && log !== undefined) {
        if (commit !== undefined && answer.number > log.through && isFromOutside(message)) logs.delete(room);
        else {
          await pull(log, room);
          return { ...answer, number: log.numberOf(answer.number) ?? log.head };
        }
      }
      return lies.published?.(answer) ?? answer;
    },
  };
  return new Proxy(connection, {
    get: (target, name) => {
      const method: unknown = Reflect.get(lied, name) ?? Reflect.get(target, name);
      return typeof method === "function" ? (method as (...all: unknown[]) => unknown).bind(target) : method;
    },
  });
}

async function pulled(
  connection: Connection,
  { lies, own }: Liar,
  { log, room }: { readonly log: ShownLog; readonly room: string },
): Promise<Page> {
  const page = await connection.fetch({ room, after: log.through });
  for (const { number, ...item } of page.items) {
    if (number <= log.through) continue;
    const isOwn = own.has(keyOf(item.message));
    if (!isOwn && lies.isCutOff?.(room) === true) break;
    log.through = number;
    const shown = isOwn ? [item] : (lies.shown?.(item, { room, isOwn, before: log.items }) ?? [item]);
    for (const each of shown) {
      log.items.push(each);
      log.real.push(each === item ? number : 0n);
    }
  }
  return page;
}

function keyOf(message: Uint8Array): string {
  return `${String(message.length)} ${message.subarray(-48).join()}`;
}

/** The sender of a PublicMessage that is a commit from outside: new_member_commit. RFC 9420 section 6 */
function isFromOutside(message: Uint8Array): boolean {
  const first = message[4] ?? 0;
  const groupId = first < 0x40 ? 1 + first : 2 + (((first & 0x3f) << 8) | (message[5] ?? 0));
  return message[3] === 1 && message[4 + groupId + 8] === 4;
}
