/**
 * Who comes to a room from outside, where the service lets anybody: as itself alone, and in nobody's place.
 */

import { expect, it } from "vitest";
import { createKeyPackage, Group, proposeToJoin } from "../../src/index.ts";
import { proposeFromOutside } from "../../src/public-group/proposals/external-proposal.ts";
import { newId, type TestDevice } from "../../src/testing/delivery/device.ts";
import { TestWorld } from "./world.ts";

const refused = (code: string): object => ({ kind: "refused", reason: "invalid", code });

/** A room of two, and a stranger who may join it. */
async function scene() {
  const world = new TestWorld({ mayJoin: () => true });
  return { world, ...(await world.pair()), mallory: await world.device("mallory") };
}

async function joins(by: TestDevice, room: string, as: TestDevice, replace?: number) {
  const { groupInfo, ratchetTree } = await by.connection.groupInfo({ room });
  const join = await Group.joinExternally({
    ...as.options,
    identity: as.identity,
    groupInfo,
    ratchetTree,
    ...(replace !== undefined && { replace }),
  });
  return by.connection.publish({
    id: newId(),
    room,
    message: join.commit,
    commit: { groupInfo: await join.groupInfo({ ratchetTree: false }) },
  });
}

it("joins by a commit as itself, and in the place of nobody else", async () => {
  const { world, room, mallory, bob } = await scene();
  const carol = await world.device("carol");
  expect(await joins(mallory, room, carol), "as another").toMatchObject(refused("not-the-sender"));
  expect(await joins(mallory, room, mallory, 1), "in the place of Bob").toMatchObject(refused("device"));
  expect((await world.port.rooms.devices(room))?.devices).toContain(bob.uri);
  expect((await joins(mallory, room, mallory)).kind).toBe("accepted");
});

it("asks to be added as itself, and for nothing else", async () => {
  const { world, room, alice, mallory } = await scene();
  const carol = await world.device("carol");
  const view = { groupId: alice.group.id, epoch: alice.group.epoch };
  const propose = (by: TestDevice, message: Uint8Array) => by.connection.publish({ id: newId(), room, message });
  const asking = async (as: TestDevice): Promise<Uint8Array> => {
    const { registry = {} } = as.groups;
    const keyPackage = await createKeyPackage({ identity: as.identity, registry, clock: world.clock });
    return proposeToJoin({ ...view, identity: as.identity, keyPackage, clock: world.clock });
  };
  expect(await propose(mallory, await asking(carol)), "as another").toMatchObject(refused("not-the-sender"));
  const remove = await proposeFromOutside(
    view,
    mallory.identity,
    { type: "new_member_proposal" },
    { type: "remove", removed: 1 },
  );
  expect(await propose(mallory, remove), "to remove a member").toMatchObject(refused("not-the-sender"));
  const asSender = await proposeFromOutside(
    view,
    mallory.identity,
    { type: "external", senderIndex: 0 },
    { type: "remove", removed: 1 },
  );
  expect(await propose(mallory, asSender), "as a sender that the room does not name").toMatchObject({
    reason: "no-room",
  });
  expect(await propose(alice, asSender), "nor may a member").toMatchObject(refused("not-the-sender"));
  expect((await propose(mallory, await asking(mallory))).kind).toBe("accepted");
});
