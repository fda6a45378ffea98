/**
 * What a leaf says of its account: the account key with the root's signature, the list of devices it stood on, and the account key's
 * signature over this leaf's identity and key. It is data of a component in the leaf's app_data_dictionary (section 4.6 of
 * draft-ietf-mls-extensions), so that every MLS implementation can carry it, and it is checked by itself, without asking anybody.
 *
 *     const attestation = await attestationFor({ accountKey, view, identity });
 *     const leaf = { extensions: [appData.dictionary({ [accountComponentId]: attestation })] };
 */

import type { Bytes } from "../bytes/bytes.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { copyBytes } from "../bytes/copy.ts";
import { checkCount } from "../bytes/numbers.ts";
import { bytes as aBytes, hook, options as optionsOf, thing, uint16, type Shape, type Takes } from "../bytes/takes.ts";
import { utf8 } from "../bytes/text.ts";
import { decode, encode, opaque, struct, u64, u8, type Codec } from "../codec/codec.ts";
import type { Component } from "../extensions/app-data/component.ts";
import { dataOf, dictionaryIn } from "../extensions/app-data/dictionary.ts";
import { draftNumbers } from "../extensions/app-data/numbers.ts";
import { credential as aCredential } from "../public-group/options/takes.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { deviceOf, uriOfBytes, userOfDevice } from "../rooms/uri.ts";
import { someExtensions, type Extension } from "../wire/extension.ts";
import type { Credential } from "../wire/credential.ts";
import { aView } from "./check-statement.ts";
import { accountComponentId, isSigned, platformSuites, sign, suiteFor, type Suites } from "./component.ts";
import type { Device } from "./devices.ts";
import { AccountError } from "./errors.ts";
import { AccountCertificate, anAccountKey, isCertified, signerOf, type AccountKey } from "./keys.ts";
import { isRootOf } from "./statement.ts";
import { staleAfter, type AccountView } from "./view.ts";

interface AttestationTbs {
  readonly identity: Uint8Array;
  readonly signatureKey: Uint8Array;
  readonly listNumber: bigint;
  readonly listHash: Uint8Array;
}
const AttestationTbs: Codec<AttestationTbs> = struct<AttestationTbs>({
  identity: opaque,
  signatureKey: opaque,
  listNumber: u64,
  listHash: opaque,
});

interface WrittenAttestation {
  readonly version: number;
  readonly certificate: AccountCertificate;
  readonly listNumber: bigint;
  readonly listHash: Uint8Array;
  readonly signature: Uint8Array;
}
const WrittenAttestation: Codec<WrittenAttestation> = struct<WrittenAttestation>({
  version: u8,
  certificate: AccountCertificate,
  listNumber: u64,
  listHash: opaque,
  signature: opaque,
});

const version = 1;

/** The longest attestation, in bytes: with three keys and signatures of the largest suites that there are. */
const longestAttestation = 32 * 1024;

/** A leaf as far as it says who it is: a candidate of an AuthenticationService, a Member, or a leaf node. */
export interface AttestedLeaf {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly extensions: readonly Extension[];
}

/** What a leaf says of its account, verified: its own keys have signed it. Whether it is the right account is another question. */
export interface Attestation {
  readonly user: string;
  /** mimi://host/d/user/device */
  readonly device: string;
  readonly cipherSuite: number;
  readonly rootKey: Bytes;
  readonly accountKey: Bytes;
  readonly keyNumber: number;
  /** The number of the list that the device stood on when this was made, and its hash. */
  readonly listNumber: bigint;
  readonly listHash: Bytes;
}

/** What is known of an account beyond what a leaf says of it, and what to do. Nothing of it makes a commit invalid. */
export type Finding =
  /** Another root than the known one: an alarm, and nobody sends anything until a person has looked. */
  | "root"
  /** Another account key, or another list, of a number that is known: an alarm. */
  | "key-conflict"
  | "list-conflict"
  /** An account key, or a list, that is newer than what is known: fetch it. */
  | "key-newer"
  | "list-newer"
  /** A retired account key: the device attests its leaf anew, or is taken out after a while. */
  | "key-retired"
  /** The device is not on the known list, or with another key, or suspended: take it out. */
  | "not-listed"
  | "suspended"
  /** What is known was signed long ago: a service may be withholding what came after. */
  | "stale";

/** What `checkLeaf` gives. */
export interface CheckedLeaf extends Attestation {
  readonly findings: readonly Finding[];
  /** The device as the known list has it. */
  readonly listed: Device | undefined;
}

const aLeaf: Takes = /* @__PURE__ */ thing(
  "a leaf",
  { credential: aCredential, signatureKey: aBytes, extensions: someExtensions } satisfies Shape<AttestedLeaf>,
  ["credential", "signatureKey", "extensions"],
);

