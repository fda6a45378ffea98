/**
 * The smaller policies of a room: what is reported of messages, who is given the history, how long messages stay, who logs, and which
 * bots there are. draft-ietf-mimi-room-policy sections 6.1, 6.5 to 6.8. Each update replaces the whole.
 *
 * Where a policy is forbidden, its struct ends: the zeros that the text speaks of stand nowhere.
 */

import { empty, optional, select, struct, type Codec } from "../../codec/codec.ts";
import { anyUri, areDistinct, bool, listOf, must, Optionality, textOf, type Format, u32 } from "./parts.ts";

/** Section 6.1 */
export interface StatusNotificationPolicy {
  readonly deliveryNotifications: Optionality;
  readonly readReceipts: Optionality;
}
export const statusNotificationFormat: Format<StatusNotificationPolicy> = {
  codec: struct<StatusNotificationPolicy>({ deliveryNotifications: Optionality, readReceipts: Optionality }),
  most: 2,
};

interface History {
  readonly rolesThatCanShare: readonly number[];
  readonly automaticallyShare: boolean;
  /** In seconds. */
  readonly maxTimePeriod: number;
}
/** Section 6.6 */
export type HistoryPolicy =
  | { readonly historySharing: "forbidden" }
  | ({ readonly historySharing: "optional" } & History)
  | ({ readonly historySharing: "required" } & History);
const history: Codec<History> = struct<History>({
  rolesThatCanShare: listOf(u32, 256),
  automaticallyShare: bool,
  maxTimePeriod: u32,
});
export const historyFormat: Format<HistoryPolicy> = {
  codec: select<HistoryPolicy, "historySharing">("historySharing", Optionality, {
    optional: history,
    required: history,
    forbidden: empty,
  }),
  most: 2048,
  check: (policy) => {
    if (policy.historySharing === "forbidden") return;
    // "The role index zero (non-participant) and one (banned) cannot be used". Roles without clients: where the roles are known.
    must(areDistinct(policy.rolesThatCanShare) && policy.rolesThatCanShare.every((role) => role > 1), "roles 0 and 1");
  },
};

interface Expiration {
  /** In seconds, all three. */
  readonly min: number;
  readonly max: number;
  readonly default: number | undefined;
}
/** Section 6.8 */
export type MessageExpirationPolicy =
  | { readonly expiringMessages: "forbidden" }
  | ({ readonly expiringMessages: "optional" } & Expiration)
  | ({ readonly expiringMessages: "required" } & Expiration);
const expiration: Codec<Expiration> = struct<Expiration>({ min: u32, max: u32, default: optional(u32) });
export const expirationFormat: Format<MessageExpirationPolicy> = {
  codec: select<MessageExpirationPolicy, "expiringMessages">("expiringMessages", Optionality, {
    optional: expiration,
    required: expiration,
    forbidden: empty,
  }),
  most: 14,
  check: (policy) => {
    if (policy.expiringMessages === "forbidden") return;
    const { min, max, default: preferred = min } = policy;
    must(min <= max && min <= preferred && preferred <= max, "the shortest, the longest and the preferred duration");
  },
};

interface Logging {
  readonly loggingClients: readonly string[];
  readonly machineReadablePolicy: string;
  readonly humanReadablePolicy: string;
}
/** Section 6.5 */
export type LoggingPolicy =
  | { readonly logging: "forbidden" }
  | ({ readonly logging: "optional" } & Logging)
  | ({ readonly logging: "required" } & Logging);
const logging: Codec<Logging> = struct<Logging>({
  loggingClients: listOf(anyUri, 64),
  machineReadablePolicy: anyUri,
  humanReadablePolicy: anyUri,
});
export const loggingFormat: Format<LoggingPolicy> = {
  codec: select<LoggingPolicy, "logging">("logging", Optionality, {
    optional: logging,
    required: logging,
    forbidden: empty,
  }),
  most: 65_536,
  check: (policy) => {
    if (policy.logging === "forbidden") return;
    const { loggingClients } = policy;
    must(loggingClients.every((uri) => uri !== "") && areDistinct(loggingClients), "logging clients");
    // "If logging is required, the list of `logging_clients` needs to contain at least one logging URI."
    must(policy.logging !== "required" || loggingClients.length > 0, "nobody logs");
  },
};

/** Section 6.7 */
export interface Bot {
  readonly name: string;
  readonly description: string;
  readonly homepage: string;
  readonly localClientBot: boolean;
  /** 0: it is no participant. */
  readonly botRoleIndex: number;
  readonly canTargetMessageInGroup: boolean;
  readonly perUserContent: boolean;
}
export const botsFormat: Format<readonly Bot[]> = {
  codec: listOf(
    struct<Bot>({
      name: textOf(256),
      description: textOf(4096),
      homepage: anyUri,
      localClientBot: bool,
      botRoleIndex: u32,
      canTargetMessageInGroup: bool,
      perUserContent: bool,
    }),
    64,
  ),
  most: 65_536,
  check: (bots) => {
    // "A bot with `local_client_bot` set to true has a `bot_role_index` of 0."
    must(
      bots.every(({ localClientBot, botRoleIndex }) => !localClientBot || botRoleIndex === 0),
      "a local bot with a role",
    );
  },
};
