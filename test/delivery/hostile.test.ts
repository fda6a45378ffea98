/**
 * What a hostile device can't do, and how much it can't take.
 */

import { describe, expect, it } from "vitest";
import { createIdentity, basic, cipherSuite, Group } from "../../src/index.ts";
import type { DeliveryLimits } from "../../src/delivery/limits.ts";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import { Rates } from "../../src/delivery/rates.ts";
import { defaultDeliveryLimits } from "../../src/delivery/limits.ts";
import type { AccountsCheck } from "../../src/delivery/options.ts";
import { newId, signedIn, type TestDevice } from "../../src/testing/delivery/device.ts";
import { address, TestWorld } from "./world.ts";

const withLimits = (limits: Partial<DeliveryLimits>): TestWorld => new TestWorld({ limits });
const none = { burst: 1, perSecond: 0.001 };

describe("sizes", () => {
  it("are refused beyond the limits, before anything is done", async () => {
    const world = withLimits({
      messageBytes: 300,
      handshakeBytes: 4_000,
      groupInfoBytes: 600,
      welcomeBytes: 1_500,
      keyPackageBytes: 600,
      parcelBytes: 8,
      whisperBytes: 8,
      statementBytes: 8,
      evidenceBytes: 8,
      blobBytes: 16,
      blobPartBytes: 8,
    });
    const { room, alice, bob } = await world.pair();
    const long = new Uint8Array(9);
    const tooLarge = { code: "too-large" };
    const refused = { kind: "refused", reason: "too-large" };
    expect(await alice.say(room, "x".repeat(300))).toMatchObject(refused);
    const { publication, pending } = await alice.prepare(room);
    const commit = publication.commit!;
    expect(await alice.connection.publish({ ...publication, message: new Uint8Array(4_001) })).toMatchObject(refused);
    expect(
      await alice.connection.publish({ ...publication, commit: { groupInfo: new Uint8Array(601) } }),
    ).toMatchObject(refused);
    expect(
      await alice.connection.publish({ ...publication, commit: { ...commit, welcome: new Uint8Array(1_501) } }),
    ).toMatchObject(refused);
    pending.drop();
    await expect(
      alice.connection.send({ id: newId(), to: bob.user, topic: "knock", bytes: long }),
    ).rejects.toMatchObject(tooLarge);
    await expect(
      alice.connection.send({ id: newId(), to: bob.user, topic: "x".repeat(65), bytes: new Uint8Array(1) }),
    ).rejects.toMatchObject(tooLarge);
    await expect(alice.connection.whisper({ room, bytes: long })).rejects.toMatchObject(tooLarge);
    await expect(
      alice.connection.publishStatement({ user: alice.user, number: 0n, statement: long }),
    ).rejects.toMatchObject(tooLarge);
    await expect(
      alice.connection.publishKeyPackages({ id: newId(), keyPackages: [new Uint8Array(601)] }),
    ).rejects.toMatchObject(tooLarge);
    await expect(
      alice.connection.publishKeyPackages({ id: newId(), keyPackages: [], lastResort: new Uint8Array(601) }),
    ).rejects.toMatchObject(tooLarge);
    const complaint = { id: newId(), room, epoch: 1n, number: 1n, code: "path", evidence: long };
    await expect(bob.connection.complain(complaint)).rejects.toMatchObject(tooLarge);
    await expect(
      bob.connection.complain({ ...complaint, code: "x".repeat(65), evidence: new Uint8Array(0) }),
    ).rejects.toMatchObject(tooLarge);
    const part = { blob: newId(), offset: 0 };
    await expect(alice.connection.upload({ ...part, size: 17, bytes: long.subarray(1) })).rejects.toMatchObject(
      tooLarge,
    );
    await expect(alice.connection.upload({ ...part, size: 16, bytes: long })).rejects.toMatchObject(tooLarge);
    const create = { id: newId(), room: `${room}-2`, groupInfo: new Uint8Array(1), ratchetTree: new Uint8Array(1) };
    await expect(alice.connection.createRoom({ ...create, groupInfo: new Uint8Array(601) })).rejects.toMatchObject(
      tooLarge,
    );
    await expect(alice.connection.createRoom({ ...create, ratchetTree: new Uint8Array(601) })).rejects.toMatchObject(
      tooLarge,
    );
    expect((await bob.connection.fetch({ room, after: 1n })).items).toEqual([]);
  });

  it("of answers are bounded, and asking on gives the rest", async () => {
    const world = withLimits({ answerItems: 3, answerBytes: 900, blobPartBytes: 4 });
    const { room, alice, bob } = await world.pair();
    for (let i = 0; i < 5; i++) await alice.say(room, "x".repeat(20));
    const first = await bob.connection.fetch({ room, after: 1n, limit: 100 });
    expect(first.items.length).toBe(3);
    expect(first.head).toBe(6n);
    const rest = await bob.connection.fetch({ room, after: first.items[2]!.number });
    expect(rest.items.map(({ number }) => number)).toEqual([5n, 6n]);
    await alice.say(room, "x".repeat(1_000));
    await alice.say(room, "y");
    expect((await bob.connection.fetch({ room, after: 6n })).items.length).toBe(1);
    for (let i = 0; i < 4; i++)
      await alice.connection.send({ id: newId(), to: bob.user, topic: "knock", bytes: new Uint8Array(500) });
    const queued = await bob.connection.queue({ limit: 100 });
    expect(queued.length).toBe(2);
    expect((await bob.connection.queue({ after: queued[1]!.number })).length).toBe(2);
    for (let i = 0n; i < 4n; i++)
      await bob.connection.publishStatement({ user: bob.user, number: i, statement: new Uint8Array(1) });
    expect((await alice.connection.statements({ user: bob.user })).length).toBe(3);
    const blob = newId();
    await alice.connection.upload({ blob, size: 6, offset: 0, bytes: new Uint8Array(4) });
    await alice.connection.upload({ blob, size: 6, offset: 4, bytes: new Uint8Array(2) });
    expect((await bob.connection.download({ blob, offset: 0, length: 6 })).length).toBe(4);
  });
});

