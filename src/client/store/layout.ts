/**
 * How a client's store is laid out, as a number that is looked at before anything else of it is read: a store of a newer copse is refused by
 * name, and one of an older copse is brought here step by step, each in one batch with its number, so that a process that dies in between
 * goes on where it was. Nothing is ever begun anew.
 */

import { u32 } from "../../codec/codec.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { ClientError } from "../errors.ts";
import { entryKind, type EntryKind } from "./entry.ts";

/** What changes in a store from one layout to the next. */
export type LayoutStep = (store: Pick<Store, "get" | "range">) => Promise<readonly StoreChange[]>;

/** The first leads from layout 1 to 2. */
const steps: readonly LayoutStep[] = [
  async (store) => (await import("./layout-2.ts")).toLayout2(store),
  async (store) => (await import("./layout-3.ts")).toLayout3(store),
];

const layoutKey: StoreKey = ["client", "layout"];
const layoutEntry: EntryKind<number> = entryKind(u32);

/** Bring a store to this code's layout. @throws ClientError "client-version", "client-damaged" */
export async function openLayout(store: Store, known: readonly LayoutStep[] = steps): Promise<void> {
  const stored = await store.get(layoutKey);
  const newest = known.length + 1;
  const put = (layout: number): StoreChange => ({ put: layoutKey, value: layoutEntry.write(layout) });
  // Stores had no number when the first layout was made.
  const from = stored === undefined ? 1 : layoutEntry.read(stored);
  if (from > newest) throw new ClientError("client-version");
  if (from < 1) throw new ClientError("client-damaged");
  for (const [i, step] of known.entries()) {
    if (i + 1 >= from) await store.batch([...(await step(store)), put(i + 2)], { flush: true });
  }
  if (stored === undefined && known.length === 0) await store.batch([put(1)]);
}
