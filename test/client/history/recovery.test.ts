/**
 * A person who has lost all devices: the history comes back by the recovery code, and by the PIN. A service that has something else in the place of what
 * devices have put there, and a device that was revoked, which has what a device can have.
 */

import { describe, expect, it } from "vitest";
import { accountComponent } from "../../../src/accounts/attestation.ts";
import { createRecoveryCode, readRecoveryCode } from "../../../src/accounts/recovery-code.ts";
import { rootKeyOf } from "../../../src/accounts/keys.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { readAccount } from "../../../src/client/account/account.ts";
import { keptEpochs } from "../../../src/client/history/epochs.ts";
import { recoverAccount } from "../../../src/client/recovering/recover-account.ts";
import type { RecoveredAccount } from "../../../src/client/recovering/options.ts";
import { recoveryKeyBy } from "../../../src/client/recovering/recovery-key.ts";
import { ownAccountKey } from "../../../src/client/store/keys.ts";
import { cipherSuite } from "../../../src/crypto/choose.ts";
import type { Connection, Delivery } from "../../../src/delivery/delivery.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { MemoryDisk, memoryStore } from "../../../src/storage/memory.ts";
import { VaultError } from "../../../src/vault/errors.ts";
import { recoveryKeyChain, sealedRootsChain } from "../../../src/vault/history/recovery-chain.ts";
import { deriveRecoveryKey, openRoot } from "../../../src/vault/history/recovery-key.ts";
import { linksOf, pin, quick, testServers } from "../../vault/recovery/world.ts";
import { opened, user, type Person } from "../world.ts";
import { between } from "../people/world.ts";
import { historyWorld, told, type HistoryWorld } from "./world.ts";
import { tapped, type Tapped } from "./tapped.ts";

const suite = cipherSuite(1);
const account = utf8(user("alice"));
const rooms = roomAppData({ appData: { components: [accountComponent] } });

type World = HistoryWorld & { readonly tap: Tapped };

async function worldOf(): Promise<World> {
  const tap = tapped();
  return { ...(await historyWorld({ ...tap, hub: { rooms } })), tap };
}

/** Alice's phone has said three things, and is lost. */
async function lost(): Promise<World> {
  const world = await worldOf();
  const { phone, bob, room, write } = world;
  for (const text of ["one", "two"]) await phone.client.room(room).send({ text });
  await write(phone, bob);
  await bob.client.room(room).send({ text: "three" });
  for (let i = 0; i < 2; i++) await write(phone, bob);
  await phone.client.close();
  return world;
}

/** What was recovered, and the client of the new device. */
async function back(
  { clock, phone, pass, bob }: World,
  there: Delivery,
  name = "new",
): Promise<{ readonly found: RecoveredAccount; readonly epochs: number; readonly alice: Person }> {
  const disk = new MemoryDisk();
  const store = memoryStore({ disk });
  const { recoveryCode } = phone;
  const found = await recoverAccount({
    ...{ user: user("alice"), device: name, recoveryCode, store, delivery: there, clock },
  });
  const epochs = (await keptEpochs(store)).length;
  const alice = await opened({ store, delivery: there, timers: "none", clock, history: {} }, disk);
  for (let i = 0; i < 4; i++) await pass(10_000, alice, bob); // not a minute
  return { found, epochs, alice };
}

/** What the timeline says when the new device has come into the room, in which Bob has said something. */
async function toldInRoom({ pass, bob, room }: World | HistoryWorld, alice: Person): Promise<string[]> {
  await bob.client.room(room).send({ text: "hello again" });
  for (let i = 0; i < 9; i++) await pass(11 * 60_000, bob, alice); // each room is tried every ten minutes
  return told(alice, room);
}

/** The recovery key of an account key, which only the code gives. */
async function keyOf({ phone }: HistoryWorld, number: number): ReturnType<typeof deriveRecoveryKey> {
  return deriveRecoveryKey({ suite, seed: readRecoveryCode(phone.recoveryCode).seed, number });
}

/** The epochs of everything that was ever uploaded and that a recovery key opens. */
async function openedBy(tap: Tapped, key: Awaited<ReturnType<typeof keyOf>>): Promise<bigint[]> {
  const epochs: bigint[] = [];
  for (const sealed of tap.uploads.flatMap(({ records }) => records)) {
    try {
      epochs.push((await openRoot({ suite, account, key, sealed })).number);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
    }
  }
  return epochs;
}

function failures({ events }: Person): string[] {
  return events.flatMap((event) => (event.kind === "history-failed" ? [event.code] : []));
}

