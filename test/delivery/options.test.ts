/**
 * What whoever runs a service, or uses one, may pass by mistake.
 */

import { describe, expect, it } from "vitest";
import type { Connection } from "../../src/delivery/delivery.ts";
import { firstKeyCounts, type DeliveryOptions } from "../../src/delivery/options.ts";
import { defaultDeliveryLimits } from "../../src/delivery/limits.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { newId, testGroups } from "../../src/testing/delivery/device.ts";
import { address, TestWorld } from "./world.ts";

const good: DeliveryOptions = { address, group: testGroups, accounts: firstKeyCounts };

describe("options of a service", () => {
  it.each<Record<string, unknown>>([
    { address: "example.org" },
    { address: `${address}/u/alice` },
    { group: {} },
    { group: { ...testGroups, review: () => true } },
    { accounts: {} },
    { accounts: { device: () => "listed" } },
    { rooms: {} },
    { reviewRoom: true },
    { reviewProposal: true },
    { mayCreate: true },
    { mayJoin: true },
    { consent: "everyone" },
    { consent: {} },
    { isProven: 1 },
    { suites: 1 },
    { clock: 1 },
    { random: 1 },
    { limit: {} },
    ...[NaN, -1, "1", null, 1n, {}].map((value) => ({ limits: { messageBytes: value } })),
    ...[NaN, -1, "1", null, 1n, 7, { burst: -1, perSecond: 1 }, { burst: 1, perSecond: NaN }].map((value) => ({
      limits: { requests: value },
    })),
    { limits: { rate: 1 } },
  ])("are checked: %o", (bad) => {
    expect(() => memoryDelivery({ ...good, ...bad })).toThrow(TypeError);
  });

  it("have a limit for everything, each a number or a rate", () => {
    for (const [name, value] of Object.entries(defaultDeliveryLimits)) {
      if (typeof value === "number") expect(value, name).toBeGreaterThan(0);
      else
        expect(value, name).toEqual({ burst: expect.any(Number) as number, perSecond: expect.any(Number) as number });
      const open = (): unknown => memoryDelivery({ ...good, limits: { [name]: Infinity } });
      if (typeof value === "number") expect(open).not.toThrow();
      else expect(open).toThrow(TypeError);
    }
  });
});

describe("requests", () => {
  it("are checked: a caller's mistake is a TypeError, and no error of the service", async () => {
    const world = new TestWorld();
    const { connection } = await world.device("alice");
    const bytes = new Uint8Array(1);
    const id = newId();
    const room = `${address}/r/x`;
    const bad: readonly (readonly [keyof Connection, object])[] = [
      ["createRoom", { id, room, groupInfo: bytes }],
      ["publish", { id: new Uint8Array(15), room, message: bytes }],
      ["publish", { id, room, message: "x" }],
      ["publish", { id, room, message: bytes, commit: {} }],
      ["fetch", { room, after: 1 }],
      ["fetch", { room, after: 1n, limit: 0 }],
      ["changed", { since: 1 }],
      ["acknowledge", { room, through: -1n }],
      ["groupInfo", { room: 1 }],
      ["confirm", { room, epoch: 1, signature: bytes }],
      ["complain", { id, room, epoch: 1n, number: 1, code: "x", evidence: bytes }],
      ["queue", { after: 1 }],
      ["acknowledgeQueue", { through: 1 }],
      ["consent", { id, user: "x", operation: "ask" }],
      ["send", { id, to: 1, topic: "x", bytes }],
      ["publishKeyPackages", { id, keyPackages: bytes }],
      ["keyPackageCount", { cipherSuite: 65_536 }],
      ["claimKeyPackages", { id, user: "x", cipherSuite: -1 }],
      ["publishStatement", { user: "x", number: 0, statement: bytes }],
      ["statements", { user: "x", from: 0 }],
      ["upload", { blob: id, size: 1.5, offset: 0, bytes }],
      ["upload", { blob: bytes, size: 1, offset: 0, bytes }],
      ["download", { blob: id, offset: -1, length: 1 }],
      ["whisper", { room, bytes: "x" }],
      ["block", { id, user: "x", blocked: 1 }],
      ["queue", { signal: 1 }],
    ];
    for (const [name, request] of bad) {
      const method = connection[name] as (request: object) => Promise<unknown>;
      await expect(method.call(connection, request), `${name} ${Object.keys(request).join()}`).rejects.toThrow(
        TypeError,
      );
    }
    expect(() => {
      connection.subscribe(1 as never);
    }).toThrow(TypeError);
  });

  it("of signing in are checked", async () => {
    const { delivery } = new TestWorld();
    const incarnation = { known: 0n, next: 0n, id: newId() };
    const login = {
      device: `${address}/d/alice/phone`,
      cipherSuite: 1,
      signatureKey: new Uint8Array(32),
      sign: async (): Promise<Uint8Array> => Promise.resolve(new Uint8Array(64)),
      incarnation,
    };
    for (const bad of [
      { device: 1 },
      { cipherSuite: "1" },
      { signatureKey: "x" },
      { sign: 1 },
      { incarnation: { known: 0n } },
      { incarnation: { ...incarnation, id: new Uint8Array(1) } },
      { incarnation: { ...incarnation, known: 1n } },
      { signal: 1 },
    ]) {
      await expect(delivery.connect({ ...login, ...bad } as never), Object.keys(bad).join()).rejects.toThrow(TypeError);
    }
    await expect(delivery.connect(login), "a wrong signature").rejects.toMatchObject({ code: "not-allowed" });
    await expect(delivery.connect({ ...login, signatureKey: new Uint8Array(3) })).rejects.toMatchObject({
      code: "not-allowed",
    });
    await expect(delivery.connect({ ...login, cipherSuite: 999 })).rejects.toMatchObject({ code: "invalid" });
  });

  it("can be given up, and what was given up may have happened", async () => {
    const world = new TestWorld();
    const { room, alice, bob } = await world.pair();
    const aborted = AbortSignal.abort(new Error("gone"));
    await expect(alice.connection.fetch({ room, after: 0n, signal: aborted })).rejects.toThrow("gone");
    const controller = new AbortController();
    const answer = alice.connection.publish({ ...(await alice.sealed(room, "hello")), signal: controller.signal });
    controller.abort(new Error("too slow"));
    await expect(answer).rejects.toThrow("too slow");
    expect(await bob.catchUp(room)).toEqual(["hello"]);
  });

  it("take the bytes as they are when they are made", async () => {
    const world = new TestWorld();
    const { room, alice, bob } = await world.pair();
    const publication = await alice.sealed(room, "hello");
    const answer = alice.connection.publish(publication);
    publication.message.fill(0);
    publication.id.fill(0);
    expect((await answer).kind).toBe("accepted");
    const { items } = await bob.connection.fetch({ room, after: 1n });
    items[0]!.message.fill(1);
    expect(await bob.catchUp(room)).toEqual(["hello"]);
  });

  it("end with the service", async () => {
    const world = new TestWorld();
    const alice = await world.device("alice");
    await world.delivery.shutdown();
    await expect(alice.connection.queue()).rejects.toMatchObject({ code: "unreachable" });
    await expect(world.device("bob")).rejects.toMatchObject({ code: "unreachable" });
  });
});
