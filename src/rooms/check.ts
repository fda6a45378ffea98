/**
 * Whether a commit may be: first every proposal by the role of whoever sent it, then the room as it would be afterwards. The answer
 * depends on the group's state and the commit alone, so that all members and the hub give the same.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { dictionaryIn } from "../extensions/app-data/dictionary.ts";
import { selfRemoveType } from "../extensions/self-remove.ts";
import type { CommitEvent } from "../public-group/events.ts";
import { requiredCapabilities } from "../rules/extensions.ts";
import type { Extension } from "../wire/extension.ts";
import type { Sender } from "../wire/framing.ts";
import { can, senderActor, type Actor, type ActorPlace } from "./actors.ts";
import { isSameDevice, type Analysis, type ClientMove, type RoomUpdate } from "./analysis.ts";
import { lacksForClient, lacksForClientRemoval, lacksForRole, type Joining, type Lacking } from "./authorize.ts";
import { requiredOfRooms } from "./components.ts";
import { RoomError } from "./errors.ts";
import type { Capability } from "./formats/capabilities.ts";
import { metadataCapabilities, metadataFormat, type RoomMetadata } from "./formats/metadata.ts";
import { readFormat } from "./formats/parts.ts";
import { bannedRole, may, noRole } from "./formats/roles.ts";
import { identified, type MembershipChange, type Totals } from "./membership.ts";
import type { RoomComponent } from "./numbers.ts";
import { changedComponents, type RoomRules } from "./rules.ts";

/** A commit, in its room. */
export interface CheckPlace extends ActorPlace {
  readonly change: CommitEvent;
  readonly analysis: Analysis;
  /** What holds after the commit. */
  readonly after: RoomRules;
  readonly totals: Totals;
  /** Where the caller knows it: whether a user is a participant of the parent room. */
  readonly isInParent: ((user: string) => boolean) | undefined;
}

/** Every rule for a commit. @throws RoomError */
export function checkCommit(place: CheckPlace): void {
  checkOutside(place);
  checkIdentities(place);
  checkChangedByUpdates(place);
  checkKinds(place);
  checkUpdates(place);
  checkList(place);
  checkClients(place);
  checkContext(place);
  checkReInit(place);
  checkAfter(place);
}

/** @throws RoomError "not-allowed" */
function checkNothingLacks(lacking: Lacking, by: Sender | undefined): void {
  if (lacking !== undefined) throw new RoomError("not-allowed", { rule: lacking, by });
}

function checkCan(actor: Actor, capability: Capability): void {
  checkNothingLacks(can(actor, capability) ? undefined : capability, actor.by);
}

/** Section 7: `external_commit_allowed`, `external_proposal_allowed`, where the room has an operational policy. */
function checkOutside({ change, analysis, rules }: CheckPlace): void {
  const policy = rules.data.mls_operational_policy;
  if (policy === undefined) return;
  if (change.external && !policy.externalCommitAllowed) throw new RoomError("outside");
  const senders = [
    ...change.proposers.added,
    ...change.proposers.removed,
    ...analysis.updates.flatMap(({ actor }) => actor.by ?? []),
    change.proposers.context,
    change.proposers.reinit,
  ];
  if (!policy.externalProposalAllowed && senders.some(isFromOutside)) throw new RoomError("outside");
}

function isFromOutside(sender: Sender | undefined): boolean {
  return sender?.type === "external" || sender?.type === "new_member_proposal";
}

/** A member's leaf stays that of its device, by an Update or by a commit's path. */
function checkIdentities({ change, rooms, membership }: CheckPlace): void {
  for (const { before, after } of change.updated) {
    const now = identified(after.credential, rooms);
    if (!isSameDevice(membership.client(before.leafIndex), now)) throw new RoomError("identity");
  }
}

/** No other way leads to a room's data: a replaced dictionary would be everybody's way around all roles. */
function checkChangedByUpdates({ analysis, rules, after }: CheckPlace): void {
  const updated = new Set<RoomUpdate["name"]>(analysis.updates.map(({ name }) => name));
  if (changedComponents(rules, after).some((name) => !updated.has(name))) throw new RoomError("context");
}

/**
 * Section 3: an update of the roles "is not valid if it appear in the same commit as any Participant List change". Section 4: of the
 * preauthorized users, "except for user removals".
 */
function checkKinds({ analysis }: CheckPlace): void {
  const { updates, listChanges } = analysis;
  const has = (name: RoomComponent): boolean => updates.some((update) => update.name === name);
  if (has("roles_list") && listChanges.length > 0) throw new RoomError("mixed", { rule: "room-policy 3" });
  if (has("preauth_list") && listChanges.some(({ to }) => to !== noRole)) {
    throw new RoomError("mixed", { rule: "room-policy 4" });
  }
}

