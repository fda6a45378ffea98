/**
 * A member who brings in somebody under another's name, and devices that their users have taken off their lists.
 */

import { describe, expect, it } from "vitest";
import { accountAuthentication } from "../../src/accounts/authentication.ts";
import { accountComponent } from "../../src/accounts/attestation.ts";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import { accountLeaf, type Account } from "../../src/client/account/account.ts";
import { createAccount } from "../../src/client/account/create-account.ts";
import { accountStatements } from "../../src/delivery/account-statements.ts";
import type { Connection, Delivery } from "../../src/delivery/delivery.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import type { DeliveryService } from "../../src/delivery/service.ts";
import { encodeContent } from "../../src/content/encode.ts";
import { Group } from "../../src/group/group.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { addParticipants } from "../../src/rooms/changes.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { Room } from "../../src/rooms/room.ts";
import { deviceUri } from "../../src/rooms/uri.ts";
import { MemoryDisk, memoryStore } from "../../src/storage/memory.ts";
import { Puppet } from "./puppet.ts";
import { delivery, opened, plain, reborn, settle, suite, user, words, type Person } from "./world.ts";

const rooms = roomAppData({ appData: { components: [accountComponent] } });
const { registry } = rooms;
const authentication = accountAuthentication();
const day = 24 * 60 * 60 * 1000;

/** A service with everything that there is switched on, and a clock that is set. */
function world(): {
  hub: DeliveryService;
  time: { now: number };
  on: (account: Account, service?: Delivery) => Promise<Person>;
} {
  const time = { now: 1_800_000_000_000 };
  const clock = (): number => time.now;
  const hub = delivery({ rooms, clock, group: { authentication, registry }, accounts: accountStatements() });
  const on = (account: Account, service: Delivery = hub): Promise<Person> => {
    const disk = new MemoryDisk();
    return opened({ account, store: memoryStore({ disk }), delivery: service, timers: "none", clock }, disk);
  };
  return { hub, time, on };
}

/** The service, to which nothing is published while the line is cut. */
function withoutPublishing(service: Delivery, line: { readonly isCut: boolean }): Delivery {
  return {
    connect: async (login) => {
      const connection = await service.connect(login);
      const publish: Connection["publish"] = async (item) => {
        if (line.isCut) throw new DeliveryError("unreachable");
        return connection.publish(item);
      };
      return new Proxy(connection, {
        get: (target, name) => {
          if (name === "publish") return publish;
          const own: unknown = Reflect.get(target, name);
          return typeof own === "function" ? (own as (...all: unknown[]) => unknown).bind(target) : own;
        },
      });
    },
  };
}

async function accountOf(name: string): Promise<Account> {
  return (await createAccount({ user: user(name), device: "phone", clock: () => 1_800_000_000_000 })).account;
}

/** Alice and Bob, who have met Carol, and a room of Alice and Mallory into which Mallory brings a "Carol" of her own making. */
async function withGhost(): Promise<{
  alice: Person;
  bob: Person;
  room: string;
  ghost: Group;
  publish: Puppet["publish"];
  time: { now: number };
}> {
  const { hub, time, on } = world();
  const mallorys = await accountOf("mallory");
  const [alice, bob, carol] = [
    await on(await accountOf("alice")),
    await on(await accountOf("bob")),
    await on(await accountOf("carol")),
  ];
  const mallory = await on(mallorys);
  await settle(alice, bob, carol, mallory);
  await alice.client.createRoom({ participants: [user("bob"), user("carol")] });
  const { id: room } = await alice.client.createRoom({ participants: [user("mallory")] });
  await settle(alice, bob, carol, mallory);
  const made = (await createAccount({ user: user("carol"), device: "tablet" })).account;
  const bundle = await createKeyPackage({
    identity: made.identity,
    registry,
    ...(await accountLeaf(made, rooms)),
  });
  const puppet = await Puppet.of(mallory, hub, room, { identity: mallorys.identity, registry, authentication });
  const { groupContext, members } = puppet.group;
  const rules = Room.open({ rooms, groupContext, members });
  const pending = await puppet.group.commit({
    add: [bundle.keyPackage],
    custom: [addParticipants(rules, [{ user: user("carol"), role: 2 }])],
    welcome: { ratchetTree: true },
    groupInfo: { ratchetTree: false },
  });
  expect((await puppet.publish(pending.commit, pending)).kind).toBe("accepted");
  const ghost = await Group.join({
    identity: made.identity,
    authentication,
    registry,
    welcome: pending.welcome!,
    keyPackages: [bundle],
    handshake: "public",
  });
  await puppet.group.apply(pending);
  await settle(alice);
  return { alice, bob, room, ghost, time, publish: (message, beside) => puppet.publish(message, beside) };
}

/** Whether the people of a room are so many devices. */
async function devicesIn({ client }: Person, room: string): Promise<number> {
  return (await client.room(room).participants()).reduce((sum, { clients }) => sum + clients, 0);
}

/** What the disk says that the user's list is. */
async function viewOf({ disk, client }: Person): ReturnType<typeof checkStatement> {
  const statement = disk.contents.get(`account/${client.user.replaceAll("/", "%2f")}/`);
  return checkStatement(undefined, statement!, { begin: "anywhere" });
}

