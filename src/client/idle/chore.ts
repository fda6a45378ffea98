/**
 * What a device does about idle ones: it comes back where it was one itself, and takes the user's others out that are.
 */

import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { lookForIdle, type IdleParts } from "./looking.ts";
import { comeBack, type ReturningParts } from "./returning.ts";

/** Do what is due. */
export async function idleChore(
  client: IdleParts & ReturningParts,
  connection: Connection,
  view: AccountView,
): Promise<void> {
  await comeBack(client, connection, view);
  if (client.around.idle.after > 0) await lookForIdle(client, connection, view);
}
