/**
 * What strangers can't find out or take, and what a user gets back who has lost everything.
 */

import { describe, expect, it } from "vitest";
import { createAccountKey, rootKeyOf } from "../../src/accounts/keys.ts";
import { createRecoveryCode } from "../../src/accounts/recovery-code.ts";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import { signDeviceList } from "../../src/accounts/statement.ts";
import type { DeviceEntry } from "../../src/accounts/view.ts";
import { accountStatements } from "../../src/delivery/account-statements.ts";
import { trustAnyCredential } from "../../src/index.ts";
import { addParticipants, changeBasePolicy } from "../../src/rooms/changes.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { createRoomExtensions } from "../../src/rooms/create.ts";
import { Room } from "../../src/rooms/room.ts";
import { signedIn, type TestDevice } from "../../src/testing/delivery/device.ts";
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

const entryOf = ({ uri, identity }: TestDevice): Pick<DeviceEntry, "uri" | "cipherSuite" | "signatureKey"> => ({
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
});
