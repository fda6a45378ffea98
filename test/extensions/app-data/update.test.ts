import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import { agree } from "../../group/agreement.ts";
import { client, commitTo, deliver, suiteOf, trusting } from "../../group/world.ts";
import { appData, dataIn, hello, journal, notice, roomName, trio } from "./world.ts";

const { registry } = appData;

describe("AppDataUpdate", () => {
  it("gives a component data that all members and an observer agree on, without a path", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    const observer = await Observer.follow({
      ...trusting,
      registry,
      suite: suiteOf(),
      groupInfo: await alice.groupInfo(),
    });
    const pending = await commitTo(groups, bob, { custom: [appData.update(roomName, hello)] });
    expect(pending.change).toMatchObject({ updated: [], contextChanged: true });
    const seen = await observer.receive(pending.commit);
    agree(groups);
    for (const group of [alice, bob, carol, observer]) expect(dataIn(group, roomName)).toEqual(hello);
    for (const change of [pending.change, seen] as const) {
      if (change.kind !== "commit") throw new Error("a commit was expected");
      expect(appData.changes(change)).toEqual([{ componentId: roomName, before: undefined, after: hello }]);
    }
  });

  it("hands all updates of a commit to the component, in the order of the commit", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    for (const [group, text] of [
      [bob, "ab"],
      [carol, "c"],
    ] as const) {
      await deliver(await group.propose({ custom: appData.update(journal, utf8(text)) }), groups, group);
    }
    await commitTo(groups, alice, { custom: [appData.update(journal, utf8("d"))] });
    agree(groups);
    expect(dataIn(carol, journal)).toEqual(utf8("abcd"));
  });

  it("removes a component's data", async () => {
    const groups = await trio();
    const [alice, bob] = groups;
    await commitTo(groups, alice, { custom: [appData.update(roomName, hello), appData.update(notice, hello)] });
    const { change } = await commitTo(groups, bob, { custom: [appData.remove(roomName)] });
    expect(appData.changes(change)).toEqual([{ componentId: roomName, before: hello, after: undefined }]);
    expect([dataIn(alice, roomName), dataIn(alice, notice)]).toEqual([undefined, hello]);
    agree(groups);
  });

  it("comes by value in the commit of somebody who joins", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    const join = await Group.joinExternally({
      ...trusting,
      registry,
      identity: (await client("dave")).identity,
      groupInfo: await alice.groupInfo(),
      custom: [appData.update(notice, hello)],
    });
    await deliver(join.commit, groups);
    agree([alice, bob, carol, await join.complete()]);
    expect(dataIn(bob, notice)).toEqual(hello);
  });
});