describe("the recovery code on an empty device", () => {
  it("brings the history of a person who has no device left", async () => {
    const world = await lost();
    const { found, alice } = await back(world, world.tap.there(world.hub));
    expect(found.history).toBe("found");
    expect(await alice.client.history.restore()).toMatchObject({ restored: 3, findings: [] });
    expect(await toldInRoom(world, alice)).toEqual(["one*", "two*", "three*", "hello again"]);
    expect((await keptEpochs(alice.options.store)).length, "an edge holds what came by the code").toBe(1);
  });

  it("brings it again to the next one, through the epochs of both", async () => {
    const world = await lost();
    const there = world.tap.there(world.hub);
    const { alice: first } = await back(world, there);
    await first.client.close();
    const { found, epochs, alice } = await back(world, there, "newer");
    expect([found.history, epochs], "what an edge leads to is not kept").toEqual(["found", 1]);
    expect(await alice.client.history.restore()).toMatchObject({ restored: 3, findings: [] });
  });

  it("brings it where the device that was recovered before has died before it was ever opened", async () => {
    const world = await lost();
    const there = world.tap.there(world.hub);
    const { recoveryCode } = world.phone;
    await recoverAccount({
      ...{ user: user("alice"), device: "first", recoveryCode, store: memoryStore() },
      ...{ delivery: there, clock: world.clock },
    });
    const { alice } = await back(world, there);
    expect(await alice.client.history.restore()).toMatchObject({ restored: 3, findings: [] });
  });

  it("brings what is behind an edge that nobody has made", async () => {
    const world = await worldOf();
    const { tap, phone, bob, room, write, link } = world;
    await phone.client.room(room).send({ text: "one" });
    await write(phone, bob);
    tap.otherwise = () => ({ putHistoryEdge: () => Promise.reject(new DeliveryError("too-large")) });
    const laptop = await link(phone, "laptop");
    await laptop.client.room(room).send({ text: "two" });
    await write(phone, laptop, bob);
    for (const { client } of [phone, laptop]) await client.close();
    tap.otherwise = () => ({});
    const { alice } = await back(world, tap.there(world.hub));
    expect(await alice.client.history.restore()).toMatchObject({ restored: 2, findings: [] });
    expect(await toldInRoom(world, alice)).toEqual(["one*", "two*", "hello again"]);
  });

  it("says that there is none, where no device has kept any", async () => {
    const { hub, clock, phone } = await historyWorld({ hub: { rooms }, more: { history: undefined as never } });
    await phone.client.close();
    const { history } = await recoverAccount({
      ...{ user: user("alice"), recoveryCode: phone.recoveryCode, store: memoryStore(), delivery: hub, clock },
    });
    expect(history).toBe("none");
  });

  it.each([
    [
      "damages what was sealed",
      (records: readonly Uint8Array[]) => records.map((each) => each.map((byte) => byte ^ 1)),
    ],
    ["refuses to give it", () => Promise.reject(new DeliveryError("not-allowed"))],
  ] as const)("brings the account all the same where the service %s, and says so", async (_, lie) => {
    const world = await lost();
    const lying = between(world.hub, (connection) => ({
      history: async (request) => lie(await connection.history(request)),
    }));
    const { found, alice } = await back(world, lying);
    expect(found.history).toBe("damaged");
    expect((await alice.client.devices()).length).toBe(1);
  });

  it("is called again where the service was away in between, and brings the history then", async () => {
    const world = await lost();
    const { hub, clock, phone } = world;
    const away = between(hub, () => ({ history: () => Promise.reject(new DeliveryError("unreachable")) }));
    const disk = new MemoryDisk();
    const store = memoryStore({ disk });
    const options = { user: user("alice"), device: "new", recoveryCode: phone.recoveryCode, store, clock };
    await expect(recoverAccount({ ...options, delivery: away })).rejects.toMatchObject({ code: "unreachable" });
    const { history, account: own } = await recoverAccount({ ...options, delivery: hub });
    expect([history, own.view.keyNumber]).toEqual(["found", 2]);
  });
});

describe("the PIN", () => {
  it("brings the history of a person who has no device and no code left", async () => {
    const world = await worldOf();
    const { hub, clock, phone, bob, room, write } = world;
    const servers = testServers(5);
    const asking = { servers: linksOf(servers), threshold: 3, argon2id: quick };
    await phone.client.setRecoveryPin({ ...asking, recoveryCode: phone.recoveryCode, pin });
    await phone.client.room(room).send({ text: "one" });
    await write(phone, bob);
    await phone.client.close();
    const disk = new MemoryDisk();
    const store = memoryStore({ disk });
    const { history } = await recoverAccount({
      ...asking,
      ...{ user: user("alice"), device: "new", pin, store, delivery: hub, clock },
    });
    expect(history).toBe("found");
    const alice = await opened({ store, delivery: hub, timers: "none", clock, history: {} }, disk);
    await write(alice, bob);
    expect(await alice.client.history.restore()).toMatchObject({ restored: 1, findings: [] });
    expect(await toldInRoom(world, alice)).toEqual(["one*", "hello again"]);
  });
});

