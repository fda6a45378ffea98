/**
 * What clients with accounts are opened with in a simulation, where stories are short.
 */

import type { ClientOptions } from "../../../client/options.ts";

/** After so long a device is idle, in milliseconds. */
export const idleAfter: number = 16 * 60_000;

export const accountOptions: Pick<ClientOptions, "history" | "removeIdle" | "renewEvery"> = {
  history: {},
  removeIdle: idleAfter,
  // Each device is heard of several times before it would be taken for idle.
  renewEvery: idleAfter / 2,
};
