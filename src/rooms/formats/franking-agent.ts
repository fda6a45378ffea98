/**
 * Who signs franks: what a hub gives to the messages of a room, so that they can be reported to it. draft-ietf-mimi-protocol, "Message
 * Franking".
 */

import { opaque, struct, type Codec } from "../../codec/codec.ts";
import { Credential } from "../../wire/credential.ts";
import type { Format } from "./parts.ts";

/** FrankingAgentData: in the group context. As an ExternalSender of RFC 9420 section 12.1.8.1 */
export interface FrankingAgentData {
  /** Of the signature scheme of the group's cipher suite. */
  readonly signatureKey: Uint8Array;
  /** Names the hub. */
  readonly credential: Credential;
}
const codec: Codec<FrankingAgentData> = struct<FrankingAgentData>({
  signatureKey: opaque,
  credential: Credential,
});

export const frankingAgentFormat: Format<FrankingAgentData> = { codec, most: 8192 };
