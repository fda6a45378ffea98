/**
 * Who franks the messages of new rooms: the service says so, and it is remembered for a day.
 */

import { attempt } from "../../bytes/attempt.ts";
import { opaque, optional, struct, u16 } from "../../codec/codec.ts";
import { utf8Decode } from "../../bytes/text.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { RoomError } from "../../rooms/errors.ts";
import { frankingAgentFormat, type FrankingAgentData } from "../../rooms/formats/franking-agent.ts";
import { readFormat } from "../../rooms/formats/parts.ts";
import { hostOf, providerUri } from "../../rooms/uri.ts";
import { entryKind, integer, type EntryKind } from "../store/entry.ts";
import { frankingKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";

interface Offer {
  /** When the service said so, in milliseconds since 1970. */
  readonly at: number;
  readonly cipherSuite: number;
  readonly agent: Uint8Array | undefined;
}
const offerEntry: EntryKind<Offer> = entryKind(
  struct<Offer>({ at: integer, cipherSuite: u16, agent: optional(opaque) }),
);

const day = 24 * 60 * 60 * 1000;

/** The franking agent that a new room begins with; undefined where the service offers none, or another host's, or was never asked. */
export async function frankingAgentFor(around: Surroundings, room: string): Promise<FrankingAgentData | undefined> {
  const { agent } = (await offerOf(around)) ?? {};
  if (agent === undefined) return undefined;
  return attempt(RoomError, () => {
    const data = readFormat(frankingAgentFormat, agent);
    const { credential } = data;
    const isHub = credential.type === "basic" && utf8Decode(credential.identity) === providerUri(hostOf(room));
    return isHub ? data : undefined;
  });
}

async function offerOf({ store, clock, identity, connection }: Surroundings): Promise<Offer | undefined> {
  const stored = await store.get(frankingKey);
  const known = stored && offerEntry.read(stored);
  const { id: cipherSuite } = identity.suite;
  const now = clock();
  const ofSuite = known?.cipherSuite === cipherSuite ? known : undefined;
  const service = connection();
  if (service === undefined || (ofSuite !== undefined && Math.abs(now - ofSuite.at) < day)) return ofSuite;
  try {
    const { agent } = await service.frankingAgent({ cipherSuite });
    const offer = { at: now, cipherSuite, agent };
    await store.batch([{ put: frankingKey, value: offerEntry.write(offer) }]);
    return offer;
  } catch (error) {
    if (error instanceof DeliveryError) return ofSuite;
    throw error;
  }
}
