/**
 * Each rule of the draft for application data, broken once in a real group by somebody who knows how, and refused with its
 * code by everybody who can see it.
 */

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { AppDataUpdate, appDataUpdate } from "../../../src/extensions/app-data/update.ts";
import { AppEphemeral, appEphemeral } from "../../../src/extensions/app-data/ephemeral.ts";
import { writeNumbers } from "../../../src/extensions/app-data/lists.ts";
import { components, draftNumbers } from "../../../src/extensions/app-data/numbers.ts";
import { writeSafeAad } from "../../../src/extensions/app-data/safe-aad.ts";
import { Group } from "../../../src/group/group.ts";
import { externalSenders } from "../../../src/public-group/extensions.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import { proposeAsExternalSender } from "../../../src/public-group/proposals/external-proposal.ts";
import type { ExtensionRegistry } from "../../../src/rules/registry.ts";
import type { Extension } from "../../../src/wire/extension.ts";
import type { CustomProposal, Proposal } from "../../../src/wire/proposal.ts";
import { agree } from "../../group/agreement.ts";
import { forge } from "../../group/insider.ts";
import { refusal } from "../../group/refusal.ts";
import { client, commitTo, deliver, keyPackageOf, trusting } from "../../group/world.ts";
import { brokenBy, refuses, type Broken } from "../../rfc/breaking.ts";
import { forgeCommit, forgeExternalCommit } from "../../rfc/forging.ts";
import { appData, appDataOf, dataIn, hello, journal, notice, roomName, trio } from "./world.ts";

const { registry } = appData;
/** A registry that holds nobody to anything: what a forger applies. */
const free = { pathRequired: false, external: true, externalCommit: true, after: "reinit" } as const;
const lenient: ExtensionRegistry = {
  extensions: [{ type: 6, places: ["leaf_node", "group_context"] }],
  proposals: [
    { ...free, type: 9, readBody: (input) => AppEphemeral.read(input) },
    { ...free, type: 8, readBody: (input) => AppDataUpdate.read(input) },
  ],
};

function custom({ proposalType, body }: Omit<CustomProposal, "type">): CustomProposal {
  return { type: "custom", proposalType, body };
}

/** A commit of Alice with these proposals is refused by Bob, who is as he was, and by an observer. */
async function refusedByAll(
  [alice, bob]: readonly Group[],
  proposals: readonly Proposal[],
  broken: Broken,
  more: object = {},
): Promise<void> {
  const groupInfo = await alice!.groupInfo();
  const observer = await Observer.follow({ ...trusting, registry, suite: alice!.suite, groupInfo });
  const commit = await forgeCommit(alice!, { proposals, path: false, registry: lenient, ...more });
  await refuses(bob!, commit, broken);
  expect(await brokenBy(() => observer.receive(commit))).toEqual(broken);
}

