/** Who joins from outside is handed what an external commit may refer to, and nothing that could keep it out. */

import { expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { appAck } from "../../src/extensions/app-ack/app-ack.ts";
import { createAppData } from "../../src/extensions/app-data/app-data.ts";
import { components } from "../../src/extensions/app-data/numbers.ts";
import { selfRemove } from "../../src/extensions/self-remove.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { agree } from "../group/agreement.ts";
import { client, deliver, groupOf, suiteOf, trusting } from "../group/world.ts";

const name = 0x8001;
const appData = createAppData({
  components: [appAck, { id: name, update: { apply: (_, updates) => updates.at(-1)?.update, mayRemove: () => true } }],
  registry: { proposals: [selfRemove] },
});
const { registry } = appData;

it.each([
  ["an update that members alone may send", () => appData.update(name, utf8("book club"))],
  ["an AppAck", () => appData.ephemeral(components.app_ack, Uint8Array.of(0))],
  ["a removal of what is not there", () => appData.remove(name)],
])("while somebody leaves, %s keeps no joiner out", async (_, custom) => {
  const clients = await Promise.all(["alice", "bob", "carol"].map((one) => client(one)));
  const options = { handshake: "public", registry } as const;
  const [alice, bob, carol] = (await groupOf(clients, { ...options, extensions: appData.context() })) as [
    Group,
    Group,
    Group,
  ];
  const groupInfo = await alice.groupInfo();
  const observer = await Observer.follow({ ...trusting, registry, suite: suiteOf(), groupInfo });
  for (const message of [await carol.leave(), await bob.propose({ custom: custom() })]) {
    for (const member of [alice, bob, carol]) await member.receive(message);
    await observer.receive(message);
  }
  expect(alice.proposalsForJoiners).toHaveLength(1);
  expect(observer.proposalsForJoiners).toEqual(alice.proposalsForJoiners);
  const join = await Group.joinExternally({
    ...trusting,
    ...options,
    identity: (await client("dave")).identity,
    groupInfo,
    proposals: alice.proposalsForJoiners,
  });
  expect(join.leftOut).toEqual([]);
  await deliver(join.commit, [alice, bob]);
  await observer.receive(join.commit);
  expect((await carol.receive(join.commit)).kind).toBe("removed");
  agree([alice, bob, await join.complete()]);
});
