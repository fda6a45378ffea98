/**
 * A device that was stolen with all its keys, and is put out by the recovery code.
 */

import { describe, expect, it } from "vitest";
import { accountComponent, readAttestation } from "../../../src/accounts/attestation.ts";
import { accountAuthentication } from "../../../src/accounts/authentication.ts";
import { signDeviceList } from "../../../src/accounts/statement.ts";
import { accountLeaf, readAccount, type Account } from "../../../src/client/account/account.ts";
import type { RevokeOptions } from "../../../src/client/revoking/options.ts";
import { readRevocation } from "../../../src/client/revoking/revocation.ts";
import { ownAccountKey } from "../../../src/client/store/keys.ts";
import { readShared } from "../../../src/client/shared/messages.ts";
import { decodeContent } from "../../../src/content/decode.ts";
import { selfRoomOf } from "../../../src/client/shared/self-room.ts";
import type { Connection, Delivery } from "../../../src/delivery/delivery.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import type { DeliveryService } from "../../../src/delivery/service.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { deviceUri } from "../../../src/rooms/uri.ts";
import { checkStatement } from "../../../src/accounts/check-statement.ts";
import { accountStatements } from "../../../src/delivery/account-statements.ts";
import { Puppet } from "../puppet.ts";
import { plain, reborn, settle, user, words, type Person } from "../world.ts";
import { time } from "./time.ts";
import { between, first, second, service } from "./world.ts";

const appData = roomAppData({ appData: { components: [accountComponent] } });
const [phoneUri, laptopUri, tabletUri] = ["phone", "laptop", "tablet"].map((name) =>
  deviceUri(user("alice"), name),
) as [string, string, string];

interface Story {
  readonly hub: DeliveryService;
  readonly clock: () => number;
  readonly pass: (milliseconds: number, ...people: readonly Person[]) => Promise<void>;
  readonly phone: Person;
  readonly laptop: Person;
  /** Is stolen. */
  readonly tablet: Person;
  readonly bob: Person;
  readonly code: string;
  readonly room: string;
}

/** Alice's three devices and Bob in a room, after everything that begins by itself. */
async function story(phones: (hub: DeliveryService) => Delivery = (hub) => hub): Promise<Story> {
  const { clock, pass } = time();
  const hub = service({ clock, rooms: appData });
  const phone = await first(phones(hub), "alice", { clock });
  const bob = await first(hub, "bob", { clock });
  await settle(phone, bob);
  const laptop = await second(phone, hub, "laptop", { clock });
  const tablet = await second(phone, hub, "tablet", { clock });
  for (let i = 0; i < 3; i++) await pass(60_000, phone, laptop, tablet, bob);
  const { id } = await phone.client.createRoom({ participants: [user("bob")] });
  for (let i = 0; i < 3; i++) await pass(31_000, phone, laptop, tablet, bob);
  await phone.client.room(id).send(plain("before"));
  await settle(phone, laptop, tablet, bob);
  return { hub, clock, pass, phone, laptop, tablet, bob, code: phone.recoveryCode, room: id };
}

async function accountOf({ options }: Person): Promise<Account> {
  return readAccount((await options.store.get(ownAccountKey))!);
}

async function names({ client }: Person): Promise<string[]> {
  return (await client.devices()).map(({ uri }) => uri.split("/").at(-1) ?? "");
}

/** The account key's number of each leaf of Alice's in a room, as this member has the room. */
async function leaves(who: Person, hub: DeliveryService, room: string): Promise<Record<string, number>> {
  const { identity } = await accountOf(who);
  await who.client.close();
  const puppet = await Puppet.of(who, hub, room, {
    identity,
    authentication: accountAuthentication(),
    registry: appData.registry,
  });
  const found: Record<string, number> = {};
  for (const member of puppet.group.members) {
    const { device, keyNumber, user: whose } = await readAttestation(member);
    if (whose === user("alice")) found[device.split("/").at(-1) ?? ""] = keyNumber;
  }
  await puppet.connection.close();
  return found;
}

