/**
 * What a device may ask of a service: each request of `Connection` with its number, what is asked and what is answered. A method of
 * the interface that has no row here does not compile.
 */

import { blobOperations } from "./blobs.ts";
import { deviceOperations } from "./devices.ts";
import { historyOperations } from "./history.ts";
import type { OperationName, Operations } from "./operation.ts";
import { roomOperations } from "./rooms.ts";
import { userOperations } from "./users.ts";

export const operations: Operations<OperationName> = {
  ...roomOperations,
  ...deviceOperations,
  ...userOperations,
  ...blobOperations,
  ...historyOperations,
};

/** The operation of each number. */
export const operationNames: ReadonlyMap<number, OperationName> = new Map(
  (Object.keys(operations) as OperationName[]).map((name) => [operations[name].number, name]),
);
