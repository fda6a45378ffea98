/**
 * Hooks of the application: what they may answer. Each hook, each wrong answer, each way in which it is asked; and each
 * time the group is byte for byte as it was.
 */

import { describe, expect, it } from "vitest";
import { hex } from "../../../src/bytes/text.ts";
import { externalSenders } from "../../../src/public-group/extensions.ts";
import { proposeToJoin } from "../../../src/group/joining/propose-to-join.ts";
import { Group } from "../../../src/group/group.ts";
import { basic, createIdentity } from "../../../src/public-group/identity.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { client, groupOf, keyPackageOf, suiteOf, trusting, type Client } from "../../group/world.ts";

/** Answers that are neither true nor false, and the same as promises. */
const plain: readonly unknown[] = [
  undefined,
  null,
  0,
  1,
  "",
  "false",
  "no",
  {},
  [],
  () => true,
  Symbol("yes"),
  new Boolean(false),
];
const answers: readonly unknown[] = [
  ...plain,
  ...plain.map((value) => Promise.resolve(value)),
  {
    then: (resolve: (value: unknown) => void) => {
      resolve("a promise of another make");
    },
  },
];

/** Hooks whose answer can be set. Until then they say what lets everything happen. */
interface Hooks {
  readonly options: GroupOptions;
  answer: { readonly hook: "validate" | "review" | "hasGroup"; readonly value: unknown } | undefined;
}

function hooks(more: Partial<GroupOptions> = {}): Hooks {
  const say = (hook: string, usual: boolean): boolean =>
    (world.answer?.hook === hook ? world.answer.value : usual) as boolean;
  const world: Hooks = {
    options: {
      authentication: { validate: () => say("validate", true) },
      review: () => say("review", true),
      hasGroup: () => say("hasGroup", false),
      handshake: "public",
      ...more,
    },
    answer: undefined,
  };
  return world;
}

interface Scene {
  readonly hooks: Hooks;
  readonly alice: Group;
  readonly bob: Group;
  readonly observer: Observer;
  readonly bobs: Client;
  readonly suite: ReturnType<typeof suiteOf>;
}

/** Alice's hooks are asked; Bob believes everybody. */
async function scene(handshake: "public" | "private" = "public"): Promise<Scene> {
  const asked = hooks({ handshake });
  const [alices, bobs] = (await Promise.all(["alice", "bob"].map((name) => client(name)))) as [Client, Client];
  const alice = await Group.create({ ...asked.options, identity: alices.identity });
  const bundle = await keyPackageOf(bobs);
  const pending = await alice.commit({ add: [bundle.keyPackage] });
  await alice.apply(pending);
  const bob = await Group.join({
    ...trusting,
    handshake,
    identity: bobs.identity,
    welcome: pending.welcome!,
    keyPackages: [bundle],
  });
  const groupInfo = await bob.groupInfo();
  const observer = await Observer.follow({ ...asked.options, suite: suiteOf(), groupInfo });
  return { hooks: asked, alice, bob, observer, bobs, suite: suiteOf() };
}

/** What is done again and again, with each answer; it must be possible to do it once more, with a good one. */
interface Way {
  readonly hook: "validate" | "review" | "hasGroup";
  readonly prepare: (scene: Scene) => Promise<() => Promise<unknown>>;
}

const another = async (name: string): Promise<Awaited<ReturnType<typeof createIdentity>>> =>
  createIdentity({ suite: suiteOf(), credential: basic(name) });