describe("the dictionary", () => {
  const twice = Uint8Array.from([8, 0x80, 1, 1, 0, 0x80, 1, 1, 0]);
  const backwards = Uint8Array.from([8, 0x80, 2, 1, 0, 0x80, 1, 1, 0]);
  async function refusedAnywhere(data: Uint8Array, id: string): Promise<void> {
    const extension: Extension = { type: draftNumbers.appDataDictionary, data };
    const broken: Broken = ["extension-malformed", id];
    const { identity } = await client("alice");
    const create = (): unknown => Group.create({ ...trusting, registry, identity, extensions: [extension] });
    const pack = (): unknown => keyPackageOf({ name: "", identity }, { registry, keyPackageExtensions: [extension] });
    const leaf = (): unknown => keyPackageOf({ name: "", identity }, { registry, extensions: [extension] });
    for (const make of [create, pack, leaf]) expect(await brokenBy(make)).toEqual(broken);
    const [alice, bob] = await trio({ extensions: [] });
    await refuses(alice, () => alice.groupInfo({ extensions: [extension] }), broken);
    const proposals: readonly Proposal[] = [{ type: "group_context_extensions", extensions: [extension] }];
    await refuses(bob, await forgeCommit(alice, { proposals }), broken);
  }

  it("extensions 4.6 (1): a dictionary out of order is refused, wherever it stands", async () => {
    await refusedAnywhere(backwards, "extensions 4.6 (1)");
  });

  it("extensions 4.6 (2): a dictionary with a component twice is refused, wherever it stands", async () => {
    await refusedAnywhere(twice, "extensions 4.6 (2)");
  });

  it("extensions 4.6 (1): the entries of a dictionary are sorted, whoever makes it", () => {
    const { data } = appData.dictionary({ [notice]: hello, [roomName]: hello });
    expect(data).toEqual(Uint8Array.from([16, 0x80, 1, 5, ...hello, 0x80, 3, 5, ...hello]));
  });

  it("extensions 4.6 (3): a leaf that lists app_data_dictionary says which components it supports", async () => {
    const [alice, bob] = await trio();
    await refuses(bob, await forgeCommit(alice, { leaf: () => ({ extensions: [] }), registry }), [
      "leaf-components",
      "extensions 4.6 (3)",
    ]);
  });
});

describe("AppDataUpdate", () => {
  it("extensions 4.7 (1): an AppDataUpdate of a component that nobody knows is refused", async () => {
    const groups = await trio();
    const unknown = custom(appDataUpdate(8, 0x9999, { op: "update", update: hello }));
    await refusedByAll(groups, [unknown], ["component-unknown", "extensions 4.7 (1)"]);
    const [alice] = groups;
    await refuses(alice, () => alice.propose({ custom: unknown }), ["component-unknown", "extensions 4.7 (1)"]);
  });

  it("extensions 4.7 (2): nothing is removed where nothing is", async () => {
    const groups = await trio();
    const removal = custom(appData.remove(roomName));
    await refusedByAll(groups, [removal], ["app-data-nothing-to-remove", "extensions 4.7 (2)"]);
  });

  it("extensions 4.7 (3): a list does not remove and update, nor remove twice", async () => {
    const groups = await trio();
    await commitTo(groups, groups[0], { custom: [appData.update(roomName, hello)] });
    const remove = custom(appData.remove(roomName));
    const update = custom(appData.update(roomName, hello));
    for (const proposals of [
      [remove, update],
      [update, remove],
      [remove, remove],
    ]) {
      await refusedByAll(groups, proposals, ["app-data-operations", "extensions 4.7 (3)"]);
    }
  });

  it("extensions 4.7 (4): where AppDataUpdate is required, the extensions are replaced around the dictionary", async () => {
    const groups = await trio();
    const [alice, bob] = groups;
    await commitTo(groups, alice, { custom: [appData.update(roomName, hello)] });
    const broken: Broken = ["app-data-replaced", "extensions 4.7 (4)"];
    const { extensions } = alice.groupContext;
    const changed = extensions.map((each) =>
      each.type === draftNumbers.appDataDictionary ? appData.dictionary({ [roomName]: utf8("bye") }) : each,
    );
    const gone = extensions.filter(({ type }) => type !== draftNumbers.appDataDictionary);
    for (const next of [changed, gone]) {
      await refusedByAll(groups, [{ type: "group_context_extensions", extensions: next }], broken, { path: true });
      await refuses(bob, () => bob.commit({ extensions: next }), broken);
      await refuses(bob, () => bob.propose({ extensions: next }), broken);
    }
    await commitTo(groups, bob, { extensions: [...extensions, externalSenders([])] });
    agree(groups);
    expect(dataIn(alice, roomName)).toEqual(hello);
  });

  it("extensions 4.7 (4): none is added either", async () => {
    const required = appData.context().slice(0, 1);
    const groups = await trio({ extensions: required });
    const extensions = [...required, appData.dictionary({ [roomName]: hello })];
    await refusedByAll(
      groups,
      [{ type: "group_context_extensions", extensions }],
      ["app-data-replaced", "extensions 4.7 (4)"],
      { path: true },
    );
  });

  it("extensions 4.7 (5): a list that the component refuses is refused", async () => {
    const groups = await trio();
    const update = custom(appData.update(journal, utf8("more than eight bytes")));
    await refusedByAll(groups, [update], ["component-refused", "extensions 4.7 (5)"]);
    const [alice] = groups;
    await refuses(alice, () => alice.commit({ custom: [update] }), ["component-refused", "extensions 4.7 (5)"]);
  });

  it("extensions 4.7 (6): updates are applied behind the extensions of the same commit, in the commit's order", async () => {
    const groups = await trio({ extensions: [] });
    const [alice, bob] = groups;
    const extensions = [appData.dictionary({ [journal]: utf8("a") })];
    await commitTo(groups, alice, {
      extensions,
      custom: [appData.update(journal, utf8("b")), appData.update(roomName, hello), appData.update(journal, utf8("c"))],
    });
    expect(dataIn(bob, journal)).toEqual(utf8("abc"));
    agree(groups);
  });

  it("extensions 4.7 (7): a dictionary comes behind all other extensions, and entries in order", async () => {
    const groups = await trio({ extensions: [externalSenders([])] });
    const [alice, bob] = groups;
    await commitTo(groups, alice, { custom: [appData.update(notice, hello)] });
    await commitTo(groups, bob, { custom: [appData.update(roomName, hello)] });
    const [, dictionary, ...rest] = bob.groupContext.extensions;
    expect(rest).toEqual([]);
    expect(dictionary?.data).toEqual(Uint8Array.from([16, 0x80, 1, 5, ...hello, 0x80, 3, 5, ...hello]));
  });
});

