/**
 * copse/server: a delivery service on a port, for the clients of `httpDelivery`. For Node, with the packages hono, @hono/node-server, ws and
 * prom-client.
 *
 * @module
 */

export {
  DatabaseError,
  databaseErrorCodes,
  type DatabaseErrorCode,
  type DatabaseErrorDetail,
} from "./database/errors.ts";
export {
  openDatabase,
  type DatabaseAddress,
  type DatabaseOptions,
  type OpenDatabase,
} from "./database/open-database.ts";
export { defaultServerLimits, type ServerLimits } from "./limits.ts";
export type { ServerLog } from "./log.ts";
export { accountLogKeys, type AccountLogKeys } from "./account-log.ts";
export { MissingPackages } from "./packages.ts";
export { recoveryTokens, type RecoveryTokenOptions } from "./recovery/tokens.ts";
export { withRegistration, type MayRegister, type Registering } from "./registration.ts";
export { turnServers, type TurnOptions } from "./turn.ts";
export { NatsError } from "./nats-reader.ts";
export { natsWakeups, type NatsOptions, type NatsWakeups } from "./nats-wakeups.ts";
export type { OperatorOptions } from "./operator.ts";
export { startServer, type RunningServer, type ServerOptions } from "./server.ts";
