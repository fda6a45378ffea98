/**
 * What a room shows of itself. The component room_metadata. draft-ietf-mimi-protocol section 7.6.
 */

import { struct, type Codec } from "../../codec/codec.ts";
import type { Capability } from "./capabilities.ts";
import { anyUri, bytesOf, checked, listOf, mimiUri, textOf, type Format } from "./parts.ts";

/** A description: in the media type that it says, or in text/plain;charset=utf-8 where that is empty. */
export interface RichDescription {
  readonly mediaType: string;
  readonly languageTag: string;
  readonly descriptionContent: Uint8Array;
}
const RichDescription: Codec<RichDescription> = struct<RichDescription>({
  mediaType: textOf(256),
  languageTag: textOf(64),
  descriptionContent: bytesOf(16_384),
});

/** Section 7.6. Replaced whole, and judged field by field. */
export interface RoomMetadata {
  readonly roomUri: string;
  readonly roomName: string;
  readonly roomDescriptions: readonly RichDescription[];
  /** "an https URI resolving to an avatar image"; empty for none; or a sealed one (`sealText`). */
  readonly roomAvatar: string;
  readonly roomSubject: string;
  readonly roomMood: string;
}

/** What a sealed field begins with. */
export const sealedPrefix = "sealed:";

const avatar = checked(anyUri, (uri) => uri === "" || uri.startsWith("https://") || uri.startsWith(sealedPrefix));

/** room_metadata, and its update, which replaces it whole. */
export const metadataFormat: Format<RoomMetadata> = {
  codec: struct<RoomMetadata>({
    roomUri: mimiUri("room"),
    roomName: textOf(1024),
    roomDescriptions: listOf(RichDescription, 16),
    roomAvatar: avatar,
    roomSubject: textOf(4096),
    roomMood: textOf(1024),
  }),
  most: 65_536,
};

/** Who may change which field. draft-ietf-mimi-room-policy section 8.2. The room's URI nobody may change. */
export const metadataCapabilities: Readonly<Record<Exclude<keyof RoomMetadata, "roomUri">, Capability>> = {
  roomName: "canChangeRoomName",
  roomDescriptions: "canChangeRoomDescription",
  roomAvatar: "canChangeRoomAvatar",
  roomSubject: "canChangeRoomSubject",
  roomMood: "canChangeRoomMood",
};
