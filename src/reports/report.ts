/**
 * A report: the messages that somebody shows to the provider, and what the provider finds. draft-ietf-mimi-protocol, "Report abuse".
 */

import type { Bytes } from "../bytes/bytes.ts";
import { constantTimeEqual } from "../bytes/compare.ts";
import { bytes as aBytes, is, list, options as optionsOf, text, thing, type Takes } from "../bytes/takes.ts";
import { utf8 } from "../bytes/text.ts";
import { decodeCopy, encode } from "../codec/codec.ts";
import { verifyWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { frankIn, type FrankedMessage } from "./check.ts";
import { ReportError } from "./errors.ts";
import { AbuseReport, FrankingTbs, mostMessages, type ReportedMessage } from "./formats.ts";
import { frankedContent, serverFrank, tagUnder } from "./franking.ts";
import { hubKeyAt, integrityLabel, someHubKeys, time, type HubKey } from "./hub.ts";

/** The longest report that is taken, in bytes. */
const longestReport = 4 * 1024 * 1024;
/** The longest note, in bytes. */
const longestNote = 8_192;

/** What is reported. */
export interface ReportOptions {
  /** Messages of one sender, as `checkFrank` gave them: 1 to 64. The report holds these and nothing else. */
  readonly messages: readonly FrankedMessage[];
  /** An AbuseType, 1 to 255, as the provider numbers them. */
  readonly reason: number;
  /** In words, at most 8,192 bytes. Default: none */
  readonly note?: string;
  /** The user who reports. Default: not named */
  readonly reportingUser?: string;
}

const aMessage = /* @__PURE__ */ thing(
  "a franked message",
  { applicationData: aBytes, stamp: aBytes, acceptedAt: time, sender: text, room: text },
  ["applicationData", "stamp", "acceptedAt", "sender", "room"],
);
const aReason: Takes = /* @__PURE__ */ is(
  "a whole number, 1 to 255",
  (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 255,
);
const aNote: Takes = /* @__PURE__ */ is(
  "a text of at most 8,192 bytes",
  (value) => typeof value === "string" && utf8(value).length <= longestNote,
);
const takes = /* @__PURE__ */ optionsOf(
  { messages: list(aMessage), reason: aReason, note: aNote, reportingUser: text },
  "messages",
  "reason",
);

/** The bytes of a report: MIMI's AbuseReport. @throws TypeError where the messages are not of one sender and one room. */
export function writeReport(options: ReportOptions): Bytes {
  takes("writeReport", options);
  const { messages, reason, note = "", reportingUser = "" } = options;
  const [first] = messages;
  if (first === undefined || messages.length > mostMessages) throw new TypeError("a report has 1 to 64 messages");
  if (messages.some(({ sender, room }) => sender !== first.sender || room !== first.room)) {
    throw new TypeError("the messages of a report are of one sender in one room: make one for each");
  }
  return encode(AbuseReport, {
    reportingUser,
    allegedAbuser: first.sender,
    reason,
    note,
    messages: messages.map(({ applicationData, stamp, acceptedAt }) => ({
      content: applicationData,
      frank: frankIn(stamp),
      acceptedAt: BigInt(acceptedAt),
    })),
    extensions: new Uint8Array(0),
  });
}

/** A key that a hub has signed franks with. */
export interface AgentKey {
  readonly suite: CipherSuite;
  readonly publicKey: Uint8Array;
}

/** What a provider has to verify a report with. */
export interface VerifyOptions {
  /** All symmetric keys whose time is not forgotten, older ones too. */
  readonly hubKeys: readonly HubKey[];
  /** All public keys that it has ever signed franks with. */
  readonly agentKeys: readonly AgentKey[];
  /** The room that the report is about, where it was sent to a room's address. Default: that which each message names */
  readonly room?: string;
}

/**
 * Why a message proves nothing: "content": it is no content that could have been franked; "time": this hub has no key of that time; "frank":
 * this hub has accepted no such content of this sender in this room at this time, so that something of it was changed, or it is another
 * hub's; "signature": the hub has franked it and somebody has changed the signature; "sender": it is not of the one who is accused;
 * "room": it is of another room than the one that is reported.
 */
export type Unproven = "content" | "time" | "frank" | "signature" | "sender" | "room";

/** What is found of a message. */
export type Verdict =
  | {
      readonly kind: "proven";
      readonly sender: string;
      readonly room: string;
      /** When this hub accepted it, in milliseconds since 1970. */
      readonly at: number;
      /** The whole application data. */
      readonly content: Bytes;
    }
  | { readonly kind: "unproven"; readonly why: Unproven };

/** A report that was read, and what is found of each of its messages. */
export interface VerifiedReport {
  /** Who says so; whoever takes the report knows better. Empty where nobody is named. */
  readonly reportingUser: string;
  readonly allegedAbuser: string;
  readonly reason: number;
  readonly note: string;
  readonly verdicts: readonly Verdict[];
}

const agentKeys = /* @__PURE__ */ list(thing("an agent key", { publicKey: aBytes }, ["publicKey"]));
const takesVerify = /* @__PURE__ */ optionsOf({ hubKeys: someHubKeys, agentKeys, room: text }, "hubKeys", "agentKeys");

/**
 * What a report proves: of each message who sent it, when and where, or why it proves nothing.
 *
 * @throws ReportError "report-format"
 */
export async function verifyReport(report: Uint8Array, options: VerifyOptions): Promise<VerifiedReport> {
  aBytes("report", report);
  takesVerify("verifyReport", options);
  const { reportingUser, allegedAbuser, reason, note, messages } = readReport(report);
  const verdicts: Verdict[] = [];
  for (const message of messages) verdicts.push(await verdictOf(message, allegedAbuser, options));
  return { reportingUser, allegedAbuser, reason, note, verdicts };
}

function readReport(bytes: Uint8Array): AbuseReport {
  if (bytes.length > longestReport) throw new ReportError("report-format");
  try {
    const report = decodeCopy(AbuseReport, bytes);
    if (report.messages.length > 0 && report.reason > 0) return report;
  } catch (cause) {
    throw new ReportError("report-format", { cause });
  }
  throw new ReportError("report-format");
}

async function verdictOf(
  { content, frank, acceptedAt }: ReportedMessage,
  allegedAbuser: string,
  { hubKeys, agentKeys, room: reported }: VerifyOptions,
): Promise<Verdict> {
  const unproven = (why: Unproven): Verdict => ({ kind: "unproven", why });
  let said;
  try {
    said = frankedContent(content);
  } catch {
    return unproven("content");
  }
  const { salt, sender, room } = said;
  const at = Number(acceptedAt);
  const key = Number.isSafeInteger(at) ? hubKeyAt(hubKeys, at) : undefined;
  if (key === undefined) return unproven("time");
  const context = { sender, room, acceptedAt };
  const expected = serverFrank(key, tagUnder(salt, content), context);
  if (!constantTimeEqual(expected, frank.serverFrank)) return unproven("frank");
  const { cipherSuite, signature, serverFrank: made } = frank;
  const signed = encode(FrankingTbs, { serverFrank: made, cipherSuite, context });
  let isSigned = false;
  for (const { suite, publicKey } of agentKeys) {
    if (isSigned || suite.id !== cipherSuite) continue;
    isSigned = await verifyWithLabel(suite, { publicKey, label: integrityLabel, content: signed, signature });
  }
  if (!isSigned) return unproven("signature");
  if (sender !== allegedAbuser) return unproven("sender");
  if (reported !== undefined && room !== reported) return unproven("room");
  return { kind: "proven", sender, room, at, content: new Uint8Array(content) };
}
