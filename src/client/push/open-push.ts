/**
 * What a push handler calls.
 */

import type { OpenPushOptions } from "./options.ts";
import type { Pushed } from "./showing.ts";

/**
 * What a wake-up is about: of the room that it names, else of the rooms in which something is new. Undefined where the application has the store
 * and does not answer.
 *
 *     const pushed = await openPush({ store: () => sqliteStore(new Database("alice.db"), { exclusive: false, lease }), delivery, room });
 *     for (const { user, text } of pushed?.messages ?? []) notify(user, text);
 *
 * @throws StoreError, ClientError as `Client.open`
 */
export async function openPush(options: OpenPushOptions): Promise<Pushed | undefined> {
  const { openingPush } = await import("./opening.ts");
  return openingPush(options);
}
