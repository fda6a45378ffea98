/**
 * What waiting changes take in the room as it is now: one commit for all that go together, or nothing where it is so already, or the
 * reason why one of them can't be.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { CustomChoice } from "../../extensions/app-data/update.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { Group } from "../../group/group.ts";
import type { CommitOptions } from "../../group/sending/send.ts";
import { changeJoinLinks, changeMetadata, changeParticipants, setExpiration } from "../../rooms/changes.ts";
import type { Participant } from "../../rooms/formats/participants.ts";
import { bannedRole } from "../../rooms/formats/roles.ts";
import type { Room } from "../../rooms/room.ts";
import { deviceOf, userOfDevice } from "../../rooms/uri.ts";
import type { ClientErrorCode } from "../errors.ts";
import { admitted } from "../account/admitting.ts";
import type { RoomCore } from "../room/core.ts";
import type { NumberedIntent, RoomChange } from "./intent.ts";
import { supporting } from "./supporting.ts";

/** What becomes of waiting changes. */
export interface Planned {
  /** The commit that carries `taken`; undefined where there is nothing to commit. */
  readonly commit: CommitOptions | undefined;
  readonly taken: readonly NumberedIntent[];
  /** Those that are over: done, where there is no code. */
  readonly settled: readonly { readonly intent: NumberedIntent; readonly code?: ClientErrorCode }[];
}

/** What a commit is gathered in. */
interface Draft {
  readonly add: Uint8Array[];
  readonly remove: number[];
  readonly participants: { readonly add: Participant[]; readonly remove: string[]; readonly roles: Participant[] };
  readonly custom: CustomChoice[];
  /** Whom and what it changes already: what changes them again waits for the next commit. */
  readonly touched: Set<string>;
  path: boolean;
}

/** What one change adds to a commit: "taken", "done" already, "wait" for another commit, or why it can't be. */
type Answer = "taken" | "done" | "wait" | ClientErrorCode;

export async function planChanges(
  core: RoomCore,
  connection: Connection,
  group: Group,
  changes: readonly NumberedIntent[],
): Promise<Planned> {
  const draft: Draft = {
    add: [],
    remove: [],
    participants: { add: [], remove: [], roles: [] },
    custom: [],
    touched: new Set(),
    path: false,
  };
  const taken: NumberedIntent[] = [];
  const settled: { intent: NumberedIntent; code?: ClientErrorCode }[] = [];
  for (const intent of changes) {
    if (intent.wish.kind !== "change") break;
    const { change } = intent.wish;
    if (change.kind === "leave") break; // it goes alone
    const answer = await draftChange(core, connection, group, draft, intent, change);
    if (answer === "wait") break;
    if (answer === "taken") taken.push(intent);
    else settled.push(answer === "done" ? { intent } : { intent, code: answer });
  }
  return { commit: taken.length === 0 ? undefined : commitOf(core, draft), taken, settled };
}

/** New keys come with a new leaf, which says what this version of the client supports. */
function commitOf(core: RoomCore, { add, remove, participants, custom, path }: Draft): CommitOptions {
  const room = core.rules;
  const { add: newcomers, remove: out, roles } = participants;
  const isListChanged = newcomers.length + out.length + roles.length > 0;
  return {
    add,
    remove,
    custom: [...(isListChanged ? [changeParticipants(room, participants)] : []), ...custom],
    ...(path && { path, leaf: core.around.leaf }),
  };
}

