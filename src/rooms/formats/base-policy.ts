/**
 * What holds for a room as a whole. The component base_room_policy. draft-ietf-mimi-room-policy section 5.
 */

import { optional, struct, type Codec } from "../../codec/codec.ts";
import { areDistinct, bool, listOf, mimiUri, must, type Format, u16, u32 } from "./parts.ts";

/** Section 5 */
export interface BaseRoomPolicy {
  /** A direct message: nobody is added to it and nobody leaves it. */
  readonly fixedMembership: boolean;
  /** A room beside another, as for a call: its participants are participants there. The draft's struct writes "dependant". */
  readonly parentDependent: boolean;
  /** The parent's URI, or nothing: the draft's struct has a vector of URIs, and its text one or none. */
  readonly parentRoom: readonly string[];
  /** Whether a user may have several devices in the group. */
  readonly multiDevice: boolean;
  /** Devices in the group, and users that are not banned, at most. */
  readonly maxClients: number | undefined;
  readonly maxUsers: number | undefined;
  readonly pseudonymsAllowed: boolean;
  readonly persistentRoom: boolean;
  readonly discoverable: boolean;
  /** "the Component IDs of the other policy components that are relevant to this room" */
  readonly policyComponentIds: readonly number[];
}

const codec: Codec<BaseRoomPolicy> = struct<BaseRoomPolicy>({
  fixedMembership: bool,
  parentDependent: bool,
  parentRoom: listOf(mimiUri("room"), 1),
  multiDevice: bool,
  maxClients: optional(u32),
  maxUsers: optional(u32),
  pseudonymsAllowed: bool,
  persistentRoom: bool,
  discoverable: bool,
  policyComponentIds: listOf(u16, 256),
});

/** base_room_policy, and its update, which replaces it whole. */
export const basePolicyFormat: Format<BaseRoomPolicy> = {
  codec,
  most: 4096,
  check: ({ parentDependent, parentRoom, policyComponentIds }) => {
    // "If `parent-dependent` is true, the `parent_room` MUST be set with the room ID of the parent. Otherwise the field is zero-length."
    must(parentDependent === (parentRoom.length === 1), "a parent where there is none, or none where there is one");
    must(areDistinct(policyComponentIds), "a component twice");
  },
};
