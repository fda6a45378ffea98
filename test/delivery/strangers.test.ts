/**
 * What strangers can't find out or take, and what a user gets back who has lost everything.
 */

import { describe, expect, it } from "vitest";
import { createAccountKey, rootKeyOf } from "../../src/accounts/keys.ts";
import { createRecoveryCode } from "../../src/accounts/recovery-code.ts";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import { signDeviceList } from "../../src/accounts/statement.ts";
import type { NewDevice } from "../../src/accounts/devices.ts";
import { accountStatements } from "../../src/delivery/account-statements.ts";
import { basic, cipherSuite, createIdentity, createKeyPackage, trustAnyCredential } from "../../src/index.ts";
import type { AccountsCheck } from "../../src/delivery/options.ts";
import { addParticipants, changeBasePolicy } from "../../src/rooms/changes.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { createRoomExtensions } from "../../src/rooms/create.ts";
import { Room } from "../../src/rooms/room.ts";
import { newId, signedIn, type TestDevice } from "../../src/testing/delivery/device.ts";
import { address, TestWorld } from "./world.ts";

const rooms = roomAppData();

class MimiWorld extends TestWorld {
  readonly groups = { authentication: trustAnyCredential, registry: rooms.registry };

  constructor() {
    super({ rooms, group: { authentication: trustAnyCredential } });
  }
}

const viewOf = ({ group }: TestDevice): Room =>
  Room.open({ rooms, groupContext: group.groupContext, members: group.members });

const entryOf = ({ uri, identity }: TestDevice): NewDevice => ({
  uri,
  cipherSuite: identity.suite.id,
  signatureKey: identity.signatureKey,
});

describe("a user whose devices are lost", () => {
  async function lost(): Promise<{
    readonly world: TestWorld;
    readonly fresh: TestDevice;
    readonly list: (...devices: readonly TestDevice[]) => Promise<Uint8Array>;
  }> {
    const world = new TestWorld({ accounts: accountStatements() });
    const phone = await world.device("alice");
    const { seed } = createRecoveryCode();
    const root = await rootKeyOf(phone.suite, seed);
    const accountKey = await createAccountKey({ root, user: phone.user });
    const maker = { uri: phone.uri, signer: phone.identity.signer };
    const { clock } = world;
    const statement = await signDeviceList({ accountKey, maker, changes: { add: [entryOf(phone)] }, clock });
    expect(await phone.connection.publishStatement({ user: phone.user, number: 0n, statement })).toBe("accepted");
    const fresh = await world.device("alice", "new");
    const [latest] = await fresh.connection.statements({ user: phone.user });
    const view = await checkStatement(undefined, latest!.statement, { begin: "anywhere" });
    const next = await createAccountKey({ root, user: phone.user, after: view.keyNumber });
    const by = { uri: fresh.uri, signer: fresh.identity.signer };
    const list = (...devices: readonly TestDevice[]): Promise<Uint8Array> => {
      const changes = { add: devices.map(entryOf), remove: [phone.uri] };
      return signDeviceList({ view, accountKey: next, maker: by, changes, clock });
    };
    return { world, fresh, list };
  }

  it("comes back by a new account key of the same root, which lists the new device", async () => {
    const { world, fresh, list } = await lost();
    const { user } = fresh;
    const statement = await list(fresh);
    expect(await fresh.connection.publishStatement({ user, number: 1n, statement })).toBe("accepted");
    fresh.connection = await signedIn(world.delivery, fresh.uri, fresh.identity);
    await fresh.stock();
  });

  it("comes back by nothing else", async () => {
    const { world, fresh, list } = await lost();
    const { user } = fresh;
    const notAllowed = { code: "not-allowed" };
    const publish = (statement: Uint8Array): Promise<unknown> =>
      fresh.connection.publishStatement({ user, number: 1n, statement });
    const other = await world.device("alice", "other");
    const both = await list(fresh, other);
    const byOther = other.connection.publishStatement({ user, number: 1n, statement: both.slice(0, -1) });
    await expect(byOther, "a broken one").rejects.toMatchObject(notAllowed);
    const mallory = await world.device("alice", "evil");
    const byMallory = mallory.connection.publishStatement({ user, number: 1n, statement: both });
    await expect(byMallory, "one that does not list it").rejects.toMatchObject(notAllowed);
    await expect(publish(new Uint8Array(3))).rejects.toMatchObject(notAllowed);
    await expect(fresh.stock()).rejects.toMatchObject(notAllowed);
  });
});

