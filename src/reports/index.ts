/**
 * copse/reports: messages that a provider can't read, and can verify once somebody shows them to it. MIMI's franking and abuse reports
 * (draft-ietf-mimi-protocol). It needs the package `cborg`, which is an optional peer: `npm install cborg`.
 *
 * @module
 */

export { checkFrank, type FrankedArrival, type FrankedMessage } from "./check.ts";
export { ReportError, reportErrorCodes, type ReportErrorCode } from "./errors.ts";
export {
  frankAadComponent,
  frankingAgent,
  frankingAgentComponent,
  frankingNumbers,
  frankingTag,
  type FrankingNumbers,
} from "./franking.ts";
export {
  frankingStamp,
  hubFranking,
  type FrankingOptions,
  type FrankingSigner,
  type FrankingStamp,
  type HubAgent,
  type HubFranking,
  type HubFrankingOptions,
  type HubKey,
} from "./hub.ts";
export {
  verifyReport,
  writeReport,
  type AgentKey,
  type ReportOptions,
  type Unproven,
  type Verdict,
  type VerifiedReport,
  type VerifyOptions,
} from "./report.ts";