describe("counts", () => {
  it("of key packages, queues, devices, consents and blobs are bounded", async () => {
    const world = withLimits({
      keyPackages: 2,
      queueItems: 3,
      queueItemsOfOne: 2,
      devicesOfUser: 2,
      consents: 1,
      blobBytesOfUser: 10,
    });
    const [alice, bob, carol] = [await world.device("alice"), await world.device("bob"), await world.device("carol")];
    await expect(bob.stock(3)).rejects.toMatchObject({ code: "too-large" });
    await bob.stock(2);
    await expect(bob.stock(1)).rejects.toMatchObject({ code: "too-large" });
    const send = (by: typeof alice): Promise<void> =>
      by.connection.send({ id: newId(), to: bob.user, topic: "knock", bytes: new Uint8Array(1) });
    await send(alice);
    await send(alice);
    await expect(send(alice), "its own part of the queue").rejects.toMatchObject({ code: "rate" });
    await send(carol);
    await expect(send(carol), "the whole queue").rejects.toMatchObject({ code: "rate" });
    await world.device("alice", "tablet");
    await expect(world.device("alice", "third")).rejects.toMatchObject({ code: "not-allowed" });
    const grant = (user: string): Promise<void> => alice.connection.consent({ id: newId(), user, operation: "grant" });
    await grant(bob.user);
    await expect(grant(carol.user)).rejects.toMatchObject({ code: "rate" });
    const block = (user: string): Promise<void> => alice.connection.block({ id: newId(), user, blocked: true });
    await block(bob.user);
    await block(bob.user);
    await expect(block(carol.user)).rejects.toMatchObject({ code: "rate" });
    const upload = (size: number): Promise<unknown> =>
      alice.connection.upload({ blob: newId(), size, offset: 0, bytes: new Uint8Array(1) });
    await upload(10);
    await expect(upload(1)).rejects.toMatchObject({ code: "too-large" });
    // Nobody can keep a Welcome out by filling the queue.
    await alice.create("mimi://example.org/r/full");
    await alice.connection.block({ id: newId(), user: bob.user, blocked: false });
    expect((await alice.add("mimi://example.org/r/full", bob)).kind).toBe("accepted");
    expect((await bob.connection.queue()).some(({ kind }) => kind === "welcome")).toBe(true);
  });

  it("of rooms, statements and blobs of a user are bounded", async () => {
    const day = 24 * 60 * 60 * 1000;
    const world = withLimits({ roomsOfUser: 2, statementBytesOfUser: 10, blobsOfUser: 1, items: day });
    const alice = await world.device("alice");
    const tooLarge = { code: "too-large" };
    const room = (name: string): string => `mimi://example.org/r/${name}`;
    await alice.create(room("1"));
    const bob = await world.device("bob");
    await expect(bob.create(room("1")), "another's room").rejects.toMatchObject({ code: "not-allowed" });
    await alice.create(room("2"));
    await expect(alice.create(room("3"))).rejects.toMatchObject(tooLarge);
    await bob.create(room("3"));
    await bob.create(room("4"));
    world.now += day + 1;
    await world.delivery.sweep();
    await alice.create(room("5"));
    const { user } = alice;
    const publish = (number: bigint, length: number): Promise<unknown> =>
      alice.connection.publishStatement({ user, number, statement: new Uint8Array(length) });
    expect(await publish(0n, 6)).toBe("accepted");
    await expect(publish(1n, 5)).rejects.toMatchObject(tooLarge);
    expect(await publish(1n, 4)).toBe("accepted");
    const upload = (blob: Uint8Array, length: number): Promise<unknown> =>
      alice.connection.upload({ blob, size: 2, offset: 0, bytes: new Uint8Array(length) });
    expect(await upload(newId(), 0)).toEqual({ received: 0 });
    await upload(newId(), 1);
    await expect(upload(newId(), 1)).rejects.toMatchObject(tooLarge);
  });

  it("of a user's history are bounded: a record, how many at once, and all together", async () => {
    const limits = { historyRecordBytes: 4, historyBytesOfUser: 10, answerItems: 2, answerBytes: 5 };
    const world = withLimits({ ...limits, uploads: { burst: 12, perSecond: 1 } });
    const alice = await world.device("alice");
    const chain = new Uint8Array(16);
    const put = (position: bigint, ...lengths: number[]): Promise<unknown> =>
      alice.connection.putHistory({ chain, position, records: lengths.map((length) => new Uint8Array(length)) });
    const tooLarge = { code: "too-large" };
    await expect(put(0n, 5)).rejects.toMatchObject(tooLarge);
    await expect(put(0n, 1, 1, 1)).rejects.toMatchObject(tooLarge);
    await expect(put(2n ** 64n - 1n, 1, 1)).rejects.toMatchObject({ code: "invalid" });
    await expect(alice.connection.putHistoryEdge({ epoch: 0n, edge: new Uint8Array(5) })).rejects.toMatchObject(
      tooLarge,
    );
    expect(await put(0n, 4, 3)).toBe("kept");
    expect(await put(2n, 2)).toBe("kept");
    await expect(put(3n, 2)).rejects.toMatchObject(tooLarge);
    await expect(put(3n, 4), "as much as files may be sent").rejects.toMatchObject({ code: "rate", retryAfter: 3_000 });
    world.now += 4_000;
    await expect(alice.connection.putHistoryEdge({ epoch: 0n, edge: new Uint8Array(2) })).rejects.toMatchObject(
      tooLarge,
    );
    const lengths = async (limit?: number): Promise<readonly number[]> => {
      const request = { chain, below: 9n, ...(limit === undefined ? {} : { limit }) };
      return (await alice.connection.history(request)).map(({ length }) => length);
    };
    expect(await lengths(), "no more than there is in an answer").toEqual([2, 3]);
    expect(await lengths(1)).toEqual([2]);
    expect(await lengths(9)).toEqual([2, 3]);
  });

  it("of bytes in a room are bounded, and whoever is to go can be removed all the same", async () => {
    const world = withLimits({ logBytes: 4_000 });
    const { room, alice, bob } = await world.pair();
    const full = { kind: "refused", reason: "rate", code: "log-full", retryAfter: 60_000 };
    let answer = await bob.say(room, "x".repeat(500));
    while (answer.kind === "accepted") answer = await bob.say(room, "x".repeat(500));
    expect(answer).toMatchObject(full);
    const head = (await alice.connection.fetch({ room, after: 0n })).head;
    await alice.catchUp(room);
    expect((await alice.commit(room, { remove: [1] })).kind).toBe("accepted");
    for (const each of [alice, bob]) await each.connection.acknowledge({ room, through: head });
    await world.delivery.sweep();
    expect((await alice.say(room, "x")).kind).toBe("accepted");
  });

  it("of Welcomes are bounded: those that wait in a room, and those of one user at a device", async () => {
    const world = withLimits({ welcomeBytesOfRoom: 1_600, queueWelcomesOfOne: 2 });
    const [alice, bob, carol] = [await world.device("alice"), await world.device("bob"), await world.device("carol")];
    for (const each of [bob, carol]) await each.stock(9);
    const room = (i: number): string => `mimi://example.org/r/${String(i)}`;
    await alice.create(room(0));
    expect((await alice.add(room(0), bob)).kind).toBe("accepted");
    const full = { kind: "refused", reason: "rate", code: "welcomes-full", retryAfter: 60_000 };
    expect(await alice.add(room(0), carol)).toMatchObject(full);
    for (const i of [1, 2]) {
      const device = await world.device("alice", `tablet-${String(i)}`);
      await device.create(room(i));
      expect((await device.add(room(i), bob)).kind).toBe("accepted");
    }
    const waiting = async (): Promise<readonly unknown[]> =>
      (await bob.connection.queue()).map((item) => item.kind === "welcome" && item.room);
    expect(await waiting()).toEqual([room(0), room(1)]);
    expect(await world.port.rooms.welcome(room(2), 1n, bob.uri)).toBeUndefined();
    await carol.create(room(3));
    expect((await carol.add(room(3), bob)).kind).toBe("accepted");
    expect(await waiting()).toEqual([room(0), room(1), room(3)]);
  });

  it("of rooms that one sweep looks through are bounded, and the next goes on behind them", async () => {
    const world = withLimits({ sweptRooms: 2 });
    const swept: string[] = [];
    const { collect } = world.port.rooms;
    world.port.rooms.collect = (room, ages) => {
      swept.push(room);
      return collect(room, ages);
    };
    const rooms = ["1", "2", "3", "4", "5"].map((name) => `mimi://example.org/r/${name}`);
    const alice = await world.device("alice");
    for (const room of rooms) await alice.create(room);
    await world.delivery.sweep();
    expect(swept).toEqual(rooms.slice(0, 2));
    for (let i = 0; i < 2; i++) await world.delivery.sweep();
    expect(swept).toEqual(rooms);
    await world.delivery.sweep();
    expect(swept.slice(5), "and begins anew").toEqual(rooms.slice(0, 2));
  });

  it("of bytes that wait at a device are bounded", async () => {
    const world = withLimits({ queueBytes: 1_000 });
    const [alice, bob] = [await world.device("alice"), await world.device("bob")];
    const bytes = new Uint8Array(600);
    await alice.connection.send({ id: newId(), to: bob.user, topic: "knock", bytes });
    await expect(alice.connection.send({ id: newId(), to: bob.user, topic: "knock", bytes })).rejects.toMatchObject({
      code: "rate",
    });
  });
});

