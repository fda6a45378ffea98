import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { encode } from "../../../src/codec/codec.ts";
import { Group, type JoinOptions } from "../../../src/group/group.ts";
import { restoreKeyPackage, type KeyPackageBundle } from "../../../src/group/joining/key-package-bundle.ts";
import type { Candidate } from "../../../src/public-group/options/settings.ts";
import { decodeMessage, encodeMessage } from "../../../src/wire/message.ts";
import { Welcome } from "../../../src/wire/welcome.ts";
import { LiveSecrets } from "../../schedule/live-secrets.ts";
import { agree, talk } from "../agreement.ts";
import { failure, refusal } from "../refusal.ts";
import { client, commitTo, groupOf, keyPackageOf, suiteOf, trusting, type Client } from "../world.ts";
import { resealed } from "../../rfc/sealing.ts";

interface Invitation {
  readonly groups: Group[];
  readonly bob: Client;
  readonly bundle: KeyPackageBundle;
  readonly welcome: Uint8Array;
}

async function invitation(options: Parameters<Group["commit"]>[0] = {}): Promise<Invitation> {
  const groups = await groupOf([await client("alice"), await client("carol")]);
  const bob = await client("bob");
  const bundle = await keyPackageOf(bob);
  const { welcome } = await commitTo(groups, groups[0]!, { add: [bundle.keyPackage], ...options });
  return { groups, bob, bundle, welcome: welcome! };
}

function joining({ bob, bundle, welcome }: Invitation, options: Partial<JoinOptions> = {}): Promise<Group> {
  return Group.join({ ...trusting, identity: bob.identity, welcome, keyPackages: [bundle], ...options });
}

