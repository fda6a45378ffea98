/**
 * Accounts as the service knows them: by the statements about each user, checked as everybody checks them.
 */

import { attemptLong } from "../bytes/attempt.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { decision } from "../bytes/decision.ts";
import { hook, options as optionsOf, type Shape } from "../bytes/takes.ts";
import type { Awaitable } from "../crypto/provider.ts";
import { accountsAgree } from "../accounts/agreement.ts";
import { checkStatement } from "../accounts/check-statement.ts";
import type { Suites } from "../accounts/component.ts";
import { AccountError } from "../accounts/errors.ts";
import type { AccountView } from "../accounts/view.ts";
import type { AccountsCheck, CheckedLogin, CheckedStatement } from "./options.ts";

/** What whoever runs a service decides about accounts. */
export interface AccountStatementsOptions {
  /** Whether a user of whom nothing is known may begin with this device. Default: everybody, with the first key that comes. */
  readonly mayRegister?: (login: CheckedLogin) => Awaitable<boolean>;
  /** Whether a user may go on with another root, whose old one is lost: everybody who knows the user is asked. Default: nobody. */
  readonly mayChangeRoot?: (next: CheckedStatement) => Awaitable<boolean>;
  /** Cipher suites by their number. Default: the platform's. */
  readonly suites?: Suites;
}

const shape: Shape<AccountStatementsOptions> = { mayRegister: hook, mayChangeRoot: hook, suites: hook };
const takes = optionsOf(shape);

/**
 * Whose devices are whose, by accounts: a device is its user's where the last statement lists it with its key, and is not suspended.
 *
 *     const delivery = memoryDelivery({ address, group: { authentication: accountAuthentication() }, accounts: accountStatements() });
 */
export function accountStatements(options: AccountStatementsOptions = {}): AccountsCheck {
  takes("accountStatements", options);
  const { mayRegister = () => true, mayChangeRoot = () => false, suites } = options;
  const reading = suites === undefined ? {} : { suites };
  /** The service has accepted it: it is what is known, whatever came before it. */
  const viewOf = (statement: Uint8Array): Promise<AccountView> =>
    checkStatement(undefined, statement, { ...reading, begin: "anywhere" });

  return {
    agree: (members, change) => accountsAgree(members, change),
    async device(login) {
      const { device, signatureKey, cipherSuite, known, statement } = login;
      if (statement === undefined) {
        if (known !== undefined) return bytesEqual(known, signatureKey) ? "listed" : "refused";
        return (await decision("mayRegister", mayRegister(login))) ? "listed" : "refused";
      }
      const { devices } = await viewOf(statement);
      const found = devices.find(({ uri }) => uri === device);
      if (found === undefined) return "linking";
      const isThis = bytesEqual(found.signatureKey, signatureKey) && found.cipherSuite === cipherSuite;
      return isThis && !found.suspended ? "listed" : "refused";
    },
    async recovers({ device, cipherSuite, signatureKey, statement, last }) {
      if (last === undefined) return false;
      const view = await attemptLong(AccountError, async () => {
        const known = await viewOf(last);
        const next = await checkStatement(known, statement, reading);
        return next.keyNumber > known.keyNumber ? next : undefined;
      });
      const own = view?.devices.find(({ uri }) => uri === device);
      if (own === undefined || own.suspended || own.cipherSuite !== cipherSuite) return false;
      return bytesEqual(own.signatureKey, signatureKey);
    },
    stated: (statement) => viewOf(statement),
    async statement(next) {
      const { user, number, statement, last } = next;
      const newRoot = last !== undefined && (await decision("mayChangeRoot", mayChangeRoot(next)));
      const view = await attemptLong(AccountError, async () =>
        checkStatement(last && (await viewOf(last)), statement, { ...reading, newRoot }),
      );
      return view?.user === user && view.number === number;
    },
  };
}
