/**
 * Users of a simulation who have accounts of copse: what each person knows, and how a device of theirs gets the account. Lists, statements and
 * linkings are the real ones.
 */

import { linkDevice } from "../../../client/linking/link-device.ts";
import { recoverAccount } from "../../../client/recovering/recover-account.ts";
import { readAccount, type Account } from "../../../client/account/account.ts";
import type { RecoveredPin } from "../../../client/recovering/options.ts";
import { ownAccountKey } from "../../../client/store/keys.ts";
import type { CipherSuite } from "../../../crypto/provider.ts";
import { DeliveryError } from "../../../delivery/errors.ts";
import { VaultError } from "../../../vault/errors.ts";
import type { Chance } from "../chance.ts";
import type { Entrance, SimulatedDevice } from "../device.ts";
import type { VirtualTime } from "../time.ts";
import type { RecoveryServers } from "./recovery-servers.ts";

/** A person: what it has written down and remembers, and its devices, those that are lost or revoked included. */
export interface SimulatedUser {
  readonly uri: string;
  readonly recoveryCode: string;
  readonly devices: SimulatedDevice[];
  /** Set once the recovery servers have it. */
  pin?: string;
}

/** What a new device of a user's needs of its world. */
export interface Surrounding {
  readonly suite: CipherSuite;
  readonly time: VirtualTime;
  readonly chance: Chance;
}

/** The first device: with each start of its process it has the account that was made, or what its store has of it. */
export function asFirst(account: Account): (entrance: Entrance) => Promise<Account> {
  return () => Promise.resolve(account);
}

/** A device that another one of the user lets into the account: as people link, with six digits that are the same. Tried once. */
export function byLinking(
  { suite, time, chance }: Surrounding,
  { user, name, by }: { readonly user: string; readonly name: string; readonly by: () => SimulatedDevice },
): (entrance: Entrance) => Promise<Account> {
  let hasTried = false;
  return async ({ store, delivery }) => {
    const known = await accountIn(store, suite);
    if (known !== undefined) return known;
    if (hasTried) throw new TypeError(`${name} was not linked`);
    hasTried = true;
    const compare = (): boolean => true;
    return linkDevice({
      ...{ user, device: name, store, delivery, compare, suite },
      ...{ clock: time.now, random: chance.bytes, timers: time },
      onOffer: (offer) => {
        // What comes of it the new device hears, or finds out when the time is over.
        by()
          .client?.linkDevice(offer, { compare })
          .catch(() => undefined);
      },
    });
  };
}

/** How long a person waits who could not reach the service, in milliseconds. */
const pause = 15_000;

/** A device of a user who has no other any more: by what was written down, or remembered. Tried until the service answers. */
export function byRecovery(
  { suite, time, chance }: Surrounding,
  {
    user: { uri: user, recoveryCode, pin },
    name,
    servers,
    told,
    failed,
  }: {
    readonly user: SimulatedUser;
    readonly name: string;
    readonly servers: RecoveryServers;
    /** What a recovery by PIN has found. */
    readonly told: (found: RecoveredPin) => void;
    /** It has failed where enough servers are as they should be. */
    readonly failed: (error: VaultError) => void;
  },
): (entrance: Entrance) => Promise<Account> {
  return async ({ store, delivery }) => {
    const known = await accountIn(store, suite);
    if (known !== undefined) return known;
    const entering = { user, device: name, store, delivery, suite, clock: time.now, random: chance.bytes };
    let usesPin = pin !== undefined;
    for (;;) {
      const isSure = servers.suffice(user);
      servers.begin();
      try {
        const recovered = await (pin !== undefined && usesPin
          ? recoverAccount({ ...entering, pin, ...servers.asking })
          : recoverAccount({ ...entering, recoveryCode }));
        if (recovered.pin !== undefined) told(recovered.pin);
        return recovered.account;
      } catch (error) {
        if (error instanceof VaultError) {
          // The paper is still there.
          usesPin = false;
          if (isSure) failed(error);
        } else if (error instanceof DeliveryError) await new Promise<void>((resolve) => time.after(pause, resolve));
        else throw error;
      }
    }
  };
}

async function accountIn(store: Entrance["store"], suite: CipherSuite): Promise<Account | undefined> {
  const stored = await store.get(ownAccountKey);
  return stored && readAccount(stored, suite);
}