describe("AppEphemeral", () => {
  it("extensions 4.8 (1): an AppEphemeral of a component that nobody knows is refused", async () => {
    const groups = await trio();
    const unknown = custom(appEphemeral(9, 0x9999, hello));
    await refusedByAll(groups, [unknown], ["component-unknown", "extensions 4.8 (1)"]);
  });

  it("extensions 4.8 (2): data that the component refuses is refused", async () => {
    const groups = await trio();
    const broken: Broken = ["component-refused", "extensions 4.8 (2)"];
    await refusedByAll(groups, [custom(appData.ephemeral(roomName, new Uint8Array(0)))], broken);
    await refusedByAll(groups, [custom(appData.ephemeral(journal, hello))], broken);
  });

  it("extensions 4.8 (3), extensions 4.8 (4): AppEphemerals come before AppDataUpdates, in the commit's order", async () => {
    const groups = await trio();
    const [alice, bob] = groups;
    const pending = await alice.commit({
      custom: [
        appData.ephemeral(roomName, utf8("1")),
        appData.update(roomName, hello),
        appData.ephemeral(notice, utf8("2")),
        appData.ephemeral(roomName, utf8("3")),
      ],
    });
    const [change] = (await deliver(pending.commit, groups, alice)) as [typeof pending.change];
    expect(change.custom.map(({ proposal }) => proposal.proposalType)).toEqual([9, 9, 9, 8]);
    expect(appData.ephemerals(change).map(({ componentId, data }) => [componentId, data])).toEqual([
      [roomName, utf8("1")],
      [notice, utf8("2")],
      [roomName, utf8("3")],
    ]);
    expect(appData.changes(change)).toHaveLength(1);
    expect(bob.epoch).toBe(2n);
  });
});