describe("somebody under another's name", () => {
  it("is told before anything of it is read, with the device that has brought it in", async () => {
    const { alice, room, ghost, publish } = await withGhost();
    const said = encodeContent({ salt: new Uint8Array(16), ...plain("what is your PIN?"), senderUri: user("carol") });
    expect((await publish(await ghost.seal(said))).kind).toBe("accepted");
    await settle(alice);
    const kinds = alice.events.map(({ kind }) => kind);
    expect(alice.events).toContainEqual(
      expect.objectContaining({
        kind: "member-alarm",
        room,
        user: user("carol"),
        device: deviceUri(user("carol"), "tablet"),
        by: deviceUri(user("mallory"), "phone"),
        findings: ["root"],
        holds: true,
      }),
    );
    expect(kinds.lastIndexOf("message")).toBeGreaterThan(kinds.indexOf("member-alarm"));
    expect(kinds.filter((kind) => kind === "member-alarm")).toHaveLength(1);
  });

  it("gets nothing of what is sent, until the person has looked; also after a restart", async () => {
    const { alice, room, time } = await withGhost();
    const sealing = ({ disk }: Person): unknown[] =>
      [...disk.contents].flatMap(([name, value]) =>
        name.includes("/sending") ? [Buffer.from(value).toString("hex")] : [],
      );
    const before = sealing(alice);
    await alice.client.room(room).send(plain("1234"));
    await settle(alice);
    expect(await alice.client.room(room).waiting()).toHaveLength(1);
    expect(sealing(alice)).toEqual(before); // nothing for its epoch
    await expect(alice.client.room(room).startCall()).rejects.toMatchObject({ code: "room-held" });
    const again = await reborn(alice);
    await settle(again);
    expect(await again.client.room(room).waiting()).toHaveLength(1);
    expect(await again.client.room(room).alarms()).toMatchObject([{ user: user("carol"), holds: true }]);
    await again.client.room(room).acknowledge(user("carol"));
    await settle(again);
    expect(await again.client.room(room).waiting()).toHaveLength(0);
    expect(sealing(again)).not.toEqual(before);
    expect(await again.client.room(room).alarms()).toMatchObject([{ user: user("carol"), holds: false }]);
    expect(time.now).toBe(1_800_000_000_000);
  });

  it("is put out by who may, and then what waited goes", async () => {
    const { alice, room, time } = await withGhost();
    await alice.client.room(room).send(plain("1234"));
    await settle(alice);
    expect(await devicesIn(alice, room)).toBe(3);
    time.now += 10_000;
    alice.client.tick();
    await settle(alice);
    expect(await devicesIn(alice, room)).toBe(2);
    expect(await alice.client.room(room).alarms()).toEqual([]);
    expect(await alice.client.room(room).waiting()).toEqual([]);
    expect(await words(alice, room)).toEqual(["1234"]);
  });

  it("is seen by who is let in later, and keeps nobody from letting others in", async () => {
    const { alice, bob, room } = await withGhost();
    await alice.client.room(room).send(plain("1234"));
    await alice.client.room(room).add(user("bob"));
    await settle(alice, bob);
    await bob.client.room(room).send(plain("hello"));
    await settle(alice, bob);
    expect(await bob.client.room(room).alarms()).toMatchObject([
      { user: user("carol"), findings: ["root"], holds: true },
    ]);
    expect(await bob.client.room(room).waiting()).toHaveLength(1);
  });
});

describe("a contact's list", () => {
  it("is asked for again after a day, and a device that it names no more is put out", async () => {
    const { hub, time, on } = world();
    const account = await accountOf("carol");
    const line = { isCut: false };
    const [alice, carol] = [await on(await accountOf("alice")), await on(account, withoutPublishing(hub, line))];
    await settle(alice, carol);
    const { id } = await alice.client.createRoom({ participants: [user("carol")] });
    await settle(alice, carol);
    const device = deviceUri(user("carol"), "tablet");
    const identity = await createIdentity({ suite, credential: basic(device) });
    await carol.client.addDevice({ uri: device, cipherSuite: suite.id, signatureKey: identity.signatureKey });
    const tablet = await on({ ...account, device, identity, view: await viewOf(carol) });
    await settle(alice, carol, tablet);
    carol.client.refresh();
    await settle(alice, carol, tablet);
    expect(await devicesIn(alice, id)).toBe(3);
    // The phone takes the tablet off, and dies before a commit is out.
    tablet.disk.kill();
    line.isCut = true;
    await carol.client.removeDevice(device);
    carol.disk.kill();
    alice.client.refresh();
    await settle(alice);
    expect(alice.events.some((event) => event.kind === "device-changed" && event.what === "removed")).toBe(false);
    expect(await devicesIn(alice, id)).toBe(3);
    time.now += day + 1;
    alice.client.refresh();
    await settle(alice);
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "device-changed", device, what: "removed" }));
    expect(alice.events).toContainEqual(
      expect.objectContaining({ kind: "member-alarm", device, findings: ["not-listed"], holds: false }),
    );
    time.now += 10_000;
    alice.client.tick();
    await settle(alice);
    expect(await devicesIn(alice, id)).toBe(2);
  });
});
