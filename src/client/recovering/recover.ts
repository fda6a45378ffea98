/**
 * Bringing an account back: keys that are stored before anybody hears of them, a list that the root's new account key signs, and the account
 * in the store, with the roots of the encrypted history that were sealed for it. docs/accounts.md
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { isAway } from "../away.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { hex } from "../../bytes/text.ts";
import { checkStatement } from "../../accounts/check-statement.ts";
import { readAccountKey, rootKeyOf, writeAccountKey, type AccountKey } from "../../accounts/keys.ts";
import { readRecoveryCode } from "../../accounts/recovery-code.ts";
import { signDeviceList } from "../../accounts/statement.ts";
import type { AccountView } from "../../accounts/view.ts";
import { opaque, struct, u16 } from "../../codec/codec.ts";
import { cipherSuite } from "../../crypto/choose.ts";
import { checkedRandom, platformRandom } from "../../crypto/random.ts";
import type { Random } from "../../crypto/provider.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { basic, createIdentity, type LocalIdentity } from "../../public-group/identity.ts";
import { deviceUri } from "../../rooms/uri.ts";
import type { Store } from "../../storage/store.ts";
import { writeAccount, type Account } from "../account/account.ts";
import { ClientError } from "../errors.ts";
import { entryKind, text, timeEntry, type EntryKind } from "../store/entry.ts";
import { ownAccountKey, recoveredKey, recoveringKey } from "../store/keys.ts";
import { recoverHistory } from "./history.ts";
import type { RecoveredAccount, RecoveringOptions } from "./options.ts";
import { recoveryKeyBy } from "./recovery-key.ts";
import { nextAccountKey } from "./root.ts";

/** How often a list is made again because another was first. */
const mostTries = 5;

/** The keys of a device that is about to be the account's. */
interface Recovering {
  readonly device: string;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  /** Empty as long as there is none. */
  readonly accountKey: Uint8Array;
}
const recoveringEntry: EntryKind<Recovering> = entryKind(
  struct<Recovering>({ device: text, cipherSuite: u16, signatureKey: opaque, accountKey: opaque }),
);

interface Fresh {
  readonly device: string;
  readonly identity: LocalIdentity;
  accountKey: AccountKey | undefined;
}

/** What it takes, by whatever way the code came. */
type ByCode = RecoveringOptions & { readonly recoveryCode: string };

/** @throws ClientError "client-account" where the store has an account. */
export async function checkEmpty(store: Store): Promise<void> {
  if ((await store.get(ownAccountKey)) !== undefined) throw new ClientError("client-account");
}

export async function recover(options: ByCode): Promise<RecoveredAccount> {
  const { user, recoveryCode, store, delivery } = options;
  await checkEmpty(store);
  const { seed, mended } = readRecoveryCode(recoveryCode); // what can't be read asks nobody
  seed.wipe();
  const random = checkedRandom(options.random ?? platformRandom);
  const fresh = await freshDevice(options, random);
  const { device, identity } = fresh;
  const connected = async <Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> => {
    const connection = await delivery.connect({
      device,
      cipherSuite: identity.suite.id,
      signatureKey: identity.signatureKey,
      sign: async (challenge) => identity.signer.sign(challenge),
      // No opening of a client: the first one raises it.
      incarnation: { known: 0n, next: 0n, id: new Uint8Array(16) },
    });
    try {
      return await work(connection);
    } finally {
      await connection.close().catch(() => undefined);
    }
  };
  const { view, devices } = await connected((connection) => listed(options, fresh, connection, random));
  // It is on the list now, which it was not when it signed in.
  const { recoveryKey, history, changes } = await connected((connection) => byRoot(options, view, devices, connection));
  const account: Account = { user, device, identity, accountKey: fresh.accountKey!, view, recoveryKey };
  const written = writeAccount(account);
  try {
    await written.use((value) =>
      store.batch(
        [
          ...changes,
          { put: ownAccountKey, value },
          { put: recoveredKey, value: timeEntry.write(view.at) },
          { delete: recoveringKey },
        ],
        { flush: true },
      ),
    );
  } finally {
    written.wipe();
  }
  return { account, mended, history };
}