const ways: Readonly<Record<string, Way>> = {
  "an Add of another's": {
    hook: "validate",
    prepare: async ({ alice, bob }) => {
      const { keyPackage } = await keyPackageOf(await client("carol"));
      const proposal = await bob.propose({ add: keyPackage });
      return () => alice.receive(proposal);
    },
  },
  "an Add of a new member's": {
    hook: "validate",
    prepare: async ({ alice }) => {
      const { identity } = await client("carol");
      const keyPackage = await keyPackageOf({ name: "carol", identity });
      const proposal = await proposeToJoin({ groupId: alice.id, epoch: alice.epoch, identity, keyPackage });
      return () => alice.receive(proposal);
    },
  },
  "an Add of one's own": {
    hook: "validate",
    prepare: async ({ alice }) => {
      const { keyPackage } = await keyPackageOf(await client("carol"));
      return () => alice.propose({ add: keyPackage });
    },
  },
  "an Update to another identity": {
    hook: "validate",
    prepare: async ({ alice, bob }) => {
      const proposal = await bob.propose({ update: { identity: await another("bobby") } });
      return () => alice.receive(proposal);
    },
  },
  "a commit's path with another identity": {
    hook: "validate",
    prepare: async ({ alice, bob }) => {
      const { commit } = await bob.commit({ identity: await another("bobby") });
      return () => alice.receive(commit);
    },
  },
  "a commit with an Add by value": {
    hook: "validate",
    prepare: async ({ alice, bob }) => {
      const { keyPackage } = await keyPackageOf(await client("carol"));
      const { commit } = await bob.commit({ add: [keyPackage] });
      return () => alice.receive(commit);
    },
  },
  "a commit of one's own with an Add": {
    hook: "validate",
    prepare: async ({ alice }) => {
      const { keyPackage } = await keyPackageOf(await client("carol"));
      return () => alice.commit({ add: [keyPackage] });
    },
  },
  "an external commit": {
    hook: "validate",
    prepare: async ({ alice }) => {
      const { identity } = await client("carol");
      const { commit } = await Group.joinExternally({ ...trusting, identity, groupInfo: await alice.groupInfo() });
      return () => alice.receive(commit);
    },
  },
  "an external sender that a commit brings": {
    hook: "validate",
    prepare: async ({ alice, bob }) => {
      const { credential, signatureKey } = (await client("server")).identity;
      const { commit } = await bob.commit({ extensions: [externalSenders([{ credential, signatureKey }])] });
      return () => alice.receive(commit);
    },
  },
  "a member of a group that is joined from outside": {
    hook: "validate",
    prepare: async ({ hooks: { options }, bob }) => {
      const { identity } = await client("carol");
      const groupInfo = await bob.groupInfo();
      return () => Group.joinExternally({ ...options, identity, groupInfo });
    },
  },
  "a member of a group that is followed": {
    hook: "validate",
    prepare: async ({ hooks: { options }, bob, suite }) => {
      const groupInfo = await bob.groupInfo();
      return () => Observer.follow({ ...options, suite, groupInfo });
    },
  },
  "a member of a group that is joined": {
    hook: "validate",
    prepare: async ({ hooks: { options }, bob }) => joining(options, bob),
  },
  "a group id of a Welcome": {
    hook: "hasGroup",
    prepare: async ({ hooks: { options }, bob }) => joining(options, bob),
  },
  "a group id of a GroupInfo": {
    hook: "hasGroup",
    prepare: async ({ hooks: { options }, bob }) => {
      const { identity } = await client("carol");
      const groupInfo = await bob.groupInfo();
      return () => Group.joinExternally({ ...options, identity, groupInfo });
    },
  },
  "another's commit": {
    hook: "review",
    prepare: async ({ alice, bob }) => {
      const { commit } = await bob.commit();
      return () => alice.receive(commit);
    },
  },
  "a commit of one's own": {
    hook: "review",
    prepare: ({ alice }) => Promise.resolve(() => alice.commit()),
  },
  "an external commit that is reviewed": {
    hook: "review",
    prepare: async ({ alice, bob }) => {
      const { identity } = await client("carol");
      const { commit } = await Group.joinExternally({ ...trusting, identity, groupInfo: await bob.groupInfo() });
      return () => alice.receive(commit);
    },
  },
  "an observed commit": {
    hook: "review",
    prepare: async ({ observer, bob }) => {
      const { commit } = await bob.commit();
      return () => observer.receive(commit);
    },
  },
  "an observed Add": {
    hook: "validate",
    prepare: async ({ observer, bob }) => {
      const { keyPackage } = await keyPackageOf(await client("carol"));
      const proposal = await bob.propose({ add: keyPackage });
      return () => observer.receive(proposal);
    },
  },
};

