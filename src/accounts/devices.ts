/**
 * The devices of a user, as its list names them, and how a list changes.
 */

import { copyBytes } from "../bytes/copy.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { bytes as aBytes, is, list, options as optionsOf, uint16, type Shape, type Takes } from "../bytes/takes.ts";
import { utf8 } from "../bytes/text.ts";
import { opaque, struct, u16, u64, u8, type Codec } from "../codec/codec.ts";
import { isUri, uriOfBytes, userOfDevice } from "../rooms/uri.ts";
import { AccountError } from "./errors.ts";

/** A device of a user. */
export interface Device {
  /** mimi://host/d/user/device: what its credential says. */
  readonly uri: string;
  /** Of its leaves' signature key. */
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  /** When it was put on the list, in milliseconds since 1970, by the clock of the device that did it. */
  readonly addedAt: number;
  /** On the list, and trusted with nothing until it is taken off or resumed: lost, perhaps. */
  readonly suspended: boolean;
  /** True where the device has changed its own key in this list, which its old key has signed. */
  readonly rekeyed?: true;
}

/** A device that is put on the list. */
export type NewDevice = Pick<Device, "uri" | "cipherSuite" | "signatureKey">;

/** What changes in a list. Nothing: it is signed again, as it should be every week. */
export interface DeviceChanges {
  readonly add?: readonly NewDevice[];
  /** Devices by their URIs, in these three. */
  readonly remove?: readonly string[];
  readonly suspend?: readonly string[];
  readonly resume?: readonly string[];
}

/** As on the wire. */
export interface DeviceEntry {
  readonly uri: Uint8Array;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  readonly addedAt: bigint;
  readonly flags: number;
}
export const DeviceEntry: Codec<DeviceEntry> = struct<DeviceEntry>({
  uri: opaque,
  cipherSuite: u16,
  signatureKey: opaque,
  addedAt: u64,
  flags: u8,
});

const suspendedFlag = 1;
const rekeyedFlag = 2;

/** The most devices of a user: each is a leaf in every room of hers. */
export const mostDevices = 64;

export const aDeviceUri: Takes = /* @__PURE__ */ is(
  "a device's URI, such as mimi://example.org/d/alice/phone",
  (value) => typeof value === "string" && isUri(value, "device"),
);
const newDeviceShape: Shape<NewDevice> = { uri: aDeviceUri, cipherSuite: uint16, signatureKey: aBytes };
const aNewDevice: Takes = /* @__PURE__ */ optionsOf(newDeviceShape, "uri", "cipherSuite", "signatureKey");
const someUris = /* @__PURE__ */ list(aDeviceUri);
const changesShape: Shape<DeviceChanges> = {
  add: list(aNewDevice),
  remove: someUris,
  suspend: someUris,
  resume: someUris,
};
export const someChanges: Takes = /* @__PURE__ */ optionsOf(changesShape);

/** The entry of a device. */
export function entryOf({ uri, cipherSuite, signatureKey, addedAt, suspended, rekeyed }: Device): DeviceEntry {
  return {
    uri: utf8(uri),
    cipherSuite,
    signatureKey,
    addedAt: BigInt(addedAt),
    flags: (suspended ? suspendedFlag : 0) | (rekeyed === true ? rekeyedFlag : 0),
  };
}

/** The devices of a list that was read. @throws AccountError "statement-devices" where they can't be this user's. */
export function devicesOf(entries: readonly DeviceEntry[], user: string): readonly Device[] {
  const devices = entries.map((entry): Device => {
    const uri = uriOfBytes(entry.uri);
    if (uri === undefined || !isUri(uri, "device") || entry.flags > (suspendedFlag | rekeyedFlag)) throw malformed();
    const addedAt = Number(entry.addedAt);
    if (!Number.isSafeInteger(addedAt)) throw malformed();
    const { cipherSuite, flags } = entry;
    const suspended = (flags & suspendedFlag) !== 0;
    const device = { uri, cipherSuite, signatureKey: copyBytes(entry.signatureKey), addedAt, suspended };
    return (flags & rekeyedFlag) === 0 ? device : { ...device, rekeyed: true };
  });
  checkDevices(devices, user);
  return devices;
}

/** A list after changes. @throws AccountError "device-known", "device-unknown"; "statement-devices" */
export function changedDevices(
  before: readonly Device[],
  { add = [], remove = [], suspend = [], resume = [] }: DeviceChanges,
  { user, now, maker }: { readonly user: string; readonly now: number; readonly maker: string },
): readonly Device[] {
  for (const uri of [...remove, ...suspend, ...resume]) {
    if (!before.some((device) => device.uri === uri)) throw new AccountError("device-unknown");
  }
  const kept = before
    .filter(({ uri }) => !remove.includes(uri))
    .map(({ uri, cipherSuite, signatureKey, addedAt, suspended }) => ({
      uri,
      cipherSuite,
      signatureKey,
      addedAt,
      suspended,
    }))
    .map((device) => ({
      ...device,
      suspended: (device.suspended || suspend.includes(device.uri)) && !resume.includes(device.uri),
    }));
  const added = add.map(({ uri, cipherSuite, signatureKey }): Device => {
    // One that is taken off and put on again in one change has a new key.
    if (kept.some((device) => device.uri === uri || bytesEqual(device.signatureKey, signatureKey))) {
      throw new AccountError("device-known");
    }
    const device = { uri, cipherSuite, signatureKey: copyBytes(signatureKey), addedAt: now, suspended: false };
    return uri === maker && remove.includes(uri) ? { ...device, rekeyed: true } : device;
  });
  const devices = [...kept, ...added];
  checkDevices(devices, user);
  return devices;
}

/**
 * What was on the list before stays as old as it is, and what is new is as old as the list: nobody makes a new device look like one that
 * was known for years.
 */
export function checkAges(before: readonly Device[], after: readonly Device[], at: number): void {
  for (const device of after) {
    const old = before.find(
      ({ uri, signatureKey }) => uri === device.uri && bytesEqual(signatureKey, device.signatureKey),
    );
    if (device.addedAt !== (old?.addedAt ?? at)) throw malformed();
  }
}

/** Only whoever made a list has a key in it that its own old one has signed. */
export function checkRekeyed(before: readonly Device[], after: readonly Device[], maker: string): void {
  for (const { uri, signatureKey, rekeyed } of after) {
    if (rekeyed !== true) continue;
    const old = before.find((device) => device.uri === uri);
    if (uri !== maker || old === undefined || bytesEqual(old.signatureKey, signatureKey)) throw malformed();
  }
}

/** No more than there may be, each this user's, and no two of one name or one key. */
function checkDevices(devices: readonly Device[], user: string): void {
  if (devices.length > mostDevices) throw malformed();
  const names = new Set<string>();
  for (const [i, { uri, signatureKey }] of devices.entries()) {
    if (userOfDevice(uri) !== user) throw malformed();
    if (names.has(uri)) throw malformed();
    names.add(uri);
    if (devices.slice(0, i).some((other) => bytesEqual(other.signatureKey, signatureKey))) throw malformed();
  }
}

function malformed(): AccountError {
  return new AccountError("statement-devices");
}
