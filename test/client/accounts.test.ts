import { describe, expect, it } from "vitest";
import { accountAuthentication } from "../../src/accounts/authentication.ts";
import { accountComponent } from "../../src/accounts/attestation.ts";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import type { AccountView } from "../../src/accounts/view.ts";
import { accountLeaf, createAccount, type Account } from "../../src/client/account/account.ts";
import { admitted } from "../../src/client/account/admitting.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import type { DeliveryService } from "../../src/delivery/service.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { deviceUri } from "../../src/rooms/uri.ts";
import { MemoryDisk, memoryStore } from "../../src/storage/memory.ts";
import { delivery, opened, plain, settle, suite, user, words, type Person } from "./world.ts";

function service(): DeliveryService {
  const { registry } = roomAppData({ appData: { components: [accountComponent] } });
  return delivery({ group: { authentication: accountAuthentication(), registry }, accounts: firstKeyCounts });
}

function on(service: DeliveryService, account: Account): Promise<Person> {
  const disk = new MemoryDisk();
  return opened({ account, store: memoryStore({ disk }), delivery: service, timers: "none" }, disk);
}

async function accountOf(name: string): Promise<Account> {
  return (await createAccount({ user: user(name), device: "phone" })).account;
}

/** Another device of a user, as linking hands it the account. */
async function secondDevice({ user, accountKey, view }: Account): Promise<Account> {
  const device = deviceUri(user, "laptop");
  return { user, device, accountKey, view, identity: await createIdentity({ suite, credential: basic(device) }) };
}

describe("a client with an account", () => {
  it("talks to another, and both have one safety number", async () => {
    const hub = service();
    const [alice, bob] = [await on(hub, await accountOf("alice")), await on(hub, await accountOf("bob"))];
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await bob.client.room(id).send(plain("hello"));
    await settle(alice, bob);
    expect(await words(alice, id)).toEqual(["hello"]);
    const numbers = [await alice.client.safetyNumber(user("bob")), await bob.client.safetyNumber(user("alice"))];
    expect(numbers[0]?.digits).toBe(numbers[1]?.digits);
  });

  it("is the same account when it is opened again, without being told which", async () => {
    const hub = service();
    const alice = await on(hub, await accountOf("alice"));
    await settle(alice);
    alice.disk.kill();
    const { delivery: there, timers } = alice.options;
    const rest = { delivery: there, ...(timers !== undefined && { timers }) };
    const again = await opened({ ...rest, store: memoryStore({ disk: alice.disk }) }, alice.disk);
    await settle(again);
    expect(again.client.device).toBe(alice.client.device);
    expect(again.client.isOnline).toBe(true);
    await expect(opened({ ...rest, store: memoryStore() }, new MemoryDisk())).rejects.toMatchObject({
      code: "account-missing",
    });
  });

  it("brings a device that is put on the list into all rooms, and one that is taken off out of them", async () => {
    const hub = service();
    const account = await accountOf("alice");
    const [alice, bob] = [await on(hub, account), await on(hub, await accountOf("bob"))];
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    const other = await secondDevice(account);
    const { identity, device } = other;
    await alice.client.addDevice({ uri: device, cipherSuite: suite.id, signatureKey: identity.signatureKey });
    const view = await latest(alice);
    const laptop = await on(hub, { ...other, view });
    await settle(alice, bob, laptop);
    alice.client.refresh();
    await settle(alice, bob, laptop);
    await laptop.client.room(id).send(plain("from the laptop"));
    await settle(alice, bob, laptop);
    expect(await words(bob, id)).toEqual(["from the laptop"]);
    expect(bob.events).toContainEqual(expect.objectContaining({ kind: "device-changed", device, what: "added" }));
    await alice.client.removeDevice(device);
    await settle(alice, bob, laptop);
    expect(laptop.client.room(id).status).toBe("left");
    await alice.client.room(id).send(plain("not for the laptop"));
    await settle(alice, bob, laptop);
    expect(await words(laptop, id)).toEqual(["from the laptop"]);
  });
});

/** The user's list as the device has it now. */
async function latest({ disk, client }: Person): Promise<AccountView> {
  const statement = disk.contents.get(`account/${client.user.replaceAll("/", "%2f")}/`);
  return checkStatement(undefined, statement!, { begin: "anywhere" });
}

describe("a service that slips a device in", () => {
  it("is not followed: only what the user's own list names is added", async () => {
    const hub = service();
    const [alice, bob] = [await on(hub, await accountOf("alice")), await on(hub, await accountOf("bob"))];
    await settle(alice, bob);
    // An account of the same name under another root, as only whoever runs the service can bring in.
    const ghost = (await createAccount({ user: user("bob"), device: "tablet" })).account;
    const { registry } = roomAppData({ appData: { components: [accountComponent] } });
    const leaf = await accountLeaf(ghost, roomAppData({ appData: { components: [accountComponent] } }));
    const { keyPackage } = await createKeyPackage({ identity: ghost.identity, registry, ...leaf });
    const claimed = [{ device: ghost.device, keyPackage }];
    const known = await latest(bob);
    expect(await admitted(claimed, user("bob"), { view: known, now: known.at })).toEqual([]);
    expect(await admitted(claimed, user("bob"), { view: ghost.view, now: known.at })).toHaveLength(1);
    expect(await admitted(claimed, user("alice"), { view: undefined, now: 0 })).toEqual([]);
  });
});
