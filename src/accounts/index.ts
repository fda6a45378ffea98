/**
 * copse/accounts: who is who, and on which devices: keys, signed lists of devices, linking, recovery, and what people compare.
 *
 * @module
 */

export { AccountError, accountErrorCodes, type AccountErrorCode, type AccountErrorDetail } from "./errors.ts";
export {
  createRecoveryCode,
  readRecoveryCode,
  writeRecoveryCode,
  type MendedCharacter,
  type ReadRecoveryCode,
  type RecoveryCode,
  type RecoverySeed,
} from "./recovery-code.ts";
export {
  groupCode,
  isSameGroupCode,
  isSameSafetyNumber,
  safetyNumber,
  type GroupCode,
  type RootedAccount,
  type SafetyNumber,
} from "./safety-number.ts";
export type { AccountAlarm } from "./alarm.ts";
export { checkStatement, isAlarm, type StatementOptions } from "./check-statement.ts";
export { accountComponentId, type Suites } from "./component.ts";
export { mostDevices, type Device, type DeviceChanges, type NewDevice } from "./devices.ts";
export {
  createAccountKey,
  readAccountKey,
  rootKeyOf,
  writeAccountKey,
  type AccountCertificate,
  type AccountKey,
  type RootKey,
} from "./keys.ts";
export { longestStatement, signDeviceList, type DeviceListOptions, type Maker } from "./statement.ts";
export { staleAfter, type AccountView } from "./view.ts";
export { accountsAgree } from "./agreement.ts";
export {
  accountComponent,
  attestationFor,
  checkLeaf,
  isStale,
  readAttestation,
  type Attestation,
  type AttestationOptions,
  type AttestedLeaf,
  type CheckedLeaf,
  type Finding,
} from "./attestation.ts";
export {
  accountAuthentication,
  type AccountAuthenticationOptions,
  type AccountResolver,
  type IdentityScheme,
  type LeafFound,
} from "./authentication.ts";
export {
  ExistingDeviceLink,
  type ExistingDeviceOptions,
  type HandOverOptions,
  type RevealedDevice,
} from "./linking/existing-device.ts";
export { linkTimeout, type LifeOptions } from "./linking/life.ts";
export {
  NewDeviceLink,
  type HeldBack,
  type Linked,
  type NewDeviceOptions,
  type ToCompare,
} from "./linking/new-device.ts";
