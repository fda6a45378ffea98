/**
 * Checking statements: the same for a contact who follows an account, for its own devices, and for the service that stores them.
 *
 *     let view: AccountView | undefined;
 *     for (const { statement } of await delivery.statements({ user })) view = await checkStatement(view, statement);
 */

import { asBytes } from "../bytes/bytes.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { copyBytes } from "../bytes/copy.ts";
import {
  bytes as aBytes,
  flag,
  hook,
  is,
  isObject,
  oneOf,
  options as optionsOf,
  text,
  thing,
  type Shape,
  type Takes,
} from "../bytes/takes.ts";
import { isSigned, platformSuites, suiteFor, type Suites } from "./component.ts";
import { checkAges, checkRekeyed, type Device } from "./devices.ts";
import type { AccountAlarm } from "./alarm.ts";
import { AccountError } from "./errors.ts";
import { isCertified } from "./keys.ts";
import type { AccountView } from "./view.ts";
import { checkKeyFollows, isRootOf, makerIn, makersOf, readStatement, type ReadStatement } from "./statement.ts";

/** How a statement is checked. */
export interface StatementOptions {
  /**
   * What may be the first that is known: number 0, as for a service, which has them all, or any, as for a contact who begins with the
   * latest. Default: 0.
   */
  readonly begin?: "first" | "anywhere";
  /** Whether a person, or the service's policy, has agreed to another root. Default false. */
  readonly newRoot?: boolean;
  /** Cipher suites by their number. Default: the platform's. */
  readonly suites?: Suites;
}

const statementShape: Shape<StatementOptions> = { begin: oneOf("first", "anywhere"), newRoot: flag, suites: hook };
const statementOptions = /* @__PURE__ */ optionsOf(statementShape);
export const aView: Takes = /* @__PURE__ */ is(
  "an AccountView, as checkStatement gives",
  (value) => isObject(value) && value["statement"] instanceof Uint8Array && value["hash"] instanceof Uint8Array,
);

/**
 * The account after one more statement.
 *
 * @throws AccountError of a "statement-" code. It has an `alarm` where the account's own keys have signed what contradicts what is known.
 */
export async function checkStatement(
  previous: AccountView | undefined,
  statement: Uint8Array,
  options: StatementOptions = {},
): Promise<AccountView> {
  if (previous !== undefined) aView("previous", previous);
  aBytes("statement", statement);
  statementOptions("checkStatement", options);
  const { begin = "first", newRoot = false, suites = platformSuites } = options;
  if (previous !== undefined && bytesEqual(previous.statement, statement)) return previous;
  const read = readStatement(statement);
  const { tbs } = read.statement;
  if (previous === undefined) {
    if (begin === "first" && tbs.number !== 0n) throw new AccountError("statement-number");
    if (tbs.number === 0n) {
      checkRekeyed([], read.devices, read.maker);
      makerIn(read.maker, read.devices);
      checkAges([], read.devices, Number(tbs.at));
    }
    await checkSignatures(read, knownAlone(read), suites);
    return viewOf(read, suites);
  }
  let makers: readonly Device[];
  try {
    makers = checkFollows(previous, read, newRoot);
  } catch (error) {
    throw error instanceof AccountError ? await withAlarm(error, previous, read, suites) : error;
  }
  await checkSignatures(read, makers, suites);
  return viewOf(read, suites);
}

/** Whether an alarm is one: both statements are signed by their account's keys, and they contradict each other. */
export async function isAlarm(
  alarm: AccountAlarm,
  { suites = platformSuites }: { readonly suites?: Suites } = {},
): Promise<boolean> {
  anAlarm("alarm", alarm);
  hook("suites", suites);
  try {
    const known = viewOf(readStatement(alarm.known), suites);
    const other = readStatement(alarm.other);
    return (
      known.user === alarm.user &&
      alarmKind(known, other) === alarm.kind &&
      (await isSignedAlone(readStatement(alarm.known), suites)) &&
      (await isSignedAlone(other, suites))
    );
  } catch (error) {
    if (error instanceof AccountError) return false; // what can't be read is no evidence
    throw error;
  }
}

const anAlarm = /* @__PURE__ */ thing(
  "an alarm",
  { kind: oneOf("fork", "back", "key", "root"), user: text, known: aBytes, other: aBytes },
  ["kind", "user", "known", "other"],
);

