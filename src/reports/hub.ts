/**
 * What a hub does for a message that it can't read: it stamps it, so that whoever gets it can show it to the hub again.
 * draft-ietf-mimi-protocol, "Hub processing".
 */

import type { Bytes } from "../bytes/bytes.ts";
import { bytesEqual } from "../bytes/compare.ts";
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
import type { CipherSuite, Signer } from "../crypto/provider.ts";
import type { FrankingAgentData } from "../rooms/formats/franking-agent.ts";
import type { Credential } from "../wire/credential.ts";
import { Frank, FrankingTbs } from "./formats.ts";
import { frankingAgent, serverFrank, tagIn } from "./franking.ts";

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
  readonly agentFor: (
    room: string,
    accepting: Parameters<FrankingStamp>[0],
  ) => FrankingSigner | undefined | Promise<FrankingSigner | undefined>;
}

/** Who a hub is for the rooms of a cipher suite: `createIdentity({ suite, credential: basic("mimi://example.org") })` makes one. */
export interface HubAgent {
  readonly suite: Pick<CipherSuite, "id">;
  /** Names the hub. */
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly signer: Signer;
}

/** Options of `hubFranking`. */
export interface HubFrankingOptions {
  readonly hubKeys: readonly HubKey[];
  /** Of each cipher suite the latest one is for new rooms, and those before it for the rooms that have them. */
  readonly agents: readonly HubAgent[];
}

/** What a delivery service takes to frank messages. */
export interface HubFranking {
  readonly stamp: FrankingStamp;
  /** Who franks new rooms of a cipher suite: FrankingAgentData, encoded. */
  readonly frankingAgent: (cipherSuite: number) => Bytes | undefined;
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
    cipherSuite: uint16,
  },
  ["room", "user", "at", "authenticatedData"],
);

/** The stamp of a message, or undefined where it has no tag, the room no agent, or the time no key: receivers drop it then. */
export type FrankingStamp = (accepting: {
  readonly room: string;
  readonly user: string;
  readonly at: number;
  readonly authenticatedData: Uint8Array;
  /** The room's franking agent and cipher suite, as a delivery service with the option `rooms` tells them. */
  readonly agent?: FrankingAgentData;
  readonly cipherSuite?: number;
}) => Promise<Bytes | undefined>;

const takesHub = /* @__PURE__ */ optionsOf(
  {
    hubKeys: someHubKeys,
    agents: list(
      thing(
        "an identity",
        {
          suite: thing("a cipher suite", { id: uint16 }, ["id"]),
          signatureKey: aBytes,
          signer: having("a signer", "sign"),
        },
        ["suite", "signatureKey", "signer"],
      ),
    ),
  },
  "hubKeys",
  "agents",
);

/**
 * Franking for a delivery service whose rooms are MIMI's: what it offers to new rooms, and its stamps, each by the agent that stands in the
 * message's room.
 *
 *     const delivery = memoryDelivery({ ...options, rooms: roomAppData(), ...hubFranking({ hubKeys, agents }) });
 */
export function hubFranking(options: HubFrankingOptions): HubFranking {
  takesHub("hubFranking", options);
  const agents = [...options.agents].reverse();
  const agentFor: FrankingOptions["agentFor"] = (_, { agent, cipherSuite }) => {
    const found = agents.find(
      ({ suite, signatureKey }) =>
        agent !== undefined && suite.id === cipherSuite && bytesEqual(signatureKey, agent.signatureKey),
    );
    return found && { cipherSuite: found.suite.id, signer: found.signer };
  };
  return {
    stamp: frankingStamp({ hubKeys: options.hubKeys, agentFor }),
    frankingAgent: (cipherSuite) => {
      const latest = agents.find(({ suite }) => suite.id === cipherSuite);
      return latest && frankingAgent(latest);
    },
  };
}

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
    const agent = await agentFor(room, accepting);
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