describe("the recovery key", () => {
  it("opens each epoch by itself, whichever device has been in it", async () => {
    const world = await worldOf();
    const { tap, phone, link } = world;
    const laptop = await link(phone, "laptop");
    const epochs = await openedBy(tap, await keyOf(world, 1));
    const [newest] = (await keptEpochs(laptop.options.store)).toReversed();
    expect(epochs.filter((epoch) => epoch === newest!.number).length, "by both").toBe(2);
    expect(Math.min(...epochs.map(Number)), "from the first one on").toBe(2 ** 32);
    expect(failures(phone)).toEqual([]);
  });

  it("is replaced when a device is revoked: the next one opens what comes after, and the one before nothing of it", async () => {
    const world = await worldOf();
    const { tap, phone, bob, room, write, link } = world;
    const tablet = await link(phone, "tablet");
    await write(phone, tablet, bob);
    const before = (await openedBy(tap, await keyOf(world, 1))).length;
    await phone.client.revokeDevice(tablet.client.device, { recoveryCode: phone.recoveryCode });
    for (let i = 0; i < 4; i++) await write(phone, tablet, bob);
    await phone.client.room(room).send({ text: "after" });
    await write(phone, tablet, bob);
    const old = await openedBy(tap, await keyOf(world, 1));
    expect(old.every((epoch) => epoch >> 32n === 1n) && old.length >= before, "whoever has the key before").toBe(true);
    expect((await openedBy(tap, await keyOf(world, 2))).some((epoch) => epoch >> 32n === 2n)).toBe(true);
    await phone.client.close();
    const { alice } = await back(world, tap.there(world.hub));
    expect(await alice.client.history.restore()).toMatchObject({ restored: 1, findings: [] });
    expect(await toldInRoom(world, alice)).toEqual(["after*", "hello again"]);
  });

  it.each([
    [
      "one of another root",
      async ({ phone }: World) => {
        const { seed } = createRecoveryCode();
        return recoveryKeyBy(await rootKeyOf(suite, seed), { seed, user: phone.client.user, number: 1 });
      },
    ],
    [
      "another number's",
      async ({ phone }: World) => {
        const { seed } = readRecoveryCode(phone.recoveryCode);
        return recoveryKeyBy(await rootKeyOf(suite, seed), { seed, user: phone.client.user, number: 2 });
      },
    ],
    [
      "another account's",
      async ({ phone }: World) => {
        const { seed } = readRecoveryCode(phone.recoveryCode);
        return recoveryKeyBy(await rootKeyOf(suite, seed), { seed, user: user("mallory"), number: 1 });
      },
    ],
    ["none", () => Promise.resolve(utf8("no key"))],
  ] as const)(
    "is not believed where the service gives %s: nothing is sealed to it, and that is told",
    async (_, lie) => {
      const world = await worldOf();
      const { tap, phone, link, write, bob } = world;
      const other = await lie(world);
      const chain = recoveryKeyChain(account, (await keyOfPhone(phone)).accountKey);
      tap.otherwise = (connection) => ({ history: given(connection, chain, other) });
      const before = sealedBy(tap, "laptop", await keyOf(world, 1));
      const laptop = await link(phone, "laptop");
      expect([before, sealedBy(tap, "laptop", await keyOf(world, 1))]).toEqual([0, 0]);
      expect(failures(laptop)).toEqual(["vault-recovery-key"]);
      // The phone has the key itself, and asks nobody for it.
      expect([failures(phone), (await openedBy(tap, await keyOf(world, 1))).length > 1]).toEqual([[], true]);
      tap.otherwise = () => ({});
      for (let i = 0; i < 8; i++) await write(phone, laptop, bob);
      expect(sealedBy(tap, "laptop", await keyOf(world, 1))).toBeGreaterThan(0);
    },
  );

  it("is waited for a while where the service has none yet, and missed then", async () => {
    const world = await worldOf();
    const { tap, phone, link, write, bob } = world;
    const chain = recoveryKeyChain(account, (await keyOfPhone(phone)).accountKey);
    tap.otherwise = (connection) => ({ history: given(connection, chain, undefined) });
    const laptop = await link(phone, "laptop");
    expect(failures(laptop)).toEqual([]);
    for (let i = 0; i < 6; i++) await write(phone, laptop, bob);
    expect(failures(laptop)).toEqual(["vault-recovery-key"]);
  });

  it("is said to be elsewhere where the service has another one than this device's, which is used all the same", async () => {
    const tap = tapped();
    tap.otherwise = (connection) => ({
      putHistory: (upload) => (tap.uploads.length === 0 ? Promise.resolve("fork") : connection.putHistory(upload)),
    });
    const world = await historyWorld({ ...tap, hub: { rooms } });
    expect(failures(world.phone)).toEqual(["vault-fork"]);
    expect((await openedBy(tap, await keyOf(world, 1))).length).toBe(1);
  });
});

async function keyOfPhone(phone: Person): Promise<{ readonly accountKey: Uint8Array }> {
  return (await readAccount((await phone.options.store.get(ownAccountKey))!)).accountKey.certificate;
}

/** The service gives this where it is asked for that chain. */
function given(connection: Connection, chain: Uint8Array, other: Uint8Array | undefined): Connection["history"] {
  return async (request) => {
    if (!Buffer.from(request.chain).equals(chain)) return connection.history(request);
    return other === undefined ? [] : [other.slice()];
  };
}

/** How many roots a device has sealed to a key. */
function sealedBy({ uploads }: Tapped, name: string, { publicKey }: { readonly publicKey: Uint8Array }): number {
  const chain = sealedRootsChain(account, publicKey, `mimi://example.org/d/alice/${name}`);
  return uploads.filter((upload) => Buffer.from(upload.chain).equals(chain)).length;
}
