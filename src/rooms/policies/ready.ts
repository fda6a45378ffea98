/**
 * Ready policies: roles, and what holds for the whole room.
 */

import { oneOf, type Takes } from "../../bytes/takes.ts";
import type { BaseRoomPolicy } from "../formats/base-policy.ts";
import type { MessageExpirationPolicy, StatusNotificationPolicy, HistoryPolicy } from "../formats/policies.ts";
import type { Role } from "../formats/roles.ts";
import {
  administeredRoles,
  broadcastRoles,
  callRoles,
  cooperativeRoles,
  directRoles,
  moderatedRoles,
} from "./tables.ts";

/** A policy that is ready to take. */
export interface ReadyPolicy {
  readonly roles: readonly Role[];
  readonly base: Partial<BaseRoomPolicy>;
  /** The roles of who makes the room, and of whom it invites. */
  readonly creatorRole: number;
  readonly memberRole: number;
  readonly statusNotification: StatusNotificationPolicy;
  readonly expiration: MessageExpirationPolicy;
  readonly history: HistoryPolicy;
}

const day = 24 * 60 * 60;
const asOneLikes: StatusNotificationPolicy = { deliveryNotifications: "optional", readReceipts: "optional" };
const silent: StatusNotificationPolicy = { deliveryNotifications: "forbidden", readReceipts: "forbidden" };
/** 5 seconds to 4 weeks. */
const timers: MessageExpirationPolicy = { expiringMessages: "optional", min: 5, max: 28 * day, default: undefined };
const noHistory: HistoryPolicy = { historySharing: "forbidden" };

const common = { statusNotification: asOneLikes, expiration: timers, history: noHistory };

/** The name of a ready policy. */
export type ReadyPolicyName = "cooperative" | "administered" | "moderated" | "direct" | "secret" | "broadcast" | "call";

/** The policies by their names. */
export const readyPolicies: Readonly<Record<ReadyPolicyName, ReadyPolicy>> = {
  /** Everybody adds, removes and names; admins moderate. */
  cooperative: { ...common, roles: cooperativeRoles, base: {}, creatorRole: 3, memberRole: 2 },
  /** Admins decide who is in it. */
  administered: { ...common, roles: administeredRoles, base: {}, creatorRole: 4, memberRole: 2 },
  /** Only speakers speak, and moderators say who is one. */
  moderated: {
    ...common,
    statusNotification: silent,
    roles: moderatedRoles,
    base: { persistentRoom: true },
    creatorRole: 6,
    memberRole: 3,
  },
  /** A direct message: one room for each set of users, and nobody is added to it or leaves it. */
  direct: { ...common, roles: directRoles, base: { fixedMembership: true }, creatorRole: 2, memberRole: 2 },
  /** A direct message of the devices that it begins with: one each, timers on, and no history for anybody. */
  secret: {
    ...common,
    roles: directRoles,
    base: { fixedMembership: true, multiDevice: false },
    creatorRole: 2,
    memberRole: 2,
    expiration: { expiringMessages: "required", min: 5, max: 28 * day, default: day },
  },
  /** Few speak; everybody may come, listen and go. */
  broadcast: {
    ...common,
    statusNotification: silent,
    roles: broadcastRoles,
    base: { persistentRoom: true, discoverable: true },
    creatorRole: 4,
    memberRole: 2,
  },
  /** A call beside a room: `parentRoom` says which. */
  call: {
    ...common,
    expiration: { expiringMessages: "forbidden" },
    roles: callRoles,
    base: { parentDependent: true },
    creatorRole: 3,
    memberRole: 2,
  },
};

export const aPolicyName: Takes = oneOf(...Object.keys(readyPolicies));
