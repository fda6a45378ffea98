/**
 * Rooms against the plain model: random roles, policies and commits, the answer must be the same. Where a commit is allowed, the room
 * that follows it is the one that is read afresh.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  capabilities,
  changeParticipants,
  Room,
  RoomError,
  roleOf,
  type Capability,
  type Role,
} from "../../src/rooms/index.ts";
import { allows, apply, type ModelActor, type ModelRole, type ModelRoom, type ModelStep } from "./model.ts";
import {
  app,
  asker,
  contextOf,
  joiner,
  memberSender,
  membersOf,
  outsider,
  plainAfter,
  plainEvent,
  plainRoom,
  type PlainClient,
  type PlainRoom,
} from "./plain.ts";
import type { Sender } from "../../src/wire/framing.ts";
import { alice, bob, carol, dave, hub, stateOf } from "./world.ts";

const users = [alice, bob, carol, dave];
const everybody = [...users, hub];
const tried = [
  "canAddParticipant",
  "canRemoveParticipant",
  "canAddOwnClient",
  "canRemoveOwnClient",
  "canRemoveSelf",
  "canBan",
  "canUnBan",
  "canKick",
  "canChangeUserRole",
] as const satisfies readonly Capability[];

const bounds = (min: number): fc.Arbitrary<readonly [number, number]> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant([0, Infinity] as const) },
    { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min, max: 3 })) },
  );

function role(index: number): fc.Arbitrary<ModelRole> {
  const moves = [0, 1, 2, 3].flatMap((from) => [0, 1, 2, 3].map((to) => `${String(from)}>${String(to)}`));
  return fc.record({
    can: fc.subarray<string>([...tried, ...(index === 0 ? ["canOpenJoin"] : [])]).map((list) => new Set(list)),
    moves: fc.subarray(moves, { minLength: 6 }).map((list) => new Set(list)),
    participants: bounds(0),
    active: index < 2 ? fc.constant([0, 0] as const) : bounds(1),
  });
}

const rooms: fc.Arbitrary<ModelRoom> = fc
  .record({
    roles: fc.record({ 0: role(0), 1: role(1), 2: role(2), 3: role(3) }),
    list: fc.record({
      [alice]: fc.constantFrom(2, 3),
      [bob]: fc.constantFrom(0, 1, 2, 3),
      [carol]: fc.constantFrom(0, 1, 2, 3),
      [dave]: fc.constantFrom(0, 1),
      [hub]: fc.constantFrom(0, 2, 3),
    }),
    devices: fc.array(fc.constantFrom(...users), { maxLength: 4 }),
    fixed: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    multiDevice: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    maxClients: fc.constantFrom(Infinity, Infinity, 4, 5),
    maxUsers: fc.constantFrom(Infinity, Infinity, 3, 4),
  })
  .map(({ roles, list, devices, fixed, ...rest }): ModelRoom => {
    const clients = [alice, ...devices].map((user, leaf) => [leaf, [user, `d${String(leaf)}`]] as const);
    return {
      ...rest,
      fixed,
      roles: fixed
        ? Object.fromEntries(
            Object.entries(roles).map(([index, one]) => [
              index,
              {
                ...one,
                can: new Set([...one.can].filter((name) => Number(index) < 2 || name !== "canAddParticipant")),
              },
            ]),
          )
        : roles,
      list: Object.fromEntries(Object.entries(list).filter(([, index]) => index !== 0)),
      clients: Object.fromEntries(clients),
    };
  })
  // A room that its own policy refuses is opened by nobody.
  .filter((room) => allows(room, []));

/** A commit: changes of the list, clients that come and go, whoever proposes each. */
function commits(room: ModelRoom): fc.Arbitrary<{ steps: readonly ModelStep[]; external: boolean }> {
  const leaves = Object.keys(room.clients).map(Number);
  const member = fc
    .constantFrom(...leaves)
    .map((leaf): ModelActor => ({ user: room.clients[leaf]![0], how: "member" }));
  const actor: fc.Arbitrary<ModelActor> = fc.oneof(
    { weight: 4, arbitrary: member },
    { weight: 1, arbitrary: fc.constant<ModelActor>({ user: hub, how: "hub" }) },
  );
  const change = fc.record({
    what: fc.constant("role" as const),
    user: fc.constantFrom(...users),
    to: fc.integer({ min: 0, max: 3 }),
    by: actor,
    clean: fc.boolean(),
  });
  const entering = fc.record({
    what: fc.constant("in" as const),
    user: fc.constantFrom(...users),
    by: fc.oneof(actor, fc.constant<"own">("own"), fc.constant<"asker">("asker")),
  });
  const leaving = fc.record({
    what: fc.constant("out" as const),
    leaf: fc.constantFrom(...leaves),
    by: fc.oneof(actor, fc.constant<"own">("own")),
  });
  return fc
    .record({
      list: fc.array(fc.oneof({ weight: 3, arbitrary: change }, entering, leaving), { minLength: 1, maxLength: 3 }),
      external: fc.option(
        fc.record({ user: fc.constantFrom(...users), adds: fc.constantFrom(0, 2, 3), replaces: fc.boolean() }),
        { freq: 3 },
      ),
    })
    .map(({ list, external }) => {
      const steps: ModelStep[] = [];
      let leaf = 100;
      const seen = new Set<string>();
      const out = new Set<number>();
      const leavesOf = (user: string) => leaves.filter((index) => room.clients[index]?.[0] === user);
      for (const step of list) {
        if (step.what === "role") {
          const { user, to, by } = step;
          if (seen.has(user) || (to === 0 && room.list[user] === undefined) || to === room.list[user]) continue;
          seen.add(user);
          steps.push({ what: "role", user, to, by });
          if (!step.clean) continue;
          for (const index of to < 2 ? leavesOf(user) : []) {
            if (!out.has(index)) steps.push({ what: "out", leaf: index, by });
            out.add(index);
          }
          if (to > 1 && room.list[user] === undefined) {
            steps.push({ what: "in", user, device: `n${String(leaf)}`, leaf: leaf++, by });
          }
        } else if (step.what === "in") {
          const by: ModelActor =
            step.by === "own"
              ? { user: step.user, how: leavesOf(step.user).length > 0 ? "member" : "asker" }
              : step.by === "asker"
                ? { user: step.user, how: "asker" }
                : step.by;
          steps.push({ what: "in", user: step.user, device: `n${String(leaf)}`, leaf: leaf++, by });
        } else {
          if (out.has(step.leaf)) continue;
          out.add(step.leaf);
          const by: ModelActor = step.by === "own" ? { user: room.clients[step.leaf]![0], how: "member" } : step.by;
          steps.push({ what: "out", leaf: step.leaf, by });
        }
      }
      if (external !== null) {
        // What joiners can't refer to is left out: all but who leaves.
        const { user, adds, replaces } = external;
        const by: ModelActor = { user, how: "joiner" };
        const kept: ModelStep[] = [];
        if (adds !== 0 && room.list[user] === undefined) kept.push({ what: "role", user, to: adds, by });
        const [old] = replaces ? leavesOf(user) : [];
        const device = old === undefined ? "j" : room.clients[old]![1];
        if (old !== undefined) kept.push({ what: "out", leaf: old, by });
        kept.push({ what: "in", user, device, leaf: leaf++, by });
        return { steps: kept, external: true };
      }
      return { steps, external: false };
    });
}