function viewOf({ statement, user, maker, devices, bytes }: ReadStatement, suites: Suites): AccountView {
  const { certificate, number, at } = statement.tbs;
  const { cipherSuite, rootKey, accountKey, number: keyNumber } = certificate;
  return {
    user,
    cipherSuite,
    rootKey: copyBytes(rootKey),
    accountKey: copyBytes(accountKey),
    keyNumber,
    number,
    hash: asBytes(suiteFor(suites, cipherSuite).hash(bytes)),
    at: Number(at),
    devices,
    maker,
    statement: bytes,
  };
}

/** Whether it is the next statement of the account. Signatures aside. Who may have made it. */
function checkFollows(previous: AccountView, read: ReadStatement, newRoot: boolean): readonly Device[] {
  const { statement, user, devices, maker } = read;
  const { certificate, number, at, previous: hash } = statement.tbs;
  checkKeyFollows(previous, certificate, { user, newRoot });
  if (number !== previous.number + 1n) throw new AccountError("statement-number");
  if (!bytesEqual(hash, previous.hash)) throw new AccountError("statement-predecessor");
  checkAges(previous.devices, devices, Number(at));
  checkRekeyed(previous.devices, devices, maker);
  const makers = makersOf(previous, certificate, devices);
  makerIn(maker, makers);
  return makers;
}

/** What a statement contradicts, whoever has signed it. */
function alarmKind(known: AccountView, read: ReadStatement): AccountAlarm["kind"] | undefined {
  const { certificate, number, previous } = read.statement.tbs;
  if (read.user !== known.user) return undefined;
  if (!isRootOf(known, certificate)) return "root";
  // Who has only a retired key contradicts nobody.
  if (certificate.number < known.keyNumber) return undefined;
  if (certificate.number === known.keyNumber && !bytesEqual(certificate.accountKey, known.accountKey)) return "key";
  if (number < known.number) return "back";
  if (number === known.number) return bytesEqual(read.bytes, known.statement) ? undefined : "fork";
  return number === known.number + 1n && !bytesEqual(previous, known.hash) ? "fork" : undefined;
}

/** The error of a statement that does not follow, with the alarm that it is where it is signed. */
async function withAlarm(
  error: AccountError,
  previous: AccountView,
  read: ReadStatement,
  suites: Suites,
): Promise<AccountError> {
  const kind = alarmKind(previous, read);
  if (kind === undefined || !(await isSignedAlone(read, suites))) return error;
  const alarm: AccountAlarm = { kind, user: previous.user, known: previous.statement, other: read.bytes };
  return new AccountError(error.code, { alarm });
}

/** The signatures that a statement has. @throws AccountError "statement-signature" */
async function checkSignatures(read: ReadStatement, makers: readonly Device[], suites: Suites): Promise<void> {
  const { statement, content, maker } = read;
  const { certificate } = statement.tbs;
  const suite = suiteFor(suites, certificate.cipherSuite);
  const device = makers.find(({ uri }) => uri === maker);
  const isSound =
    (await isCertified(suite, certificate)) &&
    (await isSigned(suite, "DeviceListTBS", {
      publicKey: certificate.accountKey,
      content,
      signature: statement.accountSignature,
    })) &&
    // Whoever begins with a list whose maker has taken itself off, or its old key, can't know the maker's key.
    (device === undefined ||
      (await isSigned(suiteFor(suites, device.cipherSuite), "DeviceListMakerTBS", {
        publicKey: device.signatureKey,
        content,
        signature: statement.makerSignature,
      })));
  if (!isSound) throw new AccountError("statement-signature");
}

/** The devices whose keys a list tells by itself: of one that has changed its key, the old one stands in the list before. */
function knownAlone({ devices }: ReadStatement): readonly Device[] {
  return devices.filter(({ rekeyed }) => rekeyed !== true);
}

/** Whether a statement holds by itself, whatever came before it. */
async function isSignedAlone(read: ReadStatement, suites: Suites): Promise<boolean> {
  try {
    await checkSignatures(read, knownAlone(read), suites);
    return true;
  } catch (error) {
    if (error instanceof AccountError) return false;
    throw error;
  }
}
