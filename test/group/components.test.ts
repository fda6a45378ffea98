/**
 * The safe application interface of a member: secrets that are given once, signatures and decryption, each under the id of the
 * component that asks. draft-ietf-mls-extensions sections 4.1 to 4.4.
 */

import { createPublicKey, verify } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { encryptWithLabel, signWithLabel } from "../../src/crypto/labels.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import { Group } from "../../src/group/group.ts";
import { unwrap, wrap } from "../../src/public-group/records/envelope.ts";
import { readGroupInfo } from "../../src/public-group/unverified/group-info.ts";
import { componentLabel } from "../../src/wire/component-label.ts";
import { providers } from "../crypto/providers.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import * as longhand from "../schedule/safe-longhand.ts";
import { counts, watched } from "./epoch-secrets.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "./world.ts";

let live: LiveSecrets | undefined;
afterEach(() => {
  live?.stop();
  live = undefined;
});

const clients = (...names: readonly string[]): ReturnType<typeof client>[] => names.map((name) => client(name));
const two = async (): Promise<[Group, Group]> =>
  (await groupOf(await Promise.all(clients("alice", "bob")), { path: true })) as [Group, Group];

async function exported(groups: readonly Group[], componentId: number): Promise<string> {
  const all = await Promise.all(groups.map((group) => group.component(componentId).exportSecret()));
  const [first, ...others] = all.map(hex);
  for (const other of others) expect(other).toBe(first);
  return first!;
}

