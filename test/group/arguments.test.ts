import { beforeAll, describe, expect, it } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { Group } from "../../src/group/group.ts";
import { createKeyPackage, importKeyPackage } from "../../src/group/joining/key-package.ts";
import { createIdentity } from "../../src/public-group/identity.ts";
import { optionsOf } from "./options-of.ts";
import { failure } from "./refusal.ts";
import { client, groupOf, suiteOf, trusting } from "./world.ts";

/** Public functions that take an object of options, by the type of it in docs/api.d.ts; `base` is what must be there. */
interface Call {
  readonly type: string;
  readonly base: Readonly<Record<string, unknown>>;
  readonly call: (options: never) => Promise<unknown>;
}

let alice: Group;
let calls: readonly Call[];
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
    expect(checked).toBeGreaterThan(130);
    expect(hex(alice.snapshot())).toBe(before);
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
