/**
 * What a push handler says of itself.
 */

import type { Store } from "../../storage/store.ts";
import type { ClientOptions } from "../options.ts";
import type { Pushed } from "./showing.ts";

/** What a wake-up says: the room, where the push says so. */
export interface Wakeup {
  readonly room?: string;
}

/** What `openPush` takes: what the application opens its client with, but for the store, which is opened here. */
export interface OpenPushOptions
  extends Omit<ClientOptions, "store" | "online" | "keyPackages" | "renewEvery" | "removeIdle">, Wakeup {
  /** Opens the store, as the application does. It is closed before the promise is fulfilled. */
  readonly store: () => Store | Promise<Store>;
  /**
   * Asks the application, where it has the store: by whatever ways the two processes have, its side calls `client.openOne`. Undefined or a
   * rejection: it does not answer, and nothing can be shown but that something is new.
   */
  readonly askOwner?: (wakeup: Wakeup) => Promise<Pushed | undefined>;
  /**
   * Shows it. What it has returned for counts as shown, and what a process was killed over is shown by the next one. Not called where the
   * application answers. Default: what the promise gives counts as shown.
   */
  readonly show?: (pushed: Pushed) => unknown;
  /** How long this may take without `show`, in milliseconds, 100 to 60,000. Default: 20,000 */
  readonly within?: number;
}