async function draftChange(
  core: RoomCore,
  connection: Connection,
  group: Group,
  draft: Draft,
  intent: NumberedIntent,
  change: Exclude<RoomChange, { kind: "leave" }>,
): Promise<Answer> {
  const room = core.rules;
  const me = core.around.user;
  const subject = subjectOf(change);
  if (draft.touched.has(subject)) return "wait";
  switch (change.kind) {
    case "add": {
      const { user, role = memberRole(room) } = change;
      const there = room.participant(user);
      if (there !== undefined && there.clients > 0) return "done";
      if (there === undefined && !room.mayDo(me, { kind: "add", user, role })) return "not-allowed";
      const claimed = await claim(core, connection, group, { id: intent.id, user, cipherSuite: group.suite.id });
      if (typeof claimed === "string") return claimed;
      draft.add.push(...claimed);
      if (there === undefined) draft.participants.add.push({ user, role });
      break;
    }
    case "remove":
      if (room.participant(change.user) === undefined) return "done";
      if (!room.mayDo(me, { kind: "remove", user: change.user })) return "not-allowed";
      draft.remove.push(...clientsOf(group, change.user));
      draft.participants.remove.push(change.user);
      break;
    case "role": {
      const { user, role } = change;
      const there = room.participant(user);
      if (there?.role === role) return "done";
      if (role === bannedRole) {
        if (!room.mayDo(me, { kind: "ban", user })) return "not-allowed";
        draft.remove.push(...clientsOf(group, user));
        if (there === undefined) draft.participants.add.push({ user, role });
        else draft.participants.roles.push({ user, role });
        break;
      }
      if (there === undefined) return "impossible";
      const kind = there.role === bannedRole ? "unban" : "change-role";
      if (!room.mayDo(me, { kind, user, role })) return "not-allowed";
      draft.participants.roles.push({ user, role });
      break;
    }
    case "add-device": {
      const { device } = change;
      if (leafOf(group, device) !== undefined) return "done";
      const user = userOfDevice(device);
      const claimed = await claim(core, connection, group, {
        id: intent.id,
        user,
        cipherSuite: group.suite.id,
        devices: [device],
      });
      if (typeof claimed === "string") return isNotYet(claimed) ? "done" : claimed; // who wants it in asks again
      draft.add.push(...claimed);
      break;
    }
    case "remove-device": {
      const leaf = leafOf(group, change.device);
      if (leaf === undefined) return "done";
      if (leaf === group.self.leafIndex) return "impossible";
      draft.remove.push(leaf);
      break;
    }
    case "metadata": {
      const field = change.field as "roomName";
      if (room.data.room_metadata[field] === change.value) return "done";
      if (!room.mayDo(me, { kind: "change-metadata", field })) return "not-allowed";
      draft.custom.push(changeMetadata(room, { [field]: change.value }));
      break;
    }
    case "timer": {
      const policy = room.data.message_expiration_policy;
      if (policy === undefined || policy.expiringMessages === "forbidden") return "not-allowed";
      if (policy.default === change.seconds) return "done";
      if (change.seconds !== undefined && (change.seconds < policy.min || change.seconds > policy.max))
        return "not-allowed";
      draft.custom.push(setExpiration(room, { ...policy, default: change.seconds }));
      break;
    }
    case "link": {
      const { link, revoked } = change;
      const isThere = (room.data.join_links ?? []).some((each) => bytesEqual(each, link));
      if (isThere !== revoked) return "done";
      const capability = revoked ? "canDeleteJoinCode" : "canCreateJoinCode";
      if (!room.mayDo(me, { kind: "can", capability })) return "not-allowed";
      draft.custom.push(changeJoinLinks(room, revoked ? { remove: [link] } : { add: [link] }));
      break;
    }
    case "renew":
      draft.path = true;
      break;
  }
  draft.touched.add(subject);
  return "taken";
}

/** Whether a device has nothing yet by which it can be added, or a client that is too old. */
function isNotYet(code: ClientErrorCode): boolean {
  return code === "user-unreachable" || code === "user-unknown" || code === "user-outdated";
}

/** Whom or what a change is about. */
function subjectOf(change: RoomChange): string {
  switch (change.kind) {
    case "add":
    case "remove":
    case "role":
      return change.user;
    case "add-device":
    case "remove-device":
      return change.device;
    case "metadata":
      return "metadata";
    case "timer":
    case "link":
    case "renew":
    case "leave":
      return change.kind;
  }
}

/**
 * One key package of each device of a user that can be in the group, or the reason why there is none. A device whose client is too old for the
 * room keeps the user's others out of nothing.
 */
async function claim(
  { around, id: room }: RoomCore,
  connection: Connection,
  group: Group,
  request: Omit<Parameters<Connection["claimKeyPackages"]>[0], "room">,
): Promise<readonly Uint8Array[] | ClientErrorCode> {
  try {
    const view = await around.book?.refresh(connection, request.user);
    if (around.book !== undefined && view === undefined) return "user-unknown";
    const claimed = await connection.claimKeyPackages({ ...request, room });
    if (claimed.length === 0) return "user-unknown";
    const keyPackages = await admitted(claimed, request.user, { view, now: around.clock() });
    if (keyPackages.length === 0) return "user-unreachable";
    const fitting = supporting(group, keyPackages, around.groupOptions.registry);
    return fitting.length === 0 ? "user-outdated" : fitting;
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    if (error.code === "no-consent") return "no-consent";
    if (error.code === "not-found") return "user-unknown";
    throw error;
  }
}

/** The role that newcomers have: the least with which one may be in the group. */
export function memberRole(room: Room): number {
  const roles = room.data.roles_list;
  const active = roles.filter(({ roleIndex, maximumActive }) => roleIndex > bannedRole && maximumActive !== 0);
  return Math.min(...active.map(({ roleIndex }) => roleIndex));
}

/** The leaves of a user. */
export function clientsOf(group: Group, user: string): number[] {
  const leaves: number[] = [];
  for (const { credential, leafIndex } of group.members) {
    const device = deviceOf(credential);
    if (device !== undefined && userOfDevice(device) === user) leaves.push(leafIndex);
  }
  return leaves;
}

function leafOf(group: Group, device: string): number | undefined {
  for (const { credential, leafIndex } of group.members) if (deviceOf(credential) === device) return leafIndex;
  return undefined;
}
