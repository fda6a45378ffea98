/**
 * copse/transparency: a log of accounts in which a service can't show two people two keys unseen. RFC 9162's proofs over entries that
 * RFC 9381's VRF and commitments hide.
 *
 * @module
 */

export {
  accountLog,
  type AccountLog,
  type AccountLogOptions,
  type AccountLogStore,
  type ProvenAccount,
} from "./account-log.ts";
export { auditLog, type Audit, type AuditedHead, type AuditOptions, type HeadFinding } from "./audit.ts";
export { TransparencyError, transparencyErrorCodes, type TransparencyErrorCode } from "./errors.ts";
export { verifyEvidence, writeEvidence, type Evidence } from "./evidence.ts";
export type { LoggedAccount } from "./formats.ts";
export { transparencyComponentId, type LogHead, type LogKeys } from "./head.ts";
export type { LoggedVersion } from "./lookup.ts";
export {
  compareLogged,
  LogMonitor,
  type HeardHead,
  type LoggedComparison,
  type LookedUp,
  type MonitorOptions,
} from "./monitor.ts";
export { TransparencyLog, type LogUpdate, type TransparencyLogOptions } from "./service.ts";
export type { TransparencyStore } from "./stored-trees.ts";
