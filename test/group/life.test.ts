import { describe, expect, it } from "vitest";
import { hex, utf8, utf8Decode } from "../../src/bytes/text.ts";
import { Group } from "../../src/group/group.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "./world.ts";

function agree(groups: readonly Group[]): void {
  const views = groups.map((group) => ({
    epoch: group.epoch,
    authenticator: hex(group.epochAuthenticator),
    tree: hex(group.ratchetTree()),
    exported: hex(group.exportSecret("test", utf8("context"), 32)),
  }));
  for (const view of views) expect(view).toEqual(views[0]);
}

async function talk(groups: readonly Group[]): Promise<void> {
  for (const from of groups) {
    const message = await from.seal(utf8(`from ${String(from.self.leafIndex)}`));
    for (const to of groups) {
      const event = await to.receive(message);
      if (to === from) expect(event).toEqual({ kind: "own", what: "message", epoch: from.epoch });
      else {
        expect(event).toMatchObject({ kind: "message", sender: { leafIndex: from.self.leafIndex } });
        if (event.kind === "message") expect(utf8Decode(event.plaintext)).toBe(`from ${String(from.self.leafIndex)}`);
      }
    }
  }
}

describe.each([1, 2, 3, 4, 5, 6, 7])("a group's life in suite %i", (id) => {
  it.each(["private", "public"] as const)("goes from creation to removal with %s handshakes", async (handshake) => {
    const suite = suiteOf(id);
    const [alice, bob, carol, dave] = await Promise.all(
      ["alice", "bob", "carol", "dave"].map((name) => client(name, suite)),
    );
    let groups = await groupOf([alice!, bob!, carol!], { handshake });
    agree(groups);
    await talk(groups);

    // an empty commit, with a path
    await commitTo(groups, groups[1]!);
    agree(groups);
    await talk(groups);

    // an Update by reference
    const update = await groups[2]!.propose({ update: {} });
    await deliver(update, groups);
    await commitTo(groups, groups[0]!);
    agree(groups);
    await talk(groups);

    // an Add by value with the tree of many epochs
    const bundle = await keyPackageOf(dave!);
    const { welcome } = await commitTo(groups, groups[2]!, { add: [bundle.keyPackage] });
    groups = [
      ...groups,
      await Group.join({ ...trusting, handshake, identity: dave!.identity, welcome: welcome!, keyPackages: [bundle] }),
    ];
    agree(groups);
    await talk(groups);

    // a Remove
    const removed = groups[1]!;
    const pending = await groups[3]!.commit({ remove: [1] });
    const events = await Promise.all([groups[0]!, removed, groups[2]!].map((group) => group.receive(pending.commit)));
    await groups[3]!.apply(pending);
    expect(events.map(({ kind }) => kind)).toEqual(["commit", "removed", "commit"]);
    expect(removed.isGone).toBe(true);
    groups = [groups[0]!, groups[2]!, groups[3]!];
    agree(groups);
    await talk(groups);

    // an external join, then a resync
    const erin = await client("erin", suite);
    for (const replace of [undefined, 1]) {
      const groupInfo = await groups[0]!.groupInfo();
      const join = await Group.joinExternally({
        ...trusting,
        handshake,
        identity: erin.identity,
        groupInfo,
        ...(replace === undefined ? {} : { replace }),
      });
      const before = groups;
      const seen = await Promise.all(before.map((group) => group.receive(join.commit)));
      groups = [...before.filter((group) => !group.isGone), await join.complete()];
      expect(seen.filter(({ kind }) => kind === "removed").length).toBe(replace === undefined ? 0 : 1);
      expect(groups.at(-1)!.self.leafIndex).toBe(1);
      agree(groups);
      await talk(groups);
    }
  });
});
