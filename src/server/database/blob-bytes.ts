/**
 * Where the bytes of blobs are: in the database, or in a folder that all processes see. A store of objects fits behind the same three.
 */

import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { statement, type Runs } from "./database.ts";
import { bytes, num } from "./rows.ts";

/** A store of blobs' bytes. Whoever writes or drops holds the blob's lock, within its transaction. */
export interface BlobBytes {
  /** Add bytes behind those that are there: they are on the disk when it is done. */
  write(within: Runs, blob: string, start: number, bytes: Uint8Array): Promise<void>;
  /** Bytes of a blob that has them. */
  read(runs: Runs, blob: string, start: number, length: number): Promise<Uint8Array>;
  /** All of it goes. */
  drop(within: Runs, blob: string): Promise<void>;
}

const put = statement(
  "blob",
  "put blob part",
  `insert into copse.blob_parts as p (blob, start, bytes) values ($1, $2, $3)
   on conflict (blob, start) do update set bytes = excluded.bytes`,
);

/** The parts that hold these bytes: from the one in which they begin. */
const parts = statement(
  "blob",
  "blob parts",
  `select p.start, p.bytes from copse.blob_parts as p
   where p.blob = $1 and p.start < $3
     and p.start >= coalesce((select max(f.start) from copse.blob_parts as f where f.blob = $1 and f.start <= $2), 0)
   order by p.start`,
);

const dropParts = statement("blob", "drop blob parts", `delete from copse.blob_parts as p where p.blob = $1`);

/** In the database, a row for each part that came. */
export const bytesInDatabase: BlobBytes = {
  async write(within, blob, start, part) {
    await within.run(put, blob, BigInt(start), part);
  },
  async read(runs, blob, start, length) {
    const out = new Uint8Array(length);
    for (const row of await runs.run(parts, blob, BigInt(start), BigInt(start + length))) {
      const at = num(row, "start") - start;
      const part = bytes(row, "bytes").subarray(Math.max(0, -at));
      out.set(part.subarray(0, length - Math.max(0, at)), Math.max(0, at));
    }
    return out;
  },
  async drop(within, blob) {
    await within.run(dropParts, blob);
  },
};

/** In a folder, a file each, spread over 256 more. What a transaction did not write is written over. */
export function bytesInFolder(folder: string): BlobBytes {
  const placeOf = (blob: string): string => {
    if (!/^[0-9a-f]+$/.test(blob)) throw new TypeError("a blob's name is in hex");
    return join(folder, blob.slice(0, 2), blob);
  };
  return {
    async write(_, blob, start, part) {
      const place = placeOf(blob);
      const inside = join(place, "..");
      if (start === 0) await mkdir(inside, { recursive: true });
      const file = await open(place, start === 0 ? "w" : "r+");
      try {
        await file.write(part, 0, part.length, start);
        await file.datasync();
      } finally {
        await file.close();
      }
      if (start === 0) await sync(inside); // its name, too, is on the disk
    },
    async read(_, blob, start, length) {
      const file = await open(placeOf(blob), "r");
      try {
        const out = new Uint8Array(length);
        const { bytesRead } = await file.read(out, 0, length, start);
        return out.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    async drop(_, blob) {
      await rm(placeOf(blob), { force: true });
    },
  };
}

async function sync(folder: string): Promise<void> {
  const opened = await open(folder, "r");
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
