/**
 * Who proposes something, and what role that gives them. draft-ietf-mimi-room-policy section 8: "a participant, a potential future
 * participant, or an external party".
 */

import { externalSenders } from "../rules/extensions.ts";
import type { Credential } from "../wire/credential.ts";
import type { Extension } from "../wire/extension.ts";
import type { Sender } from "../wire/framing.ts";
import { preauthorizedRole } from "./claims.ts";
import type { RoomAppData } from "./components.ts";
import { may, mayMove, noRole, type Role } from "./formats/roles.ts";
import type { Capability } from "./formats/capabilities.ts";
import type { Membership } from "./membership.ts";
import type { RoomRules } from "./rules.ts";
import { uriOfBytes, isUri } from "./uri.ts";

/** Who acts. */
export interface Actor {
  readonly by: Sender | undefined;
  /** Undefined where the credential of an external sender names no user or provider: then it is preauthorized, or may nothing. */
  readonly user: string | undefined;
  readonly credential: Credential | undefined;
  /** The role that it acts with. */
  readonly roleIndex: number;
  /** Its definition; undefined where the room has no role 0. */
  readonly role: Role | undefined;
}

/** Whether an actor's role has a capability. */
export function can({ role }: Actor, capability: Capability): boolean {
  return role !== undefined && may(role, capability);
}

/** Whether an actor's role may change somebody's role so. */
export function canMove({ role }: Actor, from: number, to: number): boolean {
  return role !== undefined && mayMove(role, from, to);
}

/** Where actors are found: the room as it was before the commit. */
export interface ActorPlace {
  readonly rooms: RoomAppData;
  readonly rules: RoomRules;
  readonly membership: Membership;
  readonly extensions: readonly Extension[];
}

/** A user as an actor, with the role that the list gives it. */
export function actorOf(
  user: string | undefined,
  { rules, membership }: Pick<ActorPlace, "rules" | "membership">,
  { by, credential }: { readonly by?: Sender; readonly credential?: Credential | undefined } = {},
): Actor {
  const roleIndex = user === undefined ? noRole : membership.standing(user).role;
  return { by, user, credential, roleIndex, role: rules.roles.get(roleIndex) };
}

/** Who sent a proposal. A joiner's credential is that of the leaf that it brings. */
export function senderActor(sender: Sender, place: ActorPlace, joining: Credential | undefined): Actor {
  const { rooms, membership } = place;
  if (sender.type === "member") {
    const { user, credential } = membership.client(sender.leafIndex);
    return actorOf(user, place, { by: sender, credential });
  }
  if (sender.type === "external") {
    const credential = externalSenders(place.extensions)[sender.senderIndex]?.credential;
    return externalActor(sender, credential, place);
  }
  const user = joining && rooms.identify(joining)?.user;
  return actorOf(user, place, { by: sender, credential: joining });
}

/**
 * Section 4: preauthorized users are consulted for "external proposals when the requester does not already appear in the
 * participant list".
 */
function externalActor(by: Sender, credential: Credential | undefined, place: ActorPlace): Actor {
  const { rooms, rules } = place;
  const actor = actorOf(credential && externalUser(credential, rooms), place, { by, credential });
  if (credential === undefined || actor.roleIndex !== noRole) return actor;
  const roleIndex = preauthorizedRole(rules.data.preauth_list ?? [], credential, rooms.claims) ?? noRole;
  return { ...actor, roleIndex, role: rules.roles.get(roleIndex) };
}

/** A hub has no device: its credential names a user, or the provider itself. */
function externalUser(credential: Credential, { identify }: RoomAppData): string | undefined {
  const user = identify(credential)?.user;
  if (user !== undefined || credential.type !== "basic") return user;
  const uri = uriOfBytes(credential.identity);
  return uri !== undefined && (isUri(uri, "user") || isUri(uri, "provider")) ? uri : undefined;
}