describe("a join by Welcome", () => {
  it.each([true, false])("brings a member into the epoch of its commit (with a path: %s)", async (path) => {
    const invited = await invitation({ path });
    const joined = await joining(invited);
    agree([...invited.groups, joined]);
    await talk([...invited.groups, joined]);
    for (const by of [joined, invited.groups[0]!]) await commitTo([...invited.groups, joined], by);
    agree([...invited.groups, joined]);
  });

  it("asks the application about every member, and takes no for an answer", async () => {
    const invited = await invitation();
    const asked: Candidate[] = [];
    let allowed = 2;
    const authentication = { validate: (candidate: Candidate) => asked.push(candidate) <= allowed };
    expect(await refusal(() => joining(invited, { authentication }))).toBe("credential-invalid");
    allowed = Infinity;
    asked.length = 0;
    const joined = await joining(invited, { authentication });
    expect(asked.map(({ reason }) => reason)).toEqual(["join", "join", "join"]);
    expect(asked.map(({ signatureKey }) => signatureKey)).toEqual([...joined.members].map((one) => one.signatureKey));
    expect(asked.every(({ groupId }) => groupId.join() === joined.id.join())).toBe(true);
  });

  it("finds the tree inside the Welcome or beside it (section 12.4.3.3)", async () => {
    const invited = await invitation({ welcome: { ratchetTree: false } });
    const [alice] = invited.groups as [Group];
    const ratchetTree = alice.ratchetTree();
    expect(await refusal(() => joining(invited))).toBe("tree-missing");
    const other = (await groupOf([await client("x"), await client("y")]))[0]!;
    expect(await refusal(() => joining(invited, { ratchetTree: other.ratchetTree() }))).toBe("tree-hash");
    for (let at = 8; at < ratchetTree.length; at += 41) {
      const forged = ratchetTree.slice();
      forged[at]! ^= 1;
      expect(["tree-hash", "tree-malformed", "limit-exceeded"].concat(decodings)).toContain(
        await refusal(() => joining(invited, { ratchetTree: forged })),
      );
    }
    await commitTo(invited.groups, alice);
    expect(await refusal(() => joining(invited, { ratchetTree: alice.ratchetTree() }))).toBe("tree-hash");
    const joined = await joining(invited, { ratchetTree });
    expect(joined.epoch).toBe(2n);
  });

  it("uses a key package once, or as often as a last resort", async () => {
    const first = await invitation();
    await joining(first);
    expect(await refusal(() => joining(first))).toBe("key-package-unknown");
    expect(await refusal(() => first.bundle.toBytes())).toBe("secret-wiped");
    const bob = await client("bob");
    const bundle = await keyPackageOf(bob, { lastResort: true });
    for (let i = 0; i < 2; i++) {
      const groups = await groupOf([await client("alice")]);
      const { welcome } = await commitTo(groups, groups[0]!, { add: [bundle.keyPackage] });
      const joined = await joining({ groups, bob, bundle, welcome: welcome! });
      agree([...groups, joined]);
    }
  });

  it("is one of any number that are tried at once", async () => {
    const invited = await invitation({ path: true });
    const live = new LiveSecrets();
    const tried = await Promise.allSettled([1, 2, 3, 4].map(() => joining(invited)));
    const joined = tried.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(joined.length).toBe(1);
    for (const outcome of tried) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "key-package-unknown" });
    }
    joined[0]!.wipe();
    expect(live.names()).toEqual([]);
    live.stop();
  });

  it("looks key packages up in a list, in a function, and among those of other identities", async () => {
    const others = await Promise.all(["x", "y"].map(async (name) => keyPackageOf(await client(name))));
    const groups = await groupOf([await client("alice")]);
    const bob = await client("bob");
    const dave = await client("dave");
    const bundles = [await keyPackageOf(dave), await keyPackageOf(bob)];
    const { welcome } = await commitTo(groups, groups[0]!, { add: bundles.map(({ keyPackage }) => keyPackage) });
    const all = [...others, ...bundles];
    const stored = new Map(all.map((bundle) => [bundle.ref.join(), bundle.toBytes()]));
    const lookUp = async (ref: Uint8Array): Promise<KeyPackageBundle | undefined> => {
      await Promise.resolve();
      const bytes = stored.get(ref.join());
      return bytes && restoreKeyPackage(suiteOf(), bytes);
    };
    const options = { ...trusting, welcome: welcome! };
    const joined = await Group.join({ ...options, identity: bob.identity, keyPackages: lookUp });
    expect(joined.self.credential).toEqual(bob.identity.credential);
    const second = await Group.join({ ...options, identity: dave.identity, keyPackages: all });
    agree([...groups, joined, second]);
    expect(await refusal(() => Group.join({ ...options, identity: bob.identity, keyPackages: others }))).toBe(
      "welcome-not-for-us",
    );
    const nothing = (): undefined => undefined;
    expect(await refusal(() => Group.join({ ...options, identity: bob.identity, keyPackages: nothing }))).toBe(
      "welcome-not-for-us",
    );
    const erin = await client("erin");
    const foreign = { ...options, identity: erin.identity, keyPackages: lookUp };
    expect(await failure(() => Group.join(foreign))).toBeInstanceOf(TypeError);
    const made = { ref: bundles[1]!.ref } as KeyPackageBundle;
    expect(
      await failure(() => Group.join({ ...options, identity: bob.identity, keyPackages: () => made })),
    ).toBeInstanceOf(TypeError);
  });

  it("looks up no more entries than a commit may add members, and in a list those alone that it has", async () => {
    const [alice] = (await groupOf([await client("alice")])) as [Group];
    const bundles: KeyPackageBundle[] = [];
    for (const name of ["bob", "carol", "dave"]) bundles.push(await keyPackageOf(await client(name)));
    const erin = await client("erin");
    const bundle = await keyPackageOf(erin);
    const add = [...bundles, bundle].map(({ keyPackage }) => keyPackage);
    const { welcome } = await commitTo([alice], alice, { add });
    const join = { ...trusting, identity: erin.identity, welcome: welcome!, limits: { proposals: 3 } };
    const asked: Uint8Array[] = [];
    const lookUp = (ref: Uint8Array): undefined => void asked.push(ref);
    expect(await refusal(() => Group.join({ ...join, keyPackages: lookUp }))).toBe("limit-exceeded");
    expect(asked).toEqual(bundles.map(({ ref }) => ref));
    agree([alice, await Group.join({ ...join, keyPackages: [bundle] })]);
  });

  it("looks each entry up once, and none that can be no KeyPackageRef of the suite", async () => {
    const invited = await invitation();
    const message = decodeMessage(invited.welcome);
    if (message.wireFormat !== "mls_welcome") throw new TypeError("a Welcome was expected");
    const { welcome } = message;
    const [own] = welcome.secrets as [Welcome["secrets"][number]];
    const named = (length: number) => ({ ...own, newMember: new Uint8Array(length).fill(7) });
    const secrets = [named(0), named(31), named(33), named(32), named(32), own, own];
    const asked: Uint8Array[] = [];
    const keyPackages = (ref: Uint8Array): KeyPackageBundle | undefined => {
      asked.push(ref);
      return ref.join() === invited.bundle.ref.join() ? invited.bundle : undefined;
    };
    const padded = encodeMessage({ ...message, welcome: { ...welcome, secrets } });
    agree([...invited.groups, await joining({ ...invited, welcome: padded }, { keyPackages })]);
    expect(asked).toEqual([named(32).newMember, own.newMember]);
  });

  it("is refused for a Welcome that was tampered with, wherever, and the key package is still good", async () => {
    const invited = await invitation();
    const { welcome } = invited;
    for (let at = 0; at < welcome.length; at += at < 60 ? 1 : 23) {
      const forged = welcome.slice();
      forged[at]! ^= 1 << (at % 8);
      const code = await refusal(() => joining({ ...invited, welcome: forged }));
      expect([
        "welcome-not-for-us",
        "welcome-open",
        "welcome-suite",
        "not-a-group-message",
        "limit-exceeded",
        "proposal-unknown-type",
        ...decodings,
      ]).toContain(code);
    }
    for (let length = 0; length < welcome.length; length += 37) {
      const cut = welcome.subarray(0, length);
      expect(decodings).toContain(await refusal(() => joining({ ...invited, welcome: cut })));
    }
    agree([...invited.groups, await joining(invited)]);
  });

  it("is refused for a Welcome of another suite, or one whose keys were swapped", async () => {
    const invited = await invitation();
    const message = decodeMessage(invited.welcome);
    if (message.wireFormat !== "mls_welcome") throw new TypeError("a Welcome was expected");
    const forged = (change: Partial<Welcome>): Uint8Array =>
      encodeMessage({ wireFormat: "mls_welcome", welcome: { ...message.welcome, ...change } });
    expect(await refusal(() => joining({ ...invited, welcome: forged({ cipherSuite: 3 }) }))).toBe("welcome-suite");
    expect(await refusal(() => joining({ ...invited, welcome: forged({ secrets: [] }) }))).toBe("welcome-not-for-us");
    const other = await invitation();
    const others = decodeMessage(other.welcome);
    if (others.wireFormat !== "mls_welcome") throw new TypeError("a Welcome was expected");
    const { encryptedGroupInfo } = others.welcome;
    expect(await refusal(() => joining({ ...invited, welcome: forged({ encryptedGroupInfo }) }))).toBe("welcome-open");
    expect(encode(Welcome, message.welcome).length).toBe(invited.welcome.length - 4);
  });

  it("is not of a message that is no Welcome", async () => {
    const invited = await invitation();
    for (const welcome of [invited.bundle.keyPackage, await invited.groups[0]!.groupInfo()]) {
      expect(await refusal(() => joining({ ...invited, welcome }))).toBe("not-a-group-message");
    }
    expect(await refusal(() => joining({ ...invited, welcome: utf8("hello") }))).toBe("decode-version");
  });

  it("leaves the leaf that it was, where the member was removed before it came", async () => {
    const invited = await invitation();
    const late = await joining(invited);
    const { commit } = await commitTo(invited.groups, invited.groups[1]!, { remove: [late.self.leafIndex] });
    expect((await late.receive(commit)).kind).toBe("removed");
  });
});

