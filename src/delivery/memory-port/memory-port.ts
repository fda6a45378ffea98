/**
 * The database in memory: for tests, demonstrations and the simulator. Each operation is done before anybody else's turn.
 */

import type { BlobsPort, DeliveryPort, DevicesPort, RoomsPort, UsersPort } from "../port.ts";
import { MemoryBlobs } from "./blobs.ts";
import { MemoryDevices } from "./devices.ts";
import { MemoryRooms } from "./rooms.ts";
import { asPromises } from "./sync.ts";
import { MemoryUsers } from "./users.ts";

/** An empty database in memory. */
export function memoryPort(): DeliveryPort {
  const devices = new MemoryDevices();
  return {
    rooms: asPromises<RoomsPort>(new MemoryRooms()),
    devices: asPromises<DevicesPort>(devices),
    users: asPromises<UsersPort>(new MemoryUsers((user) => devices.endAll(user))),
    blobs: asPromises<BlobsPort>(new MemoryBlobs()),
  };
}
