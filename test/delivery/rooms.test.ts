import { expect, test } from "vitest";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { roomOf, testGroups } from "../../src/testing/delivery/device.ts";

const address = "mimi://example.org";
const create = (): ReturnType<typeof memoryDelivery> =>
  memoryDelivery({ address, group: testGroups, accounts: firstKeyCounts, consent: "everybody" });

test("devices begin a room, add each other, and talk", async () => {
  const { room, devices } = await roomOf(create(), address, "alice", "bob", "carol");
  const [alice, bob, carol] = devices as [(typeof devices)[0], (typeof devices)[0], (typeof devices)[0]];
  expect((await alice.say(room, "hello")).kind).toBe("accepted");
  expect((await bob.say(room, "hi")).kind).toBe("accepted");
  expect(await carol.catchUp(room)).toEqual(["hello", "hi"]);
  expect(await carol.connection.changed()).toEqual([{ room, head: 3n }]);
  await carol.connection.acknowledge({ room, through: 3n });
  expect(await carol.connection.changed()).toEqual([]);
});

test("of two commits of one epoch, one is accepted, and the other is told so", async () => {
  const { room, devices } = await roomOf(create(), address, "alice", "bob");
  const [alice, bob] = devices as [(typeof devices)[0], (typeof devices)[0]];
  const [ofAlice, ofBob] = [await alice.prepare(room), await bob.prepare(room)];
  const answers = await Promise.all([
    alice.connection.publish(ofAlice.publication),
    bob.connection.publish(ofBob.publication),
  ]);
  expect(answers.map(({ kind }) => kind).sort()).toEqual(["accepted", "refused"]);
  expect(answers.find(({ kind }) => kind === "refused")).toEqual({
    kind: "refused",
    reason: "epoch",
    epoch: 2n,
    head: 2n,
  });
});
