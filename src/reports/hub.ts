/**
 * What a hub does for a message that it can't read: it stamps it, so that whoever gets it can show it to the hub again.
 * draft-ietf-mimi-protocol, "Hub processing".
 */

import type { Bytes } from "../bytes/bytes.ts";
import { copyBytes } from "../bytes/copy.ts";
import {
  bytes as aBytes,
  having,
  hook,
  is,
  list,
  options as optionsOf,
  thing,
  uint16,
  type Takes,
} from "../bytes/takes.ts";
import { encode } from "../codec/codec.ts";
import { signWithLabel } from "../crypto/labels.ts";
import type { Signer } from "../crypto/provider.ts";
import { Frank, FrankingTbs } from "./formats.ts";
import { serverFrank, tagIn } from "./franking.ts";

/** The label of a hub's signature. */
export const integrityLabel = "FrankingIntegrityTBS";

/** A hub's symmetric key, from when it was in use. Keep old ones as long as reports of their time are taken. */
export interface HubKey {
  /** From this time on, in milliseconds since 1970, until the next key's. */
  readonly from: number;
  /** 32 random bytes or more. */
  readonly key: Uint8Array;
}

/** Who signs the franks of a room. */
export interface FrankingSigner {
  /** The room's cipher suite, whose signature scheme the key is of. */
  readonly cipherSuite: number;
  readonly signer: Signer;
}

/** Options of `frankingStamp`. */
export interface FrankingOptions {
  readonly hubKeys: readonly HubKey[];
  /** Who signs in a room: whose key stands in its `franking_agent`. Undefined where the room has no franking. */
  readonly agentFor: (room: string) => FrankingSigner | undefined | Promise<FrankingSigner | undefined>;
}

export const time: Takes = /* @__PURE__ */ is(
  "a whole number of milliseconds since 1970",
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
const longKey = /* @__PURE__ */ is(
  "a Uint8Array of 32 bytes or more",
  (value) => value instanceof Uint8Array && value.length >= 32,
);
export const someHubKeys: Takes = /* @__PURE__ */ list(
  thing("a hub key", { from: time, key: longKey }, ["from", "key"]),
);
const takes = /* @__PURE__ */ optionsOf({ hubKeys: someHubKeys, agentFor: hook }, "hubKeys", "agentFor");
const takesAgent = /* @__PURE__ */ thing(
  "a franking signer",
  { cipherSuite: uint16, signer: having("a signer", "sign") },
  ["cipherSuite", "signer"],
);
const takesStamping = /* @__PURE__ */ thing(
  "a message that is accepted",
  {
    room: is("a text", (value) => typeof value === "string"),
    user: is("a text", (value) => typeof value === "string"),
    at: time,
    authenticatedData: aBytes,
  },
  ["room", "user", "at", "authenticatedData"],
);

/** The stamp of a message, or undefined where it has no tag, the room no agent, or the time no key: receivers drop it then. */
export type FrankingStamp = (accepting: {
  readonly room: string;
  readonly user: string;
  readonly at: number;
  readonly authenticatedData: Uint8Array;
}) => Promise<Bytes | undefined>;

/**
 * The hub's stamp, as a delivery service asks for it:
 *
 *     memoryDelivery({ address, group, accounts, stamp: frankingStamp({ hubKeys, agentFor }) });
 */
export function frankingStamp(options: FrankingOptions): FrankingStamp {
  takes("frankingStamp", options);
  const { agentFor } = options;
  const hubKeys = options.hubKeys.map(({ from, key }) => ({ from, key: copyBytes(key) }));
  return async (accepting) => {
    takesStamping("accepting", accepting);
    const { room, user, at, authenticatedData } = accepting;
    const tag = tagIn(authenticatedData);
    const key = hubKeyAt(hubKeys, at);
    if (tag === undefined || key === undefined) return undefined;
    const agent = await agentFor(room);
    if (agent === undefined) return undefined;
    takesAgent("agentFor", agent);
    const { cipherSuite, signer } = agent;
    const context = { sender: user, room, acceptedAt: BigInt(at) };
    const frank = serverFrank(key, tag, context);
    const content = encode(FrankingTbs, { serverFrank: frank, cipherSuite, context });
    const signature = await signWithLabel(signer, integrityLabel, content);
    return encode(Frank, { serverFrank: frank, cipherSuite, signature });
  };
}

/** The key that was in use at a time: the latest one that is not later. */
export function hubKeyAt(hubKeys: readonly HubKey[], at: number): Uint8Array | undefined {
  let found: HubKey | undefined;
  for (const each of hubKeys) if (each.from <= at && each.from >= (found?.from ?? 0)) found = each;
  return found?.key;
}