describe("rates", () => {
  const kinds = ["requests", "handshakes", "claims", "parcels", "rooms", "whispers", "uploads"] as const;

  it.each(kinds)("of %s are bounded for each device, and say when to come again", async (kind) => {
    const world = withLimits({ [kind]: { burst: kind === "requests" ? 40 : 4, perSecond: 2 } });
    const [alice, bob] = [await world.device("alice"), await world.device("bob")];
    const room = "mimi://example.org/r/flooded";
    await alice.create(room);
    const bytes = new Uint8Array(1);
    const does: Record<(typeof kinds)[number], () => Promise<unknown>> = {
      requests: () => alice.connection.changed(),
      handshakes: () => alice.connection.groupInfo({ room }),
      claims: () => alice.connection.claimKeyPackages({ id: newId(), user: bob.user, cipherSuite: 1 }),
      parcels: () => alice.connection.send({ id: newId(), to: alice.user, topic: "link", bytes }),
      rooms: () => alice.create(`${room}-${String(world.now)}-${String(Math.random())}`),
      whispers: () => alice.connection.whisper({ room, bytes }),
      uploads: () => alice.connection.upload({ blob: newId(), size: 1, offset: 0, bytes }),
    };
    let retryAfter: unknown;
    for (let i = 0; i < 50 && retryAfter === undefined; i++) {
      await does[kind]().catch((error: unknown) => {
        expect(error).toMatchObject({ code: "rate" });
        ({ retryAfter } = error as { readonly retryAfter: unknown });
      });
    }
    expect(retryAfter).toBe(500);
    if (kind === "requests") {
      const { publication } = await bob.create(`${room}-bob`).then(() => alice.prepare(room));
      expect(await alice.connection.publish(publication)).toEqual({ kind: "refused", reason: "rate", retryAfter: 500 });
    }
    expect(await bob.connection.changed()).toEqual([]);
    world.now += 500;
    await does[kind]();
    await expect(does[kind]()).rejects.toMatchObject({ code: "rate" });
  });

  it("of a user are those of all its devices, and of a room those of all its members", async () => {
    const world = withLimits({ requestsOfUser: { burst: 30, perSecond: 1 } });
    const [phone, tablet] = [await world.device("alice"), await world.device("alice", "tablet")];
    const bob = await world.device("bob");
    for (let i = 0; i < 15; i++) for (const { connection } of [phone, tablet]) await connection.changed();
    for (const { connection } of [phone, tablet])
      await expect(connection.changed()).rejects.toMatchObject({ code: "rate", retryAfter: 1_000 });
    expect(await bob.connection.changed()).toEqual([]);

    const busy = withLimits({ messagesOfRoom: { burst: 3, perSecond: 1 } });
    const { room, alice, bob: other } = await busy.pair();
    const mallory = await busy.device("mallory");
    const said = { id: newId(), room, message: await alice.group.seal(new Uint8Array(1)) };
    for (let i = 0; i < 9; i++) {
      expect(await mallory.connection.publish({ ...said, id: newId() }), "who is no member takes nothing").toEqual({
        kind: "refused",
        reason: "no-room",
      });
    }
    for (const device of [alice, other, alice]) expect((await device.say(room, "x")).kind).toBe("accepted");
    expect(await other.say(room, "x")).toMatchObject({ kind: "refused", reason: "rate", retryAfter: 1_000 });
    busy.now += 1_000;
    expect((await other.say(room, "x")).kind).toBe("accepted");
  });

  it("of a room's handshakes are shared by its members: one user has a quarter, with all of its devices", async () => {
    const world = withLimits({ handshakesOfRoom: { burst: 16, perSecond: 1 }, unconfirmed: 0 });
    const { room, alice, bob } = await world.pair(); // one commit of Alice
    await alice.catchUp(room);
    await bob.catchUp(room);
    const mallory = await world.device("mallory");
    const { publication, pending } = await alice.prepare(room);
    pending.drop();
    for (let i = 0; i < 40; i++)
      expect(await mallory.connection.publish({ ...publication, id: newId() })).toMatchObject({ reason: "no-room" });
    const commits = async (by: TestDevice, count: number): Promise<unknown[]> => {
      const answers: unknown[] = [];
      for (let i = 0; i < count; i++) {
        const answer = await by.commit(room);
        answers.push(answer.kind === "refused" ? answer.retryAfter : "accepted");
      }
      return answers;
    };
    expect(await commits(alice, 4)).toEqual(["accepted", "accepted", "accepted", 4_000]);
    await bob.catchUp(room);
    expect(await commits(bob, 5)).toEqual(["accepted", "accepted", "accepted", "accepted", 4_000]);
    world.now += 4_000;
    expect(await commits(bob, 2)).toEqual(["accepted", 4_000]);
  });

  it("of a room's handshakes are taken once, however often the room has moved meanwhile", async () => {
    const world = withLimits({ handshakesOfRoom: { burst: 1, perSecond: 1 } });
    const { room, alice } = await world.pair();
    world.now += 4_000;
    const { append } = world.port.rooms;
    let moves = 3;
    world.port.rooms.append = (given) => (moves-- > 0 ? Promise.resolve({ kind: "moved" }) : append(given));
    expect((await alice.commit(room)).kind).toBe("accepted");
    expect(await alice.commit(room)).toMatchObject({ reason: "rate", retryAfter: 4_000 });
  });

  it("are each process's own: two let through twice as much, and no more", async () => {
    const port = memoryPort();
    const limits = { messagesOfRoom: { burst: 3, perSecond: 1 } };
    const [first, second] = [0, 1].map(() => new TestWorld({ limits }, port)) as [TestWorld, TestWorld];
    const { room, alice } = await first.pair();
    let accepted = 0;
    for (const world of [first, second]) {
      alice.connection = await signedIn(world.delivery, alice.uri, alice.identity);
      for (let i = 0; i < 10; i++) if ((await alice.say(room, "x")).kind === "accepted") accepted++;
    }
    expect(accepted).toBe(2 * 3);
  });

  it("of commits are told as what became of the publication", async () => {
    const world = withLimits({ handshakes: none });
    const alice = await world.device("alice");
    const room = "mimi://example.org/r/flooded";
    await alice.create(room);
    expect((await alice.commit(room)).kind).toBe("accepted");
    expect(await alice.commit(room)).toMatchObject({ kind: "refused", reason: "rate" });
  });

  it("forget buckets that are full again, and go on where the clock goes back", () => {
    let now = 0;
    const rates = new Rates({ ...defaultDeliveryLimits, requests: { burst: 1, perSecond: 1 } }, () => now);
    expect(rates.take("requests", "a")).toBe(0);
    expect(rates.take("requests", "a")).toBe(1_000);
    now = -5_000;
    expect(rates.take("requests", "a")).toBe(1_000);
    now = 1_000;
    for (let i = 0; i < 100_001; i++) rates.take("requests", `device ${String(i)}`);
    expect(rates.size).toBeLessThan(100_002);
    now = 10_000;
    rates.take("requests", "one more");
    expect(rates.size).toBeLessThan(10);
  });
});

