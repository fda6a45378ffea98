/**
 * What a client reads from its store before it is there.
 */

import type { Store } from "../storage/store.ts";
import type { Account } from "./account/account.ts";
import { Blocking } from "./account/blocking.ts";
import type { HistoryKeeping } from "./history/keeping.ts";
import type { HistoryOptions } from "./history/options.ts";
import { SelfRooms } from "./shared/self-rooms.ts";

export interface OpenedParts {
  readonly blocking: Blocking;
  readonly selfRooms: SelfRooms;
  /** What keeps the encrypted history of the user; undefined where this device keeps none. */
  readonly keeping: typeof HistoryKeeping | undefined;
}

export async function openParts(
  store: Store,
  { own, history }: { readonly own: Account | undefined; readonly history: HistoryOptions | undefined },
): Promise<OpenedParts> {
  const isKept = (own !== undefined && history !== undefined) || (await store.get(["history", "begun"])) !== undefined;
  return {
    blocking: await Blocking.open(store),
    selfRooms: await SelfRooms.open(store, own),
    keeping: isKept ? (await import("./history/keeping.ts")).HistoryKeeping : undefined,
  };
}
