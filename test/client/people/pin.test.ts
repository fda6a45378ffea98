/**
 * A user who has lost all devices and the recovery code, and comes back by a PIN.
 */

import { describe, expect, it } from "vitest";
import { createAccount } from "../../../src/client/account/create-account.ts";
import { Client } from "../../../src/client/client.ts";
import { pinWeakness } from "../../../src/client/recovering/pin.ts";
import { recoverAccount } from "../../../src/client/recovering/recover-account.ts";
import type { RecoveredAccount } from "../../../src/client/recovering/options.ts";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import type { Store } from "../../../src/storage/store.ts";
import { trustAnyCredential } from "../../../src/public-group/options/settings.ts";
import { recoveryStatus } from "../../../src/vault/recovery/recover.ts";
import { register } from "../../../src/vault/recovery/register.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { linksOf, pin, quick, secretOf, testServers, type TestServer } from "../../vault/recovery/world.ts";
import { opened, settle, user, type Person } from "../world.ts";
import { MemoryDisk } from "../../../src/storage/memory.ts";
import { first, second, service } from "./world.ts";

const threshold = 3;
const asking = (servers: readonly TestServer[]) => ({ servers: linksOf(servers), threshold, argon2id: quick });
const triesLeft = async (servers: readonly TestServer[]): Promise<number> =>
  (await recoveryStatus({ servers: linksOf(servers), threshold, account: utf8(user("alice")) })).triesLeft;

interface Lost {
  readonly there: Delivery;
  readonly servers: readonly TestServer[];
  readonly code: string;
}

/** Alice has set a PIN, and lost her phone. */
async function lost(): Promise<Lost> {
  const there = service();
  const servers = testServers(5);
  const phone = await first(there, "alice");
  await settle(phone);
  const { servers: found } = await phone.client.setRecoveryPin({
    ...asking(servers),
    recoveryCode: phone.recoveryCode,
    pin,
  });
  expect(found.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => "well"));
  await phone.client.close();
  return { there, servers, code: phone.recoveryCode };
}

const byPin = (
  { there, servers }: Pick<Lost, "there" | "servers">,
  more: { readonly pin?: string; readonly store?: Store; readonly device?: string; readonly user?: string } = {},
): Promise<RecoveredAccount> =>
  recoverAccount({ user: user("alice"), pin, store: memoryStore(), delivery: there, ...asking(servers), ...more });

describe("recovery by PIN", () => {
  it("brings the account back on an empty device, with the recovery code to be written down again", async () => {
    const all = await lost();
    const disk = new MemoryDisk();
    const store = memoryStore({ disk });
    const recovered = await byPin(all, { store, device: "new" });
    expect(recovered.pin).toMatchObject({ recoveryCode: all.code, isRenewed: true });
    const alice: Person = await opened({ store, delivery: all.there, timers: "none" }, disk);
    await settle(alice);
    expect((await alice.client.devices()).map(({ uri }) => uri)).toEqual([alice.client.device]);
    await alice.client.close();
  });

  it("says how many tries are left, and brings all of them back with the right PIN", async () => {
    const all = await lost();
    const wrong = byPin(all, { pin: "314159" });
    await expect(wrong).rejects.toMatchObject({ code: "recovery-pin", triesLeft: 15 });
    expect(await triesLeft(all.servers)).toBe(15);
    await byPin(all);
    expect(await triesLeft(all.servers)).toBe(16);
  });

  it("opens the same root after each recovery, under whatever account key", async () => {
    const all = await lost();
    for (const keyNumber of [2, 3]) {
      const { account, pin: found } = await byPin(all);
      expect([account.view.keyNumber, found?.recoveryCode]).toEqual([keyNumber, all.code]);
    }
    const { account } = await recoverAccount({
      ...{ user: user("alice"), recoveryCode: all.code, store: memoryStore(), delivery: all.there },
    });
    expect(account.view.keyNumber).toBe(4);
    expect((await byPin(all)).account.view.rootKey).toEqual(account.view.rootKey);
  });

  it("opens the same root after a revocation", async () => {
    const there = service();
    const servers = testServers(5);
    const phone = await first(there, "alice");
    await settle(phone);
    await phone.client.setRecoveryPin({ ...asking(servers), recoveryCode: phone.recoveryCode, pin });
    const stolen = await second(phone, there, "stolen");
    await phone.client.revokeDevice(stolen.client.device, { recoveryCode: phone.recoveryCode });
    await settle(phone, stolen);
    for (const { client } of [phone, stolen]) await client.close();
    const { account, pin: found } = await byPin({ there, servers });
    expect([account.view.keyNumber, found?.recoveryCode]).toEqual([3, phone.recoveryCode]);
  });

  it("goes on without a server that lies, names it, and sets the PIN again without it", async () => {
    const all = await lost();
    all.servers[0]!.lie = (answer) =>
      answer.kind === "evaluated" ? { ...answer, proof: new Uint8Array(answer.proof.length) } : answer;
    const { pin: found } = await byPin(all);
    expect(found?.servers[0]).toMatchObject({ name: "server 1", state: "lies", lie: "proof" });
    expect(found?.isRenewed).toBe(true);
    all.servers[0]!.lie = undefined;
    expect((await byPin(all)).pin?.servers[0]?.state).not.toBe("lies");
  });

  it("names the servers that are down, and says where the PIN could not be set again", async () => {
    const all = await lost();
    all.servers[1]!.down = all.servers[2]!.down = true;
    const { pin: found } = await byPin(all);
    expect(found).toMatchObject({ isRenewed: false, recoveryCode: all.code });
    expect(found?.servers.map(({ state }) => state)).toEqual(["well", "down", "down", "well", "well"]);
    all.servers[0]!.down = true;
    await expect(byPin(all)).rejects.toMatchObject({ code: "recovery-servers" });
    for (const server of all.servers) server.down = false;
    expect((await byPin(all)).pin?.isRenewed).toBe(true);
  });

  it("has its guesses back before the service is asked, which may be away", async () => {
    const all = await lost();
    const away: Delivery = { connect: () => Promise.reject(new DeliveryError("unreachable")) };
    const store = memoryStore();
    await expect(byPin({ ...all, there: away }, { store })).rejects.toMatchObject({ code: "unreachable" });
    expect(await triesLeft(all.servers)).toBe(16);
    await byPin(all, { store });
  });

  it("is over after sixteen wrong ones; the recovery code still works", async () => {
    const all = await lost();
    for (let left = 15; left >= 0; left--)
      await expect(byPin(all, { pin: "314159" })).rejects.toMatchObject({ triesLeft: left });
    await expect(byPin(all)).rejects.toMatchObject({ code: "recovery-servers" });
    await recoverAccount({
      ...{ user: user("alice"), recoveryCode: all.code, store: memoryStore(), delivery: all.there },
    });
  });

  it("spends no guess for a store that has an account, or for options that make no sense", async () => {
    const all = await lost();
    const store = memoryStore();
    await byPin(all, { store });
    const spent = (): number => all.servers.reduce((sum, { evaluations }) => sum + evaluations, 0);
    const before = spent();
    await expect(byPin(all, { store })).rejects.toMatchObject({ code: "client-account" });
    const options = { ...asking(all.servers), user: user("alice"), pin, store: memoryStore(), delivery: all.there };
    for (const wrong of [{ user: "alice" }, { recoveryCode: all.code }, { pin: 1 }, { threshold: 1 }, { device: 1 }])
      await expect(recoverAccount({ ...options, ...wrong } as never), JSON.stringify(wrong)).rejects.toThrow(TypeError);
    expect(spent()).toBe(before);
  });

  it("is of this user: what somebody registered as another secret is no account", async () => {
    const all = await lost();
    const servers = testServers(5);
    await register({ ...asking(servers), account: utf8(user("alice")), pin, secret: secretOf("no seed") });
    await expect(byPin({ ...all, servers })).rejects.toMatchObject({ code: "recovery-other" });
    const sixteen = secretOf("another's seed!!");
    await register({ ...asking(servers), account: utf8(user("alice")), pin, secret: sixteen });
    await expect(byPin({ ...all, servers })).rejects.toMatchObject({ code: "recovery-other" });
  });
});