describe("a stranger", () => {
  it("adds nobody without consent, though another's key package came its way", async () => {
    const world = new TestWorld({ consent: "opt-in" });
    const [alice, victim, mallory] = [
      await world.device("alice"),
      await world.device("victim"),
      await world.device("mallory"),
    ];
    await victim.connection.consent({ id: newId(), user: alice.user, operation: "grant" });
    await victim.stock(2);
    const [keyPackage] = await alice.claim(victim);
    const room = `${address}/r/mallorys`;
    await mallory.create(room);
    const add = [keyPackage!];
    const refused = { kind: "refused", reason: "policy", code: "no-consent" };
    expect(await mallory.commit(room, { add })).toMatchObject(refused);
    const message = await mallory.group.propose({ add: keyPackage! });
    expect(await mallory.connection.publish({ id: newId(), room, message })).toMatchObject(refused);
    expect(await victim.connection.queue()).toEqual([]);
    await alice.create(`${room}-2`);
    expect((await alice.commit(`${room}-2`, { add })).kind).toBe("accepted");
    expect(await victim.connection.queue()).toHaveLength(1);
  });

  it("has no queue kept for devices that never were", async () => {
    const world = new TestWorld();
    const mallory = await world.device("mallory");
    const uri = `${address}/d/nobody/phone`;
    const identity = await createIdentity({ suite: cipherSuite(1), credential: basic(uri) });
    const { registry = {} } = mallory.groups;
    const { keyPackage } = await createKeyPackage({ identity, registry, clock: world.clock });
    const room = `${address}/r/empty`;
    await mallory.create(room);
    expect((await mallory.commit(room, { add: [keyPackage] })).kind).toBe("accepted");
    expect(await world.port.devices.queue(uri, 0n, Infinity, Infinity)).toEqual([]);
    expect(await world.port.rooms.outbox(room)).toEqual([]);
  });

  it("who asks for consent about any number of rooms keeps nobody from giving it, or from asking", async () => {
    const free = { burst: Infinity, perSecond: 1 };
    const world = new TestWorld({ consent: "opt-in", limits: { consents: 6, queueItemsOfOne: 100, asks: free } });
    const [alice, bob, mallory] = [
      await world.device("alice"),
      await world.device("bob"),
      await world.device("mallory"),
    ];
    const ask = (by: TestDevice, room?: string): Promise<void> =>
      by.connection.consent({
        id: newId(),
        user: alice.user,
        operation: "request",
        ...(room === undefined ? {} : { room: `${address}/r/${room}` }),
      });
    for (const room of ["1", "2", "3"]) await ask(mallory, room);
    await expect(ask(mallory, "4")).rejects.toMatchObject({ code: "rate" });
    for (const user of [bob.user, `${address}/u/carol`, `${address}/u/dave`])
      await alice.connection.consent({ id: newId(), user, operation: "grant" });
    const other = new TestWorld({ consent: "opt-in", limits: { asks: { burst: 2, perSecond: 1 } } });
    const [victim, asker, third] = [
      await other.device("alice"),
      await other.device("mallory"),
      await other.device("bob"),
    ];
    expect(victim.user).toBe(alice.user);
    for (const room of ["1", "2"]) await ask(asker, room);
    await expect(ask(asker, "3")).rejects.toMatchObject({ code: "rate", retryAfter: 1_000 });
    await ask(third);
  });

  describe("that asks to be linked to a user", () => {
    const accounts: AccountsCheck = {
      device: ({ device }) => (device.includes("/x") ? "linking" : "listed"),
      statement: () => true,
    };

    it("has a small part of each queue, whatever devices it is", async () => {
      const world = new TestWorld({ accounts, limits: { queueItemsOfLinking: 3, devicesOfUser: 2 } });
      const [phone, bob] = [await world.device("alice"), await world.device("bob")];
      const link = (by: TestDevice): Promise<void> =>
        by.connection.send({ id: newId(), to: phone.user, topic: "link", bytes: new Uint8Array(1) });
      for (let i = 0; i < 3; i++) {
        await link(await world.device("alice", `x${String(i)}`));
        world.now += 20 * 60_000;
      }
      const last = await world.device("alice", "x-last");
      await expect(link(last)).rejects.toMatchObject({ code: "rate" });
      await bob.connection.send({ id: newId(), to: phone.user, topic: "t", bytes: new Uint8Array(1) });
      const [first] = await phone.connection.queue();
      await phone.connection.acknowledgeQueue({ through: first!.number });
      await link(last);
    });

    it("comes as a new device only so often, and no device signs in all the time", async () => {
      const none = { burst: 2, perSecond: 0.001 };
      const world = new TestWorld({ accounts, limits: { linkings: none, connects: none } });
      const x = await world.device("alice", "x1");
      await world.device("alice", "x2");
      await expect(world.device("alice", "x3")).rejects.toMatchObject({ code: "rate" });
      await world.device("bob", "x1");
      const again = { known: 0n, next: 0n, id: newId() };
      await signedIn(world.delivery, x.uri, x.identity, again);
      await expect(signedIn(world.delivery, x.uri, x.identity, again)).rejects.toMatchObject({ code: "rate" });
    });

    it("reaches none that asks itself", async () => {
      const world = new TestWorld({ accounts });
      const [one, two] = [await world.device("alice", "x1"), await world.device("alice", "x2")];
      await one.connection.send({ id: newId(), to: two.uri, topic: "link", bytes: new Uint8Array(1) });
      expect(await two.connection.queue()).toEqual([]);
    });
  });

  it("does not find out by a room of its own who is in another", async () => {
    const world = new MimiWorld();
    const [alice, mallory] = [await world.device("alice"), await world.device("mallory")];
    const secret = `${address}/r/secret`;
    const participants = [`${address}/u/bob`];
    await alice.create(secret, createRoomExtensions({ rooms, room: secret, creator: alice.user, participants }));
    const own = `${address}/r/mallorys`;
    const asOwner = { creator: mallory.user, participants: [{ user: mallory.user, role: 4 }] };
    await mallory.create(own, createRoomExtensions({ rooms, room: own, ...asOwner }));
    const dependsOn = (room: string): Promise<unknown> =>
      mallory.commit(own, {
        custom: [changeBasePolicy(viewOf(mallory), { parentDependent: true, parentRoom: [room] })],
      });
    const refused = { kind: "refused", reason: "policy", code: "parent" };
    expect(await dependsOn(secret)).toMatchObject(refused);
    expect(await dependsOn(`${address}/r/never`), "and of a room that never was").toMatchObject(refused);
    // Nor together with the question.
    const both = [
      changeBasePolicy(viewOf(mallory), { parentDependent: true, parentRoom: [secret] }),
      addParticipants(viewOf(mallory), [{ user: `${address}/u/bob`, role: 2 }]),
    ];
    expect(await mallory.commit(own, { custom: both })).toMatchObject(refused);
    // Nor by a new room, whose creator names others.
    const child = `${address}/r/child`;
    const names = async (user: string, parentRoom: string): Promise<unknown> => {
      const options = { policy: "call", parentRoom, participants: [user] } as const;
      return mallory
        .create(child, createRoomExtensions({ rooms, room: child, creator: mallory.user, ...options }))
        .catch((error: unknown) => String(error));
    };
    const answer = await names(`${address}/u/bob`, secret);
    expect(answer).toContain("invalid");
    expect(await names(`${address}/u/carol`, secret)).toBe(answer);
    expect(await names(`${address}/u/bob`, `${address}/r/never`)).toBe(answer);
  });

  it("does not find out whether there is a room, or of which group it is", async () => {
    const world = new MimiWorld();
    const [alice, mallory] = [await world.device("alice"), await world.device("mallory")];
    const [secret, own] = [`${address}/r/secret`, `${address}/r/mallorys`];
    await alice.create(secret, createRoomExtensions({ rooms, room: secret, creator: alice.user }));
    await mallory.create(own, createRoomExtensions({ rooms, room: own, creator: mallory.user }));
    const ask = async (room: string): Promise<unknown> =>
      mallory.connection.publish({ ...(await mallory.sealed(own, "x")), room });
    expect(await ask(secret)).toEqual({ kind: "refused", reason: "no-room" });
    expect(await ask(`${address}/r/never`)).toEqual({ kind: "refused", reason: "no-room" });
  });

  it("does not find out how busy a room is, whose group it has heard of", async () => {
    const once = { burst: 1, perSecond: 0.001 };
    const world = new TestWorld({ limits: { messagesOfRoom: once, handshakesOfRoom: once } });
    const { room, alice, bob } = await world.pair(); // by a commit: there is no other for a while
    const mallory = await world.device("mallory");
    const said = await alice.sealed(room, "x");
    const { publication } = await alice.prepare(room);
    expect((await alice.connection.publish(said)).kind).toBe("accepted");
    for (const each of [said, publication]) {
      const again = { ...each, id: newId() };
      expect(await bob.connection.publish(again)).toMatchObject({ reason: each === said ? "rate" : "invalid" });
      expect(await mallory.connection.publish(again)).toEqual({ kind: "refused", reason: "no-room" });
    }
    expect(await alice.connection.publish(publication)).toMatchObject({ reason: "rate" });
  });
});
