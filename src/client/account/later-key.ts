/**
 * Lists of a later account key: right against whatever the key before has signed, and whatever numbers that has.
 */

import { attemptLong } from "../../bytes/attempt.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { checkStatement } from "../../accounts/check-statement.ts";
import { AccountError } from "../../accounts/errors.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";

/** Pages of lists that are looked through of one user at one time. */
const mostPages = 16;

/**
 * A list that does not follow the known one, and is signed by a later account key of the same root: it is right, for whoever has only the earlier
 * key can't have made it, and may have made the known one.
 */
export async function underLaterKey(known: AccountView, statement: Uint8Array): Promise<AccountView | undefined> {
  return attemptLong(AccountError, async () => {
    const view = await checkStatement(undefined, statement, { begin: "anywhere" });
    const isSameRoot = view.cipherSuite === known.cipherSuite && bytesEqual(view.rootKey, known.rootKey);
    const isMade = view.devices.some(({ uri, suspended }) => uri === view.maker && !suspended);
    return view.user === known.user && isSameRoot && isMade && view.keyNumber > known.keyNumber ? view : undefined;
  });
}

/** The newest list of a service whose lists are fewer than is known, where a later account key has signed it; else the known one. */
export async function newestUnderLaterKey(
  connection: Connection,
  known: AccountView,
  checked: (view: AccountView, statement: Uint8Array) => Promise<AccountView | undefined>,
): Promise<AccountView> {
  let view = known;
  let from = 0n;
  for (let pages = 0; pages < mostPages; pages++) {
    const statements = await connection.statements({ user: known.user, from });
    for (const { number, statement } of statements) {
      from = number + 1n;
      view = (await (view === known ? underLaterKey(known, statement) : checked(view, statement))) ?? view;
    }
    if (statements.length === 0) break;
  }
  return view;
}
