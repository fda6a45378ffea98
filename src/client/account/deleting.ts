/**
 * The end of an account: the rooms are asked to let its user go, the service forgets the user, and the store is emptied.
 */

import { CopseError } from "../../errors.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import type { ClientCore } from "../core.ts";

/** How many keys are taken away in one batch. */
const atOnce = 500;

/**
 * Delete the account of a client's user at its service. A room that can't be without this user, or whose members are not there to commit it, keeps
 * its leaves until somebody in it takes them out: nothing that is sent there can be fetched for them.
 */
export async function deleteAccount(core: ClientCore): Promise<void> {
  core.online();
  for (const room of core.handles()) {
    if (room.status === "left") continue;
    await room.leave().catch((error: unknown) => {
      if (!(error instanceof CopseError)) throw error; // this device has lost the room, or is not in it yet
    });
  }
  // What asks for it is at the service then, and what had to wait for others has not been waited for.
  await core.settled();
  await core.online().deleteAccount({ id: core.around.writeId() });
  await core.close(empty);
}

/** Nothing stands in it afterwards. */
async function empty(store: Store): Promise<void> {
  for (;;) {
    const changes: StoreChange[] = [];
    for await (const { key } of store.range({ prefix: [], limit: atOnce })) changes.push({ delete: key });
    if (changes.length === 0) return;
    await store.batch(changes, { flush: true });
  }
}
