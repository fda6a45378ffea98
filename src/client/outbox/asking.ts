/**
 * What is asked of a room: intents at the end of its outbox, and the places that they take.
 */

import type { StoreChange } from "../../storage/store.ts";
import type { RoomCore } from "../room/core.ts";
import type { Intent, Wish } from "./intent.ts";
import { putIntent } from "./intents.ts";

/** Intents that are about to be stored. */
export interface Asking {
  readonly state: { readonly nextIntent: bigint };
  readonly changes: readonly StoreChange[];
  /** Their ids, in the order of the wishes. */
  readonly ids: readonly Uint8Array[];
}

/** These wishes, behind whatever waits in the room already. In the room's turn, for its next batch. */
export function asking({ around, id: room, state }: RoomCore, ...wishes: readonly Wish[]): Asking {
  const intents = wishes.map((wish): Intent => {
    return { id: around.random(16), created: around.clock(), wish, state: { kind: "waiting", lost: 0 } };
  });
  return {
    state: { nextIntent: state.nextIntent + BigInt(intents.length) },
    changes: intents.map((intent, i) => putIntent(room, state.nextIntent + BigInt(i), intent)),
    ids: intents.map(({ id }) => id),
  };
}