describe("SafeAAD", () => {
  const context = { extensions: appData.context({ safeAad: [roomName] }) };
  const bare = { authenticatedData: utf8("unsafe") };

  it("extensions 4.9 (1): no other authenticated data is taken, in any message", async () => {
    const groups = await trio(context);
    const [alice, bob] = groups;
    const broken: Broken = ["safe-aad", "extensions 4.9 (1)"];
    const application = await forge(alice, { type: "application", applicationData: hello }, bare);
    await refuses(bob, application, broken);
    const observer = await Observer.follow({
      ...trusting,
      registry,
      suite: alice.suite,
      groupInfo: await alice.groupInfo(),
    });
    expect(await brokenBy(() => observer.receive(application))).toEqual(broken);
    await refuses(bob, await forgeCommit(alice, { content: bare }), broken);
    await refuses(bob, await forgeCommit(alice, { content: bare, format: "mls_private_message" }), broken);
    const remove: Proposal = { type: "remove", removed: 2 };
    await refuses(
      bob,
      await forge(alice, { type: "proposal", proposal: remove }, { ...bare, format: "mls_public_message" }),
      broken,
    );
    const { identity } = await client("dave");
    await refuses(
      bob,
      await forgeExternalCommit(await alice.groupInfo(), identity, { content: bare, registry }),
      broken,
    );
  });

  it("extensions 4.9 (1): it is made where nothing is said, and authenticated", async () => {
    const groups = await trio(context);
    const [alice, bob] = groups;
    expect(await bob.receive(await alice.seal(hello))).toMatchObject({ authenticatedData: Uint8Array.of(0) });
    const said = appData.authenticatedData({ [roomName]: utf8("reply") });
    const event = (await bob.receive(await alice.seal(hello, { authenticatedData: said }))) as typeof bare;
    expect(appData.readAuthenticatedData(event.authenticatedData)).toEqual(new Map([[roomName, utf8("reply")]]));
    await deliver(await bob.propose({ remove: 2 }, { authenticatedData: said }), groups, bob);
    const { change } = await commitTo(groups, alice, { authenticatedData: said });
    expect(appData.readAuthenticatedData(change.authenticatedData).size).toBe(1);
    for (const send of [
      () => alice.seal(hello, bare),
      () => alice.commit(bare),
      () => alice.propose({ remove: 1 }, bare),
    ]) {
      expect(await refusal(send)).toBe("safe-aad");
    }
    expect(() => appData.authenticatedData({ [journal]: hello })).toThrow(TypeError);
  });

  it("extensions 4.9 (1): who comes from outside frames it, too", async () => {
    const server = await client("server");
    const { credential, signatureKey } = server.identity;
    const groups = await trio({
      extensions: [...context.extensions, externalSenders([{ credential, signatureKey }])],
    });
    const [alice, bob, carol] = groups;
    const outside = { identity: server.identity, senderIndex: 0, groupId: alice.id, epoch: alice.epoch };
    const change = { remove: 2 };
    const wrong = await proposeAsExternalSender({ ...outside, change });
    await refuses(bob, wrong, ["safe-aad", "extensions 4.9 (1)"]);
    const authenticatedData = appData.authenticatedData({});
    await bob.receive(await proposeAsExternalSender({ ...outside, change, authenticatedData }));
    const join = await Group.joinExternally({
      ...trusting,
      registry,
      identity: (await client("dave")).identity,
      groupInfo: await alice.groupInfo(),
      authenticatedData: appData.authenticatedData({ [roomName]: hello }),
    });
    await deliver(join.commit, groups);
    agree([alice, bob, carol, await join.complete()]);
  });

  it("extensions 4.9 (2): items are in order, each component once", async () => {
    const [alice, bob] = await trio(context);
    const [one, two] = [
      { componentId: 0x8001, data: hello },
      { componentId: 0x8003, data: hello },
    ];
    for (const items of [
      [two, one],
      [one, one],
    ]) {
      const authenticatedData = writeSafeAad(items);
      const message = await forge(alice, { type: "application", applicationData: hello }, { authenticatedData });
      await refuses(bob, message, ["safe-aad", "extensions 4.9 (2)"]);
    }
  });
});

