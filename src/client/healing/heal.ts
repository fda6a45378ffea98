/**
 * Getting well again, where a person has decided that this copy of the device is the one that lives: a new signature key, under which
 * the account's list names the device from now on, so that the other copy is refused everywhere; new key packages in place of all
 * old ones; and every room is joined anew from outside in place of the old leaf. What waits to be sent waits on. Nothing is encrypted in
 * between, and a crash anywhere leaves the store a copy that can be healed again, with the same new key.
 */

import { nothing } from "../../bytes/nothing.ts";
import { AccountError } from "../../accounts/errors.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { createIdentity, type Identity, type LocalIdentity } from "../../public-group/identity.ts";
import type { LeafOptions } from "../../public-group/leaf.ts";
import type { StoreChange } from "../../storage/store.ts";
import { accountLeaf, writeAccount, type Account } from "../account/account.ts";
import { changeOwn } from "../account/own-devices.ts";
import type { Devices } from "../account/devices.ts";
import { healTakes } from "../arguments.ts";
import { clientEntry, type Connecting } from "../connecting.ts";
import { ClientError } from "../errors.ts";
import type { ClientAccount } from "../options.ts";
import type { RoomCore } from "../room/core.ts";
import { clientKey, healingKey, ownAccountKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import { healingEntry } from "./copies.ts";

/** What healing stands on. */
export interface HealingParts {
  readonly around: Surroundings;
  readonly connecting: Connecting;
  readonly devices: Devices;
  readonly rooms: ReadonlyMap<string, { readonly core: RoomCore }>;
}

/** The device as it is from now on. */
interface Healed {
  readonly identity: Identity;
  readonly leaf: LeafOptions;
  readonly own: Account | undefined;
  /** As the service has confirmed it. */
  readonly incarnation: bigint;
}

/**
 * Heal the device. Nothing happens where it is no copy.
 *
 * @param account Who the application says that the device is from now on, with another key; undefined for accounts of copse.
 * @throws ClientError "device-replaced" where the service takes neither the old key nor the new one, "account-missing", "offline"
 */
export async function heal(
  around: Surroundings,
  beside: Omit<HealingParts, "around">,
  account: ClientAccount | undefined,
): Promise<void> {
  healTakes("heal", { account });
  const { connecting, devices } = beside;
  const parts = { around, ...beside };
  if (!around.copies.isCopied) return;
  await connecting.pause();
  try {
    const healed = account === undefined ? await healAccount(parts) : await healForeign(parts, account);
    await begin(parts, healed);
    devices.become(healed.own);
    connecting.renew(healed.incarnation);
  } catch (error) {
    if (error instanceof AccountError) throw new ClientError("device-replaced", { cause: error });
    if (!(error instanceof DeliveryError)) throw error;
    throw new ClientError(error.code === "not-allowed" ? "device-replaced" : "offline", { cause: error });
  }
}

/** An account of copse: the list names the device under its new key. The old one signs that, as long as it is listed. */
async function healAccount(parts: HealingParts): Promise<Healed> {
  const { account: own } = parts.devices;
  const { book, appData } = parts.around;
  if (own === undefined || book === undefined) throw new ClientError("account-missing");
  const identity = await nextIdentity(parts, own);
  const { device } = own;
  let signedIn: SignedIn;
  try {
    signedIn = await signIn(parts, own.identity);
    const { connection } = signedIn;
    const changes = {
      remove: [device],
      add: [{ uri: device, cipherSuite: identity.suite.id, signatureKey: identity.signatureKey }],
    };
    await changeOwn(own, book, connection, changes, parts.around.clock);
    await connection.close();
  } catch (error) {
    // The list may name the new key already, from before a crash.
    if (!(error instanceof DeliveryError) || error.code !== "not-allowed") throw error;
  }
  signedIn = await signIn(parts, identity);
  const view = await book.refresh(signedIn.connection, own.user);
  await signedIn.connection.close();
  const next: Account = { ...own, identity, view: view ?? own.view };
  const leaf = await accountLeaf(next, appData);
  return { identity, leaf, own: next, incarnation: signedIn.incarnation };
}

/** An application's own account: whether the service takes its new key is the application's matter. */
async function healForeign(parts: HealingParts, account: ClientAccount): Promise<Healed> {
  if (parts.devices.account !== undefined || account.device !== parts.around.device)
    throw new ClientError("client-account");
  const { connection, incarnation } = await signIn(parts, account.identity);
  await connection.close();
  return { identity: account.identity, leaf: account.leaf ?? {}, own: undefined, incarnation };
}

/** The device's next key, stored before anybody hears of it. */
async function nextIdentity({ around }: HealingParts, { identity }: Account): Promise<LocalIdentity> {
  const { suite, credential } = identity;
  const stored = await around.store.get(healingKey);
  if (stored !== undefined) {
    return createIdentity({ suite, credential, privateKey: healingEntry.read(stored).privateKey });
  }
  const next = await createIdentity({ suite, credential, random: around.random });
  const value = next.privateKey.use((privateKey) => healingEntry.write({ id: around.writeId(), privateKey }));
  await around.store.batch([{ put: healingKey, value }], { flush: true });
  return next;
}

interface SignedIn {
  readonly connection: Connection;
  readonly incarnation: bigint;
}

/** How often another copy may be opened in between. */
const mostTries = 5;

/** Sign in as the latest opening of the device, whatever the service knows of others. */
async function signIn({ connecting, around }: HealingParts, identity: Identity): Promise<SignedIn> {
  const { copies } = around;
  let known = copies.incarnation;
  for (let tries = 1; ; tries++) {
    const next = known + 1n;
    try {
      const connection = await connecting.delivery.connect({
        device: around.device,
        cipherSuite: identity.suite.id,
        signatureKey: identity.signatureKey,
        sign: async (challenge) => identity.signer.sign(challenge),
        incarnation: { known, next, id: around.writeId() },
      });
      copies.found(next);
      return { connection, incarnation: next };
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.incarnation === undefined || tries === mostTries) throw error;
      known = error.incarnation;
    }
  }
}

