/**
 * Statements: the numbered lists of a user's devices, each signed by the account key and by the device that made it. A statement says
 * everything by itself: the root, the account key that the root has signed, and the devices; and it names the one before it by its
 * hash. A service keeps them in order, one of each number.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { copyBytes } from "../bytes/copy.ts";
import { nothing } from "../bytes/nothing.ts";
import { anything, flag, having, hook, options as optionsOf, thing, type Shape } from "../bytes/takes.ts";
import { utf8 } from "../bytes/text.ts";
import { decode, encode, opaque, struct, u64, u8, vector, type Codec } from "../codec/codec.ts";
import { encodingOf, retained } from "../codec/retained.ts";
import type { Signer } from "../crypto/provider.ts";
import { checkedClock, type Clock } from "../bytes/clock.ts";
import { isUri, uriOfBytes } from "../rooms/uri.ts";
import { sign } from "./component.ts";
import {
  aDeviceUri,
  changedDevices,
  DeviceEntry,
  devicesOf,
  entryOf,
  someChanges,
  type Device,
  type DeviceChanges,
} from "./devices.ts";
import { AccountError } from "./errors.ts";
import { AccountCertificate, anAccountKey, signerOf, type AccountKey } from "./keys.ts";
import { staleAfter, type AccountView } from "./view.ts";

/** What both signatures cover. */
export interface StatementTbs {
  readonly version: number;
  readonly certificate: AccountCertificate;
  readonly number: bigint;
  /** The hash of the statement before it, by the account's cipher suite; empty for the first. */
  readonly previous: Uint8Array;
  /** When it was made, in milliseconds since 1970. */
  readonly at: bigint;
  readonly devices: readonly DeviceEntry[];
  /** The URI of the device that made it. */
  readonly maker: Uint8Array;
}

/** A statement as on the wire. */
export interface SignedStatement {
  readonly tbs: StatementTbs;
  readonly accountSignature: Uint8Array;
  readonly makerSignature: Uint8Array;
}
const StatementTbs: Codec<StatementTbs> = retained(
  struct<StatementTbs>({
    version: u8,
    certificate: AccountCertificate,
    number: u64,
    previous: opaque,
    at: u64,
    devices: vector(DeviceEntry, "extensions"),
    maker: opaque,
  }),
);
const SignedStatement: Codec<SignedStatement> = struct<SignedStatement>({
  tbs: StatementTbs,
  accountSignature: opaque,
  makerSignature: opaque,
});

/** The longest statement, in bytes: 64 devices with the largest keys of any suite that there is. */
export const longestStatement: number = 256 * 1024;

const version = 1;

/** A device that makes a list: its URI, and what signs with its leaves' key. */
export interface Maker {
  readonly uri: string;
  readonly signer: Signer;
}

/** What a list is made of. */
export interface DeviceListOptions {
  /** The list before. Without it this is the first. */
  readonly view?: AccountView;
  /** The account's key: the current one, or the one that comes after it. */
  readonly accountKey: AccountKey;
  readonly maker: Maker;
  readonly changes?: DeviceChanges;
  /** Whether the account gets another root, which everybody is alarmed about. Default false. */
  readonly newRoot?: boolean;
  /** Milliseconds since 1970. Default: the platform's. */
  readonly clock?: Clock;
}

const maker = /* @__PURE__ */ thing("a device", { uri: aDeviceUri, signer: having("an object with sign", "sign") }, [
  "uri",
  "signer",
]);
const listShape: Shape<DeviceListOptions> = {
  view: anything,
  accountKey: anAccountKey,
  maker,
  changes: someChanges,
  newRoot: flag,
  clock: hook,
};
const listOptions = /* @__PURE__ */ optionsOf(listShape, "accountKey", "maker");

/**
 * The next list of a user's devices, signed: to be published under its number, by compare-and-set. Where another was first, check
 * that one and make this again.
 *
 *     const statement = await signDeviceList({ view, accountKey, maker, changes: { add: [phone] } });
 *
 * @throws AccountError "account-key" where the key is not the account's; "device-known", "device-unknown", "statement-devices",
 * "statement-maker".
 */
