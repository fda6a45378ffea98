/**
 * The structs of franking and of abuse reports. draft-ietf-mimi-protocol sections "Message Franking" and "Report abuse".
 */

import { utf8, utf8Decode } from "../bytes/text.ts";
import { fixed, opaque, struct, u16, u64, u8, type Codec } from "../codec/codec.ts";

/** The bytes of a franking tag and of a server frank: HMAC-SHA-256's. */
export const frankLength = 32;
/** The most messages of one report. */
export const mostMessages = 64;

/** IdentifierUri: `opaque uri<V>`. */
const uri: Codec<string> = {
  write: (out, value) => out.vectorBytes(utf8(value)),
  read: (input) => {
    const value = utf8Decode(input.vectorBytes());
    if (value === undefined) throw input.fail("decode-value");
    return value;
  },
};

/** FrankAAD: what stands in the SafeAAD of a franked message. */
export const FrankAad: Codec<Uint8Array> = fixed(frankLength);

/** Frank: what the hub gives to a message. */
export interface Frank {
  readonly serverFrank: Uint8Array;
  readonly cipherSuite: number;
  readonly signature: Uint8Array;
}
export const Frank: Codec<Frank> = struct<Frank>({
  serverFrank: fixed(frankLength),
  cipherSuite: u16,
  signature: opaque,
});

/** ServerFrankingContext: who, where, when. */
export interface FrankingContext {
  readonly sender: string;
  readonly room: string;
  /** Milliseconds since 1970. */
  readonly acceptedAt: bigint;
}
export const FrankingContext: Codec<FrankingContext> = struct<FrankingContext>({
  sender: uri,
  room: uri,
  acceptedAt: u64,
});

/** FrankingIntegrityTBS: what the hub signs. */
export interface FrankingTbs {
  readonly serverFrank: Uint8Array;
  readonly cipherSuite: number;
  readonly context: FrankingContext;
}
export const FrankingTbs: Codec<FrankingTbs> = struct<FrankingTbs>({
  serverFrank: fixed(frankLength),
  cipherSuite: u16,
  context: FrankingContext,
});

/** AbusiveMessage. */
export interface ReportedMessage {
  /** The whole application_data, its framing included. */
  readonly content: Uint8Array;
  readonly frank: Frank;
  readonly acceptedAt: bigint;
}
const ReportedMessage: Codec<ReportedMessage> = struct<ReportedMessage>({
  content: opaque,
  frank: Frank,
  acceptedAt: u64,
});

const reportedMessages: Codec<readonly ReportedMessage[]> = {
  write: (out, messages) => {
    out.vector(() => {
      for (const message of messages) ReportedMessage.write(out, message);
    });
  },
  read: (input) => {
    const body = input.vector();
    const messages: ReportedMessage[] = [];
    while (body.remaining > 0) {
      if (messages.length === mostMessages) throw body.fail("decode-value");
      messages.push(ReportedMessage.read(body));
    }
    return messages;
  },
};

/** AbuseReport. */
export interface AbuseReport {
  /** Empty where the one who reports is not named. */
  readonly reportingUser: string;
  readonly allegedAbuser: string;
  /** An AbuseType, 1 to 255: the draft gives none yet. */
  readonly reason: number;
  readonly note: string;
  readonly messages: readonly ReportedMessage[];
  /** An AppDataDictionary's entries: none are known. */
  readonly extensions: Uint8Array;
}
export const AbuseReport: Codec<AbuseReport> = struct<AbuseReport>({
  reportingUser: uri,
  allegedAbuser: uri,
  reason: u8,
  note: uri,
  messages: reportedMessages,
  extensions: opaque,
});