/** How attestations are looked for and checked. */
export interface AttestationOptions {
  /** The type of the extension with a leaf's data of components, where others than the draft's numbers are agreed on. */
  readonly appDataDictionary?: number;
  readonly suites?: Suites;
}

const forShape = {
  accountKey: anAccountKey,
  view: aView,
  identity: thing("an identity", { signatureKey: aBytes, credential: aCredential }, ["signatureKey", "credential"]),
};
const forOptions = /* @__PURE__ */ optionsOf(forShape, "accountKey", "view", "identity");

/**
 * The attestation of a device of ours, for its leaves: under `accountComponentId` in the dictionary of each.
 *
 * @throws AccountError "account-key" where the key is not the view's; "device-unknown" where the list has not this device with this key.
 */
export async function attestationFor(options: {
  readonly accountKey: AccountKey;
  readonly view: AccountView;
  readonly identity: { readonly credential: Credential; readonly signatureKey: Uint8Array };
}): Promise<Bytes> {
  forOptions("attestationFor", options);
  const { accountKey, view, identity } = options;
  const { certificate } = accountKey;
  if (!isRootOf(view, certificate) || !bytesEqual(certificate.accountKey, view.accountKey)) {
    throw new AccountError("account-key");
  }
  const device = deviceOf(identity.credential);
  const listed = view.devices.find(({ uri }) => uri === device);
  if (listed === undefined || listed.suspended || !bytesEqual(listed.signatureKey, identity.signatureKey)) {
    throw new AccountError("device-unknown");
  }
  const content = tbsOf(listed.uri, identity, { listNumber: view.number, listHash: view.hash });
  const signature = await sign(await signerOf(accountKey), "AttestationTBS", content);
  return encode(WrittenAttestation, {
    version,
    certificate,
    listNumber: view.number,
    listHash: view.hash,
    signature,
  });
}

/**
 * What a leaf says of its account, where it holds: the root has signed the account key, the account key this leaf's identity and key,
 * and the identity is a device of the account's user. The answer is the same for everybody, at every time.
 *
 * @throws AccountError "attestation-missing", "attestation-invalid"
 */
export async function readAttestation(leaf: AttestedLeaf, options: AttestationOptions = {}): Promise<Attestation> {
  aLeaf("leaf", leaf);
  attestationOptions("options", options);
  const { appDataDictionary = draftNumbers.appDataDictionary, suites = platformSuites } = options;
  const written = attestationIn(leaf.extensions, appDataDictionary);
  if (written === undefined) throw new AccountError("attestation-missing");
  const { certificate, listNumber, listHash, signature } = decodeAttestation(written);
  const device = deviceOf(leaf.credential);
  const user = uriOfBytes(certificate.user);
  if (device === undefined || userOfDevice(device) !== user) throw invalid();
  const suite = suiteIn(suites, certificate.cipherSuite);
  const signed = {
    publicKey: certificate.accountKey,
    content: tbsOf(device, leaf, { listNumber, listHash }),
    signature,
  };
  if (!(await isCertified(suite, certificate)) || !(await isSigned(suite, "AttestationTBS", signed))) throw invalid();
  return {
    user,
    device,
    cipherSuite: certificate.cipherSuite,
    rootKey: copyBytes(certificate.rootKey),
    accountKey: copyBytes(certificate.accountKey),
    keyNumber: certificate.number,
    listNumber,
    listHash: copyBytes(listHash),
  };
}

const attestationOptions = /* @__PURE__ */ optionsOf({ appDataDictionary: uint16, suites: hook });

/**
 * A leaf beside what is known of its account. What is found is no reason to refuse a commit, for others may know less, or more, and
 * members that disagree are no longer in one group: it is a reason not to add a device oneself, to take it out, or to warn.
 *
 * @throws AccountError "attestation-missing", "attestation-invalid" for what nobody should accept
 */
export async function checkLeaf(
  leaf: AttestedLeaf,
  view: AccountView,
  { now, ...options }: AttestationOptions & { readonly now: number },
): Promise<CheckedLeaf> {
  aView("view", view);
  milliseconds("now", now);
  const attestation = await readAttestation(leaf, options);
  const listed = view.devices.find(({ uri }) => uri === attestation.device);
  return { ...attestation, listed, findings: findingsOf(attestation, { leaf, view, listed, now }) };
}

/** Milliseconds since 1970, as Date.now() gives them. */
function milliseconds(place: string, value: number): void {
  checkCount(place, value, [0, Number.MAX_SAFE_INTEGER]);
}