/** What else the root is for: the recovery key that comes with the new account key, and the history that was sealed to those before. */
async function byRoot(
  { recoveryCode }: ByCode,
  { user, cipherSuite: id, keyNumber: number }: AccountView,
  devices: ReadonlyMap<number, ReadonlySet<string>>,
  connection: Connection,
): Promise<{ readonly recoveryKey: Uint8Array } & Awaited<ReturnType<typeof recoverHistory>>> {
  const suite = cipherSuite(id);
  const { seed } = readRecoveryCode(recoveryCode);
  const root = await rootKeyOf(suite, seed);
  try {
    const recoveryKey = await recoveryKeyBy(root, { seed, user, number });
    return { recoveryKey, ...(await recoverHistory({ connection, user, suite, seed, devices })) };
  } catch (error) {
    if (!(error instanceof DeliveryError) || isAway(error) || error.code === "rate") throw error;
    // A service that refuses to give the history keeps nobody from the account.
    return { recoveryKey: await recoveryKeyBy(root, { seed, user, number }), history: "damaged", changes: [] };
  } finally {
    root.privateKey.wipe();
    seed.wipe();
  }
}

/** The device that an earlier try has begun with, or a new one, which is stored. */
async function freshDevice({ user, device: name, suite: given, store }: ByCode, random: Random): Promise<Fresh> {
  const stored = await store.get(recoveringKey);
  if (stored !== undefined) {
    const { device, cipherSuite: id, signatureKey, accountKey } = recoveringEntry.read(stored);
    if (name !== undefined && deviceUri(user, name) !== device) throw new ClientError("client-account");
    const suite = cipherSuite(id);
    const identity = await createIdentity({ suite, credential: basic(device), privateKey: copyBytes(signatureKey) });
    return { device, identity, accountKey: accountKey.length === 0 ? undefined : await readAccountKey(accountKey) };
  }
  const device = deviceUri(user, name ?? hex(random(4)));
  const suite = given ?? cipherSuite(1);
  const fresh = {
    device,
    identity: await createIdentity({ suite, credential: basic(device), random }),
    accountKey: undefined,
  };
  await keep(store, fresh);
  return fresh;
}

/** The keys are on the disk, before anybody hears of them. */
async function keep(store: Store, { device, identity, accountKey }: Fresh): Promise<void> {
  const key = accountKey && writeAccountKey(accountKey);
  const write = (accountBytes: Uint8Array): Uint8Array =>
    identity.privateKey.use((signatureKey) =>
      recoveringEntry.write({ device, cipherSuite: identity.suite.id, signatureKey, accountKey: accountBytes }),
    );
  const value = key === undefined ? write(new Uint8Array(0)) : key.use(write);
  key?.wipe();
  await store.batch([{ put: recoveringKey, value }], { flush: true });
}

/** The list that names this device, and no other: published, unless it was before a crash. */
async function listed(
  { user, recoveryCode, store, clock }: ByCode,
  fresh: Fresh,
  connection: Connection,
  random: Random,
): Promise<Latest> {
  const { device, identity } = fresh;
  for (let tries = 0; tries < mostTries; tries++) {
    const { view, devices } = await latestOf(connection, user);
    const { accountKey } = fresh;
    if (accountKey !== undefined && bytesEqual(view.accountKey, accountKey.certificate.accountKey))
      return { view, devices };
    if (accountKey === undefined || accountKey.certificate.number <= view.keyNumber) {
      fresh.accountKey = (await nextAccountKey(recoveryCode, view, random)).key;
      await keep(store, fresh);
    }
    const statement = await signDeviceList({
      view,
      accountKey: fresh.accountKey!,
      maker: { uri: device, signer: identity.signer },
      changes: {
        remove: view.devices.map(({ uri }) => uri),
        add: [{ uri: device, cipherSuite: identity.suite.id, signatureKey: identity.signatureKey }],
      },
      ...(clock !== undefined && { clock }),
    });
    const next = await checkStatement(view, statement);
    const answer = await connection.publishStatement({ user, number: next.number, statement });
    if (answer === "accepted") return { view: next, devices };
    if (answer === "invalid") break;
  }
  throw new ClientError("refused");
}

interface Latest {
  readonly view: AccountView;
  /** The devices that were on lists of each account key before, by its number. */
  readonly devices: ReadonlyMap<number, ReadonlySet<string>>;
}

/** The account as its statements say, each of which follows the one before. */
async function latestOf(connection: Connection, user: string): Promise<Latest> {
  let view: AccountView | undefined;
  const devices = new Map<number, Set<string>>();
  for (;;) {
    const from = view === undefined ? 0n : view.number + 1n;
    const statements = await connection.statements({ user, from });
    for (const { statement } of statements) {
      view = await checkStatement(view, statement);
      const listed = devices.get(view.keyNumber) ?? new Set<string>();
      devices.set(view.keyNumber, listed);
      for (const { uri } of view.devices) listed.add(uri);
    }
    if (statements.length === 0) break;
  }
  if (view?.user !== user) throw new ClientError("recovery-other");
  return { view, devices };
}