async function turns({ pass }: Story, people: readonly Person[], count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await pass(31_000, ...people);
}

describe("a device that is linked after a revocation", () => {
  it("is in the user's rooms, and not in the hidden one of the key before, which it could not tell from them", async () => {
    const there = await story();
    const { hub, clock, phone, laptop, tablet, bob, code, room } = there;
    await phone.client.revokeDevice(tabletUri, { recoveryCode: code });
    await turns(there, [phone, laptop, tablet, bob]);
    const watch = await second(phone, hub, "watch", { clock });
    await turns(there, [phone, laptop, watch, bob]);
    for (const each of [phone, laptop, watch]) expect(each.client.rooms.map(({ id }) => id)).toEqual([room]);
  });
});

describe("a device that was stolen", () => {
  it("is put out of the list and all rooms, the others have a new account key, and all leaves say so", async () => {
    const there = await story();
    const { hub, phone, laptop, tablet, bob, code, room } = there;
    const { digits } = await bob.client.safetyNumber(user("alice"));
    await phone.client.shared.set("colour", "green");
    expect(await phone.client.revokeDevice(tabletUri, { recoveryCode: code })).toEqual([]);
    await turns(there, [phone, laptop, tablet, bob]);
    expect(await names(phone)).toEqual(["phone", "laptop"]);
    for (const each of [phone, laptop]) expect((await accountOf(each)).accountKey.certificate.number).toBe(2);
    expect((await accountOf(tablet)).accountKey.certificate.number).toBe(1);
    // It goes on: in the room, and between the devices.
    await laptop.client.room(room).send(plain("after"));
    await laptop.client.shared.set("colour", "red");
    await turns(there, [phone, laptop, bob], 3);
    for (const each of [phone, laptop, bob]) expect((await words(each, room)).at(-1)).toBe("after");
    expect(await phone.client.shared.get("colour")).toBe("red");
    expect(await words(tablet, room)).toEqual(["before"]);
    expect(await tablet.client.shared.get("colour")).not.toBe("red");
    // As Bob sees it.
    await there.pass(24 * 60 * 60 * 1000, phone, laptop, bob);
    await turns(there, [phone, laptop, bob], 2);
    expect(bob.events).toContainEqual(
      expect.objectContaining({ kind: "account-renewed", user: user("alice"), by: phoneUri, keyNumber: 2 }),
    );
    expect(bob.events.filter(({ kind }) => kind === "account-alarm" || kind === "member-alarm")).toEqual([]);
    expect((await bob.client.safetyNumber(user("alice"))).digits).toBe(digits);
    // Nobody hears of the rooms of the devices.
    for (const each of [phone, laptop]) expect(each.client.rooms.map(({ id }) => id)).toEqual([room]);
    expect(await leaves(bob, hub, room)).toEqual({ phone: 2, laptop: 2 });
    expect(await readRevocation(phone.options.store)).toBeUndefined();
  });

  it("is put out though the others are away: each gets the new key when it comes back, from nobody but the log", async () => {
    const there = await story();
    const { phone, laptop, tablet, bob, code, room } = there;
    await laptop.client.close();
    await phone.client.revokeDevice(tabletUri, { recoveryCode: code });
    await turns(there, [phone, tablet, bob]);
    await phone.client.close();
    const back = await reborn(laptop);
    await turns(there, [back, bob]);
    expect((await accountOf(back)).accountKey.certificate.number).toBe(2);
    await back.client.shared.set("colour", "blue");
    await back.client.room(room).send(plain("from the laptop"));
    const again = await reborn(phone);
    await turns(there, [again, back, bob], 3);
    expect((await words(again, room)).at(-1)).toBe("from the laptop");
    expect(await again.client.shared.get("colour")).toBe("blue");
  });

  it("is put out over lists of its own that it publishes meanwhile, with the devices that it has brought in", async () => {
    const there = await story();
    const { hub, phone, laptop, tablet, bob, code, room } = there;
    await phone.client.close();
    const offline = await reborn(phone, false);
    await offline.client.revokeDevice([tabletUri], { recoveryCode: code });
    // It puts a device of its own on the list, and all others off it.
    const evil = await second(tablet, hub, "evil", { clock: there.clock });
    for (const uri of [phoneUri, laptopUri]) await tablet.client.removeDevice(uri);
    await settle(tablet, evil, laptop, bob);
    expect(await names(tablet)).toEqual(["tablet", "evil"]);
    const thief = await accountOf(tablet);
    offline.client.connect();
    await turns(there, [offline, laptop, tablet, evil, bob]);
    expect((await names(offline)).sort()).toEqual(["laptop", "phone"]);
    await there.pass(24 * 60 * 60 * 1000, bob);
    await bob.client.room(room).send(plain("who is there?"));
    await turns(there, [bob, tablet, evil], 3);
    for (const each of [tablet, evil]) expect(await words(each, room)).not.toContain("who is there?");
    // And the phone, which it had put out of the room, is there again, and the thief's devices are not.
    await offline.client.room(room).send(plain("it is me"));
    await turns(there, [offline, bob], 3);
    expect((await words(bob, room)).at(-1)).toBe("it is me");
    expect(await leaves(bob, hub, room)).toEqual({ phone: 2, laptop: 2 });
    // Its key makes no list any more.
    const connection = await hub.connect({
      device: phoneUri,
      cipherSuite: (await accountOf(offline)).identity.suite.id,
      signatureKey: (await accountOf(offline)).identity.signatureKey,
      sign: async (challenge) => (await accountOf(offline)).identity.signer.sign(challenge),
      incarnation: { known: 2n, next: 3n, id: new Uint8Array(16).fill(9) },
    });
    const stored = await connection.statements({ user: user("alice"), from: 0n });
    let view = await checkStatement(undefined, stored[0]!.statement);
    for (const { statement } of stored.slice(1)) view = await checkStatement(view, statement);
    expect(view.keyNumber).toBe(2);
    await expect(
      signDeviceList({ view, accountKey: thief.accountKey, maker: { uri: tabletUri, signer: thief.identity.signer } }),
    ).rejects.toMatchObject({ code: "statement-key" });
  });

  it("reads nothing of the room of the devices after it is out, whoever passes it the log", async () => {
    const there = await story();
    const { hub, phone, laptop, tablet, bob, code } = there;
    const stolen = await accountOf(tablet);
    const former = selfRoomOf(stolen.user, stolen.accountKey);
    const { identity } = stolen;
    await tablet.client.close();
    const thief = await Puppet.of(tablet, hub, former, {
      identity,
      authentication: accountAuthentication(),
      registry: appData.registry,
    });
    const { epoch } = thief.group;
    await phone.client.revokeDevice(tabletUri, { recoveryCode: code });
    await turns(there, [phone, laptop, bob]);
    expect((await accountOf(laptop)).accountKey.certificate.number).toBe(2);
    const account = await accountOf(laptop);
    await laptop.client.close();
    const spy = await Puppet.of(laptop, hub, former, {
      identity: account.identity,
      authentication: accountAuthentication(),
      registry: appData.registry,
    });
    const items = (await spy.connection.fetch({ room: former, after: 0n })).items.map(({ message }) => message);
    const kinds: string[] = [];
    const said: unknown[] = [];
    for (const message of items) {
      try {
        const event = await thief.group.receive(message);
        kinds.push(event.kind);
        if (event.kind === "message") said.push(readShared(decodeContent(event.plaintext))?.kind);
      } catch {
        kinds.push("closed");
      }
    }
    expect(said).not.toContain("key");
    expect(thief.group.epoch).toBeLessThanOrEqual(epoch + 1n);
    const out = kinds.indexOf("removed");
    expect(out).toBeGreaterThanOrEqual(0);
    expect(kinds.slice(out + 1).filter((kind) => kind !== "closed")).toEqual([]);
    expect(kinds.slice(out + 1).length).toBeGreaterThan(0); // the key was handed on behind it
    // Nor does it come in again, were there a service that let it: the others' leaf is of the later key.
    const agree = accountStatements().agree!;
    const { signatureKey, credential } = stolen.identity;
    const { extensions = [] } = await accountLeaf(stolen, appData);
    const entering = { added: [{ leafIndex: 9, signatureKey, credential, extensions }], removed: [], updated: [] };
    const members = [...spy.group.members];
    expect(members).toHaveLength(2);
    expect(agree(members, entering as never)).toBe(false);
  });

  it("is put out once, with one key, wherever the process dies", async () => {
    let fails: { readonly name: keyof Connection; readonly after: boolean } | undefined;
    const there = await story((hub) =>
      between(hub, (connection) => {
        const dying = (name: "statements" | "publishStatement") => async (request: never) => {
          const isDying = fails?.name === name;
          const after = isDying && fails?.after === true;
          if (after) await (connection[name] as (request: never) => Promise<unknown>)(request);
          if (isDying) throw new DeliveryError("unreachable");
          return (connection[name] as (request: never) => Promise<never>)(request);
        };
        return { statements: dying("statements"), publishStatement: dying("publishStatement") };
      }),
    );
    const { phone, laptop, tablet, bob, code } = there;
    await laptop.client.close();
    fails = { name: "statements", after: false };
    await phone.client.revokeDevice(tabletUri, { recoveryCode: code });
    await settle(phone);
    let again = await reborn(phone);
    const waiting = (await readRevocation(again.options.store))!;
    for (const next of [
      { name: "publishStatement", after: false },
      { name: "publishStatement", after: true },
    ] as const) {
      fails = next;
      again = await reborn(again);
      await settle(again);
      expect((await accountOf(again)).accountKey.certificate.number).toBe(1);
    }
    fails = undefined;
    again = await reborn(again);
    await turns(there, [again, tablet, bob]);
    const { accountKey, view } = await accountOf(again);
    expect(accountKey.certificate.accountKey).toEqual(waiting.accountKey.certificate.accountKey);
    expect(view.keyNumber).toBe(2);
    expect(await names(again)).toEqual(["phone", "laptop"]);
    expect(again.events.filter(({ kind }) => kind === "revocation-failed")).toEqual([]);
    expect(await readRevocation(again.options.store)).toBeUndefined();
  });

  it("is not put out without the code, by another's, nor where it is no device of the list", async () => {
    const { clock } = time();
    const hub = service({ clock });
    const [phone, bob] = [await first(hub, "alice", { clock }), await first(hub, "bob", { clock })];
    await settle(phone, bob);
    const tablet = await second(phone, hub, "tablet", { clock });
    const before = [...phone.disk.contents.keys()].length;
    const { recoveryCode } = phone;
    for (const [device, options, error] of [
      [tabletUri, {}, { code: "recovery-needed" }],
      [tabletUri, { recoveryCode: bob.recoveryCode }, { code: "recovery-other" }],
      [tabletUri, { recoveryCode: "nothing of the kind" }, { name: "AccountError" }],
      [laptopUri, { recoveryCode }, { code: "device-unknown" }],
      [phoneUri, { recoveryCode }, { code: "device-unknown" }],
      [[], { recoveryCode }, TypeError],
      [tabletUri, { recoveryCode, suspicious: true } as RevokeOptions, TypeError],
    ] as const) {
      const asked = phone.client.revokeDevice(device, options);
      await (error === TypeError
        ? expect(asked).rejects.toThrow(TypeError)
        : expect(asked).rejects.toMatchObject(error));
    }
    expect([...phone.disk.contents.keys()].length).toBe(before);
    expect(await names(tablet)).toEqual(["phone", "tablet"]);
  });
});