/** What each component asks of who changes it. Those that the draft gives no capability have a reserved one. */
const capabilityFor: Readonly<
  Record<
    Exclude<RoomUpdate["name"], "franking_agent" | "participant_list" | "room_metadata" | "join_links">,
    Capability
  >
> = {
  requirements: "canChangeMlsOperationalPolicies",
  roles_list: "canChangeRoleDefinitions",
  preauth_list: "canChangePreauthorizedUserList",
  base_room_policy: "canChangeRoomMembershipStyle",
  mls_operational_policy: "canChangeMlsOperationalPolicies",
  status_notification_policy: "canChangeOtherPolicyAttribute",
  join_link_policy: "canChangeOtherPolicyAttribute",
  link_preview_policy: "canChangeOtherPolicyAttribute",
  asset_policy: "canChangeOtherPolicyAttribute",
  logging_policy: "canChangeOtherPolicyAttribute",
  chat_history_policy: "canChangeOtherPolicyAttribute",
  bot_policy: "canChangeOtherPolicyAttribute",
  message_expiration_policy: "canChangeOtherPolicyAttribute",
};

/** The updates of all components but the list of participants. */
function checkUpdates(place: CheckPlace): void {
  for (const update of place.analysis.updates) checkUpdate(update, place);
  const used = usedUpLink(place);
  for (const update of place.analysis.linkUpdates) checkLinks(update, used);
}

/** One update, whatever else the commit holds. @throws RoomError */
export function checkUpdate({ name, update, actor }: RoomUpdate, { rules }: Pick<CheckPlace, "rules">): void {
  if (update === undefined && isRequired(name)) throw new RoomError("required", { by: actor.by });
  if (name === "franking_agent") throw new RoomError("not-allowed", { rule: "mimi-protocol 5.4.2", by: actor.by });
  if (name === "participant_list") return;
  if (name === "join_links") {
    if (update === undefined) checkCan(actor, "canDeleteJoinCode");
    return;
  }
  if (name !== "room_metadata") {
    checkCan(actor, capabilityFor[name]);
    return;
  }
  if (update !== undefined) checkMetadata(rules.data.room_metadata, readFormat(metadataFormat, update), actor);
}

function isRequired(name: RoomUpdate["name"]): boolean {
  return requiredOfRooms.some((required) => required === name);
}

/** Section 8.2: who may change which field. */
function checkMetadata(before: RoomMetadata, after: RoomMetadata, actor: Actor): void {
  if (before.roomUri !== after.roomUri) throw new RoomError("room-uri", { by: actor.by });
  const same = {
    roomName: before.roomName === after.roomName,
    roomDescriptions: areSameDescriptions(before.roomDescriptions, after.roomDescriptions),
    roomAvatar: before.roomAvatar === after.roomAvatar,
    roomSubject: before.roomSubject === after.roomSubject,
    roomMood: before.roomMood === after.roomMood,
  };
  for (const field of Object.keys(same) as (keyof typeof same)[]) {
    if (!same[field]) checkCan(actor, metadataCapabilities[field]);
  }
}

function areSameDescriptions(a: RoomMetadata["roomDescriptions"], b: RoomMetadata["roomDescriptions"]): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i];
      return (
        one.mediaType === other?.mediaType &&
        one.languageTag === other.languageTag &&
        bytesEqual(one.descriptionContent, other.descriptionContent)
      );
    })
  );
}

/** canCreateJoinCode, canDeleteJoinCode; whoever enters takes back the link that is used up by it, which has this index. */
export function checkLinks(
  { addedLinks, removedIndices, actor }: Analysis["linkUpdates"][number],
  usedUp: number | undefined,
): void {
  if (addedLinks.length > 0) checkCan(actor, "canCreateJoinCode");
  if (!removedIndices.every((index) => index === usedUp)) checkCan(actor, "canDeleteJoinCode");
}

/** The link by which a user enters the list, where it serves one user: not that of a device that comes back into its own place. */
function usedUpLink({ analysis, rules }: CheckPlace): number | undefined {
  const isEntering = analysis.listChanges.some(
    ({ user, from, to, actor }) =>
      from === noRole && to !== noRole && actor.by?.type === "new_member_commit" && actor.user === user,
  );
  if (!isEntering || rules.data.join_link_policy?.multiuser === true) return undefined;
  const index = (rules.data.join_links ?? []).findIndex((link) => isShown(link, analysis.shownLinks));
  return index < 0 ? undefined : index;
}

function isShown(link: Uint8Array, shownLinks: Analysis["shownLinks"]): boolean {
  return shownLinks.some((shown) => bytesEqual(shown, link));
}

