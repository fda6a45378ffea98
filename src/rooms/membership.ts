/**
 * Who is in a room: participants with their roles, and how many clients each has in the group. Kept as an index, so that a commit costs
 * what it changes and not what the group has.
 */

import type { Member } from "../public-group/events.ts";
import type { Credential } from "../wire/credential.ts";
import type { Identified, RoomAppData } from "./components.ts";
import { RoomError } from "./errors.ts";
import type { Participant } from "./formats/participants.ts";
import { bannedRole, noRole } from "./formats/roles.ts";

/** A client in the group. */
export interface RoomClient extends Identified {
  readonly credential: Credential;
}

/** What is known of a user: its role, and its clients in the group. */
export interface Standing {
  /** 0: not in the list. */
  readonly role: number;
  readonly clients: number;
}

/** Nobody. */
const stranger: Standing = { role: noRole, clients: 0 };

/** How many have a role, and how many of them have clients in the group. */
export interface RoleCount {
  readonly participants: number;
  readonly active: number;
}

/** What a commit makes of the membership, by what it touches. */
export interface MembershipChange {
  /** Users whose role or number of clients is another. */
  readonly users: ReadonlyMap<string, { readonly before: Standing; readonly after: Standing }>;
  readonly list: readonly Participant[];
  readonly removed: readonly number[];
  /** Leaves that are new, or another's than before. */
  readonly added: readonly (readonly [leafIndex: number, client: RoomClient])[];
}

/** Numbers of the whole room. */
export interface Totals {
  readonly clients: number;
  /** Users that are not banned. */
  readonly users: number;
  /** Users with several clients. */
  readonly several: number;
  /** The counts of the roles that a change touches, or of all. */
  readonly roles: ReadonlyMap<number, RoleCount>;
}

/** The credential's user and device. @throws RoomError "credential" */
export function identified(credential: Credential, { identify }: Pick<RoomAppData, "identify">): RoomClient {
  const found = identify(credential);
  if (found === undefined) throw new RoomError("credential");
  return { user: found.user, device: found.device, credential };
}

/** An index of a room's users and clients. */
export class Membership {
  readonly #users: Map<string, Standing>;
  readonly #clients: Map<number, RoomClient>;
  #list: readonly Participant[];
  #totals: Totals;

  private constructor(users: Map<string, Standing>, clients: Map<number, RoomClient>, list: readonly Participant[]) {
    this.#users = users;
    this.#clients = clients;
    this.#list = list;
    const none: Totals = { clients: 0, users: 0, several: 0, roles: new Map() };
    this.#totals = totalsAfter(
      none,
      Array.from(users.values(), (after) => ({ before: stranger, after })),
    );
  }

  /** Of all members, once. @throws RoomError "credential", "not-participant" */
  static of(list: readonly Participant[], members: Iterable<Member>, rooms: Pick<RoomAppData, "identify">): Membership {
    const users = new Map<string, Standing>(list.map(({ user, role }) => [user, { role, clients: 0 }]));
    const clients = new Map<number, RoomClient>();
    for (const { leafIndex, credential } of members) {
      const client = identified(credential, rooms);
      const standing = users.get(client.user);
      if (standing === undefined) throw new RoomError("not-participant");
      users.set(client.user, { ...standing, clients: standing.clients + 1 });
      clients.set(leafIndex, client);
    }
    return new Membership(users, clients, list);
  }

  /** The participants, in the order of their indexes. */
  get list(): readonly Participant[] {
    return this.#list;
  }

  get totals(): Totals {
    return this.#totals;
  }

  /** What is known of a user. */
  standing(user: string): Standing {
    return this.#users.get(user) ?? stranger;
  }

  /** The client at a leaf. @throws RoomError "epoch" where there is none: the index is of another epoch. */
  client(leafIndex: number): RoomClient {
    const client = this.#clients.get(leafIndex);
    if (client === undefined) throw new RoomError("epoch", { detail: "a leaf that is not known" });
    return client;
  }

  /** The room's numbers after a change. */
  after({ users }: Pick<MembershipChange, "users">): Totals {
    return totalsAfter(this.#totals, users.values());
  }

  /** Take a change in. */
  take(change: MembershipChange): void {
    this.#totals = this.after(change);
    for (const [user, { after }] of change.users) {
      if (after.role === noRole && after.clients === 0) this.#users.delete(user);
      else this.#users.set(user, after);
    }
    for (const leafIndex of change.removed) this.#clients.delete(leafIndex);
    for (const [leafIndex, client] of change.added) this.#clients.set(leafIndex, client);
    this.#list = change.list;
  }
}

function totalsAfter(
  totals: Totals,
  changes: Iterable<{ readonly before: Standing; readonly after: Standing }>,
): Totals {
  const roles = new Map(totals.roles);
  let { clients, users, several } = totals;
  const count = ({ role, clients: own }: Standing, by: 1 | -1): void => {
    clients += by * own;
    if (own > 1) several += by;
    if (role === noRole) return;
    if (role !== bannedRole) users += by;
    const { participants, active } = roles.get(role) ?? { participants: 0, active: 0 };
    roles.set(role, { participants: participants + by, active: active + (own > 0 ? by : 0) });
  };
  for (const { before, after } of changes) {
    count(before, -1);
    count(after, 1);
  }
  return { clients, users, several, roles };
}
