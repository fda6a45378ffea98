/**
 * The encrypted history of the user, as the rest of the client has it.
 */

import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { StoreChange } from "../../storage/store.ts";
import type { ClientEvent } from "../events.ts";
import type { SharedMessage } from "../shared/messages.ts";
import type { RestoredHistory, RestoreHistoryOptions } from "./options.ts";

export interface UserHistory {
  /** Where timelines of rooms begin that are begun from now on: what is restored comes before. */
  readonly firstPlace: bigint;
  /** Whether this process writes it. */
  readonly isWriting: boolean;
  /** What is to be kept of these changes, for their batch. */
  marks(changes: readonly StoreChange[]): readonly StoreChange[];
  /** The room may be that of the user's devices, and in another epoch, whose root is to be taken. In its turn. */
  follow(room: string): Promise<void>;
  /** What another device tells in the room of the user's devices, in its turn. */
  heard(
    room: string,
    device: string,
    said: SharedMessage & { readonly kind: "history" },
  ): Promise<{ readonly changes: readonly StoreChange[]; readonly events: readonly ClientEvent[] }>;
  /** Write what is due, and join the epochs, as a device on this list: by itself, where none is given. */
  chore(connection: Connection, view?: AccountView): Promise<void>;
  /** @throws ClientError "history-early", DeliveryError, VaultError */
  restore(connection: Connection, options: RestoreHistoryOptions): Promise<RestoredHistory>;
}