describe("negotiation", () => {
  const list = (...ids: number[]): Uint8Array => writeNumbers("ids", ids);
  /** Carol's leaf says less than the others'. */
  async function withCarol(said: Record<number, Uint8Array>): Promise<[Group, Group, Group]> {
    const groups = await trio();
    const [, , carol] = groups;
    await commitTo(groups, carol, { leaf: { extensions: [appData.dictionary(said)] } });
    return groups;
  }

  it("extensions 5 (1): a component is not required while a member does not support it", async () => {
    const groups = await withCarol({ [components.app_components]: list(1, 2, journal) });
    const broken: Broken = ["component-unsupported", "extensions 5 (1)"];
    const require = (id: number): CustomProposal => custom(appData.update(components.app_components, list(1, 2, id)));
    await refusedByAll(groups, [require(roomName)], broken);
    const [alice, bob, carol] = groups;
    await refuses(bob, () => bob.commit({ custom: [require(roomName)] }), broken);
    await commitTo(groups, bob, { custom: [require(journal)] });
    agree(groups);
    await commitTo(groups, carol, { leaf: {} });
    await commitTo([alice, bob, carol], alice, { custom: [require(roomName)] });
    agree(groups);
  });

  it("extensions 5 (2): nor a component of SafeAAD", async () => {
    const groups = await withCarol({ [components.safe_aad]: list() });
    const require = custom(appData.update(components.safe_aad, list(roomName)));
    await refusedByAll(groups, [require], ["component-unsupported", "extensions 5 (2)"]);
  });

  it("extensions 5 (3): nor a wire format; those of the RFC need no listing", async () => {
    const { registry: both } = appDataOf({ wireFormats: [0xf101] });
    const groups = await trio({ extensions: [], registry: both });
    const [alice, bob, carol] = groups;
    await commitTo(groups, carol, {
      leaf: { extensions: [{ type: draftNumbers.supportedWireFormats, data: list() }] },
    });
    const require = (format: number): readonly Extension[] => [
      { type: draftNumbers.requiredWireFormats, data: list(format) },
    ];
    const proposals: readonly Proposal[] = [{ type: "group_context_extensions", extensions: require(0xf101) }];
    const broken: Broken = ["wire-format-unsupported", "extensions 5 (3)"];
    await refuses(bob, await forgeCommit(alice, { proposals, registry: both }), broken);
    await refuses(bob, () => bob.commit({ extensions: require(0xf101) }), broken);
    await commitTo(groups, bob, { extensions: require(2) });
    agree(groups);
  });

  it("extensions 5.1 (1), extensions 5.1 (2): GREASE components are sent where there is a dictionary, and ignored", async () => {
    const identity = await client("dave");
    const grease = { extensions: true };
    const bundle = await keyPackageOf(identity, {
      registry,
      grease,
      keyPackageExtensions: [appData.dictionary({ [roomName]: hello })],
    });
    const groups = await trio({ grease });
    const [alice, bob, carol] = groups;
    const pending = await alice.commit({
      add: [bundle.keyPackage],
      welcome: { extensions: [appData.dictionary({ [roomName]: hello })] },
    });
    await deliver(pending.commit, groups, alice);
    await alice.apply(pending);
    const dave = await Group.join({
      ...trusting,
      registry,
      identity: identity.identity,
      welcome: pending.welcome!,
      keyPackages: [bundle],
    });
    agree([alice, bob, carol, dave]);
    const { extensions } = dave.self;
    const isGrease = (id: number): boolean => (id & 0x8f0f) === 0x0a0a && id >> 8 === (id & 0xff);
    const ids = idsIn(appData.attached(extensions, components.app_components));
    expect(ids.filter(isGrease)).toHaveLength(1);
    expect(idsIn(appData.attached(extensions, components.safe_aad)).filter(isGrease)).toHaveLength(1);
    const inside = (data: Uint8Array): boolean =>
      Array.from({ length: 8 }, (_, i) => 0x0a0a + i * 0x1010).some(
        (id) => appData.attached([{ type: 6, data }], id) !== undefined,
      );
    expect(inside(extensions.find(({ type }) => type === 6)!.data)).toBe(true);
  });

  function idsIn(data: Uint8Array | undefined): readonly number[] {
    const ids: number[] = [];
    if (data === undefined) return ids;
    const start = data[0]! < 64 ? 1 : 2;
    for (let i = start; i < data.length; i += 2) ids.push(data[i]! * 256 + data[i + 1]!);
    return ids;
  }
});

