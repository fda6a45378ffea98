/**
 * What the history needs of the client.
 */

import type { Shared } from "../shared/shared.ts";
import type { Account } from "../account/account.ts";
import type { RoomCore } from "../room/core.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Turns } from "../turns.ts";
import type { HistoryOptions } from "./options.ts";

export interface HistoryParts {
  readonly around: () => Surroundings;
  readonly options: HistoryOptions;
  readonly find: (room: string) => RoomCore | undefined;
  /** The URI of the room of the user's devices. */
  readonly selfRoom: () => string | undefined;
  readonly account: () => Account | undefined;
  /** The number of the account key that names it. */
  readonly keyNumber: () => number;
  readonly shared: () => Promise<Pick<Shared, "say">>;
  readonly wake: (room: string) => void;
  /** Marks of entries go, and come again for an epoch that is given up, one after the other. Nothing else is waited for in them. */
  readonly marks: Turns;
  /** Do the client's chores after so many milliseconds. */
  readonly later: (delay: number) => void;
}
