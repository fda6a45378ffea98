import { beforeAll, describe, expect, it } from "vitest";
import { constantTimeEqual } from "../../src/bytes/compare.ts";
import { hex } from "../../src/bytes/text.ts";
import { Group } from "../../src/group/group.ts";
import { createKeyPackage, importKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import { createIdentity } from "../../src/public-group/identity.ts";
import { Call } from "../../src/call/call.ts";
import { createFrameEngine } from "../../src/call/engine/engine.ts";
import { protect } from "../../src/call/transforms/protect.ts";
import { MlsSFrame } from "../../src/sframe/mls.ts";
import { SFrameRatchetReceiver } from "../../src/sframe/ratchet-receiver.ts";
import { SFrameRatchetSender } from "../../src/sframe/ratchet-sender.ts";
import { SFrameReceiver } from "../../src/sframe/receiver.ts";
import { SFrameSender } from "../../src/sframe/sender.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { createReceipts } from "../../src/extensions/app-ack/receipts.ts";
import { nativeBackend } from "../../src/call/native/backend.ts";
import { createAppData } from "../../src/extensions/app-data/app-data.ts";
import { proposeToJoin } from "../../src/group/joining/propose-to-join.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { proposeAsExternalSender } from "../../src/public-group/proposals/external-proposal.ts";
import { inspectMessage } from "../../src/public-group/unverified/inspect.ts";
import { optionsOf, optionTypes } from "./options-of.ts";
import { failure } from "./refusal.ts";
import { client, groupOf, suiteOf, trusting } from "./world.ts";

/** Whatever it is asked for, it is a function. */
const anyMethods = (...names: string[]): object => Object.fromEntries(names.map((name) => [name, () => undefined]));

/** Public functions that take an object of options, by the type of it in docs/api.d.ts; `base` is what must be there. */
interface Taking {
  readonly type: string;
  readonly base: Readonly<Record<string, unknown>>;
  readonly call: (options: never) => Promise<unknown>;
}

const four = sframeSuite(4);
const sending = { suite: four, kid: 1n, baseKey: new Uint8Array(16) };
const connection = {
  ...anyMethods("addTrack", "addTransceiver", "addEventListener"),
  getTransceivers: (): readonly unknown[] => [],
};

/** Types of options that are asked elsewhere, or only a part of others. */
const elsewhere: Readonly<Record<string, string>> = {
  GroupOptions: "a part of CreateOptions and others",
  LeafOptions: "a part of KeyPackageOptions, and of commit.leaf",
  WorkerEngineOptions: "a part of WorkerBackendOptions",
  CallGroupOptions: "a part of StartOptions",
  ObserverRecordsOptions: "Observer.restore, as ObserverSnapshotOptions",
  ReadOptions: "of the decoder that a custom type is given",
  WebCryptoOptions: "test/sframe/suites.test.ts: its names; what it holds is the platform's",
  WorkerBackendOptions: "test/call/transforms/transforms.test.ts",
  StartOptions: "test/call/group/bytes.test.ts and call-group.test.ts, as far as they go",
  SFrameTransformOptions: "the browser's",
  TsMlsSourceOptions: "test/adapters/ts-mls.test.ts",
};

const appData = createAppData({ components: [] });
let alice: Group;
let calls: readonly Taking[];
beforeAll(async () => {
  [alice] = (await groupOf([await client("alice")])) as [Group];
  const { identity } = alice;
  const any = new Uint8Array(1);
  const group = { ...trusting, identity };
  calls = [
    { type: "CreateOptions", base: group, call: (options) => Group.create(options) },
    { type: "JoinOptions", base: { ...group, welcome: any, keyPackages: [] }, call: (options) => Group.join(options) },
    {
      type: "JoinExternallyOptions",
      base: { ...group, groupInfo: any },
      call: (options) => Group.joinExternally(options),
    },
    { type: "RestoreOptions", base: group, call: (options) => Group.restore(options) },
    { type: "CommitOptions", base: {}, call: (options) => alice.commit(options) },
    { type: "SealOptions", base: {}, call: (options) => alice.seal(any, options) },
    { type: "GroupInfoContents", base: {}, call: (options) => alice.groupInfo(options) },
    { type: "LinkOptions", base: { keyPackages: [] }, call: (options) => alice.branch(options) },
    { type: "KeyPackageOptions", base: { identity }, call: (options) => createKeyPackage(options) },
    {
      type: "FollowOptions",
      base: { ...trusting, suite: suiteOf(), groupInfo: any },
      call: (options) => Observer.follow(options),
    },
    {
      type: "ObserverSnapshotOptions",
      base: { ...trusting, suite: suiteOf() },
      call: (options) => Promise.resolve(Observer.restore(options)),
    },
    {
      type: "ExternalProposalOptions",
      base: { identity, groupId: any, epoch: 0n, senderIndex: 0, change: { remove: 0 } },
      call: (options) => proposeAsExternalSender(options),
    },
    {
      type: "JoinProposalOptions",
      base: { identity, groupId: any, epoch: 0n, keyPackage: anyMethods("toBytes") },
      call: (options) => proposeToJoin(options),
    },
    { type: "UnverifiedOptions", base: {}, call: (options) => Promise.resolve(inspectMessage(any, options)) },
    { type: "AppDataOptions", base: { components: [] }, call: (options) => Promise.resolve(createAppData(options)) },
    { type: "ContextOptions", base: {}, call: (options) => Promise.resolve(appData.context(options)) },
    {
      type: "CallOptions",
      base: { source: alice, backend: anyMethods("post", "onEvent", "close") },
      call: (options) => Promise.resolve(new Call(options)),
    },
    { type: "FrameEngineOptions", base: {}, call: (options) => Promise.resolve(createFrameEngine(options)) },
    { type: "NativeBackendOptions", base: {}, call: (options) => Promise.resolve(nativeBackend(options)) },
    { type: "ReceiptsOptions", base: { self: 0 }, call: (options) => Promise.resolve(createReceipts(options)) },
    { type: "SFrameSenderOptions", base: sending, call: (options) => Promise.resolve(new SFrameSender(options)) },
    {
      type: "ReceivingOptions",
      base: { suite: four },
      call: (options) => Promise.resolve(new SFrameReceiver(options)),
    },
    {
      type: "SFrameRatchetSenderOptions",
      base: { suite: four, stepBits: 4, baseKey: sending.baseKey },
      call: (options) => Promise.resolve(new SFrameRatchetSender(options)),
    },
    {
      type: "SFrameRatchetReceiverOptions",
      base: { suite: four, stepBits: 4 },
      call: (options) => Promise.resolve(new SFrameRatchetReceiver(options)),
    },
    {
      type: "MlsSFrameOptions",
      base: { suite: four, epochBits: 8 },
      call: (options) => Promise.resolve(new MlsSFrame(options)),
    },
    {
      type: "TrackOptions",
      base: { track: "out", kind: "audio" },
      call: (options) => Promise.resolve(createFrameEngine({}).outgoing(options)),
    },
    {
      type: "IncomingOptions",
      base: { track: "in", kind: "audio", deliver: () => undefined },
      call: (options) => Promise.resolve(createFrameEngine({}).incoming(options)),
    },
    {
      type: "ProtectOptions",
      base: {},
      call: (options) => Promise.resolve(protect(connection as never, anyMethods("attach") as never, options)),
    },
    {
      type: "KeyPackageImport",
      base: { suite: suiteOf(), keyPackage: any, initPrivateKey: any, encryptionPrivateKey: any },
      call: (options) => importKeyPackage(options),
    },
  ];
});

describe("every option of every operation of a member", () => {
  it("is named where it is mistyped, unknown or missing, and nothing has changed", async () => {
    const before = hex(alice.snapshot());
    let checked = 0;
    for (const { type, base, call } of calls) {
      const fails = async (options: object, name: string): Promise<void> => {
        const error = await failure(() => call(options as never));
        expect(error, `${type}.${name}`).toBeInstanceOf(TypeError);
        expect((error as TypeError).message, `${type}.${name}`).toContain(name);
        checked++;
      };
      // As docs/api.d.ts says: an option that is added there without a check fails here.
      const names = optionsOf(type);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) await fails({ ...base, [name]: Symbol("no option takes this") }, name);
      for (const name of Object.keys(base)) await fails({ ...base, [name]: undefined }, name);
      await fails({ ...base, adds: [] }, "adds");
      for (const none of [7, "text", null, []]) {
        expect(await failure(() => call(none as never)), type).toBeInstanceOf(TypeError);
      }
    }
    expect(checked).toBeGreaterThan(250);
    expect(hex(alice.snapshot())).toBe(before);
  });

  it("is of a type that is here, or somewhere that is said, for every type of options of the engine and of calls", () => {
    const entries = [
      "",
      "/observer",
      "/extensions",
      "/sframe",
      "/call",
      "/call/group",
      "/call/native",
      "/adapters/ts-mls",
    ];
    const types = optionTypes(...entries.map((entry) => `copse${entry}`));
    expect(types.length).toBeGreaterThan(30);
    const asked = new Set([...calls.map(({ type }) => type), ...Object.keys(elsewhere)]);
    expect(types.filter((type) => !asked.has(type))).toEqual([]);
    expect(Object.keys(elsewhere).filter((type) => !types.includes(type))).toEqual([]);
  });

  it("what stands in lists and objects is named with its place", async () => {
    const { identity } = alice;
    const create = (options: object): unknown => Group.create({ ...trusting, identity, ...options });
    const commit = (options: object): unknown => alice.commit(options);
    const places: readonly (readonly [() => unknown, string])[] = [
      [() => commit({ add: [5] }), "commit.add[0] must be a Uint8Array"],
      [() => commit({ remove: [0, -1] }), "commit.remove[1] must be a whole number"],
      [() => commit({ psks: [{}] }), "commit.psks[0].type must be"],
      [
        () => commit({ psks: [{ type: "external", pskid: 1 }] }),
        "commit.psks[0] has no option pskid: it takes type, pskId",
      ],
      [() => commit({ extensions: [{ typ: 1 }] }), "commit.extensions[0] has no option typ"],
      [() => commit({ leaf: { capabilities: { version: [] } } }), "commit.leaf.capabilities has no option version"],
      [() => commit({ groupInfo: { tree: true } }), "commit.groupInfo has no option tree"],
      [() => create({ window: { epoch: 3 } }), "Group.create.window has no option epoch"],
      [() => create({ limits: { leaves: "many" } }), "Group.create.limits.leaves must be a whole number"],
      [() => create({ lifetime: { checkAdds: 1 } }), "Group.create.lifetime.checkAdds must be true or false"],
      [() => create({ registry: { extensions: [{}] } }), "Group.create.registry.extensions[0].type must be"],
      [() => create({ padding: { kind: "multiple" } }), "Group.create.padding.of must be"],
      [() => alice.seal(new Uint8Array(1), { padding: { kind: "some" } } as never), "seal.padding.kind must be"],
      [
        () => createIdentity({ suite: suiteOf(), credential: { type: 1 } } as never),
        "createIdentity.credential.data must be",
      ],
      [() => constantTimeEqual("ab" as never, "cd" as never), "a and b must be Uint8Arrays"],
    ];
    for (const [call, words] of places) {
      const error = await failure(call);
      expect(error, words).toBeInstanceOf(TypeError);
      expect(String(error)).toContain(words);
    }
  });

  it("a commit with a misspelt option is none", async () => {
    const [group] = (await groupOf([await client("alice")])) as [Group];
    const error = await failure(() => group.commit({ adds: [] } as never));
    expect(String(error)).toMatch(/^TypeError: commit has no option adds: it takes add, remove, psks/);
    expect(group.pendingCommit).toBeUndefined();
  });

  it("a proposal with a misspelt or mistyped option is none", async () => {
    const [group] = (await groupOf([await client("alice"), await client("bob")])) as [Group];
    for (const options of [{ authenticated: new Uint8Array(1) }, { authenticatedData: "text" }, null, []]) {
      const error = await failure(() => group.propose({ update: {} }, options as never));
      expect(String(error)).toMatch(/^TypeError: propose/);
    }
    expect(group.pendingProposals).toEqual([]);
  });

  it("a credential is no string", async () => {
    const error = await failure(() => createIdentity({ suite: suiteOf(), credential: "alice" as never }));
    expect(String(error)).toBe("TypeError: createIdentity.credential must be an object, as basic(name) gives");
  });
});