describe("an exported secret (section 4.4)", () => {
  it.each([1, 2, 3, 4, 5, 6, 7])(
    "is the same for all, and another for each component and epoch (suite %i)",
    async (id) => {
      const suite = suiteOf(id, providers[id % providers.length]);
      const groups = await groupOf([await client("alice", suite), await client("bob", suite)]);
      const seen = new Set<string>();
      for (let epoch = 0; epoch < 2; epoch++) {
        for (const componentId of [0, 1, 0x8001, 0xffff]) seen.add(await exported(groups, componentId));
        await commitTo(groups, groups[epoch]!);
      }
      expect(seen.size).toBe(8);
      expect([...seen].every((secret) => secret.length === 2 * suite.hashLength)).toBe(true);
    },
  );

  it("is there in the first epoch, in one that was joined by a Welcome or from outside, and in that of a pending commit", async () => {
    const [alice, bob, carol] = (await Promise.all(clients("alice", "bob", "carol"))) as [
      Awaited<ReturnType<typeof client>>,
      Awaited<ReturnType<typeof client>>,
      Awaited<ReturnType<typeof client>>,
    ];
    const first = await Group.create({ ...trusting, identity: alice.identity });
    expect((await first.component(7).exportSecret()).length).toBe(32);
    const bundle = await keyPackageOf(bob);
    const pending = await first.commit({ add: [bundle.keyPackage] });
    // The pending epoch's is not given yet: it is still the first.
    await expect(first.component(7).exportSecret()).rejects.toMatchObject({ code: "safe-export-used" });
    await first.apply(pending);
    const { welcome } = pending;
    const second = await Group.join({ ...trusting, identity: bob.identity, welcome: welcome!, keyPackages: [bundle] });
    await exported([first, second], 7);
    const groupInfo = await first.groupInfo();
    const join = await Group.joinExternally({ ...trusting, identity: carol.identity, groupInfo });
    await deliver(join.commit, [first, second]);
    await exported([first, second, await join.complete()], 7);
  });

  it("is of a pending commit's epoch also where that was stored", async () => {
    const [alice, bob] = await two();
    const pending = await alice.commit({ path: true });
    const { identity } = alice;
    for (const stored of [{ snapshot: alice.snapshot() }, { snapshot: alice.snapshot(), pending: pending.toBytes() }]) {
      const again = await Group.restore({ ...trusting, identity, ...stored });
      await again.apply(again.pendingCommit!);
      if (bob.epoch < again.epoch) await bob.receive(pending.commit);
      const componentId = "pending" in stored ? 2 : 1;
      await exported([again, bob], componentId);
    }
  });

  it("is given once, and a refusal changes nothing", async () => {
    const [alice] = await two();
    const component = alice.component(0x8001);
    await component.exportSecret();
    const before = hex(alice.snapshot());
    await expect(component.exportSecret()).rejects.toMatchObject({ code: "safe-export-used" });
    await expect(alice.component(0x8001).exportSecret()).rejects.toMatchObject({ code: "safe-export-used" });
    expect(hex(alice.snapshot())).toBe(before);
    await alice.component(0x8000).exportSecret();
  });

  it("is not given again by what was stored, nor is anything stored that gives it", async () => {
    const [alice] = await two();
    const { identity } = alice;
    const root = Object.entries(recordsOf(alice))
      .find(([name]) => name === "export/65535")![1]
      .slice(-32);
    const secret = hex(await alice.component(0x8001).exportSecret());
    expect(longhand.safeExportSecret(1, root, 0x8001).toString("hex")).toBe(secret);
    const snapshot = alice.snapshot();
    // Neither the secret nor any of those on its path, the root's among them.
    let above: Uint8Array = root;
    for (const bit of (0x8001).toString(2)) {
      expect(hex(snapshot)).not.toContain(hex(above));
      above = longhand.expandWithLabel(1, above, "tree", Buffer.from(bit === "0" ? "left" : "right"));
    }
    expect(hex(above)).toBe(secret);
    expect(hex(snapshot)).not.toContain(secret);
    const again = await Group.restore({ ...trusting, identity, snapshot });
    await expect(again.component(0x8001).exportSecret()).rejects.toMatchObject({ code: "safe-export-used" });
    expect(hex(await again.component(0x8000).exportSecret())).toBe(
      longhand.safeExportSecret(1, root, 0x8000).toString("hex"),
    );
  });

  it("costs what is stored of an epoch one record, of one secret", async () => {
    const [alice] = await two();
    const names = Object.keys(recordsOf(alice)).filter((name) => name.startsWith("export/"));
    expect(names).toEqual(["export/65535"]);
    expect(recordsOf(alice)["export/65535"]!.length).toBeLessThan(32 + 16);
  });

  it("goes with its epoch: nothing of the tree is alive then, also where nobody exported", async () => {
    live = new LiveSecrets();
    const [alice, bob] = (await watched(live, ["alice", "bob"])) as [Group, Group];
    expect(counts(live)["application_export_secret"]).toBe(1);
    await alice.component(5).exportSecret();
    expect(counts(live)["application_export_secret"]).toBeUndefined();
    expect(counts(live)["tree_node_secret"]).toBe(16);
    await alice.receive((await live.aside(() => bob.commit())).commit);
    // Two past epochs are kept, each with what opens late messages; of the exporter trees one root is alive, the new one's.
    const { application_export_secret: roots, tree_node_secret: nodes } = counts(live);
    expect({ roots, nodes }).toEqual({ roots: 1, nodes: 1 }); // the node is of the secret tree: the commit was private
    alice.wipe();
    expect(live.count).toBe(0);
  });

  it("is the first of two that are asked for at once", async () => {
    const [alice, bob] = await two();
    const results = await Promise.allSettled([
      alice.component(1).exportSecret(),
      alice.component(1).exportSecret(),
      alice.component(2).exportSecret(),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await exported([bob], 1);
  });

  it("is a copy: what the caller does with it is nobody else's", async () => {
    const [alice, bob] = await two();
    const events: Uint8Array[] = [];
    const { identity } = alice;
    const persist: Parameters<typeof Group.restore>[0]["persist"] = (_, event) => {
      if (event.kind === "exported") events.push(event.secret);
    };
    const stored = await Group.restore({ ...trusting, identity, snapshot: alice.snapshot(), persist });
    const secret = await stored.component(1).exportSecret();
    secret.fill(0);
    expect(hex(events[0]!)).toBe(await exported([bob], 1));
  });

  it("is not there in an epoch that was stored without, until the next one", async () => {
    const [alice, bob] = await two();
    const { identity } = alice;
    const { tree, records } = unwrap("group", 2, alice.snapshot()).value as Snapshot;
    const without = Object.fromEntries(Object.entries(records).filter(([name]) => !name.startsWith("export/")));
    const older = await Group.restore({
      ...trusting,
      identity,
      snapshot: wrap("group", 2, { tree, records: without }),
    });
    await expect(older.component(1).exportSecret()).rejects.toMatchObject({ code: "safe-export-missing" });
    const pending = await bob.commit();
    await older.receive(pending.commit);
    await bob.apply(pending);
    await exported([older, bob], 1);
  });

  it("ends with the group", async () => {
    const [alice, bob] = await two();
    const component = alice.component(1);
    await alice.receive((await bob.commit({ remove: [0] })).commit);
    await expect(component.exportSecret()).rejects.toMatchObject({ code: "group-gone" });
    await expect(component.sign("a", utf8("b"))).rejects.toMatchObject({ code: "group-gone" });
    bob.wipe();
    await expect(bob.component(1).exportSecret()).rejects.toMatchObject({ code: "group-gone" });
  });
});

describe("a signature of a component (section 4.3)", () => {
  it("is over SignContent under the component's label, by the key of our leaf", async () => {
    const [alice] = await two();
    const signature = await alice.component(0x8001).sign("greeting", utf8("hello"));
    const signed = longhand.labelled(longhand.componentLabel(0x8001, "greeting"), utf8("hello"));
    const x = Buffer.from(alice.self.signatureKey).toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    expect(verify(null, signed, key, signature)).toBe(true);
    const changed = longhand.labelled(longhand.componentLabel(0x8002, "greeting"), utf8("hello"));
    expect(verify(null, changed, key, signature)).toBe(false);
  });

  it("is none of MLS's own: no label of a component is one of the protocol's", async () => {
    const [alice] = await two();
    const [signature, own] = [
      await alice.component(1).sign("FramedContentTBS", utf8("x")),
      await signWithLabel(alice.identity.signer, "FramedContentTBS", utf8("x")),
    ];
    expect(hex(signature)).not.toBe(hex(own));
  });
});

describe("what is encrypted for a component (section 4.2)", () => {
  const label = "invitation";
  const context = utf8("room 7");
  const plaintext = utf8("the keys are under the mat");

  async function sealed(
    group: Group,
    publicKey: Uint8Array,
    changes: { readonly componentId?: number; readonly label?: string; readonly context?: Uint8Array } = {},
  ): Promise<{ readonly kemOutput: Uint8Array; readonly ciphertext: Uint8Array }> {
    const full = componentLabel(changes.componentId ?? 0x8001, changes.label ?? label);
    const random = platformRandom;
    const input = { publicKey, plaintext, random, label: full, context: changes.context ?? context };
    return encryptWithLabel(group.suite, input);
  }

  it("is opened by the member whose leaf it is for, and nobody else", async () => {
    const [alice, bob] = await two();
    const each = await sealed(alice, bob.self.encryptionKey);
    expect(await bob.component(0x8001).decrypt(each, { label, context })).toEqual(plaintext);
    expect(await bob.component(0x8001).decrypt(each, { label, context, key: "leaf" })).toEqual(plaintext);
    const open = { code: "component-open" };
    await expect(alice.component(0x8001).decrypt(each, { label, context })).rejects.toMatchObject(open);
    await expect(bob.component(0x8002).decrypt(each, { label, context })).rejects.toMatchObject(open);
    await expect(bob.component(0x8001).decrypt(each, { label: "other", context })).rejects.toMatchObject(open);
    await expect(bob.component(0x8001).decrypt(each, { label })).rejects.toMatchObject(open);
    const external = { label, context, key: "external" } as const;
    await expect(bob.component(0x8001).decrypt(each, external)).rejects.toMatchObject(open);
  });

  it("is opened by all members with the external key, in this epoch only", async () => {
    const [alice, bob] = await two();
    const { externalPub } = readGroupInfo(await alice.groupInfo());
    const each = await sealed(alice, externalPub!, { context: new Uint8Array(0) });
    for (const group of [alice, bob]) {
      expect(await group.component(0x8001).decrypt(each, { label, key: "external" })).toEqual(plaintext);
    }
    await commitTo([alice, bob], alice);
    await expect(bob.component(0x8001).decrypt(each, { label, key: "external" })).rejects.toMatchObject({
      code: "component-open",
    });
  });

  it("does not open where it was changed, cut or made up, and that costs the group nothing", async () => {
    const [alice, bob] = await two();
    const { kemOutput, ciphertext } = await sealed(alice, bob.self.encryptionKey);
    const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    const before = hex(bob.snapshot());
    live = new LiveSecrets();
    for (const each of [
      { kemOutput, ciphertext: flipped(ciphertext, 0) },
      { kemOutput, ciphertext: ciphertext.subarray(1) },
      { kemOutput, ciphertext: new Uint8Array(0) },
      { kemOutput: flipped(kemOutput, 3), ciphertext },
      { kemOutput: new Uint8Array(0), ciphertext },
      { kemOutput: new Uint8Array(32), ciphertext }, // a point of small order
      { kemOutput: new Uint8Array(1000), ciphertext },
    ]) {
      await expect(bob.component(0x8001).decrypt(each, { label, context })).rejects.toMatchObject({
        code: "component-open",
      });
    }
    expect(live.count).toBe(0);
    expect(hex(bob.snapshot())).toBe(before);
  });
});

describe("a caller's mistake", () => {
  it("is a TypeError", async () => {
    const [alice] = await two();
    for (const id of [-1, 0x1_0000, 1.5, Number.NaN, "1" as unknown as number]) {
      expect(() => alice.component(id)).toThrow(TypeError);
    }
    const component = alice.component(1);
    expect(component.id).toBe(1);
    const bytes = utf8("x");
    const wrong: readonly (() => Promise<unknown>)[] = [
      () => component.sign(1 as unknown as string, bytes),
      () => component.sign("a", "b" as unknown as Uint8Array),
      () => component.decrypt({ kemOutput: bytes, ciphertext: bytes }, { label: 1 as unknown as string }),
      () => component.decrypt({ kemOutput: bytes, ciphertext: bytes }, { label: "a", key: "init" as "leaf" }),
      () => component.decrypt({ kemOutput: bytes } as never, { label: "a" }),
      () => component.decrypt(undefined as never, { label: "a" }),
    ];
    for (const call of wrong) await expect(call()).rejects.toThrow(TypeError);
  });
});

interface Snapshot {
  readonly tree: Uint8Array;
  readonly records: Readonly<Record<string, Uint8Array>>;
}

function recordsOf(group: Group): Readonly<Record<string, Uint8Array>> {
  return (unwrap("group", 2, group.snapshot()).value as Snapshot).records;
}