/** Joining with one key package, which no refusal may use up. */
async function joining(options: GroupOptions, bob: Group): Promise<() => Promise<unknown>> {
  const { identity } = await client("carol");
  const bundle = await keyPackageOf({ name: "carol", identity });
  const { welcome } = await bob.commit({ add: [bundle.keyPackage] });
  return () => Group.join({ ...options, identity, welcome: welcome!, keyPackages: [bundle] });
}

describe("the answer of a hook", () => {
  it.each(Object.entries(ways))("is yes or no, about %s", async (_, { hook, prepare }) => {
    const world = await scene();
    const act = await prepare(world);
    const state = (): string => [world.alice, world.bob, world.observer].map((each) => hex(each.snapshot())).join();
    const before = state();
    for (const value of answers) {
      world.hooks.answer = { hook, value };
      await expect(act()).rejects.toThrow(new TypeError(`${hook} must answer with true or false`));
      expect(state()).toBe(before);
    }
    const refuses = hook === "hasGroup";
    for (const value of [refuses, Promise.resolve(refuses)]) {
      world.hooks.answer = { hook, value };
      await expect(act()).rejects.toMatchObject({ name: "CopseError" });
      expect(state()).toBe(before);
    }
    world.hooks.answer = { hook, value: Promise.resolve(!refuses) };
    await act();
  });

  it("is yes or no, about a private commit, of which no key is used up", async () => {
    const { hooks: asked, alice, bob } = await scene("private");
    const { commit } = await bob.commit();
    const before = hex(alice.snapshot());
    for (const value of answers) {
      asked.answer = { hook: "review", value };
      await expect(alice.receive(commit)).rejects.toThrow(TypeError);
      expect(hex(alice.snapshot())).toBe(before);
    }
    asked.answer = undefined;
    expect(await alice.receive(commit)).toMatchObject({ kind: "commit" });
  });

  it("is yes or no, and comes at once, about which proposals to commit", async () => {
    const { alice, bob } = await scene();
    await alice.receive(await bob.propose({ update: {} }));
    const before = hex(alice.snapshot());
    for (const value of [...answers, Promise.resolve(true)]) {
      await expect(alice.commit({ pending: () => value as boolean })).rejects.toThrow(TypeError);
      expect(hex(alice.snapshot())).toBe(before);
    }
    expect((await alice.commit({ pending: () => true })).change.updated).toHaveLength(2);
  });

  it("is yes or no, about types of the application's own", async () => {
    let answer: unknown;
    const isValid = (): boolean => answer as boolean;
    const place = { type: 0xf100, places: ["group_context"] as const, isValid };
    const proposal = {
      type: 0xf101,
      pathRequired: false,
      external: false,
      externalCommit: false,
      after: "psk" as const,
    };
    const registry = { extensions: [place], proposals: [{ ...proposal, isValid }] };
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const [alice] = (await groupOf(clients, { registry })) as [Group];
    const before = hex(alice.snapshot());
    const extension = { type: place.type, data: new Uint8Array(1) };
    for (answer of answers) {
      const custom = { proposalType: proposal.type, body: new Uint8Array(1) };
      await expect(alice.propose({ custom })).rejects.toThrow(TypeError);
      await expect(alice.commit({ extensions: [extension] })).rejects.toThrow(TypeError);
      expect(hex(alice.snapshot())).toBe(before);
    }
  });

  it("is what the provider says of a signature, and only true is a yes", async () => {
    const suite = suiteOf();
    let answer: unknown = true;
    const odd = { ...suite, verify: () => answer as boolean };
    const [alices, bobs] = (await Promise.all(["alice", "bob"].map((name) => client(name, odd)))) as [Client, Client];
    const [alice, bob] = (await groupOf([alices, bobs], { handshake: "public" })) as [Group, Group];
    const { commit } = await bob.commit();
    for (answer of [1, "yes", {}, [], undefined]) {
      await expect(alice.receive(commit)).rejects.toMatchObject({ code: "message-signature" });
    }
    answer = true;
    await alice.receive(commit);
  });
});