/** One batch: from here on the device is the new one, and all its rooms are to be joined anew. */
async function begin({ around, rooms: all, devices }: HealingParts, healed: Healed): Promise<void> {
  const { store, events, device, copies } = around;
  const there = [...all.values()].flatMap(({ core }) => (core.state.status === "left" ? [] : [core]));
  await inTurnOfAll(there, async () => {
    const rooms = there.map((core) => core.beside({ state: { status: "behind", stuckAt: 0n, isDue: false } }));
    const told = events.adding([{ kind: "healed" }]);
    const state = { device, incarnation: healed.incarnation, asking: undefined };
    const own = healed.own && writeAccount(healed.own);
    const former = around.identity;
    const formerKey = devices.account?.identity.privateKey.use((key) => key.slice()) ?? nothing;
    const changes: StoreChange[] = [
      ...copies.healing(formerKey),
      { put: clientKey, value: clientEntry.write(state) },
      ...rooms.flatMap((room) => room.changes),
      ...told.changes,
    ];
    for (const prefix of ["key-package", "key-package-over", "unpublished"]) {
      for await (const { key } of store.range({ prefix: [prefix] })) changes.push({ delete: key });
    }
    if (own === undefined) await store.batch(changes, { flush: true });
    else await own.use((value) => store.batch([...changes, { put: ownAccountKey, value }], { flush: true }));
    own?.wipe();
    for (const room of rooms) room.after?.();
    for (const core of there) core.release();
    Object.assign(around, { identity: healed.identity, leaf: healed.leaf });
    copies.healed(former);
    told.after();
  });
}

/** Nothing else happens in any of these rooms meanwhile. */
function inTurnOfAll(cores: readonly RoomCore[], work: () => Promise<void>): Promise<void> {
  return cores.reduceRight((inner, core) => () => core.turn(inner), work)();
}