/** The link that a joiner has shown, where it is the room's, and is taken back where it serves one user. */
function joiningBy({ analysis, rules }: CheckPlace): Joining {
  const links = rules.data.join_links ?? [];
  const index = links.findIndex((link) => isShown(link, analysis.shownLinks));
  if (index < 0) return { hasLink: false };
  const isUsedUp = rules.data.join_link_policy?.multiuser !== true;
  const isTaken = analysis.linkUpdates.some(({ removedIndices }) => removedIndices.includes(index));
  return { hasLink: !isUsedUp || isTaken };
}

/** Section 8.1: each change of the list by the role of whoever sent it. */
function checkList(place: CheckPlace): void {
  const { analysis, rules, after } = place;
  const joining = joiningBy(place);
  for (const { user, from, to, actor } of analysis.listChanges) {
    // Section 5: "other users cannot be added", and "Ordinary users cannot leave or be removed".
    if (rules.data.base_room_policy.fixedMembership && (from === noRole || to === noRole)) {
      throw new RoomError("fixed", { by: actor.by });
    }
    if (to !== noRole && !after.roles.has(to)) throw new RoomError("role-unknown", { by: actor.by });
    const isShowing = !joining.hasLink && analysis.shownLinks.length > 0;
    const lacking = lacksForRole(
      actor,
      { user, from, to },
      place,
      actor.by?.type === "new_member_commit" ? joining : undefined,
    );
    if (lacking === "canUseJoinCode" && isShowing && can(actor, lacking)) {
      throw new RoomError("join-link", { by: actor.by });
    }
    checkNothingLacks(lacking, actor.by);
  }
}

/** Section 8.1: each client that comes or goes by the role of whoever proposed it. */
function checkClients(place: CheckPlace): void {
  const { analysis } = place;
  for (const move of analysis.added) {
    checkNothingLacks(
      lacksForClient(move.actor, { ...standingOf(move, analysis.membership), ...flags(move) }, place),
      move.actor.by,
    );
  }
  for (const move of analysis.removed) {
    const { after } = standingOf(move, analysis.membership);
    // canRemoveParticipant, canRemoveSelf, canBan: with the change of the list go all of the user's clients, whoever proposes that.
    if (after.role === noRole || after.role === bannedRole) continue;
    checkNothingLacks(lacksForClientRemoval(move.actor, flags(move)), move.actor.by);
  }
}

function flags({ client, isResync }: ClientMove): { readonly user: string; readonly isResync: boolean } {
  return { user: client.user, isResync };
}

function standingOf(
  { client }: ClientMove,
  { users }: MembershipChange,
): { readonly before: { role: number; clients: number }; readonly after: { role: number; clients: number } } {
  const standing = users.get(client.user);
  if (standing === undefined) throw new TypeError("a client without its user");
  return standing;
}

/** Replaced extensions of the group context: by who runs the group, and not what rooms need. */
function checkContext({ change, rooms, rules, membership, extensions }: CheckPlace): void {
  const by = change.proposers.context;
  if (by === undefined) return;
  checkCan(senderActor(by, { rooms, rules, membership, extensions }, undefined), "canChangeMlsOperationalPolicies");
  const { appDataDictionary, appDataUpdate, appEphemeral } = rooms.extensionNumbers;
  const [before, after] = [change.contextExtensions.before, change.contextExtensions.after].map(requiredCapabilities);
  const isKept =
    [appDataDictionary].every((type) => isKeptIn(type, before?.extensionTypes, after?.extensionTypes)) &&
    [appDataUpdate, appEphemeral, selfRemoveType].every((type) =>
      isKeptIn(type, before?.proposalTypes, after?.proposalTypes),
    );
  if (!isKept) throw new RoomError("required", { by });
}

function isKeptIn(type: number, before: readonly number[] = [], after: readonly number[] = []): boolean {
  return !before.includes(type) || after.includes(type);
}

/** canSendMLSReinitProposal; and the room is the same in the next group. */
function checkReInit({ change, rooms, rules, membership, extensions }: CheckPlace): void {
  const { reinit, proposers } = change;
  if (reinit === undefined || proposers.reinit === undefined) return;
  const by = proposers.reinit;
  checkCan(senderActor(by, { rooms, rules, membership, extensions }, undefined), "canSendMLSReinitProposal");
  if (!isSameRoom(reinit.extensions, rules, rooms)) throw new RoomError("context", { by });
}

