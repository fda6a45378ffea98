/**
 * A port over SQL: the database of any number of processes.
 */

import type { DeliveryPort } from "../../../delivery/port.ts";
import type { BlobBytes } from "../blob-bytes.ts";
import type { Database } from "../database.ts";
import { SqlBlobs } from "./blobs.ts";
import { SqlDevices } from "./devices.ts";
import { SqlHistories } from "./histories.ts";
import { SqlRooms } from "./rooms.ts";
import { SqlUsers } from "./users.ts";

/** The port of a database whose tables are there. */
export function sqlPort(database: Database, bytes: BlobBytes): DeliveryPort {
  return {
    rooms: new SqlRooms(database),
    devices: new SqlDevices(database),
    users: new SqlUsers(database),
    histories: new SqlHistories(database),
    blobs: new SqlBlobs(database, bytes),
  };
}
