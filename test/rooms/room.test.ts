/**
 * A room of real groups and an observer: its life, and what a malicious member does to it.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { Group } from "../../src/group/group.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import {
  addParticipants,
  ban,
  changeBasePolicy,
  changeJoinLinks,
  changeRole,
  joinAs,
  leave,
  removeParticipants,
  rename,
  Room,
  setExpiration,
  setPolicy,
  unban,
} from "../../src/rooms/index.ts";
import { alice, bob, carol, dave, identityOf, rooms, World, type Device } from "./world.ts";

describe("A cooperative room", () => {
  it("lives: add, rename, timers, another device, leave, ban, unban, kick", async () => {
    const world = await World.create({ policy: "cooperative", participants: [bob] });
    const roomOf = (user: string) => world.device(user).room;
    await world.commit(alice, {}, [[bob]]);
    await world.commit(bob, { custom: [addParticipants(roomOf(bob), [{ user: carol, role: 2 }])] }, [[carol]]);
    await world.commit(carol, { custom: [rename(roomOf(carol), "Hiking")] });
    expect(roomOf(alice).data.room_metadata.roomName).toBe("Hiking");
    await world.commit(carol, {
      custom: [setExpiration(roomOf(carol), { expiringMessages: "required", min: 5, max: 60, default: 30 })],
    });
    await world.commit(carol, {}, [[carol, "laptop"]]);
    expect(roomOf(alice).participant(carol)).toEqual({ role: 2, clients: 2 });

    // Carol leaves with both of her devices.
    const [phone, laptop] = world.devices.filter(({ user }) => user === carol) as [Device, Device];
    await world.propose(await phone.group.propose({ custom: leave(roomOf(carol), carol) }), phone);
    await world.propose(await phone.group.leave(), phone);
    await world.propose(await laptop.group.leave(), laptop);
    await world.commit(bob, {});
    expect(roomOf(alice).participant(carol)).toBeUndefined();

    await world.commit(alice, { remove: world.leaves(bob), custom: [ban(roomOf(alice), bob)] });
    expect(roomOf(alice).participant(bob)).toEqual({ role: 1, clients: 0 });
    await world.commit(alice, { custom: [unban(roomOf(alice), bob, 2)] });
    await world.commit(alice, {}, [[bob]]);
    await world.commit(alice, { remove: world.leaves(bob) });
    expect(roomOf(alice).participant(bob)).toEqual({ role: 2, clients: 0 });
    // Who was kicked may come again.
    await world.joinExternally(bob);
    expect(roomOf(alice).participant(bob)).toEqual({ role: 2, clients: 1 });
    await world.commit(alice, { custom: [ban(roomOf(alice), dave)] });
    world.state();
  });

  it("refuses what a malicious member commits, at every member and the hub alike", async () => {
    const world = await World.create({ policy: "cooperative", participants: [bob, carol] });
    await world.commit(alice, {}, [[bob], [carol]]);
    const room = world.device(bob).room;
    const refused = async (options: Parameters<World["refused"]>[1]) => {
      const { code, rule } = await world.refused(bob, options);
      return rule === undefined ? code : `${code} ${rule}`;
    };
    const keyPackage = async (user: string, device?: string) =>
      (await world.keyPackage(user, device)).bundle.keyPackage;
    expect(await refused({ custom: [ban(room, carol)], remove: world.leaves(carol) })).toBe("not-allowed canBan");
    expect(await refused({ remove: world.leaves(carol) })).toBe("not-allowed canKick");
    expect(await refused({ custom: [removeParticipants(room, [carol])] })).toBe("not-participant");
    expect(await refused({ custom: [removeParticipants(room, [alice])], remove: world.leaves(alice) })).toBe(
      "not-allowed canRemoveParticipant",
    );
    expect(await refused({ custom: [changeRole(room, bob, 3)] })).toBe("not-allowed canChangeOwnRole");
    expect(await refused({ custom: [changeRole(room, carol, 3)] })).toBe("not-allowed canChangeUserRole");
    expect(await refused({ custom: [addParticipants(room, [{ user: dave, role: 3 }])] })).toBe(
      "not-allowed canAddParticipant",
    );
    expect(await refused({ custom: [addParticipants(room, [{ user: dave, role: 9 }])] })).toBe("role-unknown");
    expect(await refused({ add: [await keyPackage(dave)] })).toBe("not-allowed canAddParticipant");
    expect(await refused({ custom: [setPolicy(room, "roles_list", room.data.roles_list)] })).toBe(
      "not-allowed canChangeRoleDefinitions",
    );
    expect(await refused({ custom: [changeBasePolicy(room, { fixedMembership: true })] })).toBe(
      "not-allowed canChangeRoomMembershipStyle",
    );
    expect(await refused({ custom: [setPolicy(room, "preauth_list", [])] })).toBe(
      "not-allowed canChangePreauthorizedUserList",
    );
    expect(await refused({ custom: [changeJoinLinks(room, { add: [new Uint8Array(16)] })] })).toBe(
      "not-allowed canCreateJoinCode",
    );
    const { extensions } = world.device(bob).group.groupContext;
    expect(await refused({ extensions })).toBe("not-allowed canChangeMlsOperationalPolicies");
    expect(await refused({ reinit: { groupId: utf8("next"), cipherSuite: 1, extensions } })).toBe(
      "not-allowed canSendMLSReinitProposal",
    );
    expect(await refused({ leaf: {}, identity: await identityOf(carol, "tablet") })).toBe("identity");
    world.state();
  });

  it("keeps strangers out who come from outside", async () => {
    const world = await World.create({ policy: "cooperative", participants: [bob] });
    const join = async (user: string, options: object) => {
      const identity = await identityOf(user);
      const joining = await Group.joinExternally({
        authentication: trustAnyCredential,
        registry: rooms.registry,
        handshake: "public",
        identity,
        groupInfo: await world.device(alice).group.groupInfo(),
        ...options,
      });
      const { code, rule } = await world.refusedFromOutside(joining.commit);
      return rule === undefined ? code : `${code} ${rule}`;
    };
    const { room } = world.device(alice);
    expect(await join(dave, {})).toBe("not-participant");
    expect(await join(dave, { custom: joinAs(room, { user: dave, role: 2 }) })).toBe("not-allowed canOpenJoin");
    expect(await join(dave, { custom: [addParticipants(room, [{ user: dave, role: 2 }]), ban(room, bob)] })).toMatch(
      /^not-allowed/,
    );
    await world.joinExternally(bob);
    world.state();
  });
});

describe("A room", () => {
  it("is opened of a group that is one, and followed commit by commit", async () => {
    const world = await World.create({});
    const { group, room } = world.device(alice);
    const pending = await group.commit();
    room.follow(pending.change);
    expect(() => {
      room.check(pending.change);
    }).toThrow(expect.objectContaining({ code: "epoch" }) as Error);
    expect(() => {
      room.follow(pending.change);
    }).toThrow(expect.objectContaining({ code: "epoch" }) as Error);
    const plain = await Group.create({ authentication: trustAnyCredential, identity: await identityOf(alice) });
    expect(() => Room.open({ rooms, groupContext: plain.groupContext, members: plain.members })).toThrow(
      expect.objectContaining({ code: "missing" }) as Error,
    );
  });
});
