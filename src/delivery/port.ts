/**
 * What the core of a delivery service asks of a database. Each operation is one transaction, within one room, one device's queue or
 * one user: all of it is written, or none, and whoever compares before it writes does both at once. So the same core runs over memory
 * and over SQL, in one process and in many.
 *
 * Every write of a client carries `Once`: what was written is answered again, and other bytes under the same id are "taken".
 */

import type { BlobsPort } from "./port/blobs.ts";
import type { DevicesPort } from "./port/devices.ts";
import type { HistoriesPort } from "./port/histories.ts";
import type { RoomsPort } from "./port/rooms.ts";
import type { UsersPort } from "./port/users.ts";

export type * from "./port/blobs.ts";
export type * from "./port/devices.ts";
export type * from "./port/histories.ts";
export type * from "./port/rooms.ts";
export type * from "./port/users.ts";
export type * from "./port/writes.ts";

/** The database. */
export interface DeliveryPort {
  readonly rooms: RoomsPort;
  readonly devices: DevicesPort;
  readonly users: UsersPort;
  readonly histories: HistoriesPort;
  readonly blobs: BlobsPort;
}
