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