describe("a PIN", () => {
  it("is set with this account's code alone", async () => {
    const there = service();
    const [alice, bob] = [await first(there, "alice"), await first(there, "bob")];
    const servers = testServers(5);
    const set = (recoveryCode: string, more: object = {}) =>
      alice.client.setRecoveryPin({ ...asking(servers), recoveryCode, pin, ...more });
    await expect(set(bob.recoveryCode)).rejects.toMatchObject({ code: "recovery-other" });
    await expect(set(alice.recoveryCode.replace(/^...../, "?????"))).rejects.toMatchObject({
      code: "recovery-mistakes",
      groups: [1],
    });
    await expect(set(alice.recoveryCode, { pin: "123456" })).rejects.toMatchObject({ code: "pin-weak" });
    await expect(set(alice.recoveryCode, { pins: "" })).rejects.toThrow(TypeError);
    expect(await triesLeft(servers)).toBe(0); // nobody was asked to keep anything
    expect((await set(alice.recoveryCode.replace(/^./, "?"))).mended).toHaveLength(1);
    for (const { client } of [alice, bob]) await client.close();
  });

  it("is no account's of the application's own", async () => {
    const { account } = await createAccount({ user: user("alice") });
    const { device, identity } = account;
    const own = { device, identity, authentication: trustAnyCredential };
    const client = await Client.open({
      ...{ account: own, store: memoryStore(), delivery: service(), timers: "none" },
    });
    const set = client.setRecoveryPin({ ...asking(testServers(5)), recoveryCode: "x", pin });
    await expect(set).rejects.toMatchObject({ code: "account-missing" });
    await client.close();
  });

  it("is changed: the one of before opens nothing, and where too few servers answer it still opens", async () => {
    const { there, servers, code } = await lost();
    const disk = new MemoryDisk();
    const store = memoryStore({ disk });
    await byPin({ there, servers }, { store });
    const alice = await opened({ store, delivery: there, timers: "none" }, disk);
    servers[0]!.down = servers[1]!.down = true;
    const change = (): Promise<unknown> =>
      alice.client.setRecoveryPin({ ...asking(servers), recoveryCode: code, pin: "271829" });
    await expect(change()).rejects.toMatchObject({ code: "recovery-servers" });
    servers[0]!.down = servers[1]!.down = false;
    await byPin({ there, servers });
    await change();
    await alice.client.close();
    await expect(byPin({ there, servers })).rejects.toMatchObject({ code: "recovery-pin" });
    await byPin({ there, servers }, { pin: "271829" });
  });

  it.each<readonly [string, ReturnType<typeof pinWeakness>]>([
    ["", "short"],
    ["27182", "short"],
    ["👍👍👎", "short"],
    ["777777", "same"],
    ["123456", "steps"],
    ["987654", "steps"],
    ["890123", "steps"],
    ["024680", "steps"],
    ["abcdef", "steps"],
    ["fedcba", "steps"],
    ["121212", "repeated"],
    ["123123", "repeated"],
    ["1212121", "repeated"],
    ["abcabcab", "repeated"],
    ["１２３４５６", "steps"],
    ["271828", undefined],
    ["112233", undefined],
    ["correct horse", undefined],
  ])("%s is %s", (given, weakness) => {
    expect(pinWeakness(given)).toBe(weakness);
  });
});
