/**
 * Who may ask what: every request of the protocol, by whoever should get nothing from it. A request that has no row does not compile.
 */

import { afterAll, describe, expect, test } from "vitest";
import type { Connection } from "../../src/delivery/delivery.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import type { Asked, OperationName } from "../../src/delivery/protocol/operation.ts";
import { operations } from "../../src/delivery/protocol/operations.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { startServer } from "../../src/server/server.ts";
import { newId, roomOf, TestDevice, testGroups } from "../../src/testing/delivery/device.ts";

const address = "mimi://example.org";
const service = memoryDelivery({
  address,
  group: testGroups,
  accounts: {
    ...firstKeyCounts,
    device: (login) => (login.device.endsWith("/new") ? "linking" : firstKeyCounts.device(login)),
  },
  consent: "everybody",
});
const running = await startServer({ delivery: service });
const scene = { delivery: httpDelivery({ url: running.url, address }), address };

const { room, devices } = await roomOf(scene, "alice", "bob", "carol");
const [alice, bob, carol] = devices as [TestDevice, TestDevice, TestDevice];
await carol.catchUp(room);
await alice.catchUp(room);
const lost = await alice.prepare(room, { remove: [2] });
await alice.connection.publish(lost.publication);
await alice.group.apply(lost.pending);
const mallory = await TestDevice.connect(scene, { user: "mallory" });
await bob.connection.block({ id: newId(), user: mallory.user, blocked: true });
const other = await TestDevice.connect(scene, { user: "other" });
const linking = await TestDevice.connect(scene, { user: "alice", device: "new" });

afterAll(async () => {
  await running.close();
});

type Role = "other" | "removed" | "blocked" | "linking";
const roles: Readonly<Record<Role, Connection>> = {
  other: other.connection,
  removed: carol.connection,
  blocked: mallory.connection,
  linking: linking.connection,
};

const bytes = Uint8Array.of(1, 2, 3);
const { publication } = await alice.prepare(room);
/** What Alice keeps. */
const chain = new Uint8Array(16).fill(7);
await alice.connection.putHistory({ chain, position: 0n, records: [bytes] });
await alice.connection.putHistoryEdge({ epoch: 1n, edge: bytes });

const never = "mimi://example.org/r/never";

/** What is asked about a room, or about Bob. */
const asked: { readonly [Name in OperationName]: (room: string) => Asked<Name> } = {
  createRoom: (room) => ({ id: newId(), room, groupInfo: bytes, ratchetTree: bytes }),
  publish: (room) => ({ ...publication, id: newId(), room }),
  fetch: (room) => ({ room, after: 0n }),
  changed: () => ({}),
  acknowledge: (room) => ({ room, through: 1n }),
  groupInfo: (room) => ({ room }),
  confirm: (room) => ({ room, epoch: 1n, signature: bytes }),
  complain: (room) => ({ id: newId(), room, epoch: 1n, number: 1n, code: "x", evidence: bytes }),
  whisper: (room) => ({ room, bytes }),
  callServers: (room) => ({ room }),
  report: (room) => ({ id: newId(), room, report: bytes }),
  frankingAgent: () => ({ cipherSuite: 1 }),
  deleteAccount: () => ({ id: bytes }),
  queue: () => ({}),
  acknowledgeQueue: () => ({ through: 0n }),
  publishKeyPackages: () => ({ id: newId(), keyPackages: [bytes] }),
  keyPackageCount: () => ({ cipherSuite: 1 }),
  claimKeyPackages: () => ({ id: newId(), user: bob.user, cipherSuite: 1 }),
  consent: () => ({ id: newId(), user: bob.user, operation: "request" }),
  send: () => ({ id: newId(), to: bob.user, topic: "knock", bytes }),
  block: () => ({ id: newId(), user: bob.user, blocked: true }),
  publishStatement: () => ({ user: bob.user, number: 0n, statement: bytes }),
  statements: () => ({ user: bob.user }),
  lookUp: () => ({ user: bob.user }),
  logProof: () => ({ from: 0, to: 1 }),
  upload: () => ({ blob: newId(), size: 3, offset: 0, bytes }),
  download: () => ({ blob: newId(), offset: 0, length: 1 }),
  putHistory: () => ({ chain, position: 0n, records: [Uint8Array.of(9)] }),
  history: () => ({ chain, below: 1n }),
  putHistoryEdge: () => ({ epoch: 1n, edge: Uint8Array.of(9) }),
  historyEdge: () => ({ epoch: 1n }),
};

