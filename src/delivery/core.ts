/**
 * What every part of a delivery service works on.
 */

import type { DeliveryPort } from "./port.ts";
import type { Settings } from "./options.ts";
import type { Rates } from "./rates.ts";
import type { FollowedRooms } from "./rooms/followed-rooms.ts";
import type { Newsroom } from "./news.ts";
import type { Sessions } from "./sessions.ts";

export interface Core {
  readonly port: DeliveryPort;
  readonly settings: Settings;
  readonly rates: Rates;
  readonly rooms: FollowedRooms;
  readonly sessions: Sessions;
  readonly news: Newsroom;
  /** Log what waits for the log of accounts. */
  readonly logStatements: () => Promise<void>;
}

/** Who asks: a device that has signed in. */
export interface Caller {
  readonly device: string;
  readonly user: string;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  /** Whether it may do more than ask to be linked. */
  readonly listed: boolean;
}
