/**
 * Sealing a message for the current epoch. The ciphertext is stored, with whatever the client writes beside it, before anybody sees it.
 */

import { CopseError } from "../../errors.ts";
import type { SafeAadItem } from "../../extensions/app-data/safe-aad.ts";
import type { Group } from "../../group/group.ts";
import type { ClientErrorCode } from "../errors.ts";
import type { IntentState } from "../outbox/intent.ts";
import type { Outcome, RoomCore } from "./core.ts";
import { authenticatedLog } from "./log.ts";

/** Why a message can't be sealed, now or ever. */
export interface Refused {
  readonly code: ClientErrorCode;
  readonly detail: string;
}

/** What no later epoch mends. */
const hopeless: ReadonlySet<string> = new Set(["limit-exceeded", "group-reinitialized"]);

/**
 * Seal a content, in the room's turn.
 *
 * @param outcome What is written in one batch with it, for an intent in this state.
 * @returns Why it can't be, where it can't: nothing is written then.
 */
export async function sealing(
  core: RoomCore,
  group: Group,
  content: Uint8Array,
  outcome: (made: IntentState) => Outcome,
): Promise<Refused | undefined> {
  const frank: SafeAadItem[] = [];
  if (core.rules.data.franking_agent !== undefined) {
    const { frankOf } = await import("../reports/franked.ts");
    const item = frankOf(content);
    if (item === undefined) return { code: "impossible", detail: "frank-content" };
    frank.push(item);
  }
  try {
    await core.step(
      () => group.seal(content, { authenticatedData: authenticatedLog(core, group, frank) }),
      (event) => {
        if (event.kind !== "sealed") return {};
        return outcome({ kind: "made", write: core.around.writeId(), epoch: group.epoch, message: event.message });
      },
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof CopseError) || !hopeless.has(error.code)) throw error;
    return { code: "too-large", detail: error.code };
  }
}

/**
 * The group, where a message is sealed as soon as it is asked for: nothing waits before it, and nothing is to be committed first. Whether it is
 * published, and for this epoch, is seen when it is its turn.
 */
export async function readyGroup({ loaded, around, outbox, alarms }: RoomCore): Promise<Group | undefined> {
  if (loaded === undefined || around.connection() === undefined || loaded.pendingProposals.length > 0) return undefined;
  return (await outbox.size()) > 0 || (await alarms.isHolding()) ? undefined : loaded;
}
