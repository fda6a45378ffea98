/**
 * People with accounts: devices that are linked as people link them, over a service that knows who is listed.
 */

import { accountComponent } from "../../../src/accounts/attestation.ts";
import { accountAuthentication } from "../../../src/accounts/authentication.ts";
import { createAccount } from "../../../src/client/account/create-account.ts";
import { linkDevice } from "../../../src/client/linking/link-device.ts";
import type { LinkDeviceOptions, LinkOptions } from "../../../src/client/linking/options.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { accountStatements } from "../../../src/delivery/account-statements.ts";
import type { Connection, Delivery } from "../../../src/delivery/delivery.ts";
import type { DeliveryOptions } from "../../../src/delivery/options.ts";
import type { DeliveryService } from "../../../src/delivery/service.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import type { Store } from "../../../src/storage/store.ts";
import { MemoryDisk, memoryStore } from "../../../src/storage/memory.ts";
import { delivery, opened, settle, user, type Person } from "../world.ts";

/** A service that lists devices by their users' statements, and a clock that is set. */
export function service(options: Partial<DeliveryOptions> = {}): DeliveryService {
  const { registry } = roomAppData({ appData: { components: [accountComponent] } });
  return delivery({
    group: { authentication: accountAuthentication(), registry },
    accounts: accountStatements(),
    ...options,
  });
}

/** A user's first device, and the code that brings the account back. */
export async function first(
  there: Delivery,
  name: string,
  more: Partial<ClientOptions> = {},
): Promise<Person & { readonly recoveryCode: string }> {
  const { account, recoveryCode } = await createAccount({
    user: user(name),
    device: "phone",
    ...(more.clock !== undefined && { clock: more.clock }),
  });
  const disk = new MemoryDisk();
  const options: ClientOptions = { store: memoryStore({ disk }), delivery: there, timers: "none", ...more };
  return { ...(await opened({ account, ...options }, disk)), recoveryCode };
}

/** Two people as they compare: each says what its screen shows, and both agree where it is the same. */
function comparing(): Pick<LinkOptions, "compare"> & { readonly shown: string[] } {
  const shown: string[] = [];
  let other: ((code: string) => void) | undefined;
  return {
    shown,
    compare: (code) => {
      shown.push(code);
      if (other === undefined) {
        return new Promise<boolean>((resolve) => {
          other = (theirs) => {
            resolve(theirs === code);
          };
        });
      }
      other(code);
      return shown[0] === code;
    },
  };
}

/** A new device's side, and the other's. */
export interface Linked {
  readonly fresh: Promise<unknown>;
  readonly existing: Promise<unknown>;
  readonly shown: readonly string[];
}

/** Both devices link, as two people do who compare. What becomes of each is the caller's to await. */
export function link(
  by: Person,
  there: Delivery,
  how: Partial<LinkDeviceOptions> & { readonly existing?: Partial<LinkOptions> } = {},
): Linked & { readonly disk: MemoryDisk; readonly store: Store } {
  const { existing: existingOptions, ...more } = how;
  const disk = new MemoryDisk();
  const store = memoryStore({ disk });
  const { compare, shown } = comparing();
  let existing: Promise<unknown> | undefined;
  let began = (): void => undefined;
  const begun = new Promise<void>((resolve) => (began = resolve));
  const fresh = linkDevice({
    user: by.client.user,
    device: "laptop",
    store,
    delivery: there,
    compare,
    timers: "none",
    ...more,
    onOffer: async (offer) => {
      existing = by.client.linkDevice(offer, { compare, ...existingOptions });
      existing.catch(() => undefined);
      began();
      await more.onOffer?.(offer);
    },
  });
  fresh.catch(began);
  const answered = begun.then(() => existing);
  answered.catch(() => undefined);
  return { fresh, existing: answered, shown, disk, store };
}

/** A linked device, opened. */
export async function second(
  by: Person,
  there: Delivery,
  name = "laptop",
  more: Partial<ClientOptions> = {},
): Promise<Person> {
  const { fresh, existing, disk, store } = link(by, there, {
    device: name,
    ...(more.clock !== undefined && { clock: more.clock }),
  });
  await Promise.all([fresh, existing]);
  const person = await opened({ store, delivery: there, timers: "none", ...more }, disk);
  await settle(by, person);
  return person;
}

/** The same service, some of whose answers are otherwise. */
export function between(there: Delivery, otherwise: (connection: Connection) => Partial<Connection>): Delivery {
  return {
    connect: async (login) => {
      const connection = await there.connect(login);
      const changed: Partial<Record<PropertyKey, unknown>> = { ...otherwise(connection) };
      return new Proxy(connection, {
        get(target, name) {
          if (Object.hasOwn(changed, name)) return changed[name];
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    },
  };
}
