/**
 * copse/vault: a secret that comes back by a PIN, through recovery servers of which a threshold must answer.
 *
 * @module
 */

export { VaultError, vaultErrorCodes, type VaultErrorCode, type VaultErrorDetail } from "./errors.ts";
export type { AskingOptions, ProofRequest, RecoveryLink } from "./recovery/asking.ts";
export type { ServerFinding, ServerLie, ServerState } from "./recovery/finding.ts";
export { memoryRecoveryPort, storedRecoveryPort, type RecoveryPort } from "./recovery/port.ts";
export {
  recover,
  recoveryStatus,
  type Recovered,
  type RecoverOptions,
  type RecoveryStatus,
} from "./recovery/recover.ts";
export { forgetRecovery, register, type RegisterOptions, type Registration } from "./recovery/register.ts";
export { guessesAllowed, RecoveryServer, type RecoveryRequest, type RecoveryServerOptions } from "./recovery/server.ts";
export { argon2idParameters, type Argon2id, type Argon2idParameters } from "./recovery/stretch.ts";