export async function signDeviceList(options: DeviceListOptions): Promise<Bytes> {
  listOptions("signDeviceList", options);
  const { view, accountKey, maker, changes = {}, newRoot = false, clock } = options;
  const { certificate } = accountKey;
  const user = uriOfBytes(certificate.user) ?? "";
  if (view !== undefined) checkKeyFollows(view, certificate, { user, newRoot });
  const now = timeAfter(view, Math.floor(checkedClock(clock)()));
  const before = view?.devices ?? [];
  const devices = changedDevices(before, changes, { user, now, maker: maker.uri });
  makerIn(maker.uri, makersOf(view, certificate, devices));
  const tbs: StatementTbs = {
    version,
    certificate,
    number: view === undefined ? 0n : view.number + 1n,
    previous: view === undefined ? nothing : view.hash,
    at: BigInt(now),
    devices: devices.map(entryOf),
    maker: utf8(maker.uri),
  };
  return signStatement(tbs, { account: await signerOf(accountKey), maker: maker.signer });
}

/**
 * A device whose clock is a little behind makes no list that is older than the one before. Where that one is of a clock that was far
 * ahead, time goes on from this device's: else no list of this user would be stale for so long, whoever withholds the next.
 */
function timeAfter(view: AccountView | undefined, now: number): number {
  return view === undefined || view.at > now + staleAfter ? now : Math.max(now, view.at);
}

/** A statement with its two signatures, whatever it says. */
export async function signStatement(
  tbs: StatementTbs,
  { account, maker }: { readonly account: Signer; readonly maker: Signer },
): Promise<Bytes> {
  const content = encode(StatementTbs, tbs);
  const accountSignature = await sign(account, "DeviceListTBS", content);
  const makerSignature = await sign(maker, "DeviceListMakerTBS", content);
  return encode(SignedStatement, { tbs, accountSignature, makerSignature });
}

/** A statement that was read, and the bytes that its signatures cover. */
export interface ReadStatement {
  readonly bytes: Bytes;
  readonly statement: SignedStatement;
  readonly content: Uint8Array;
  readonly user: string;
  readonly maker: string;
  readonly devices: readonly Device[];
}

/** What a statement says. Nothing of it is verified. @throws AccountError "statement-malformed", "statement-devices" */
export function readStatement(bytes: Uint8Array): ReadStatement {
  if (bytes.length > longestStatement) throw new AccountError("statement-malformed");
  const copy = copyBytes(bytes);
  let statement: SignedStatement;
  try {
    statement = decode(SignedStatement, copy);
  } catch (cause) {
    throw new AccountError("statement-malformed", { cause });
  }
  const { tbs } = statement;
  const user = uriOfBytes(tbs.certificate.user);
  const maker = uriOfBytes(tbs.maker);
  if (tbs.version !== version || user === undefined || !isUri(user, "user") || maker === undefined) {
    throw new AccountError("statement-malformed");
  }
  if (!Number.isSafeInteger(Number(tbs.at))) throw new AccountError("statement-malformed");
  return {
    bytes: copy,
    statement,
    content: encodingOf(StatementTbs, tbs),
    user,
    maker,
    devices: devicesOf(tbs.devices, user),
  };
}

/**
 * Who may make a list: the devices of the one before. Where the root has signed a new account key they are those of the list itself,
 * since a device that is hostile had the old key, and may have put all others off the list.
 */
export function makersOf(
  view: AccountView | undefined,
  certificate: AccountCertificate,
  devices: readonly Device[],
): readonly Device[] {
  const isSameKey = view !== undefined && bytesEqual(view.accountKey, certificate.accountKey);
  return isSameKey ? view.devices : devices;
}

/** @throws AccountError "statement-maker" */
export function makerIn(maker: string, makers: readonly Device[]): Device {
  const device = makers.find(({ uri }) => uri === maker);
  if (device === undefined || device.suspended) throw new AccountError("statement-maker");
  return device;
}

/** @throws AccountError of what does not follow */
export function checkKeyFollows(
  view: AccountView,
  certificate: AccountCertificate,
  { user, newRoot }: { readonly user: string; readonly newRoot: boolean },
): void {
  if (user !== view.user) throw new AccountError("statement-user");
  if (!isRootOf(view, certificate)) {
    if (!newRoot) throw new AccountError("statement-root");
    return; // its account keys are counted anew
  }
  const isSameKey = bytesEqual(certificate.accountKey, view.accountKey);
  const follows = certificate.number === view.keyNumber ? isSameKey : certificate.number > view.keyNumber && !isSameKey;
  if (!follows) throw new AccountError("statement-key");
}

export function isRootOf(view: AccountView, { cipherSuite, rootKey }: AccountCertificate): boolean {
  return cipherSuite === view.cipherSuite && bytesEqual(rootKey, view.rootKey);
}