const decodings = [
  "decode-truncated",
  "decode-trailing",
  "decode-length",
  "decode-presence",
  "decode-value",
  "decode-version",
];

describe("a Welcome is opened with a key package", () => {
  it("of its own suite, which is the identity's (section 12.4.3.1)", async () => {
    // Suites 1 and 3 have the same curves and hash: their keys and refs look the same.
    const [one, three] = [suiteOf(1), suiteOf(3)];
    const bob = await client("bob", three);
    const bundle = await keyPackageOf(bob);
    const [alice] = (await groupOf([await client("alice", three)])) as [Group];
    const { welcome } = await commitTo([alice], alice, { add: [bundle.keyPackage] });
    const identity = { ...bob.identity, suite: one };
    const join = { ...trusting, identity, keyPackages: [bundle] };
    expect(await refusal(() => Group.join({ ...join, welcome: welcome! }))).toBe("welcome-suite");
    const decoded = decodeMessage(welcome!);
    if (decoded.wireFormat !== "mls_welcome") throw new TypeError("a Welcome was expected");
    const renamed = encodeMessage({ ...decoded, welcome: { ...decoded.welcome, cipherSuite: 1 } });
    expect(await refusal(() => Group.join({ ...join, welcome: renamed }))).toBe("welcome-suite");
  });

  it("with PSKs whose nonces are as long as they must be (valn0803)", async () => {
    const psk = new Uint8Array(32).fill(5);
    const [alice] = (await groupOf([await client("alice")])) as [Group];
    const bob = await client("bob");
    const bundle = await keyPackageOf(bob);
    const { welcome } = await commitTo([alice], alice, { add: [bundle.keyPackage] });
    const id = { type: "external", pskId: new Uint8Array([1]), pskNonce: new Uint8Array(5) } as const;
    const forged = await resealed(alice, bundle, welcome!, { psks: [{ id, psk }] });
    const join = { ...trusting, psks: () => psk, identity: bob.identity, keyPackages: [bundle], welcome: forged };
    expect(await refusal(() => Group.join(join))).toBe("psk-nonce-length");
  });

  it("into a branch of any epoch whose PSK is still there (section 11.3)", async () => {
    const clients = [await client("alice"), await client("bob")] as const;
    const groups = (await groupOf(clients)) as [Group, Group];
    const bundle = await keyPackageOf(clients[1]);
    const { group, pending } = await groups[0].branch({ keyPackages: [bundle.keyPackage] });
    await group.apply(pending);
    await commitTo(groups, groups[1]);
    const { identity } = clients[1];
    const join = { ...trusting, identity, welcome: pending.welcome!, keyPackages: [bundle], previous: groups[1] };
    agree([group, await Group.join(join)]);
  });
});