describe("a device that is not listed", () => {
  const linkingAccounts: AccountsCheck = {
    device: ({ device }) => (device.endsWith("/new") ? "linking" : device.endsWith("/evil") ? "refused" : "listed"),
    statement: () => true,
  };

  it("asks to be linked, and nothing else", async () => {
    const world = new TestWorld({ accounts: linkingAccounts });
    const [phone, fresh, mallory] = [
      await world.device("alice"),
      await world.device("alice", "new"),
      await world.device("mallory"),
    ];
    const bytes = Uint8Array.of(1);
    await fresh.connection.send({ id: newId(), to: phone.user, topic: "link", bytes });
    expect((await phone.connection.queue()).length).toBe(1);
    await phone.connection.send({ id: newId(), to: fresh.uri, topic: "link", bytes });
    expect((await fresh.connection.queue()).length).toBe(1);
    expect(await fresh.connection.statements({ user: phone.user })).toEqual([]);
    const notAllowed = { code: "not-allowed" };
    await expect(fresh.connection.send({ id: newId(), to: phone.user, topic: "knock", bytes })).rejects.toMatchObject(
      notAllowed,
    );
    await expect(fresh.connection.send({ id: newId(), to: mallory.user, topic: "link", bytes })).rejects.toMatchObject(
      notAllowed,
    );
    await expect(fresh.stock()).rejects.toMatchObject(notAllowed);
    await expect(fresh.create("mimi://example.org/r/x")).rejects.toMatchObject(notAllowed);
    await expect(fresh.connection.changed()).rejects.toMatchObject(notAllowed);
    await expect(
      fresh.connection.publishStatement({ user: phone.user, number: 0n, statement: bytes }),
    ).rejects.toMatchObject(notAllowed);
    await expect(world.device("alice", "evil")).rejects.toMatchObject(notAllowed);
    // What is for the user is for its listed devices, and a stranger reaches no other.
    await mallory.connection.send({ id: newId(), to: phone.user, topic: "knock", bytes });
    await mallory.connection.send({ id: newId(), to: fresh.uri, topic: "knock", bytes });
    expect((await fresh.connection.queue()).length).toBe(1);
    expect(await mallory.connection.claimKeyPackages({ id: newId(), user: phone.user, cipherSuite: 1 })).toEqual([
      { device: phone.uri, keyPackage: undefined },
    ]);
  });

  it("keeps no other from asking, however many there are", async () => {
    const world = new TestWorld({
      accounts: { device: ({ device }) => (device.includes("new") ? "linking" : "listed"), statement: () => true },
      limits: { devicesOfUser: 2 },
    });
    const phone = await world.device("alice");
    const recent = { code: "rate", retryAfter: 60_000 };
    for (let i = 0; i < 5; i++) {
      await world.device("alice", `new-${String(i)}`);
      if (i > 0) await expect(world.device("alice", "new-x"), "who has just come stays").rejects.toMatchObject(recent);
      world.now += 10 * 60_000;
    }
    const last = await world.device("alice", "new-last");
    await phone.connection.send({ id: newId(), to: last.uri, topic: "link", bytes: new Uint8Array(1) });
    expect((await last.connection.queue()).length).toBe(1);
    expect((await world.port.devices.ofUser(phone.user)).length).toBe(3);
  });

  it("is out at once when a statement no longer lists it", async () => {
    let isRevoked = false;
    const world = new TestWorld({
      accounts: {
        device: ({ device }) => (isRevoked && device.endsWith("/tablet") ? "refused" : "listed"),
        statement: () => true,
      },
    });
    const [phone, tablet] = [await world.device("alice"), await world.device("alice", "tablet")];
    await tablet.stock();
    isRevoked = true;
    await phone.connection.publishStatement({ user: phone.user, number: 0n, statement: new Uint8Array(1) });
    await expect(tablet.connection.queue()).rejects.toMatchObject({ code: "unreachable" });
    await expect(signedIn(world.delivery, tablet.uri, tablet.identity)).rejects.toMatchObject({ code: "not-allowed" });
    const bob = await world.device("bob");
    expect(await bob.connection.claimKeyPackages({ id: newId(), user: phone.user, cipherSuite: 1 })).toEqual([
      { device: phone.uri, keyPackage: undefined },
    ]);
  });
});

