/**
 * copse/delivery: what a client asks of a delivery service, and the core of one: in memory here, over any database by its port.
 *
 * @module
 */

export { accountStatements, type AccountStatementsOptions } from "./account-statements.ts";
export type * from "./delivery.ts";
export { DeliveryError, deliveryErrorCodes, type DeliveryErrorCode, type DeliveryErrorDetail } from "./errors.ts";
export { defaultDeliveryLimits, type DeliveryLimits, type Rate } from "./limits.ts";
export { memoryPort } from "./memory-port/memory-port.ts";
export {
  firstKeyCounts,
  type AccountLogging,
  type AccountsCheck,
  type CheckedLogin,
  type CheckedRecovery,
  type CheckedStatement,
  type Complaints,
  type ConsentMode,
  type DeliveryOptions,
  type Joining,
  type ReportOfMessages,
  type RoomView,
  type StatedAccount,
  type Stamping,
} from "./options.ts";
export type * from "./port.ts";
export { confirmationContent, confirmationLabel } from "./rooms/confirm.ts";
export { deliveryOver, memoryDelivery, type DeliveryService, type WaitingReport } from "./service.ts";
export type { ReportDecision, ReportVerdict, ShutOutUser } from "./users/moderation.ts";
export { signInChallenge } from "./sign-in.ts";
export type { Wakeup, Wakeups } from "./wakeups.ts";