/** Whether the extensions of another group hold the data of this room, byte for byte. */
function isSameRoom(
  extensions: readonly Extension[],
  { stored }: RoomRules,
  { numbers, extensionNumbers }: CheckPlace["rooms"],
): boolean {
  const next = new Map(
    dictionaryIn(extensions, extensionNumbers.appDataDictionary).map(({ componentId, data }) => [componentId, data]),
  );
  return (Object.entries(numbers) as [RoomComponent, number][]).every(([name, id]) => {
    const [was, is] = [stored.get(name), next.get(id)];
    return was === undefined || is === undefined ? was === is : bytesEqual(was, is);
  });
}

/** The room as it would be. */
function checkAfter(place: CheckPlace): void {
  const { analysis, after, totals } = place;
  checkUsers(analysis.membership);
  checkCounts(place);
  checkLimits(after, totals);
  checkRules(after, totals);
  checkParent(place);
}

/**
 * canRemoveParticipant: "There MUST NOT be any clients of the removed user in the MLS group after the corresponding commit." canBan: "a
 * successful ban [...] removes all the banned user's clients."
 */
function checkUsers({ users }: MembershipChange): void {
  for (const { after } of users.values()) {
    if (after.clients === 0) continue;
    if (after.role === noRole) throw new RoomError("not-participant");
    if (after.role === bannedRole) throw new RoomError("banned");
  }
}

/** Section 3: how many may have a role, and how many of them clients: where a commit makes them fewer, or more. */
export function checkCounts({ totals, membership, after }: Pick<CheckPlace, "totals" | "membership" | "after">): void {
  const before = membership.totals;
  for (const [index, now] of totals.roles) {
    const was = before.roles.get(index) ?? { participants: 0, active: 0 };
    const role = after.roles.get(index);
    if (role === undefined) continue;
    const { minimumParticipants, maximumParticipants = Infinity, minimumActive, maximumActive = Infinity } = role;
    if (now.participants < was.participants && now.participants < minimumParticipants)
      throw new RoomError("role-count");
    if (now.participants > was.participants && now.participants > maximumParticipants)
      throw new RoomError("role-count");
    if (now.active < was.active && now.active < minimumActive) throw new RoomError("active-count");
    if (now.active > was.active && now.active > maximumActive) throw new RoomError("active-count");
  }
}

/** Section 5: `multi_device`, `max_clients`, `max_users`. */
export function checkLimits({ data }: RoomRules, { clients, users, several }: Totals): void {
  const { multiDevice, maxClients = Infinity, maxUsers = Infinity } = data.base_room_policy;
  if (!multiDevice && several > 0) throw new RoomError("single-device");
  if (clients > maxClients) throw new RoomError("max-clients");
  if (users > maxUsers) throw new RoomError("max-users");
}

/** What a room's components say of each other. */
export function checkRules({ data, roles }: RoomRules, totals: Totals): void {
  for (const [index, { participants, active }] of totals.roles) {
    const role = roles.get(index);
    if (role === undefined && participants > 0) throw new RoomError("role-unknown");
    // "If the maximum number of active participants is zero, then no participants are allowed to have clients in the room's MLS group."
    if (role?.maximumActive === 0 && active > 0) throw new RoomError("active-count");
  }
  // Section 5: "none of its non-zero, non-banned roles can contain the `canAddParticipant` capability."
  const isOpen = [...roles.values()].some((role) => role.roleIndex > bannedRole && may(role, "canAddParticipant"));
  if (data.base_room_policy.fixedMembership && isOpen) throw new RoomError("fixed");
  const named = (data.preauth_list ?? []).map(({ targetRole }) => targetRole.roleIndex);
  const history = data.chat_history_policy;
  const sharing = history === undefined || history.historySharing === "forbidden" ? [] : history.rolesThatCanShare;
  const bots = (data.bot_policy ?? []).flatMap(({ botRoleIndex }) => (botRoleIndex === noRole ? [] : [botRoleIndex]));
  if (![...named, ...sharing, ...bots].every((index) => roles.has(index))) throw new RoomError("role-unknown");
  // Section 6.6: "nor any role where `max_active_participants` is zero."
  if (sharing.some((index) => roles.get(index)?.maximumActive === 0)) throw new RoomError("role-unknown");
  // Section 6.2: "a maximum of one joining link will be persisted in the room policy".
  if (data.join_link_policy?.onRequest === true && (data.join_links ?? []).length > 1) throw new RoomError("join-link");
}

/**
 * Section 5: "the list of participants of the room MUST be a [...] subset of the participants of the parent room." Who knows the parent
 * says so: the hub, on which both are. It is asked of those who come in, so that who has left the parent can still be taken out.
 */
function checkParent({ analysis, after, isInParent }: CheckPlace): void {
  if (!after.data.base_room_policy.parentDependent || isInParent === undefined) return;
  for (const { user, from, actor } of analysis.listChanges) {
    if (from === noRole && !isInParent(user)) throw new RoomError("parent", { by: actor.by });
  }
}
