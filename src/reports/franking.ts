/**
 * The franking tag: by it a sender commits to the whole application data, and the hub learns nothing of it.
 * draft-ietf-mimi-protocol, "Message Franking".
 */

import { hmac } from "#symmetric";
import { asBytes, type Bytes } from "../bytes/bytes.ts";
import { bytes as aBytes } from "../bytes/takes.ts";
import { concat } from "../bytes/concat.ts";
import { decode, encode } from "../codec/codec.ts";
import { decodeContent } from "../content/decode.ts";
import type { Component } from "../extensions/app-data/component.ts";
import { readFraming } from "../extensions/app-data/media-types.ts";
import { readSafeAad } from "../extensions/app-data/safe-aad.ts";
import type { Credential } from "../wire/credential.ts";
import { ReportError } from "./errors.ts";
import { frankingAgentFormat, type FrankingAgentData } from "../rooms/formats/franking-agent.ts";
import { roomNumbers } from "../rooms/numbers.ts";
import { FrankAad, FrankingContext, frankLength } from "./formats.ts";

/**
 * The numbers of the two components: the draft suggests 0x0020 and 0x0021, and these are the same behind 0xF0, in the range for private
 * use, until they are assigned.
 */
export const frankingNumbers: FrankingNumbers = /* @__PURE__ */ Object.freeze({
  frank_aad: 0xf020,
  franking_agent: roomNumbers.franking_agent,
});

/** The numbers of the components of franking. */
export interface FrankingNumbers {
  readonly frank_aad: number;
  readonly franking_agent: number;
}

/**
 * The component in the group context that says whose franks a group has: for `createAppData({ components: [...] })`. `roomAppData` of
 * copse/rooms has it already.
 */
export const frankingAgentComponent: Component = {
  id: frankingNumbers.franking_agent,
  isValid: (data, place) => place === "group_context" && agentOf(data) !== undefined,
  // "The use of AppDataUpdate on the franking_agent is RECOMMENDED only when adding a new franking_agent": another key comes by ReInit.
  update: {
    apply: (current, updates) => (current === undefined && updates.length === 1 ? updates[0]!.update : undefined),
  },
};

/** The component under which a tag stands in a message's SafeAAD. */
export const frankAadComponent: Component = { id: frankingNumbers.frank_aad, isValid: () => false };

/** The data of `frankingAgentComponent`: the key that a hub signs franks with, and the credential that names the hub. */
export function frankingAgent(agent: { readonly signatureKey: Uint8Array; readonly credential: Credential }): Bytes {
  aBytes("agent.signatureKey", agent.signatureKey);
  return encode(frankingAgentFormat.codec, agent);
}

/** The agent that data is, or undefined. */
export function agentOf(data: Uint8Array): FrankingAgentData | undefined {
  try {
    return decode(frankingAgentFormat.codec, data);
  } catch {
    return undefined;
  }
}

/** What a report says of itself: the salt, the sender and the room that stand in the content. */
export interface FrankedContent {
  readonly salt: Uint8Array;
  readonly sender: string;
  readonly room: string;
}

/**
 * Salt, sender and room of application data: MIMI content, bare or framed by its media type.
 *
 * @throws ReportError "frank-content"
 */
export function frankedContent(applicationData: Uint8Array): FrankedContent {
  try {
    const { salt, senderUri, roomUri } = decodeContent(contentIn(applicationData));
    if (senderUri !== undefined && roomUri !== undefined) return { salt, sender: senderUri, room: roomUri };
  } catch (cause) {
    throw new ReportError("frank-content", { cause });
  }
  throw new ReportError("frank-content");
}

/**
 * MIMI content begins with an array of seven and a byte string of 16 bytes. As the length of a media type this would be one of 2^24
 * bytes and more: no framing begins so.
 */
function contentIn(applicationData: Uint8Array): Uint8Array {
  const isBare = applicationData[0] === 0x87 && applicationData[1] === 0x50;
  return isBare ? applicationData : readFraming(applicationData, []).content;
}

/**
 * The franking tag of application data: HMAC-SHA-256 of all of it, framing included, under the salt in it.
 *
 *     const authenticatedData = writeSafeAad([{ componentId: frankingNumbers.frank_aad, data: frankingTag(applicationData) }]);
 *
 * @throws ReportError "frank-content" where the content has no salt, sender or room: nobody could report it.
 */
export function frankingTag(applicationData: Uint8Array): Bytes {
  aBytes("applicationData", applicationData);
  return tagUnder(frankedContent(applicationData).salt, applicationData);
}

export function tagUnder(salt: Uint8Array, applicationData: Uint8Array): Bytes {
  return asBytes(hmac("sha256", salt, applicationData));
}

/** The tag in a message's authenticated data, or undefined where there is none. */
export function tagIn(authenticatedData: Uint8Array): Uint8Array | undefined {
  try {
    const item = readSafeAad(authenticatedData).find(({ componentId }) => componentId === frankingNumbers.frank_aad);
    return item?.data.length === frankLength ? decode(FrankAad, item.data) : undefined;
  } catch {
    return undefined;
  }
}

/** server_frank = HMAC-SHA-256(hub_key, franking_tag || context) */
export function serverFrank(hubKey: Uint8Array, tag: Uint8Array, context: FrankingContext): Uint8Array {
  return hmac("sha256", hubKey, concat(tag, encode(FrankingContext, context)));
}
