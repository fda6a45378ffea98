/**
 * copse/vault: encrypted history that a new device restores and a revoked one can't read, the same history as one encrypted file, and a secret
 * that comes back by a PIN, through recovery servers of which a threshold must answer.
 *
 * @module
 */

export { createBackupKey } from "./backup/key.ts";
export type { BackupKeyOptions } from "./backup/format.ts";
export { readBackup, type BackupFinding, type BackupPage, type ReadBackupOptions } from "./backup/read.ts";
export { writeBackup, type WriteBackupOptions } from "./backup/write.ts";
export type { VaultEntry } from "./entry.ts";
export { VaultError, vaultErrorCodes, type VaultErrorCode, type VaultErrorDetail } from "./errors.ts";
export { openEdge, sealEdge, type EarlierEpoch } from "./history/edge.ts";
export type { VaultEpoch } from "./history/epoch.ts";
export { vaultEpochOf } from "./history/group-epoch.ts";
export { compareHeads, readHead, writeHead, type DeviceTip, type VaultHead } from "./history/head.ts";
export { emptyChain, sealRecords, type ChainTip, type SealedRecord, type VaultRecord } from "./history/record.ts";
export {
  deriveRecoveryKey,
  openRoot,
  sealRoot,
  signRecoveryKey,
  vaultComponentId,
  type RecoveryKey,
} from "./history/recovery-key.ts";
export {
  restoreHistory,
  type RestoredPage,
  type RestoreRest,
  type RestoreFinding,
  type RestoreProgress,
  type RestoreOptions,
} from "./history/restore.ts";
export { localHistory, type HistoryStore } from "./history/store.ts";
export type { AskingOptions, ProofRequest, RecoveryLink } from "./recovery/asking.ts";
export type { ServerFinding, ServerLie, ServerState } from "./recovery/finding.ts";
export {
  httpRecoveryServer,
  type HttpRecoveryOptions,
  type RecoveryFetch,
  type RecoveryReader,
  type RecoveryResponse,
} from "./recovery/http.ts";
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
