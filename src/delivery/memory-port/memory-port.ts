/**
 * The database in memory: for tests, demonstrations and the simulator. Each operation is done before anybody else's turn.
 */

import type { BlobsPort, DeliveryPort, DevicesPort, HistoriesPort, RoomsPort, UsersPort } from "../port.ts";
import { MemoryBlobs } from "./blobs.ts";
import { MemoryDevices } from "./devices.ts";
import { MemoryHistories } from "./histories.ts";
import { MemoryRooms } from "./rooms.ts";
import { asPromises } from "./sync.ts";
import { MemoryUsers } from "./users.ts";

/** An empty database in memory. */
export function memoryPort(): DeliveryPort {
  const devices: MemoryDevices = new MemoryDevices(
    (user, number) => (users.lastStatement(user)?.number ?? 0n) <= number,
  );
  const histories = new MemoryHistories();
  const users = new MemoryUsers((user) => {
    histories.end(user);
    return devices.endAll(user);
  });
  return {
    rooms: asPromises<RoomsPort>(new MemoryRooms()),
    devices: asPromises<DevicesPort>(devices),
    users: asPromises<UsersPort>(users),
    histories: asPromises<HistoriesPort>(histories),
    blobs: asPromises<BlobsPort>(new MemoryBlobs()),
  };
}
