/**
 * Who may become a user: everybody, whoever has an invitation, or whom a hook lets in. Asked when a user's first device signs in, after
 * its signature was found to be right.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Awaitable } from "../crypto/provider.ts";
import type { AccountsCheck, CheckedLogin } from "../delivery/options.ts";
import type { CommitEvent, Member } from "../public-group/events.ts";

/** A user who is not known yet. */
export interface Registering {
  readonly user: string;
  readonly device: string;
  /** What the device says that lets it in. */
  readonly invitation: string | undefined;
}

/** Whether a new user may come in. */
export type MayRegister = (registering: Registering) => Awaitable<boolean>;

const invitations = new AsyncLocalStorage<string | undefined>();

/** Sign in with an invitation, for the check that `withRegistration` makes in it. */
export function withInvitation<T>(invitation: string | undefined, signIn: () => Promise<T>): Promise<T> {
  return invitations.run(invitation, signIn);
}

/** A check of accounts that lets new users in only where the registration does. */
export function withRegistration(accounts: AccountsCheck, mayRegister: MayRegister): AccountsCheck {
  return {
    statement: (next) => accounts.statement(next),
    ...(accounts.agree === undefined
      ? {}
      : { agree: (members: Iterable<Member>, change: CommitEvent) => accounts.agree?.(members, change) ?? true }),
    device: async (login: CheckedLogin) => {
      const answer = await accounts.device(login);
      const isNew = answer === "listed" && login.known === undefined && login.statement === undefined;
      if (!isNew) return answer;
      const { user, device } = login;
      return (await mayRegister({ user, device, invitation: invitations.getStore() })) ? answer : "refused";
    },
  };
}
