/**
 * What a group asks of its members, and a member who changes that: it must not take others by surprise, and an application says
 * who may.
 */

import { describe, expect, it } from "vitest";
import { components } from "../../../src/extensions/app-data/numbers.ts";
import type { RequirementChange } from "../../../src/extensions/app-data/basics.ts";
import { Group } from "../../../src/group/group.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import { agree } from "../../group/agreement.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "../../group/world.ts";
import { refusal, refuses } from "../../group/refusal.ts";
import { forgeCommit } from "../../rfc/forging.ts";
import { appDataOf, dataIn, hello, journal, notice, trio, appData, roomName } from "./world.ts";
import { utf8 } from "../../../src/bytes/text.ts";

const noList = Uint8Array.of(0);
const { safe_aad, app_components } = components;

describe("a member that changes what the group asks of all", () => {
  it("makes no TypeError of what the others send as before", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    const plain = { authenticatedData: hello };
    await alice.seal(hello, plain);
    await commitTo(groups, carol, { custom: [appData.update(safe_aad, noList)] });
    await refuses(alice, () => alice.seal(hello, plain), "safe-aad");
    await refuses(alice, () => alice.commit(plain), "safe-aad");
    const said = { authenticatedData: appData.authenticatedData({ [roomName]: hello }) };
    expect(await bob.receive(await alice.seal(hello, said))).toMatchObject(said);
    const text = { mediaType: { type: "text/plain", parameters: [] } };
    await refuses(alice, () => alice.seal(hello, text), "application-framing");
    agree(groups);
  });

  it("does so only where the application lets it, by whatever proposal", async () => {
    const asked: RequirementChange[] = [];
    const guarded = appDataOf({
      mayChangeRequirements: (change) => {
        asked.push(change);
        return change.leaf?.credential.type === "basic" && change.leaf.credential.identity[0] === 97; // an a
      },
    });
    const lenient = appDataOf();
    for (const extensions of [guarded.context({ safeAad: [] }), [guarded.dictionary({ [safe_aad]: noList })]]) {
      const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
      const groups = (await groupOf(clients, { handshake: "public", registry: guarded.registry, extensions })) as [
        Group,
        Group,
        Group,
      ];
      const [alice, bob] = groups;
      const observer = await Observer.follow({
        ...trusting,
        registry: guarded.registry,
        suite: alice.suite,
        groupInfo: await alice.groupInfo(),
      });
      const refusedOfBob = async (
        ...proposals: NonNullable<Parameters<typeof forgeCommit>[1]>["proposals"] & object
      ) => {
        const commit = await forgeCommit(bob, { proposals, registry: lenient.registry });
        await refuses(alice, () => alice.receive(commit), "component-refused");
        expect(await refusal(() => observer.receive(commit))).toBe("component-refused");
      };
      for (const id of [safe_aad, app_components]) {
        await refusedOfBob({ type: "custom", ...guarded.update(id, noList) });
      }
      await refusedOfBob({ type: "custom", ...guarded.remove(safe_aad) });
      await refuses(bob, () => bob.commit({ custom: [guarded.remove(safe_aad)] }), "component-refused");
      if (extensions.length === 1) {
        await refusedOfBob({ type: "group_context_extensions", extensions: [] });
        await refusedOfBob({
          type: "group_context_extensions",
          extensions: [guarded.dictionary({ [safe_aad]: noList, [app_components]: noList })],
        });
        const kept = [guarded.dictionary({ [safe_aad]: noList, [roomName]: hello })];
        await observer.receive((await commitTo(groups, bob, { extensions: kept })).commit);
      }
      asked.length = 0;
      const { commit } = await commitTo(groups, alice, { custom: [guarded.remove(safe_aad)] });
      await observer.receive(commit);
      expect(asked).toContainEqual({
        componentId: safe_aad,
        sender: { type: "member", leafIndex: 0 },
        leaf: expect.anything() as unknown,
      });
      expect(await bob.receive(await alice.seal(hello, { authenticatedData: hello }))).toMatchObject({
        authenticatedData: hello,
      });
      agree(groups);
    }
    const careless = appDataOf({ mayChangeRequirements: (() => 1) as never });
    const [alone] = await groupOf([await client("alice")], {
      registry: careless.registry,
      extensions: careless.context(),
    });
    await expect(alone!.commit({ custom: [careless.update(safe_aad, noList)] })).rejects.toMatchObject({
      code: "component-refused",
      cause: new TypeError("mayChangeRequirements must answer with true or false"),
    });
  });
});

