/**
 * People with accounts and devices, for tests: a clock that stands still, and a service that keeps statements.
 */

import { createRecoveryCode, type RecoveryCode } from "../../src/accounts/recovery-code.ts";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import { createAccountKey, rootKeyOf, type AccountKey, type RootKey } from "../../src/accounts/keys.ts";
import { signDeviceList, type DeviceListOptions } from "../../src/accounts/statement.ts";
import type { AccountView } from "../../src/accounts/view.ts";
import type { AccountError, AccountErrorCode } from "../../src/accounts/errors.ts";
import type { NewDevice } from "../../src/accounts/devices.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { basic, createIdentity, type LocalIdentity } from "../../src/public-group/identity.ts";
import { deviceUri } from "../../src/rooms/uri.ts";
import { expect } from "vitest";
import { suiteOf } from "../group/world.ts";

/** When everything happens that happens first. */
export const start: number = Date.UTC(2026, 0, 1);
export const day: number = 24 * 60 * 60 * 1000;

/** A device that can be on a list and in groups. */
export interface TestDevice {
  readonly uri: string;
  readonly identity: LocalIdentity;
  readonly entry: NewDevice;
}

/** Somebody with an account. */
export interface Person {
  readonly user: string;
  readonly suite: CipherSuite;
  readonly recovery: RecoveryCode;
  readonly root: RootKey;
  readonly accountKey: AccountKey;
  readonly devices: readonly TestDevice[];
  /** The account after its first list, with all of the devices. */
  readonly view: AccountView;
  /** A list that follows, as the first device makes it, or as the options say. */
  list(options?: Partial<DeviceListOptions>): Promise<Uint8Array>;
  /** The account after it. */
  next(options?: Partial<DeviceListOptions>): Promise<AccountView>;
}

export async function device(user: string, name: string, suite: CipherSuite = suiteOf()): Promise<TestDevice> {
  const uri = deviceUri(user, name);
  const identity = await createIdentity({ suite, credential: basic(uri) });
  return { uri, identity, entry: { uri, cipherSuite: suite.id, signatureKey: identity.signatureKey } };
}

export async function person(
  name: string,
  names: readonly string[] = ["phone"],
  { suite = suiteOf(), leafSuite = suite }: { readonly suite?: CipherSuite; readonly leafSuite?: CipherSuite } = {},
): Promise<Person> {
  const user = `mimi://example.org/u/${name}`;
  const recovery = createRecoveryCode();
  const root = await rootKeyOf(suite, recovery.seed);
  const accountKey = await createAccountKey({ root, user });
  const devices = await Promise.all(names.map((each) => device(user, each, leafSuite)));
  const [first] = devices;
  if (first === undefined) throw new TypeError("an account begins with a device");
  const maker = makerOf(first);
  const options = { accountKey, maker, clock: () => start };
  const statement = await signDeviceList({ ...options, changes: { add: devices.map(({ entry }) => entry) } });
  const view = await checkStatement(undefined, statement);
  const list: Person["list"] = (changed = {}) => signDeviceList({ ...options, view, ...changed });
  return {
    user,
    suite,
    recovery,
    root,
    accountKey,
    devices,
    view,
    list,
    next: async (changed = {}) => checkStatement(changed.view ?? view, await list(changed)),
  };
}

export function makerOf({ uri, identity }: TestDevice): {
  readonly uri: string;
  readonly signer: LocalIdentity["signer"];
} {
  return { uri, signer: identity.signer };
}

/** The error with which something fails, of this code. */
export async function refused(promise: Promise<unknown>, code: AccountErrorCode): Promise<AccountError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "AccountError", code });
  return error as AccountError;
}
