/**
 * Messages of rooms that have a franking agent: each is sent with a tag by which its sender commits to it, and taken in where it could be
 * reported, and else not. draft-ietf-mimi-protocol, "Message Franking".
 */

import { encode } from "../../codec/codec.ts";
import type { LogItem } from "../../delivery/delivery.ts";
import { checkFrank } from "../../reports/check.ts";
import { ReportError } from "../../reports/errors.ts";
import type { SafeAadItem } from "../../extensions/app-data/safe-aad.ts";
import { frankingNumbers, frankingTag } from "../../reports/franking.ts";
import { frankingAgentFormat, type FrankingAgentData } from "../../rooms/formats/franking-agent.ts";
import { hostOf, providerUri, userOfDevice } from "../../rooms/uri.ts";
import type { RoomCore } from "../room/core.ts";
import type { Folded, OpenedMessage } from "../surroundings.ts";
import { keeping } from "./originals.ts";

/** The franking tag of a content that this device sends; undefined where it names no sender or no room, so that nobody would take it. */
export function frankOf(content: Uint8Array): SafeAadItem | undefined {
  try {
    return { componentId: frankingNumbers.frank_aad, data: frankingTag(content) };
  } catch (error) {
    if (error instanceof ReportError) return undefined;
    throw error;
  }
}

/** A message of a room with this agent, where it can be reported, with what reports it; and else that it was refused. */
export async function openedFranked(
  core: RoomCore,
  agent: FrankingAgentData,
  { stamp }: LogItem,
  authenticatedData: Uint8Array,
  message: OpenedMessage,
): Promise<Folded> {
  const { around, id: room } = core;
  const { suite } = await core.group();
  const { nextEntry } = core.state;
  try {
    await checkFrank({
      suite,
      agent: encode(frankingAgentFormat.codec, agent),
      hub: providerUri(hostOf(room)),
      applicationData: message.content,
      authenticatedData,
      stamp,
      acceptedAt: message.at,
      sender: userOfDevice(message.device),
      room,
    });
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    const { number: item, device: by } = message;
    return { changes: [], events: [{ kind: "refused", room, item, by, reason: error.code }], nextEntry };
  }
  return keeping(core, { ...message, stamp: stamp! }, await around.folding.opened(message, nextEntry));
}