describe("data that a component's own code stumbles over", () => {
  const parsing = (data: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(data));
  const fragile = appDataOf({
    components: [
      {
        id: roomName,
        update: { apply: (_, updates) => (updates.forEach(({ update }) => parsing(update)), updates[0]?.update) },
      },
      { id: notice, isValid: (data) => parsing(data) !== 0, update: { apply: (_, updates) => updates[0]?.update } },
      {
        id: journal,
        ephemeral: { isValid: (data) => parsing(data) !== 0 },
        update: { apply: () => hello, isValid: (data) => parsing(data) !== 0 },
      },
    ],
  });

  it("is refused, and keeps nobody from committing the rest", async () => {
    const groups = await trio({ registry: fragile.registry });
    const [alice, bob, carol] = groups;
    await deliver(await bob.propose({ custom: fragile.update(roomName, hello) }), groups, bob);
    await deliver(await bob.propose({ custom: fragile.update(notice, hello) }), groups, bob);
    await deliver(await carol.propose({ custom: fragile.update(roomName, utf8("1")) }), groups, carol);
    const { leftOut } = await commitTo(groups, alice);
    expect(leftOut).toHaveLength(2);
    expect(dataIn(bob, roomName)).toEqual(utf8("1"));
    for (const choice of [fragile.update(roomName, hello), fragile.update(notice, hello)]) {
      await expect(alice.commit({ custom: [choice] })).rejects.toMatchObject({
        code: "component-refused",
        cause: expect.any(SyntaxError) as unknown,
      });
    }
    for (const choice of [fragile.update(journal, hello), fragile.ephemeral(journal, hello)]) {
      await refuses(alice, () => alice.propose({ custom: choice }), "component-refused");
    }
  });
});

describe("data that members make large", () => {
  const list = 0x8010;
  const suite = suiteOf();
  const growing = (isValid: (data: Uint8Array, place: string) => boolean) =>
    appDataOf({
      components: [{ id: list, inlineUpTo: 10, isValid, update: { apply: (_, updates) => updates.at(-1)?.update } }],
    });

  it("shuts the group to nobody, though its component stands in no GroupInfo", async () => {
    const contextOnly = growing((_, place) => place === "group_context");
    const { registry } = contextOnly;
    const [alice, bob] = (await groupOf([await client("alice"), await client("bob")], {
      handshake: "public",
      registry,
      extensions: contextOnly.context({ suite, data: { [list]: hello } }),
    })) as [Group, Group];
    await commitTo([alice, bob], bob, { custom: [contextOnly.update(list, new Uint8Array(11))] });
    const carol = await client("carol");
    const bundle = await keyPackageOf(carol, { registry });
    const { welcome } = await commitTo([alice, bob], alice, { add: [bundle.keyPackage] });
    const joined = await Group.join({
      ...trusting,
      registry,
      identity: carol.identity,
      welcome: welcome!,
      keyPackages: [bundle],
    });
    expect(contextOnly.data(joined.groupContext, list)).toEqual(new Uint8Array(11));
    agree([alice, bob, joined]);
  });

  it("is no reason for a TypeError: a GroupInfo with an entry of such a component is one before anybody makes it large", async () => {
    const any = growing(() => true);
    const [alice] = await groupOf([await client("alice")], {
      registry: any.registry,
      extensions: any.context({ suite, data: { [list]: hello } }),
    });
    const extensions = [any.dictionary({ [list]: hello })];
    await expect(alice!.groupInfo({ extensions })).rejects.toThrow(
      new TypeError("the GroupInfo brings the data of 32784 by itself: it has inlineUpTo"),
    );
    const { keyPackage } = await keyPackageOf(await client("bob"), { registry: any.registry, extensions });
    await commitTo([alice!], alice!, { add: [keyPackage], custom: [any.update(list, new Uint8Array(11))] });
    await alice!.groupInfo();
  });
});
