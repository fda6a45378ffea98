/**
 * The chats, as the list and a chat's head show them. Each is read again when an event says that it is another.
 */

import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { ClientRoom, RoomStatus, TimelineEntry } from "copse/client";
import { bannedRole, capabilities, type Capability, type RoomData, type RoomParticipant } from "copse/rooms";
import { blocked } from "./contacts.ts";
import { nameOf, namesOf } from "./names.ts";
import { client } from "./session.ts";

/** A chat. */
export interface RoomView {
  readonly id: string;
  readonly kind: "direct" | "secret" | "room";
  readonly status: RoomStatus;
  /** The name that its members gave it; empty where they gave none. */
  readonly given: string;
  readonly data: RoomData | undefined;
  readonly participants: readonly RoomParticipant[];
  /** The other one, in a direct message. */
  readonly other: string | undefined;
  /** This person's role. */
  readonly role: number;
  readonly unread: number;
  readonly mentions: number;
  readonly isMuted: boolean;
  readonly newest: TimelineEntry | undefined;
  /** New messages go so many seconds after they were read. */
  readonly timer: number | undefined;
  readonly at: number;
}

const views = signal<ReadonlyMap<string, RoomView>>(new Map());

/** The chats, the newest first. */
export const rooms: ReadonlySignal<readonly RoomView[]> = computed(() =>
  [...views.value.values()].sort((a, b) => b.at - a.at),
);

/** A chat; undefined where there is none. */
export function roomView(id: string): RoomView | undefined {
  return views.value.get(id);
}

/** What a chat is called. */
export function titleOf({ given, other, participants, kind }: RoomView): string {
  if (other !== undefined) return nameOf(other);
  if (hasSomethingToSee(given)) return given;
  const others = participants.map(({ user }) => user).filter((user) => user !== client().user);
  if (others.length > 0) return namesOf(others);
  return kind === "room" ? "A chat without a name" : "A chat";
}

/** Whether a name is more than blanks and signs that nobody sees, which look like no name at all. */
function hasSomethingToSee(name: string): boolean {
  return /[^\s\p{C}\p{M}\p{Default_Ignorable_Code_Point}]/u.test(name);
}

/** Whether this person may do something in a chat. */
export function may({ data, role, status }: RoomView, capability: Capability): boolean {
  if (status === "left") return false;
  const found = data?.roles_list.find(({ roleIndex }) => roleIndex === role);
  return found?.roleCapabilities.includes(capabilities[capability]) ?? false;
}

/** Who may put others out of a chat. */
export function moderatorsOf({ data, participants }: RoomView): readonly string[] {
  const roles = (data?.roles_list ?? []).filter(({ roleCapabilities: can }) => can.includes(capabilities.canKick));
  return participants.filter(({ role }) => roles.some(({ roleIndex }) => roleIndex === role)).map(({ user }) => user);
}

/**
 * Who can take this person's role, where the chat can't be without somebody in it: its only administrator hands that on before leaving. Undefined
 * where this person may just go.
 */
export function successorsIn({ data, role, participants }: RoomView): readonly string[] | undefined {
  const own = data?.roles_list.find(({ roleIndex }) => roleIndex === role);
  if (own === undefined) return undefined;
  const me = client().user;
  const others = participants.filter(({ user, role: each }) => user !== me && each > bannedRole);
  if (others.length === 0) return undefined; // the chat ends with this person
  const same = others.filter(({ role: each }) => each === role);
  const isNeeded =
    same.length < own.minimumParticipants || same.filter(({ clients }) => clients > 0).length < own.minimumActive;
  if (!isNeeded) return undefined;
  return others
    .filter(({ role: each }) => own.authorizedRoleChanges.some(({ from, to }) => from === each && to.includes(role)))
    .map(({ user }) => user);
}

/** What a role is called. */
export function roleName({ data }: RoomView, role: number): string {
  const found = data?.roles_list.find(({ roleIndex }) => roleIndex === role);
  return found === undefined || found.roleName === "" ? `role ${String(role)}` : found.roleName.replaceAll("_", " ");
}

const reading = new Map<string, Promise<void>>();
const again = new Set<string>();

/** A chat is another: read it. What comes while it is read is read after that, once. */
export function refreshRoom(id: string): Promise<void> {
  const running = reading.get(id);
  if (running !== undefined) {
    again.add(id);
    return running;
  }
  const work = read(id).finally(() => {
    reading.delete(id);
    if (again.delete(id)) void refreshRoom(id);
  });
  reading.set(id, work);
  return work;
}

/** Read all chats. */
export async function refreshRooms(): Promise<void> {
  await Promise.all(client().rooms.map(({ id }) => refreshRoom(id)));
}

/** Nobody is signed in any more. */
export function clearRooms(): void {
  views.value = new Map();
}

async function read(id: string): Promise<void> {
  let room: ClientRoom;
  try {
    room = client().room(id);
  } catch {
    return;
  }
  const me = client().user;
  const before = views.value.get(id);
  const known = await facts(room);
  const entries = await room.timeline({ limit: 5 });
  const newest = entries.find(({ said }) => said?.kind !== "vote" && said?.kind !== "poll-end");
  const participants = known?.participants ?? before?.participants ?? [];
  const data = known?.data ?? before?.data;
  const isDirect = data?.base_room_policy.fixedMembership === true;
  const other = isDirect ? participants.find(({ user }) => user !== me)?.user : before?.other;
  const view: RoomView = {
    id,
    kind: isDirect ? (data.base_room_policy.multiDevice ? "direct" : "secret") : (before?.kind ?? "room"),
    status: room.status,
    given: data?.room_metadata.roomName ?? "",
    data,
    participants,
    other,
    role: participants.find(({ user }) => user === me)?.role ?? 0,
    unread: room.unread.messages,
    mentions: room.unread.mentions,
    isMuted: room.isMuted,
    newest,
    timer: timerOf(data),
    at: newest?.at ?? before?.at ?? Date.now(),
  };
  const next = new Map(views.value);
  next.set(id, view);
  views.value = next;
}

function timerOf(data: RoomData | undefined): number | undefined {
  const policy = data?.message_expiration_policy;
  return policy === undefined || policy.expiringMessages === "forbidden" ? undefined : policy.default;
}

/** Of a room that this device has left, what is known is what was known before. */
async function facts(
  room: ClientRoom,
): Promise<{ readonly data: RoomData; readonly participants: readonly RoomParticipant[] } | undefined> {
  try {
    return { data: await room.data(), participants: await room.participants() };
  } catch {
    return undefined;
  }
}

/** The direct message with somebody, where there is one. */
export function directWith(user: string): RoomView | undefined {
  return rooms.value.find(({ kind, other, status }) => kind === "direct" && other === user && status !== "left");
}

/** What waits for this person, over all chats: of people who are not blocked. */
export const totalUnread: ReadonlySignal<number> = computed(() =>
  rooms.value.reduce(
    (sum, { unread, mentions, isMuted, other }) =>
      other !== undefined && blocked.value.includes(other) ? sum : sum + (isMuted ? mentions : unread),
    0,
  ),
);