function written(room: ModelRoom): PlainRoom {
  const clients = Object.entries(room.clients).map(([leaf, [user, device]]): PlainClient => [
    Number(leaf),
    user,
    device,
  ]);
  return plainRoom(
    {
      participants: Object.entries(room.list).map(([user, index]) => ({ user, role: index })),
      base: {
        fixedMembership: room.fixed,
        multiDevice: room.multiDevice,
        maxClients: room.maxClients === Infinity ? undefined : room.maxClients,
        maxUsers: room.maxUsers === Infinity ? undefined : room.maxUsers,
      },
      data: { roles_list: Object.entries(room.roles).map(([index, one]) => writtenRole(Number(index), one)) },
    },
    clients,
    [hub],
  );
}

function writtenRole(index: number, { can, moves, participants, active }: ModelRole): Role {
  const changes = [...moves].map((move) => move.split(">").map(Number) as [number, number]);
  const bounded = ([min, max]: readonly [number, number]) => (max === Infinity ? { min } : { min, max });
  return roleOf({
    index,
    name: ["nobody", "banned", "two", "three"][index] ?? "",
    can: [...can] as Capability[],
    changes: [0, 1, 2, 3].map((from) => [from, changes.filter(([f]) => f === from).map(([, to]) => to)] as const),
    participants: bounded(participants),
    active: bounded(active),
  });
}

