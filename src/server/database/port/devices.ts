/**
 * Devices in SQL. Who a device is stands with its user; what waits for it, and its key packages, with the device.
 */

import { fromHex, hex } from "../../../bytes/text.ts";
import type {
  Ages,
  DeviceRow,
  DevicesPort,
  Enqueue,
  KeyPackageStock,
  Once,
  OpenLimits,
  QueuedRow,
  Written,
} from "../../../delivery/port.ts";
import { userOfDevice } from "../../../rooms/uri.ts";
import { statement, type Database, type Row } from "../database.ts";
import { big, bytes, flag, num, text } from "../rows.ts";
import { unlessWritten } from "../written.ts";
import { claim, countKeyPackages, stock } from "./key-packages.ts";
import { collectDevices } from "./collecting-keys.ts";
import { emptyForgotten } from "./forgotten.ts";
import { acknowledgeQueue, dropFromUser, enqueue, queueOf } from "./queue.ts";

const columns = `d.user_uri, d.device, d.cipher_suite, d.signature_key, d.listed, d.incarnation, d.incarnation_id`;

const row = statement(
  "user",
  "device",
  `select ${columns} from copse.devices as d where d.user_uri = $1 and d.device = $2`,
);

const ofUser = statement(
  "user",
  "devices of user",
  `select ${columns} from copse.devices as d where d.user_uri = $1 order by d.opened`,
);

/**
 * A sign-in whose answer was lost comes again: of the same id, with the same known before it, and nothing was done in between.
 */
const isAgain = `(not d.is_used and d.incarnation = $6::numeric and d.incarnation_id = $7::bytea and d.previous = $8::numeric)`;
const isNext = `(not ${isAgain} and $6::numeric <> $8::numeric)`;

const reopen = statement(
  "user",
  "reopen device",
  `update copse.devices as d
   set cipher_suite = $3, signature_key = $4, listed = $5, incarnation = $6::numeric, incarnation_id = $7::bytea,
     is_used = d.is_used and not ${isNext}, previous = case when ${isNext} then $8::numeric else d.previous end
   where d.user_uri = $1 and d.device = $2 and (d.incarnation = $8::numeric or ${isAgain}) returning d.device`,
);

const lockUser = statement(
  "user",
  "lock user",
  `insert into copse.users as u (user_uri, last_opened) values ($1, 1)
   on conflict (user_uri) do update set last_opened = u.last_opened + 1 returning u.last_opened, u.is_ended`,
);

const ofKind = statement(
  "user",
  "devices of kind",
  `select d.device, d.opened_at from copse.devices as d where d.user_uri = $1 and d.listed = $2 order by d.opened`,
);

const open = statement(
  "user",
  "open device",
  `insert into copse.devices
     (user_uri, device, cipher_suite, signature_key, listed, incarnation, incarnation_id, previous, opened, opened_at, is_used)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, false)`,
);

const forget = statement(
  "user",
  "forget device",
  `with gone as (delete from copse.devices as d where d.user_uri = $1 and d.device = $2)
   insert into copse.forgotten (user_uri, device) values ($1, $2) on conflict do nothing`,
);

const used = statement(
  "user",
  "use device",
  `update copse.devices as d set is_used = true
   where d.user_uri = $1 and d.device = $2 and d.incarnation = $3 and not d.is_used`,
);

const list = statement(
  "user",
  "list device",
  `update copse.devices as d set listed = $3 where d.user_uri = $1 and d.device = $2 and d.listed <> $3
     and not exists (select from copse.statements as s where s.user_uri = $1 and s.number > $4::numeric)`,
);

function deviceRow(found: Row): DeviceRow {
  return {
    device: text(found, "device"),
    user: text(found, "user_uri"),
    cipherSuite: num(found, "cipher_suite"),
    signatureKey: bytes(found, "signature_key"),
    listed: flag(found, "listed"),
    incarnation: big(found, "incarnation"),
    incarnationId: hex(bytes(found, "incarnation_id")),
  };
}

export class SqlDevices implements DevicesPort {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async row(device: string): Promise<DeviceRow | undefined> {
    const [found] = await this.#database.run(row, userOfDevice(device), device);
    return found && deviceRow(found);
  }

  async ofUser(user: string): Promise<readonly DeviceRow[]> {
    return (await this.#database.run(ofUser, user)).map(deviceRow);
  }

  async open(
    given: DeviceRow,
    known: bigint,
    { most, at, since }: OpenLimits,
  ): Promise<"opened" | "incarnation" | "full" | "ended"> {
    const { device, user, listed, cipherSuite, signatureKey, incarnation, incarnationId } = given;
    const parameters = [
      user,
      device,
      cipherSuite,
      signatureKey,
      listed,
      incarnation,
      fromHex(incarnationId),
      known,
    ] as const;
    const [opened] = await this.#database.run(reopen, ...parameters);
    if (opened !== undefined) return "opened";
    const answer = await this.#database.transaction("user", user, async (within) => {
      const [locked] = await within.run(lockUser, user);
      if (locked !== undefined && flag(locked, "is_ended")) return "ended";
      const [found] = await within.run(row, user, device);
      if (found !== undefined) {
        // It came between, or is of another incarnation.
        return (await within.run(reopen, ...parameters)).length > 0 ? "opened" : "incarnation";
      }
      const others = await within.run(ofKind, user, listed);
      if (others.length >= most) {
        const [oldest] = others;
        // Anybody may ask to be linked, and must neither keep others from it, nor push out who has just come.
        if (listed || oldest === undefined || num(oldest, "opened_at") >= since) return "full";
        await within.run(forget, user, text(oldest, "device"));
      }
      await within.run(open, ...parameters, locked && big(locked, "last_opened"), at);
      return others.length >= most ? "in its place" : "opened";
    });
    if (answer !== "in its place") return answer;
    await emptyForgotten(this.#database, user).catch(() => undefined); // else who sweeps does it
    return "opened";
  }

  async used(device: string, incarnation: bigint): Promise<void> {
    await this.#database.run(used, userOfDevice(device), device, incarnation);
  }

  async list(device: string, listed: boolean, number: bigint): Promise<void> {
    const user = userOfDevice(device);
    await this.#database.transaction("user", user, async (within) => {
      await within.run(lockUser, user); // as each statement does: the next one is seen, or sees this
      await within.run(list, user, device, listed, number);
    });
  }

  enqueue(item: Enqueue): Promise<Written<bigint> | { readonly kind: "full" }> {
    return unlessWritten(() => enqueue(this.#database, item));
  }

  queue(device: string, after: bigint, limit: number, most: number): Promise<readonly QueuedRow[]> {
    return queueOf(this.#database, device, { after, limit, bytes: most });
  }

  dropFrom(device: string, user: string): Promise<void> {
    return dropFromUser(this.#database, device, user);
  }

  acknowledge(device: string, through: bigint): Promise<readonly QueuedRow[]> {
    return acknowledgeQueue(this.#database, device, through);
  }

  stock(given: KeyPackageStock): Promise<Written<undefined> | { readonly kind: "full" }> {
    return unlessWritten(() => stock(this.#database, given));
  }

  count(device: string, cipherSuite: number, now: number): Promise<number> {
    return countKeyPackages(this.#database, device, cipherSuite, now);
  }

  claim(device: string, cipherSuite: number, once: Once, now: number): Promise<Written<Uint8Array | undefined>> {
    return unlessWritten(() => claim(this.#database, { device, cipherSuite, once, now }));
  }

  collect(ages: Ages): Promise<void> {
    return collectDevices(this.#database, ages);
  }
}
