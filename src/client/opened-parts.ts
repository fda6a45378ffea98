/**
 * What a client reads from its store before it is there.
 */

import type { Store } from "../storage/store.ts";
import type { Account } from "./account/account.ts";
import { Blocking } from "./account/blocking.ts";
import { hasBegunHistory } from "./history/keeping.ts";
import { SelfRooms } from "./shared/self-rooms.ts";

export interface OpenedParts {
  readonly blocking: Blocking;
  readonly selfRooms: SelfRooms;
  /** Whether this device keeps the encrypted history of its user. */
  readonly hasBegun: boolean;
}

export async function openParts(store: Store, own: Account | undefined): Promise<OpenedParts> {
  return {
    blocking: await Blocking.open(store),
    selfRooms: await SelfRooms.open(store, own),
    hasBegun: await hasBegunHistory(store),
  };
}
