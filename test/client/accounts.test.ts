import { describe, expect, it } from "vitest";
import { accountAuthentication } from "../../src/accounts/authentication.ts";
import { accountComponent } from "../../src/accounts/attestation.ts";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import type { AccountView } from "../../src/accounts/view.ts";
import type { ClientEvent } from "../../src/client/events.ts";
import type { Delivery, Published } from "../../src/delivery/delivery.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import { accountLeaf, type Account } from "../../src/client/account/account.ts";
import { createAccount } from "../../src/client/account/create-account.ts";
import { admitted } from "../../src/client/account/admitting.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import { accountStatements } from "../../src/delivery/account-statements.ts";
import { firstKeyCounts, type AccountsCheck } from "../../src/delivery/options.ts";
import type { DeliveryService } from "../../src/delivery/service.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { deviceUri } from "../../src/rooms/uri.ts";
import { MemoryDisk, memoryStore } from "../../src/storage/memory.ts";
import { Puppet } from "./puppet.ts";
import { delivery, opened, plain, settle, suite, user, words, type Person } from "./world.ts";

const rooms = roomAppData({ appData: { components: [accountComponent] } });
const { registry } = rooms;

function service(accounts: AccountsCheck = firstKeyCounts): DeliveryService {
  return delivery({ group: { authentication: accountAuthentication(), registry }, accounts });
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

  it("does not say that nobody has a name where the service can't be asked", async () => {
    const alice = await on(service(), await accountOf("alice"));
    await settle(alice);
    await expect(alice.client.safetyNumber(user("nobody"))).rejects.toMatchObject({ code: "user-unknown" });
    alice.disk.kill();
    const { timers } = alice.options;
    const nowhere: Delivery = { connect: () => Promise.reject(new DeliveryError("unreachable")) };
    const store = memoryStore({ disk: alice.disk });
    const again = await opened({ delivery: nowhere, store, ...(timers !== undefined && { timers }) }, alice.disk);
    await expect(again.client.safetyNumber(user("nobody"))).rejects.toMatchObject({ code: "offline" });
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
    const leaf = await accountLeaf(ghost, rooms);
    const { keyPackage } = await createKeyPackage({ identity: ghost.identity, registry, ...leaf });
    const claimed = [{ device: ghost.device, keyPackage }];
    const known = await latest(bob);
    expect(await admitted(claimed, user("bob"), { view: known, now: known.at })).toEqual([]);
    expect(await admitted(claimed, user("bob"), { view: ghost.view, now: known.at })).toHaveLength(1);
    expect(await admitted(claimed, user("alice"), { view: undefined, now: 0 })).toEqual([]);
  });
});

describe("a member who brings in a second root of another user", () => {
  /** Alice, Bob and Mallory in a room; Mallory commits a device of Bob's name under another root. */
  async function withGhost(hub: DeliveryService): Promise<{
    readonly alice: Person;
    readonly bob: Person;
    readonly room: string;
    readonly answer: Published;
  }> {
    const mallorys = await accountOf("mallory");
    const [alice, bob] = [await on(hub, await accountOf("alice")), await on(hub, await accountOf("bob"))];
    const mallory = await on(hub, mallorys);
    await settle(alice, bob, mallory);
    const { id: room } = await alice.client.createRoom({ participants: [user("bob"), user("mallory")] });
    await settle(alice, bob, mallory);
    const ghost = (await createAccount({ user: user("bob"), device: "tablet" })).account;
    const leaf = await accountLeaf(ghost, rooms);
    const { keyPackage } = await createKeyPackage({ identity: ghost.identity, registry, ...leaf });
    const { identity } = mallorys;
    const puppet = await Puppet.of(mallory, hub, room, { identity, registry, authentication: accountAuthentication() });
    const answer = await puppet.commit({ add: [keyPackage] });
    await settle(alice, bob);
    return { alice, bob, room, answer };
  }

  it("is refused by every client, where the service let it through", async () => {
    const { alice, bob, room, answer } = await withGhost(service());
    expect(answer.kind).toBe("accepted");
    for (const each of [alice, bob]) {
      const { kind, author, code } = each.events.find((event) => event.kind === "broken-commit") as ClientEvent & {
        kind: "broken-commit";
      };
      expect([kind, author, code]).toEqual(["broken-commit", "mimi://example.org/d/mallory/phone", "commit-refused"]);
      expect((await each.client.room(room).participants()).map(({ clients }) => clients)).toEqual([1, 1, 1]);
    }
  });

  it("is refused by the service", async () => {
    const { alice, answer } = await withGhost(service(accountStatements()));
    expect(answer).toMatchObject({ kind: "refused", reason: "policy", code: "accounts" });
    expect(alice.events.some(({ kind }) => kind === "broken-commit")).toBe(false);
  });
});
