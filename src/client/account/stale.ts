/**
 * Telling of a contact whose last list is old, although the service was asked: it may withhold a newer one. Each list is told of once.
 */

import type { AccountView } from "../../accounts/view.ts";
import type { Store } from "../../storage/store.ts";
import type { EventLog } from "../event-log.ts";
import { timeEntry } from "../store/entry.ts";
import { staleKey } from "../store/keys.ts";

export async function tellStale(store: Store, events: EventLog, { user, at }: AccountView): Promise<void> {
  const key = staleKey(user);
  const told = await store.get(key);
  if (told !== undefined && timeEntry.read(told) === at) return;
  const telling = events.adding([{ kind: "list-stale", user, at }]);
  await store.batch([{ put: key, value: timeEntry.write(at) }, ...telling.changes]);
  telling.after();
}
