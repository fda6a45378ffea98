/**
 * The draft's rules for who is in a room, said once more and plainly: whole sets are compared, nothing is kept as an index, nobody is
 * asked twice. draft-ietf-mimi-room-policy sections 3, 5, 8.1.
 */

/** A role as the model has it. */
export interface ModelRole {
  readonly can: ReadonlySet<string>;
  /** "from>to" */
  readonly moves: ReadonlySet<string>;
  readonly participants: readonly [min: number, max: number];
  readonly active: readonly [min: number, max: number];
}

export interface ModelRoom {
  readonly roles: Readonly<Record<number, ModelRole>>;
  /** User to role. Who is not here is nobody. */
  readonly list: Readonly<Record<string, number>>;
  /** Leaf to user and device. */
  readonly clients: Readonly<Record<number, readonly [user: string, device: string]>>;
  readonly fixed: boolean;
  readonly multiDevice: boolean;
  readonly maxClients: number;
  readonly maxUsers: number;
}

/** Who proposes: a user, and how. */
export interface ModelActor {
  readonly user: string;
  readonly how: "member" | "hub" | "joiner" | "asker";
}

export type ModelStep =
  | { readonly what: "role"; readonly user: string; readonly to: number; readonly by: ModelActor }
  | {
      readonly what: "in";
      readonly user: string;
      readonly device: string;
      readonly leaf: number;
      readonly by: ModelActor;
    }
  | { readonly what: "out"; readonly leaf: number; readonly by: ModelActor };

export function apply(room: ModelRoom, steps: readonly ModelStep[]): ModelRoom {
  const list = new Map(Object.entries(room.list));
  const clients = new Map(Object.entries(room.clients));
  for (const step of steps) if (step.what === "out") clients.delete(String(step.leaf));
  for (const step of steps) {
    if (step.what === "in") clients.set(String(step.leaf), [step.user, step.device]);
    if (step.what !== "role") continue;
    if (step.to === 0) list.delete(step.user);
    else list.set(step.user, step.to);
  }
  return { ...room, list: Object.fromEntries(list), clients: Object.fromEntries(clients) };
}

export function allows(before: ModelRoom, steps: readonly ModelStep[]): boolean {
  const after = apply(before, steps);
  return steps.every((step) => isAuthorized(step, before, after)) && isPossible(before, after);
}

function isAuthorized(step: ModelStep, before: ModelRoom, after: ModelRoom): boolean {
  const roleOf = (user: string): number => before.list[user] ?? 0;
  const actors = before.roles[roleOf(step.by.user)];
  const can = (capability: string): boolean => actors?.can.has(capability) ?? false;
  const moves = (from: number, to: number): boolean => actors?.moves.has(`${String(from)}>${String(to)}`) ?? false;

  if (step.what === "role") {
    const { user, to } = step;
    const from = roleOf(user);
    const own = user === step.by.user;
    if (before.fixed && (from === 0 || to === 0)) return false;
    if (to !== 0 && before.roles[to] === undefined) return false;
    if (own) {
      if (from === 0) return step.by.how === "joiner" && can("canOpenJoin") && moves(0, to);
      return to === 0 && can("canRemoveSelf") && moves(from, 0);
    }
    if (!moves(from, to)) return false;
    if (from === 0) return can("canAddParticipant") || (to === 1 && can("canBan"));
    if (to === 0) return can("canRemoveParticipant");
    if (can("canChangeUserRole")) return true;
    if (to === 1) return can("canBan");
    return from === 1 && can("canUnBan");
  }

  if (step.what === "in") {
    const { user, by } = step;
    if (user === by.user) {
      const rejoins =
        by.how === "joiner" &&
        Object.keys(before.clients).some(
          (leaf) =>
            after.clients[Number(leaf)] === undefined &&
            before.clients[Number(leaf)]?.[0] === user &&
            before.clients[Number(leaf)]?.[1] === step.device,
        );
      return roleOf(user) === 0 || rejoins || can("canAddOwnClient");
    }
    if (can("canAddParticipant") && moves(0, after.list[user] ?? 0)) return true;
    return before.fixed && roleOf(user) !== 0 && roleOf(by.user) > 1;
  }

  const [user, device] = before.clients[step.leaf] ?? ["", ""];
  const role = after.list[user] ?? 0;
  if (role === 0 || role === 1) return true; // as far as the change of the list is authorized
  if (user !== step.by.user) return can("canKick");
  const rejoins =
    step.by.how === "joiner" && Object.values(after.clients).some(([who, what]) => who === user && what === device);
  return rejoins || can("canRemoveOwnClient") || can("canRemoveSelf");
}

function isPossible(before: ModelRoom, after: ModelRoom): boolean {
  const clients = Object.values(after.clients);
  if (clients.some(([user]) => (after.list[user] ?? 0) < 2)) return false;
  if (clients.length > after.maxClients) return false;
  if (Object.values(after.list).filter((role) => role !== 1).length > after.maxUsers) return false;
  if (!after.multiDevice && new Set(clients.map(([user]) => user)).size < clients.length) return false;
  return Object.entries(after.roles).every(([index, { participants, active }]) => {
    const count = (room: ModelRoom) => Object.values(room.list).filter((role) => role === Number(index)).length;
    const countActive = (room: ModelRoom) =>
      new Set(
        Object.values(room.clients)
          .map(([user]) => user)
          .filter((user) => room.list[user] === Number(index)),
      ).size;
    return (
      isWithin(count(before), count(after), participants) &&
      isWithin(countActive(before), countActive(after), active) &&
      !(active[1] === 0 && countActive(after) > 0)
    );
  });
}

/** What becomes fewer stays at the least, and what becomes more at the most. */
function isWithin(before: number, after: number, [min, max]: readonly [number, number]): boolean {
  return !(after < before && after < min) && !(after > before && after > max);
}