function findingsOf(
  attestation: {
    readonly [Name in keyof Attestation]: Attestation[Name] extends Bytes ? Uint8Array : Attestation[Name];
  },
  {
    leaf,
    view,
    listed,
    now,
  }: {
    readonly leaf: AttestedLeaf;
    readonly view: AccountView;
    readonly listed: Device | undefined;
    readonly now: number;
  },
): readonly Finding[] {
  if (attestation.user !== view.user) throw new TypeError("the view is of another user than the leaf");
  if (attestation.cipherSuite !== view.cipherSuite || !bytesEqual(attestation.rootKey, view.rootKey)) return ["root"];
  const { keyNumber, listNumber } = attestation;
  // What is known may have been made with the key that is retired now, by whoever stole it: no list of that key speaks against this leaf.
  if (keyNumber > view.keyNumber) return isStale(view, now) ? ["key-newer", "stale"] : ["key-newer"];
  const findings: Finding[] = [];
  if (keyNumber < view.keyNumber) findings.push("key-retired");
  else if (!bytesEqual(attestation.accountKey, view.accountKey)) findings.push("key-conflict");
  if (listNumber > view.number) findings.push("list-newer");
  else if (listNumber === view.number && !bytesEqual(attestation.listHash, view.hash)) findings.push("list-conflict");
  // On a list that is not known yet it may be.
  if (listNumber <= view.number) {
    if (listed === undefined || !bytesEqual(listed.signatureKey, leaf.signatureKey)) findings.push("not-listed");
    else if (listed.suspended) findings.push("suspended");
  }
  if (isStale(view, now)) findings.push("stale");
  return findings;
}

/**
 * Whether a list was signed so long ago that a newer one is being withheld, or no device of the user has been used since. One that a
 * clock far ahead has signed says nothing of that, and counts as stale.
 */
export function isStale(view: AccountView, now: number): boolean {
  aView("view", view);
  milliseconds("now", now);
  return Math.abs(now - view.at) > staleAfter;
}

/** What a leaf carries for this component, where it does. */
function attestationIn(extensions: readonly Extension[], type: number): Uint8Array | undefined {
  try {
    return dataOf(dictionaryIn(extensions, type), accountComponentId);
  } catch (cause) {
    throw new AccountError("attestation-invalid", { cause });
  }
}

/** What a leaf that was verified when it came in finds beside what is known: nothing is verified again. Undefined: it states no account. */
export function statedFindings(
  leaf: AttestedLeaf,
  view: AccountView,
  { now, appDataDictionary = draftNumbers.appDataDictionary }: AttestationOptions & { readonly now: number },
): { readonly findings: readonly Finding[]; readonly rootKey: Uint8Array } | undefined {
  const written = attestationIn(leaf.extensions, appDataDictionary);
  const device = deviceOf(leaf.credential);
  if (written === undefined || device === undefined) return undefined;
  const { certificate, listNumber, listHash } = decodeAttestation(written);
  const { cipherSuite, rootKey, accountKey, number: keyNumber } = certificate;
  const user = userOfDevice(device);
  const stated = { user, device, cipherSuite, rootKey, accountKey, keyNumber, listNumber, listHash };
  const listed = view.devices.find(({ uri }) => uri === device);
  return { findings: findingsOf(stated, { leaf, view, listed, now }), rootKey };
}

/** The certificate that a leaf states. Nothing is verified: the leaf was, when it came in. */
export function statedCertificate(extensions: readonly Extension[], type: number): AccountCertificate | undefined {
  const written = attestationIn(extensions, type);
  return written === undefined ? undefined : decodeAttestation(written).certificate;
}

function decodeAttestation(written: Uint8Array): WrittenAttestation {
  if (written.length > longestAttestation) throw invalid();
  let attestation: WrittenAttestation;
  try {
    attestation = decode(WrittenAttestation, written);
  } catch (cause) {
    throw new AccountError("attestation-invalid", { cause });
  }
  if (attestation.version !== version) throw invalid();
  return attestation;
}

function suiteIn(suites: Suites, id: number): CipherSuite {
  try {
    return suiteFor(suites, id);
  } catch (cause) {
    throw new AccountError("attestation-invalid", { cause });
  }
}

/** A device's URI has one spelling, so that its bytes are the credential's. */
function tbsOf(
  device: string,
  { signatureKey }: Pick<AttestedLeaf, "signatureKey">,
  list: { readonly listNumber: bigint; readonly listHash: Uint8Array },
): Uint8Array {
  return encode(AttestationTbs, { identity: utf8(device), signatureKey, ...list });
}

function invalid(): AccountError {
  return new AccountError("attestation-invalid");
}

/**
 * The component for `createAppData({ components: [accountComponent] })`: leaves say that they support it, and what stands under its
 * number in a leaf must be readable.
 */
export const accountComponent: Component = {
  id: accountComponentId,
  isValid: (data, place) => place !== "leaf_node" || isReadable(data),
};

function isReadable(written: Uint8Array): boolean {
  try {
    decodeAttestation(written);
    return true;
  } catch {
    return false;
  }
}
