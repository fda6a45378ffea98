/**
 * What is known of an account.
 */

import type { Bytes } from "../bytes/bytes.ts";
import type { Device } from "./devices.ts";

/** How old a list may be, in milliseconds, before it is stale: it is signed again every week. */
export const staleAfter: number = 15 * 24 * 60 * 60 * 1000;

/** What is known of an account: its last statement, checked. To store one, store `statement`, and check it anew. */
export interface AccountView {
  /** mimi://host/u/name */
  readonly user: string;
  /** Of the root and of the account key. */
  readonly cipherSuite: number;
  readonly rootKey: Bytes;
  readonly accountKey: Bytes;
  /** The number of the account key. */
  readonly keyNumber: number;
  /** The number of the statement, and its hash. */
  readonly number: bigint;
  readonly hash: Bytes;
  /** When it was made, in milliseconds since 1970, as its maker says. */
  readonly at: number;
  readonly devices: readonly Device[];
  /** The device that made it. */
  readonly maker: string;
  readonly statement: Bytes;
}
