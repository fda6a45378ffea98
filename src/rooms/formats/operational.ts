/**
 * How the group of a room is run. The component mls_operational_policy, which copse carries and agrees on; what it says of clients'
 * stores and clocks is for the application. draft-ietf-mimi-room-policy section 7.
 */

import { empty, select, struct, type Codec } from "../../codec/codec.ts";
import { MediaType } from "../../wire/media-type.ts";
import { bool, listOf, must, type Format, u16, u32, u64, u8, nameOf } from "./parts.ts";

const numbers = listOf(u16, 256);

/** Section 7 */
export interface ExtendedCapabilities {
  readonly versions: readonly number[];
  readonly cipherSuites: readonly number[];
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly number[];
  readonly wireFormats: readonly number[];
  readonly componentIds: readonly number[];
  readonly safeAadTypes: readonly number[];
  readonly mediaTypes: readonly MediaType[];
  /** RFC 9420's ContentType, of one byte. */
  readonly contentTypes: readonly number[];
}
const ExtendedCapabilities: Codec<ExtendedCapabilities> = struct<ExtendedCapabilities>({
  versions: numbers,
  cipherSuites: numbers,
  extensions: numbers,
  proposals: numbers,
  credentials: numbers,
  wireFormats: numbers,
  componentIds: numbers,
  safeAadTypes: numbers,
  mediaTypes: listOf(MediaType, 256),
  contentTypes: listOf(u8, 256),
});

/** When members commit what was proposed. The draft's `extension` has no number, so there is none. */
export type PendingProposalPolicy =
  | { readonly strategy: "unspecified" }
  | { readonly strategy: "immediateCommit" }
  | { readonly strategy: "randomDelay"; readonly minimumDelayMs: bigint; readonly maximumDelayMs: bigint };
const PendingProposalPolicy: Codec<PendingProposalPolicy> = select<PendingProposalPolicy, "strategy">(
  "strategy",
  nameOf({ unspecified: 0, immediateCommit: 1, randomDelay: 2 }),
  {
    unspecified: empty,
    immediateCommit: empty,
    randomDelay: struct<{ minimumDelayMs: bigint; maximumDelayMs: bigint }>({
      minimumDelayMs: u64,
      maximumDelayMs: u64,
    }),
  },
);

/** The draft gives no unit: seconds, as everywhere else in it. */
export interface MinDefaultMaxTime {
  readonly minimumTime: bigint;
  readonly defaultTime: bigint;
  readonly maximumTime: bigint;
}
const MinDefaultMaxTime: Codec<MinDefaultMaxTime> = struct<MinDefaultMaxTime>({
  minimumTime: u64,
  defaultTime: u64,
  maximumTime: u64,
});

/** Section 7 */
export interface AppMessagePolicy {
  readonly epochTolerance: number;
  readonly padToSize: number;
  readonly maxGenerationsSkipahead: number;
}

/** Section 7 */
export interface OperationalParameters {
  readonly mandatoryCapabilities: ExtendedCapabilities;
  readonly defaultCapabilities: ExtendedCapabilities;
  readonly forbiddenCapabilities: ExtendedCapabilities;
  readonly handshakeFormats: readonly number[];
  readonly externalProposalAllowed: boolean;
  readonly externalCommitAllowed: boolean;
  readonly pendingProposalPolicy: PendingProposalPolicy;
  readonly leafNodeUpdateTime: MinDefaultMaxTime;
  readonly appMessagePolicy: AppMessagePolicy;
  readonly maxKpLifetime: bigint;
  readonly maxCredentialLifetime: bigint;
  readonly resumptionPskLifetime: bigint;
  readonly senderNonceKeypairLifetime: MinDefaultMaxTime;
  readonly maxKeypairs: number;
  readonly bufferIncomingMessageTime: MinDefaultMaxTime;
  readonly maxBufferedMessages: number;
}

/** mls_operational_policy, and its update, which replaces it whole. */
export const operationalFormat: Format<OperationalParameters> = {
  codec: struct<OperationalParameters>({
    mandatoryCapabilities: ExtendedCapabilities,
    defaultCapabilities: ExtendedCapabilities,
    forbiddenCapabilities: ExtendedCapabilities,
    handshakeFormats: numbers,
    externalProposalAllowed: bool,
    externalCommitAllowed: bool,
    pendingProposalPolicy: PendingProposalPolicy,
    leafNodeUpdateTime: MinDefaultMaxTime,
    appMessagePolicy: struct<AppMessagePolicy>({ epochTolerance: u8, padToSize: u16, maxGenerationsSkipahead: u32 }),
    maxKpLifetime: u64,
    maxCredentialLifetime: u64,
    resumptionPskLifetime: u64,
    senderNonceKeypairLifetime: MinDefaultMaxTime,
    maxKeypairs: u32,
    bufferIncomingMessageTime: MinDefaultMaxTime,
    maxBufferedMessages: u32,
  }),
  most: 65_536,
  check: ({ leafNodeUpdateTime, senderNonceKeypairLifetime, bufferIncomingMessageTime }) => {
    for (const time of [leafNodeUpdateTime, senderNonceKeypairLifetime, bufferIncomingMessageTime]) {
      must(time.minimumTime <= time.defaultTime && time.defaultTime <= time.maximumTime, "the order of three times");
    }
  },
};