describe("a hostile member", () => {
  it("has no second leaf of a device, and becomes no other device", async () => {
    const world = new TestWorld();
    const { room, alice, bob } = await world.pair();
    const again = await createIdentity({ suite: cipherSuite(1), credential: basic(bob.uri) });
    const { groupInfo, ratchetTree } = await bob.connection.groupInfo({ room });
    const join = await Group.joinExternally({ ...bob.options, identity: again, groupInfo, ratchetTree });
    const answer = await bob.connection.publish({
      id: newId(),
      room,
      message: join.commit,
      commit: { groupInfo: await join.groupInfo({ ratchetTree: false }) },
    });
    expect(answer).toMatchObject({ kind: "refused", reason: "invalid", code: "device-twice" });
    const other = await createIdentity({ suite: cipherSuite(1), credential: basic(`${address}/d/carol/phone`) });
    const made = await alice.prepare(room, { identity: other });
    // The commit is of Alice's old leaf, and its path brings Carol's.
    expect(await alice.connection.publish(made.publication)).toMatchObject({
      kind: "refused",
      reason: "invalid",
      code: "device",
    });
    expect((await bob.connection.fetch({ room, after: 1n })).items).toEqual([]);
  });

  it("adds nobody who is no device here", async () => {
    const world = new TestWorld();
    const { room, alice } = await world.pair();
    const stranger = await createIdentity({ suite: cipherSuite(1), credential: basic("somebody") });
    const { createKeyPackage } = await import("../../src/index.ts");
    const { keyPackage } = await createKeyPackage({
      identity: stranger,
      registry: alice.options.registry!,
      clock: world.clock,
    });
    const made = await alice.prepare(room, { add: [keyPackage] });
    expect(await alice.connection.publish(made.publication)).toMatchObject({
      kind: "refused",
      reason: "invalid",
      code: "device",
    });
  });
});
