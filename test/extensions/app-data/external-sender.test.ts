/** A server that the group lists proposes what a component lets it, and nothing to a component that has not said so. */

import { expect, it } from "vitest";
import { externalSenders } from "../../../src/public-group/extensions.ts";
import { proposeAsExternalSender } from "../../../src/public-group/proposals/external-proposal.ts";
import { refusal } from "../../group/refusal.ts";
import { client, commitTo } from "../../group/world.ts";
import { appData, dataIn, hello, notice, roomName, trio } from "./world.ts";

it("an external sender updates, and tells, a component that is open to it, and no other", async () => {
  const { identity } = await client("server");
  const { signatureKey, credential } = identity;
  const groups = await trio({
    extensions: [...appData.context(), externalSenders([{ signatureKey, credential }])],
  });
  const [alice, bob, carol] = groups;
  const { registry } = appData;
  const propose = (custom: ReturnType<typeof appData.update>): Promise<Uint8Array> =>
    proposeAsExternalSender({
      identity,
      senderIndex: 0,
      groupId: alice.id,
      epoch: alice.epoch,
      registry,
      change: { custom },
    });
  expect(await refusal(async () => alice.receive(await propose(appData.update(roomName, hello))))).toBe(
    "component-refused",
  );
  expect(await refusal(async () => alice.receive(await propose(appData.ephemeral(roomName, hello))))).toBe(
    "component-refused",
  );
  for (const custom of [appData.update(notice, hello), appData.ephemeral(notice, hello)]) {
    const message = await propose(custom);
    for (const group of groups) expect((await group.receive(message)).kind).toBe("proposal");
  }
  const { change } = await commitTo(groups, bob);
  expect(dataIn(carol, notice)).toEqual(hello);
  expect(appData.ephemerals(change)).toMatchObject([{ componentId: notice, data: hello }]);
});