/** What each is answered with: a code, "ok" for what is about themselves alone, "nothing" for what has no effect. */
const expected: Readonly<Record<OperationName, Readonly<Record<Role, string>>>> = {
  createRoom: { other: "invalid", removed: "invalid", blocked: "invalid", linking: "not-allowed" },
  publish: { other: "no-room", removed: "not-member", blocked: "no-room", linking: "not-allowed" },
  fetch: { other: "not-found", removed: "ok", blocked: "not-found", linking: "not-allowed" },
  changed: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
  acknowledge: { other: "not-found", removed: "ok", blocked: "not-found", linking: "not-allowed" },
  groupInfo: { other: "not-found", removed: "not-found", blocked: "not-found", linking: "not-allowed" },
  confirm: { other: "not-found", removed: "not-allowed", blocked: "not-found", linking: "not-allowed" },
  complain: { other: "not-found", removed: "not-allowed", blocked: "not-found", linking: "not-allowed" },
  whisper: { other: "not-found", removed: "not-found", blocked: "not-found", linking: "not-allowed" },
  report: { other: "not-found", removed: "ok", blocked: "not-found", linking: "not-allowed" },
  frankingAgent: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
  callServers: { other: "not-found", removed: "not-found", blocked: "not-found", linking: "not-allowed" },
  // With an id that is none: whom it is for, it would end. What it does is tested elsewhere.
  deleteAccount: { other: "invalid", removed: "invalid", blocked: "invalid", linking: "invalid" },
  queue: { other: "ok", removed: "ok", blocked: "ok", linking: "ok" },
  acknowledgeQueue: { other: "ok", removed: "ok", blocked: "ok", linking: "ok" },
  publishKeyPackages: { other: "invalid", removed: "invalid", blocked: "invalid", linking: "not-allowed" },
  keyPackageCount: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
  claimKeyPackages: { other: "ok", removed: "ok", blocked: "no-consent", linking: "not-allowed" },
  consent: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
  send: { other: "ok", removed: "ok", blocked: "no-consent", linking: "not-allowed" },
  block: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
  publishStatement: {
    other: "not-allowed",
    removed: "not-allowed",
    blocked: "not-allowed",
    linking: "not-allowed",
  },
  statements: { other: "ok", removed: "ok", blocked: "ok", linking: "ok" },
  lookUp: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
  logProof: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
  upload: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
  download: { other: "not-found", removed: "not-found", blocked: "not-found", linking: "not-allowed" },
  // Each user's own, whatever the chain is called: see below.
  putHistory: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
  history: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
  putHistoryEdge: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
  historyEdge: { other: "ok", removed: "ok", blocked: "ok", linking: "not-allowed" },
};

async function answer(role: Role, name: OperationName, where: string): Promise<string> {
  const connection = roles[role];
  const ask = connection[name] as (given: unknown) => Promise<unknown>;
  try {
    const got = await ask.call(connection, asked[name](where));
    return typeof got === "object" && got !== null && "reason" in got ? String(got.reason) : "ok";
  } catch (error) {
    if (error instanceof DeliveryError) return error.code;
    if (error instanceof TypeError) return "invalid";
    throw error;
  }
}

const names = Object.keys(operations) as OperationName[];

describe.each(names)("%s", (name) => {
  test.each(Object.keys(roles) as Role[])("of %s", async (role) => {
    expect(await answer(role, name, room)).toBe(expected[name][role]);
  });
});

test.each(names.filter((name) => "room" in asked[name](room) && name !== "createRoom"))(
  "%s tells who is in no room nothing of it",
  async (name) => {
    expect(await answer("other", name, room)).toBe(await answer("other", name, never));
  },
);

test("nobody reads or writes the history of another, who knows where it is", async () => {
  expect(await alice.connection.history({ chain, below: 1n })).toEqual([bytes]);
  expect(await alice.connection.historyEdge({ epoch: 1n })).toEqual({ edge: bytes });
  for (const connection of [other.connection, carol.connection, mallory.connection]) {
    expect(await connection.putHistory({ chain, position: 0n, records: [Uint8Array.of(9)] })).toBe("kept");
    expect(await connection.history({ chain, below: 1n })).toEqual([Uint8Array.of(9)]);
    expect(await connection.putHistoryEdge({ epoch: 1n, edge: Uint8Array.of(9) })).toBe("kept");
    expect(await connection.historyEdge({ epoch: 1n })).toEqual({ edge: Uint8Array.of(9) });
  }
  await expect(linking.connection.history({ chain, below: 1n })).rejects.toMatchObject({ code: "not-allowed" });
});

test("nothing that they did reached anybody", async () => {
  expect((await bob.connection.queue()).filter((item) => item.kind !== "welcome").map((item) => item.kind)).toEqual(
    // From those whom Bob has not blocked: a request and a parcel each.
    ["consent", "consent", "parcel", "parcel"],
  );
  expect((await bob.connection.fetch({ room, after: 0n })).head).toBe(2n);
});