describe("media types", () => {
  const text = { type: "text/plain", parameters: [{ name: "charset", value: "UTF-8" }] };
  const json = { type: "application/json", parameters: [] };
  const { registry: reading, ...typed } = appDataOf({ mediaTypes: [text, json] });
  const context = { registry: reading, extensions: typed.context({ mediaTypes: [text] }) };

  it("extensions 6.2 (1): a list of media types is not empty", async () => {
    const groups = await trio();
    const empty = custom(appData.update(components.content_media_types, Uint8Array.of(0)));
    const broken: Broken = ["extension-malformed", "extensions 6.2 (1)"];
    await refusedByAll(groups, [empty], broken);
    expect(() => appDataOf({ mediaTypes: [{ type: "text", parameters: [] }] })).toThrow(TypeError);
    expect(() => typed.context({ mediaTypes: [] })).toThrow(TypeError);
  });

  it("extensions 6.2 (2): all members read what the group requires, however it is written", async () => {
    const groups = await trio(context);
    const [alice, , carol] = groups;
    const broken: Broken = ["component-unsupported", "extensions 6.2 (2)"];
    const { keyPackage } = await keyPackageOf(await client("dave"), { registry });
    await refuses(alice, () => alice.commit({ add: [keyPackage] }), broken);
    const loud = { type: "TEXT/Plain", parameters: [{ name: "CHARSET", value: "UTF-8" }] };
    const { registry: written } = appDataOf({ mediaTypes: [loud] });
    const { keyPackage: other } = await keyPackageOf(await client("erin"), { registry: written });
    await commitTo(groups, alice, { add: [other] });
    agree(groups);
    expect(carol.size).toBe(4);
  });

  it("extensions 6.2 (2): but for those of whom the application knows it", async () => {
    const { registry: knowing } = appDataOf({ mediaTypes: [text], supportsMediaTypes: () => true });
    const groups = await trio({ ...context, registry: knowing });
    const { keyPackage } = await keyPackageOf(await client("dave"), { registry });
    await commitTo(groups, groups[0], { add: [keyPackage] });
    agree(groups);
  });

  it("extensions 6.2 (3): application data without a frame is refused", async () => {
    const [alice, bob] = await trio(context);
    for (const applicationData of [hello, new Uint8Array(0), concat(Uint8Array.of(0, 0, 1), hello)]) {
      const message = await forge(alice, { type: "application", applicationData });
      await refuses(bob, message, ["application-framing", "extensions 6.2 (3)"]);
    }
  });

  it("extensions 6.2 (4): content is of the first media type of the group, or of the one that it says", async () => {
    const [alice, bob] = await trio(context);
    expect(await bob.receive(await alice.seal(hello))).toMatchObject({ plaintext: hello, mediaType: text });
    expect(await bob.receive(await alice.seal(hello, { mediaType: json }))).toMatchObject({
      plaintext: hello,
      mediaType: json,
    });
    await expect(alice.seal(hello, { mediaType: { type: "json", parameters: [] } })).rejects.toThrow(TypeError);
    const [plain, other] = await trio();
    expect(await refusal(() => plain.seal(hello, { mediaType: json }))).toBe("application-framing");
    expect(await other.receive(await plain.seal(hello))).not.toHaveProperty("mediaType");
  });
});