function sentBy(by: ModelActor, room: ModelRoom): Sender {
  if (by.how === "hub") return outsider;
  if (by.how === "joiner") return joiner;
  if (by.how === "asker") return asker;
  const [leaf] = Object.entries(room.clients).find(([, [user]]) => user === by.user)!;
  return memberSender(Number(leaf));
}

describe("A room", () => {
  it("answers as the plain model does, and follows to what is read afresh", () => {
    const counts = { allowed: 0, refused: 0 };
    const codes = new Map<string, number>();
    fc.assert(
      fc.property(
        rooms.chain((room) => fc.record({ room: fc.constant(room), commit: commits(room) })),
        ({ room: model, commit: { steps, external } }) => {
          if (steps.length === 0) return;
          const plain = written(model);
          const room = Room.open({ rooms: app, groupContext: contextOf(plain), members: membersOf(plain) });
          const entering = steps.filter((step) => step.what === "in");
          const last = entering.at(-1);
          const client = (step: (typeof entering)[number]): PlainClient => [step.leaf, step.user, step.device];
          const event = plainEvent(plain, {
            committer:
              external && last !== undefined
                ? client(last)
                : membersOf(plain).map((_, i): PlainClient => [i, alice, "d0"])[0]!,
            external,
            custom: steps.flatMap((step) => {
              if (step.what !== "role") return [];
              const change =
                step.to === 0
                  ? { remove: [step.user] }
                  : model.list[step.user] === undefined
                    ? { add: [{ user: step.user, role: step.to }] }
                    : { roles: [{ user: step.user, role: step.to }] };
              return [[changeParticipants(room, change), sentBy(step.by, model)] as const];
            }),
            added: (external ? entering.slice(0, -1) : entering).map((step) => [client(step), sentBy(step.by, model)]),
            removed: steps.flatMap((step) => {
              if (step.what !== "out") return [];
              const [user, device] = model.clients[step.leaf]!;
              return [[[step.leaf, user, device], sentBy(step.by, model)] as const];
            }),
          });
          const expected = allows(model, steps);
          let code: string | undefined;
          try {
            room.check(event);
          } catch (error) {
            if (!(error instanceof RoomError)) throw error;
            code = `${error.code} ${error.rule ?? ""}`;
          }
          expect(code === undefined ? "allowed" : `refused`, code).toBe(expected ? "allowed" : "refused");
          counts[expected ? "allowed" : "refused"]++;
          if (code !== undefined) {
            codes.set(code, (codes.get(code) ?? 0) + 1);
            return;
          }
          room.follow(event);
          const after = plainAfter(plain, event);
          const afresh = Room.open({ rooms: app, groupContext: contextOf(after, 8n), members: membersOf(after) });
          expect(stateOf(room)).toEqual(stateOf(afresh));
          const clients = Object.values(apply(model, steps).clients);
          for (const user of everybody) {
            expect(room.participant(user)?.clients ?? 0).toBe(clients.filter(([one]) => one === user).length);
          }
        },
      ),
      { numRuns: 3000 },
    );
    // Both happen often, and every rule of the model is one that somebody has broken.
    expect(counts.allowed).toBeGreaterThan(300);
    expect(counts.refused).toBeGreaterThan(300);
    const broken = [...codes.keys()].map((code) => code.trim());
    const expected = [
      ...tried.filter((name) => name !== "canRemoveSelf" && name !== "canUnBan").map((name) => `not-allowed ${name}`),
      "not-participant",
      "banned",
      "role-count",
      "active-count",
      "max-clients",
      "max-users",
      "single-device",
      "fixed",
    ];
    expect(expected.filter((code) => !broken.includes(code))).toEqual([]);
  });

  it("knows every capability that the model tries", () => {
    for (const name of tried) expect(Object.hasOwn(capabilities, name)).toBe(true);
  });
});
