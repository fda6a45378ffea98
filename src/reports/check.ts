/**
 * What a receiver checks before it shows a message: that it could report it. draft-ietf-mimi-protocol, "Receiver verification of frank".
 */

import { constantTimeEqual } from "../bytes/compare.ts";
import { copyBytes } from "../bytes/copy.ts";
import { yesOrNo } from "../bytes/decision.ts";
import { bytes as aBytes, having, hook, options as optionsOf, text } from "../bytes/takes.ts";
import { utf8Decode } from "../bytes/text.ts";
import { decode, encode } from "../codec/codec.ts";
import { verifyWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import type { Credential } from "../wire/credential.ts";
import { ReportError } from "./errors.ts";
import { Frank, FrankingTbs } from "./formats.ts";
import { agentOf, frankedContent, tagIn, tagUnder } from "./franking.ts";
import { integrityLabel, time } from "./hub.ts";

/** A message that came, and what is known of it. */
export interface FrankedArrival {
  /** The room's cipher suite. */
  readonly suite: CipherSuite;
  /** The data of the component franking_agent in the room's group context. */
  readonly agent: Uint8Array;
  /** The hub of the room: mimi://host. The agent's credential must be its. */
  readonly hub: string;
  /** Whether a credential of another kind than basic is the hub's. Default: none is. */
  readonly isHub?: (credential: Credential) => boolean;
  /** What the message says, with its framing. */
  readonly applicationData: Uint8Array;
  readonly authenticatedData: Uint8Array;
  /** What the hub gave with the message. */
  readonly stamp: Uint8Array | undefined;
  /** When the hub accepted it, in milliseconds since 1970, as it says. */
  readonly acceptedAt: number;
  /** The user of the sender's credential. */
  readonly sender: string;
  /** The room that it came in. */
  readonly room: string;
}

/** A message that can be reported: keep all of it, for it can't be made again. */
export interface FrankedMessage {
  readonly applicationData: Uint8Array;
  /** The hub's frank, as it came. */
  readonly stamp: Uint8Array;
  readonly acceptedAt: number;
  readonly sender: string;
  readonly room: string;
}

const takes = /* @__PURE__ */ optionsOf(
  {
    suite: having("a cipher suite", "verify", "hash"),
    agent: aBytes,
    hub: text,
    isHub: hook,
    applicationData: aBytes,
    authenticatedData: aBytes,
    stamp: aBytes,
    acceptedAt: time,
    sender: text,
    room: text,
  },
  "suite",
  "agent",
  "hub",
  "applicationData",
  "authenticatedData",
  "acceptedAt",
  "sender",
  "room",
);

/**
 * The message, where it can be reported.
 *
 * @throws ReportError that says why it must not be shown.
 */
export async function checkFrank(arrival: FrankedArrival): Promise<FrankedMessage> {
  takes("arrival", arrival);
  const { suite, applicationData, stamp, acceptedAt, sender, room } = arrival;
  const tag = tagIn(arrival.authenticatedData);
  if (tag === undefined || stamp === undefined) throw new ReportError("frank-missing");
  const frank = frankIn(stamp);
  const agent = agentOf(arrival.agent);
  if (agent === undefined || !isOfHub(agent.credential, arrival)) throw new ReportError("frank-agent");
  // "the client looks ... that franking_signature_ciphersuite matches the MLS cipher suite in-use"
  if (frank.cipherSuite !== suite.id) throw new ReportError("frank-suite");
  const content = frankedContent(applicationData);
  if (content.sender !== sender) throw new ReportError("frank-sender");
  if (content.room !== room) throw new ReportError("frank-room");
  if (!constantTimeEqual(tagUnder(content.salt, applicationData), tag)) throw new ReportError("frank-tag");
  const { serverFrank, cipherSuite, signature } = frank;
  const context = { sender, room, acceptedAt: BigInt(acceptedAt) };
  const signed = {
    label: integrityLabel,
    content: encode(FrankingTbs, { serverFrank, cipherSuite, context }),
    signature,
  };
  if (!(await verifyWithLabel(suite, { publicKey: agent.signatureKey, ...signed }))) {
    throw new ReportError("frank-signature");
  }
  return { applicationData: copyBytes(applicationData), stamp: copyBytes(stamp), acceptedAt, sender, room };
}

/** @throws ReportError "frank-missing" where the stamp is no frank. */
export function frankIn(stamp: Uint8Array): Frank {
  try {
    return decode(Frank, stamp);
  } catch (cause) {
    throw new ReportError("frank-missing", { cause });
  }
}

function isOfHub(credential: Credential, { hub, isHub }: FrankedArrival): boolean {
  if (credential.type === "basic") return utf8Decode(credential.identity) === hub;
  return isHub !== undefined && yesOrNo("isHub", isHub(credential));
}
