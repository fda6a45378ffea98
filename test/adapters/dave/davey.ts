/**
 * davey's session with plain numbers in the place of its enums, which are constants that only a compiler knows.
 */

import davey from "@snazzah/davey";

export const codecs = { opus: 1, vp8: 2, vp9: 3, h264: 4, h265: 5, av1: 6 } as const;
export const media = { audio: 0, video: 1 } as const;
export const operations = { append: 0, revoke: 1 } as const;

type Plain = Omit<davey.DAVESession, "processProposals" | "encrypt" | "decrypt">;

export interface DaveySession extends Plain {
  processProposals(operation: number, proposals: Buffer, recognized: string[]): davey.ProposalsResult;
  encrypt(media: number, codec: number, packet: Buffer): Buffer;
  decrypt(userId: string, media: number, packet: Buffer): Buffer;
}

export function daveySession(userId: bigint, channelId: bigint): DaveySession {
  return new davey.DAVESession(1, String(userId), String(channelId));
}
