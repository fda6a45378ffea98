/**
 * One proposal alone: whether whoever sent it may propose it at all. A hub asks before it hands a proposal on, and a client before it keeps
 * one.
 */

import { dictionaryIn } from "../extensions/app-data/dictionary.ts";
import { selfRemoveType } from "../extensions/self-remove.ts";
import type { ProposalEvent } from "../public-group/events.ts";
import { can, canMove, senderActor, type Actor, type ActorPlace } from "./actors.ts";
import { isSameDevice, listChangesOf, updatesIn } from "./analysis.ts";
import { lacksForClient, lacksForClientRemoval, lacksForRole, type Lacking } from "./authorize.ts";
import { checkCounts, checkLinks, checkUpdate } from "./check.ts";
import { RoomError } from "./errors.ts";
import { joinLinksUpdateFormat } from "./formats/links.ts";
import { participantsUpdateFormat } from "./formats/participants.ts";
import { readFormat } from "./formats/parts.ts";
import { bannedRole, noRole } from "./formats/roles.ts";
import { identified } from "./membership.ts";

/** @throws RoomError */
export function checkProposed({ proposal, sender }: ProposalEvent, place: ActorPlace): void {
  const operational = place.rules.data.mls_operational_policy;
  if (sender.type !== "member" && operational?.externalProposalAllowed === false) throw new RoomError("outside");
  const actorWith = (credential?: Parameters<typeof senderActor>[2]): Actor => senderActor(sender, place, credential);
  switch (proposal.type) {
    case "add": {
      const { credential } = proposal.keyPackage.leafNode;
      refuse(lacksForAdd(identified(credential, place.rooms).user, actorWith(credential), place), sender);
      return;
    }
    case "remove":
      refuse(lacksForRemove(place.membership.client(proposal.removed).user, actorWith(), place), sender);
      return;
    case "update": {
      if (sender.type !== "member") return;
      const now = identified(proposal.leafNode.credential, place.rooms);
      if (!isSameDevice(place.membership.client(sender.leafIndex), now))
        throw new RoomError("identity", { by: sender });
      return;
    }
    case "group_context_extensions":
      refuse(
        can(actorWith(), "canChangeMlsOperationalPolicies") ? undefined : "canChangeMlsOperationalPolicies",
        sender,
      );
      return;
    case "reinit":
      refuse(can(actorWith(), "canSendMLSReinitProposal") ? undefined : "canSendMLSReinitProposal", sender);
      checkDictionaryOfReInit(proposal.extensions, place);
      return;
    case "custom":
      if (proposal.proposalType === selfRemoveType && sender.type === "member")
        checkLeaving(sender.leafIndex, actorWith(), place);
      for (const update of updatesIn([{ proposal, sender }], place, undefined)) checkUpdateAlone(update, place);
      return;
    case "psk":
    case "external_init":
      return;
  }
}

function refuse(lacking: Lacking, by: ProposalEvent["sender"]): void {
  if (lacking !== undefined) throw new RoomError("not-allowed", { rule: lacking, by });
}

function checkUpdateAlone(update: ReturnType<typeof updatesIn>[number], place: ActorPlace): void {
  const { actor, name } = update;
  checkUpdate(update, place);
  if (update.update === undefined) return;
  if (name === "join_links") {
    const links = readFormat(joinLinksUpdateFormat, update.update);
    checkLinks({ ...links, actor }, undefined);
  }
  if (name !== "participant_list") return;
  const isFixed = place.rules.data.base_room_policy.fixedMembership;
  for (const change of listChangesOf(readFormat(participantsUpdateFormat, update.update), actor, place.membership)) {
    if (isFixed && (change.from === noRole || change.to === noRole)) throw new RoomError("fixed", { by: actor.by });
    const lacking = lacksForRole(actor, change, place);
    if (lacking !== undefined) throw new RoomError("not-allowed", { rule: lacking, by: actor.by });
  }
}

/**
 * Who asks to leave by self_remove: what a commit of that alone would be refused for. A hub insists that commits hold it, and one that no commit
 * may hold would stop the room.
 */
function checkLeaving(leafIndex: number, actor: Actor, { membership, rules }: ActorPlace): void {
  const { user } = membership.client(leafIndex);
  if (actor.by !== undefined) refuse(lacksForClientRemoval(actor, { user, isResync: false }), actor.by);
  const before = membership.standing(user);
  const users = new Map([[user, { before, after: { ...before, clients: before.clients - 1 } }]]);
  checkCounts({ totals: membership.after({ users }), membership, after: rules });
}

/** A client that comes in: perhaps of a user who is added by another proposal of the same commit. */
function lacksForAdd(user: string, actor: Actor, place: ActorPlace): Lacking {
  const standing = place.membership.standing(user);
  if (standing.role === bannedRole) return "canAddParticipant";
  if (standing.role !== noRole) {
    return lacksForClient(actor, { user, before: standing, after: standing, isResync: false }, place);
  }
  return actor.user !== user && can(actor, "canAddParticipant") ? undefined : "canAddParticipant";
}

/** A client that goes: perhaps of a user who is removed or banned by another proposal of the same commit. */
function lacksForRemove(user: string, actor: Actor, place: ActorPlace): Lacking {
  const lacking = lacksForClientRemoval(actor, { user, isResync: false });
  if (lacking === undefined || actor.user === user) return lacking;
  const { role } = place.membership.standing(user);
  const mayRemove = can(actor, "canRemoveParticipant") && canMove(actor, role, noRole);
  const mayBan = (can(actor, "canBan") || can(actor, "canChangeUserRole")) && canMove(actor, role, bannedRole);
  return mayRemove || mayBan ? undefined : lacking;
}

/** A successor is the same room. */
function checkDictionaryOfReInit(extensions: Parameters<typeof dictionaryIn>[0], { rooms, rules }: ActorPlace): void {
  const next = dictionaryIn(extensions, rooms.extensionNumbers.appDataDictionary);
  if (![...rules.stored.keys()].every((name) => next.some(({ componentId }) => componentId === rooms.numbers[name]))) {
    throw new RoomError("context");
  }
}
