/**
 * A new account. What makes it is fetched when it is called: a person does so once.
 */

import type { NewAccount, NewAccountOptions } from "./new-account.ts";

/**
 * A new account, with this device as the first on its list. The root key is derived from the recovery code, has signed the account key
 * when this returns, and is gone.
 *
 *     const { account, recoveryCode } = await createAccount({ user: "mimi://example.org/u/alice", device: "phone" });
 */
export async function createAccount(options: NewAccountOptions): Promise<NewAccount> {
  const { newAccount } = await import("./creating.ts");
  return newAccount(options);
}
