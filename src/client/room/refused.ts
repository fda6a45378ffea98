/**
 * What the service's refusals mean for what was made: it waits again, is made for another epoch, or is given up and told.
 */

import type { Published } from "../../delivery/delivery.ts";
import { fail } from "../outbox/ending.ts";
import type { NumberedIntent } from "../outbox/intent.ts";
import { messagesAgain } from "../outbox/intents.ts";
import type { RoomCore } from "./core.ts";
import { catchUp } from "./incoming.ts";
import { longestWait, type Sent } from "./sent.ts";

/** What the service's refusal means for what was made. */
export async function refused(
  core: RoomCore,
  answer: Extract<Published, { kind: "refused" }>,
  made: readonly NumberedIntent[],
): Promise<Sent> {
  switch (answer.reason) {
    case "epoch":
    case "pending": {
      const before = core.state.cursor;
      await catchUp(core);
      // A service that has nothing new and yet refuses is asked again, not at once.
      if ((await backToWaiting(core)) || core.state.cursor !== before) return "again";
      const connection = core.around.connection();
      if (answer.reason === "pending" && connection !== undefined) {
        const { complainOfProposals } = await import("./complaining.ts");
        await complainOfProposals(core, connection);
      }
      core.around.later(core.id, longestWait);
      return "later";
    }
    case "rate":
      core.around.later(core.id, answer.retryAfter ?? longestWait);
      return "later";
    case "no-room":
      await fail(core, made, "room-gone", answer.code);
      return "again";
    case "not-member":
      await catchUp(core);
      await fail(core, made, "room-left", answer.code);
      return "again";
    case "too-large":
      await fail(core, made, "too-large", answer.code);
      return "again";
    case "policy":
      await fail(core, made, "not-allowed", answer.code);
      return "again";
    case "invalid":
      await fail(core, made, "refused", answer.code);
      return "again";
  }
}

/** What was made for an epoch that is over waits again. Gives whether there was anything. */
async function backToWaiting(core: RoomCore): Promise<boolean> {
  const changes = await messagesAgain(core, core.loaded?.epoch);
  if (changes.length > 0) await core.write({ changes });
  return changes.length > 0;
}
