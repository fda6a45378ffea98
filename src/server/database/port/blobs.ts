/**
 * Blobs: whose each is and how much of it is there stands in the database, what is in it in a store of bytes. What its owner has is
 * reserved with the owner before there is a blob, and given back after it is gone, so that no transaction spans both.
 */

import type { Ages, BlobAppend, BlobsPort } from "../../../delivery/port.ts";
import type { BlobBytes } from "../blob-bytes.ts";
import { statement, type Database } from "../database.ts";
import { num, text } from "../rows.ts";

type Answer = Awaited<ReturnType<BlobsPort["append"]>>;

const row = statement("blob", "blob", `select b.owner, b.size, b.received from copse.blobs as b where b.blob = $1`);
const lock = statement(
  "blob",
  "lock blob",
  `select b.owner, b.size, b.received from copse.blobs as b where b.blob = $1 for update`,
);
const create = statement(
  "blob",
  "create blob",
  `insert into copse.blobs (blob, owner, size, received, at) values ($1, $2, $3, 0, $4) on conflict do nothing`,
);
const receive = statement(
  "blob",
  "receive blob",
  `update copse.blobs as b set received = $2, at = $3 where b.blob = $1`,
);
const lockOld = statement(
  "blob",
  "lock old blob",
  `select b.owner, b.size, b.received from copse.blobs as b where b.blob = $1 and b.at < $2 for update`,
);
const drop = statement("blob", "drop blob", `delete from copse.blobs as b where b.blob = $1`);
const old = statement(
  "scan",
  "old blobs",
  `select b.blob, b.owner from copse.blobs as b where b.at < $1 order by b.at limit $2`,
);

const lockOwner = statement(
  "user",
  "lock owner",
  `insert into copse.users as u (user_uri, last_opened) values ($1, 0)
   on conflict (user_uri) do update set last_opened = u.last_opened`,
);
const reserved = statement(
  "user",
  "reserved",
  `select coalesce(sum(q.size), 0) as size, count(*) as count, count(*) filter (where q.blob = $2) as of_blob from copse.quotas as q where q.user_uri = $1`,
);
const reserve = statement(
  "user",
  "reserve",
  `insert into copse.quotas (user_uri, blob, size, at) values ($1, $2, $3, $4)`,
);
const giveBack = statement("user", "give back", `delete from copse.quotas as q where q.user_uri = $1 and q.blob = $2`);
/** Reservations that are as old as blobs get: their blob may never have been, or be gone already. */
const oldReservations = statement(
  "scan",
  "old reservations",
  `select q.at, q.user_uri, q.blob from copse.quotas as q where q.at < $1 and (q.at, q.user_uri, q.blob) > ($2, $3, $4)
   order by q.at, q.user_uri, q.blob limit $5`,
);

const pageSize = 500;

export class SqlBlobs implements BlobsPort {
  readonly #database: Database;
  readonly #bytes: BlobBytes;

  constructor(database: Database, bytes: BlobBytes) {
    this.#database = database;
    this.#bytes = bytes;
  }

  async append(part: BlobAppend): Promise<Answer> {
    const { blob, owner, size, offset, at } = part;
    const [found] = await this.#database.run(row, blob);
    if (found === undefined) {
      if (offset > 0) return { kind: "gap" };
      if (part.bytes.length === 0) return { kind: "received", received: 0 };
      if (!(await this.#reserve(part))) return { kind: "full" };
      await this.#database.run(create, blob, owner, BigInt(size), at);
    }
    const answer = await this.#database.transaction("blob", blob, async (within): Promise<Answer> => {
      const [locked] = await within.run(lock, blob);
      if (locked === undefined) return { kind: "gap" }; // it was collected between
      if (text(locked, "owner") !== owner || num(locked, "size") !== size) return { kind: "taken" };
      const received = num(locked, "received");
      if (offset > received) return { kind: "gap" };
      // What is there stays: a part that is sent again adds what is behind it.
      const fresh = part.bytes.subarray(received - offset);
      if (fresh.length > 0) await this.#bytes.write(within, blob, received, fresh);
      await within.run(receive, blob, BigInt(received + fresh.length), at);
      return { kind: "received", received: received + fresh.length };
    });
    // Somebody else was first with a blob of this name.
    if (found === undefined && answer.kind === "taken") {
      const [other] = await this.#database.run(row, blob);
      if (other !== undefined && text(other, "owner") !== owner) await this.#database.run(giveBack, owner, blob);
    }
    return answer;
  }

  #reserve({ owner, blob, size, at, quota, most }: BlobAppend): Promise<boolean> {
    return this.#database.transaction("user", owner, async (within) => {
      await within.run(lockOwner, owner);
      const [found] = await within.run(reserved, owner, blob);
      if (found === undefined || num(found, "of_blob") > 0) return true;
      if (num(found, "size") + size > quota || num(found, "count") >= most) return false;
      await within.run(reserve, owner, blob, BigInt(size), at);
      return true;
    });
  }

  async read(blob: string, offset: number, length: number): Promise<Uint8Array | undefined> {
    const [found] = await this.#database.run(row, blob);
    if (found === undefined || num(found, "received") < num(found, "size")) return undefined;
    const end = Math.min(offset + length, num(found, "size"));
    return offset >= end ? new Uint8Array(0) : this.#bytes.read(this.#database, blob, offset, end - offset);
  }

  async collect({ blobs }: Ages): Promise<void> {
    for (;;) {
      const rows = await this.#database.run(old, blobs, pageSize);
      for (const each of rows) await this.#drop(text(each, "blob"), text(each, "owner"), blobs);
      if (rows.length < pageSize) break;
    }
    await this.#giveBackOld(blobs);
  }

  async #drop(blob: string, owner: string, age: number): Promise<void> {
    const isGone = await this.#database.transaction("blob", blob, async (within) => {
      const [locked] = await within.run(lockOld, blob, age);
      if (locked === undefined) return false; // something was added to it
      await this.#bytes.drop(within, blob);
      await within.run(drop, blob);
      return true;
    });
    if (isGone) await this.#database.run(giveBack, owner, blob);
  }

  async #giveBackOld(age: number): Promise<void> {
    for (let [at, user, blob] = [-Infinity, "", ""]; ;) {
      const rows = await this.#database.run(oldReservations, age, at, user, blob, pageSize);
      for (const each of rows) {
        [at, user, blob] = [num(each, "at"), text(each, "user_uri"), text(each, "blob")];
        const [found] = await this.#database.run(row, blob);
        if (found === undefined || text(found, "owner") !== user) await this.#database.run(giveBack, user, blob);
      }
      if (rows.length < pageSize) return;
    }
  }
}
