import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import type { Group } from "../../../src/group/group.ts";
import { applicationId } from "../../../src/public-group/extensions.ts";
import type { Padding } from "../../../src/public-group/options/padding.ts";
import type { PendingProposal } from "../../../src/public-group/proposals/proposal-store.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import type { Extension } from "../../../src/wire/extension.ts";
import { decodeMessage } from "../../../src/wire/message.ts";
import { LiveSecrets } from "../../schedule/live-secrets.ts";
import { agree, talk } from "../agreement.ts";
import { leaveType } from "../leaving.ts";
import { refuses, refusal } from "../refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, seeded } from "../world.ts";

async function pair(options: Partial<GroupOptions> = {}): Promise<[alice: Group, bob: Group]> {
  return (await groupOf([await client("alice"), await client("bob")], options)) as [Group, Group];
}

function ciphertextLength(message: Uint8Array): number {
  const decoded = decodeMessage(message);
  return decoded.wireFormat === "mls_private_message" ? decoded.privateMessage.ciphertext.length : -1;
}

describe("application data is not sent", () => {
  it("while proposals are pending, one's own too (section 12.4)", async () => {
    const [alice, bob] = await pair();
    const proposal = await bob.propose({ update: {} });
    await refuses(bob, () => bob.seal(utf8("x")), "pending-proposals");
    await alice.receive(proposal);
    await refuses(alice, () => alice.seal(utf8("x")), "pending-proposals");
    await commitTo([alice, bob], alice);
    await talk([alice, bob]);
  });

  it("after a ReInit, and nothing else either (section 12.4.2)", async () => {
    const [alice, bob] = await pair();
    const late = await bob.seal(utf8("in the epoch before"));
    const unsent = await bob.commit();
    unsent.drop();
    await commitTo([alice, bob], alice, { reinit: { groupId: utf8("next"), cipherSuite: 1 } });
    expect(alice.isReinitialized).toBe(true);
    for (const group of [alice, bob]) {
      await refuses(group, () => group.seal(utf8("x")), "group-reinitialized");
      await refuses(group, () => group.propose({ update: {} }), "group-reinitialized");
      await refuses(group, () => group.commit(), "group-reinitialized");
    }
    expect((await alice.receive(late)).kind).toBe("message");
    agree([alice, bob]);
  });

  it("beyond messagesPerEpoch; the commit that ends the epoch is", async () => {
    const [alice, bob] = await pair({ handshake: "private", window: { messagesPerEpoch: 3 } });
    await talk([alice, bob], [alice, alice, alice]);
    await refuses(alice, () => alice.seal(utf8("x")), "send-limit");
    await refuses(alice, () => alice.propose({ update: {} }), "send-limit");
    await talk([alice, bob], [bob]);
    await commitTo([alice, bob], alice);
    await talk([alice, bob], [alice, alice, alice]);
    await refuses(alice, () => alice.seal(utf8("x")), "send-limit");
  });
});

describe("padding", () => {
  const lengths = [0, 1, 15, 16, 17, 100, 255, 256, 1_000, 5_000];
  const plain = (length: number): number =>
    // The content's and the signature's length headers, the signature, and the AEAD's tag.
    length + (length < 64 ? 1 : length < 16_384 ? 2 : 4) + 2 + 64 + 16;

  it("hides the length of what is sealed", async () => {
    const [alice, bob] = await pair();
    const seen: Record<string, number[]> = {};
    const paddings: readonly Padding[] = [{ kind: "none" }, { kind: "multiple", of: 512 }, { kind: "padme" }];
    for (const padding of paddings) {
      for (const length of lengths) {
        const message = await alice.seal(new Uint8Array(length), { padding });
        (seen[padding.kind] ??= []).push(ciphertextLength(message));
        const event = await bob.receive(message);
        expect(event.kind === "message" && event.plaintext.length).toBe(length);
      }
    }
    expect(seen["none"]).toEqual(lengths.map(plain));
    const upTo512 = (length: number): number => Math.ceil((plain(length) - 16) / 512) * 512 + 16;
    expect(seen["multiple"]).toEqual(lengths.map(upTo512));
    for (const [i, length] of lengths.entries()) {
      const padded = seen["padme"]![i]! - 16;
      const unpadded = plain(length) - 16;
      expect(padded).toBeGreaterThanOrEqual(unpadded);
      expect(padded).toBeLessThanOrEqual(unpadded * 1.12);
      // Padmé leaves as many trailing zero bits as the length has bits beyond those that it may show.
      const bits = Math.floor(Math.log2(unpadded));
      expect(padded % 2 ** (bits - Math.floor(Math.log2(bits)) - 1)).toBe(0);
    }
  });

  it("is the group's choice, also for handshakes", async () => {
    const sizes = new Set<number>();
    for (const kind of ["none", "multiple"] as const) {
      const padding = kind === "none" ? { kind } : ({ kind, of: 4_096 } as const);
      const [alice] = await pair({ handshake: "private", padding });
      const { commit } = await alice.commit();
      const length = ciphertextLength(commit);
      expect(length % 4_096 === 16).toBe(kind === "multiple");
      sizes.add(length);
    }
    expect(sizes.size).toBe(2);
  });
});

describe("authenticated data", () => {
  it.each(["private", "public"] as const)("travels in the open with every kind of message (%s)", async (handshake) => {
    const groups = await pair({ handshake });
    const [alice, bob] = groups;
    const authenticatedData = utf8("for everybody on the way");
    const sealed = await alice.seal(utf8("x"), { authenticatedData });
    const proposal = await alice.propose({ update: {} }, { authenticatedData });
    for (const message of [sealed, proposal]) {
      expect(hex(message)).toContain(hex(authenticatedData));
      expect(await bob.receive(message)).toMatchObject({ authenticatedData });
    }
    const pending = await bob.commit({ authenticatedData });
    expect(hex(pending.commit)).toContain(hex(authenticatedData));
    expect(await alice.receive(pending.commit)).toMatchObject({ kind: "commit", authenticatedData });
  });

  it("is authenticated", async () => {
    const [alice, bob] = await pair();
    const message = await alice.seal(utf8("x"), { authenticatedData: utf8("written here") });
    const at = Buffer.from(message).indexOf("written here");
    message[at]! ^= 1;
    await refuses(bob, () => bob.receive(message), "private-message-open < aead-open");
  });
});

describe("a commit", () => {
  it("has a path where one is required or asked for, and none otherwise (section 12.4)", async () => {
    const groups = await pair({ handshake: "public", psks: () => utf8("psk") });
    const [alice, bob] = groups;
    const { keyPackage } = await keyPackageOf(await client("carol"));
    const psks = [{ type: "external", pskId: utf8("id") }] as const;
    const cases: readonly [boolean, Parameters<Group["commit"]>[0]][] = [
      [true, {}],
      [false, { add: [keyPackage] }],
      [true, { add: [keyPackage], path: true }],
      [false, { psks }],
      [true, { psks, leaf: {} }],
      [true, { remove: [1] }],
      [true, { extensions: [] }],
      [true, { extensions: [], add: [keyPackage] }],
      [false, { reinit: { groupId: utf8("x"), cipherSuite: 1 } }],
      [true, { psks, identity: (await client("alice")).identity }],
    ];
    for (const [hasPath, options] of cases) {
      const pending = await alice.commit(options);
      const decoded = decodeMessage(pending.commit);
      const content = decoded.wireFormat === "mls_public_message" ? decoded.publicMessage.content.content : undefined;
      expect(content?.type === "commit" && content.commit.path !== undefined).toBe(hasPath);
      expect(pending.change.updated.length).toBe(hasPath ? 1 : 0);
      pending.drop();
    }
    await deliver(await bob.propose({ update: {} }), groups, bob);
    expect((await commitTo(groups, alice)).change.updated.length).toBe(2);
  });

  it("changes the committer's leaf, where the caller says how", async () => {
    const groups = await pair({ grease: false });
    const [alice, bob] = groups;
    const before = alice.self;
    await commitTo(groups, alice);
    expect(alice.self).toMatchObject({ capabilities: before.capabilities, extensions: before.extensions });
    const extensions = [applicationId(utf8("a phone"))];
    await commitTo(groups, alice, { leaf: { extensions } });
    expect(bob.member(0)!.extensions).toEqual(extensions);
    await commitTo(groups, alice);
    expect(bob.member(0)!.extensions).toEqual(extensions);
    const update = await bob.propose({ update: { extensions, capabilities: { proposals: [0xf000] } } });
    await alice.receive(update);
    await commitTo(groups, alice);
    expect(alice.member(1)).toMatchObject({ extensions, capabilities: { proposals: [0xf000] } });
    agree(groups);
  });

  it("asks of a leaf that replaces another where its extensions are others, and of no leaf that says the same", async () => {
    const asked: { reason: string; leafExtensions?: readonly unknown[]; previous?: unknown }[] = [];
    const validate = (candidate: (typeof asked)[number]): boolean => {
      asked.push(candidate);
      return candidate.leafExtensions?.length !== 2;
    };
    const groups = await pair({ grease: false, authentication: { validate } });
    const [alice, bob] = groups;
    expect(asked.filter(({ leafExtensions }) => leafExtensions === undefined)).toEqual([]);
    asked.length = 0;
    await commitTo(groups, alice);
    expect(asked).toEqual([]);
    const extensions = [applicationId(utf8("a phone"))];
    const { credential: previous } = alice.self;
    await commitTo(groups, alice, { leaf: { extensions } });
    expect(asked).toMatchObject([{ reason: "commit", leafExtensions: extensions, previous }]);
    asked.length = 0;
    await commitTo(groups, alice, { leaf: { extensions: [applicationId(utf8("another"))] } });
    expect(asked).toHaveLength(1);
    asked.length = 0;
    await deliver(await bob.propose({ update: { extensions } }), groups, bob);
    expect(asked.at(-1)).toMatchObject({ reason: "update", leafExtensions: extensions });
    agree(groups);
    const two = [...extensions, { type: 0xf0f0, data: utf8("more") }];
    const pending = await alice.commit({ leaf: { extensions: two, capabilities: { extensions: [0xf0f0] } } });
    await expect(bob.receive(pending.commit)).rejects.toMatchObject({ code: "credential-invalid" });
  });

  it.each(["commit", "propose"] as const)("changes a member's key and credential: by %s", async (how) => {
    const seen: unknown[] = [];
    const authentication = {
      validate: (candidate: object): boolean => {
        seen.push(candidate);
        return true;
      },
    };
    const groups = await pair({ authentication });
    const [alice, bob] = groups;
    const { identity } = await client("alice, with a new phone");
    const old = alice.identity;
    seen.length = 0;
    if (how === "commit") await commitTo(groups, alice, { identity });
    else {
      await deliver(await alice.propose({ update: { identity } }), groups, alice);
      expect(alice.identity).toBe(old);
      await commitTo(groups, bob);
    }
    // The other member is asked, and told whom the new credential succeeds.
    const { credential, signatureKey } = identity;
    const groupId = alice.id;
    const reason = how === "commit" ? "commit" : "update";
    const asked = { credential, signatureKey, groupId, reason, previous: old.credential };
    expect(seen).toContainEqual({ ...asked, leafExtensions: bob.member(0)!.extensions });
    expect(alice.identity).toBe(identity);
    expect(bob.member(0)).toMatchObject({ credential, signatureKey });
    await talk(groups);
    await commitTo(groups, alice, { add: [(await keyPackageOf(await client("carol"))).keyPackage] });
    agree(groups);
  });

  it("is refused with a leaf that everybody would refuse, and nothing has changed", async () => {
    const [alice] = await pair({ grease: false });
    const live = new LiveSecrets();
    const data = utf8("x");
    for (const [code, leaf] of [
      ["leaf-extension-unlisted", { extensions: [{ type: 0xf001, data }] }],
      ["extension-misplaced", { extensions: [{ type: 3, data: new Uint8Array(3) }] }],
      ["leaf-credential-unlisted", { capabilities: { credentials: [] } }],
    ] as const) {
      await refuses(alice, () => alice.commit({ leaf }), code, live);
    }
    live.stop();
  });

  it("is refused where the new identity is of another suite", async () => {
    const [alice] = await pair();
    const other = { ...alice.identity, suite: { ...alice.suite, id: 2 } };
    await expect(alice.commit({ identity: other })).rejects.toBeInstanceOf(TypeError);
    expect(alice.pendingCommit).toBeUndefined();
  });

  it("is refused by one's own review, and nothing has changed", async () => {
    let verdict = true;
    const [alice, bob] = await pair({ review: () => verdict });
    verdict = false;
    const live = new LiveSecrets();
    await refuses(alice, () => alice.commit({ remove: [1] }), "commit-refused", live);
    await refuses(alice, () => alice.commit(), "commit-refused", live);
    live.stop();
    verdict = true;
    await commitTo([alice, bob], alice);
    agree([alice, bob]);
  });

  it("that can't be made leaves nothing behind, wherever the randomness ends", async () => {
    let left = Infinity;
    const source = seeded("scarce");
    const random = (length: number): Uint8Array => {
      if (left-- <= 0) throw new RangeError("no randomness is left");
      return source(length);
    };
    const [alice] = await pair({ random });
    const bundles = [await keyPackageOf(await client("carol")), await keyPackageOf(await client("dave"))];
    const add = bundles.map(({ keyPackage }) => keyPackage);
    let tries = 0;
    for (;;) {
      const before = hex(alice.snapshot());
      left = tries++;
      const failed = await refusal(() => alice.commit({ add, path: true, groupInfo: true })).catch(() => undefined);
      left = Infinity;
      if (failed === undefined) break;
      expect(failed).toBe("random-source");
      expect(hex(alice.snapshot()), String(tries)).toBe(before);
    }
    expect(tries).toBeGreaterThan(5);
    expect(alice.pendingCommit).toBeDefined();
  });
});

describe("proposals that are sent", () => {
  it("are refused where everybody would refuse them, and nothing has changed", async () => {
    const [alice, bob] = await pair();
    const { keyPackage } = await keyPackageOf(await client("carol"));
    const forged = keyPackage.slice();
    forged[forged.length - 1]! ^= 1;
    const otherSuite = await keyPackageOf(await client("carol", { ...alice.suite, id: 2 }));
    const cases: readonly (readonly [Parameters<Group["propose"]>[0], string])[] = [
      [{ remove: 2 }, "remove-blank-leaf"],
      [{ remove: 77 }, "remove-blank-leaf"],
      [{ add: forged }, "key-package-signature"],
      [{ add: otherSuite.keyPackage }, "key-package-suite"],
      [{ add: keyPackage.subarray(0, 80) }, "decode-truncated"],
      [{ extensions: [{ type: 1, data: new Uint8Array(1) }] }, "extension-misplaced"],
      [{ extensions: [{ type: 3, data: utf8("x") }] }, "extension-malformed"],
      [
        {
          extensions: [
            { type: 0xf000, data: utf8("x") },
            { type: 0xf000, data: utf8("y") },
          ],
        },
        "extension-duplicate",
      ],
      [{ custom: { proposalType: 0xf000, body: utf8("x") } }, "proposal-unknown-type"],
    ];
    for (const [change, code] of cases) await refuses(alice, () => alice.propose(change), code as "wrong-group");
    expect(alice.pendingProposals).toEqual([]);
    await talk([alice, bob]);
  });

  it("are bounded in number, one's own and others'", async () => {
    const [alice, bob] = await pair({ limits: { proposals: 2 } });
    await alice.propose({ update: {} });
    await alice.propose({ update: {} });
    await refuses(alice, () => alice.propose({ update: {} }), "limit-exceeded");
    const messages = [await bob.propose({ update: {} }), await bob.propose({ remove: 0 })];
    await refuses(alice, () => alice.receive(messages[0]!), "limit-exceeded");
    await commitTo([alice], alice);
    expect(alice.pendingProposals).toEqual([]);
  });
});

describe("a commit of proposals that are named", () => {
  it("holds these, and is refused where one of them is not there", async () => {
    const [alice, bob] = await pair();
    await alice.receive(await bob.propose({ update: {} }));
    await alice.propose({ remove: 1 });
    const [update, remove] = alice.pendingProposals as [PendingProposal, PendingProposal];
    const unknown = update.ref.map((byte) => byte ^ 1);
    await refuses(alice, () => alice.commit({ pending: [update.ref, unknown] }), "proposal-not-found");
    const { change, leftOut } = await alice.commit({ pending: [update.ref] });
    expect(change.updated.map(({ after }) => after.leafIndex)).toContain(1);
    expect(leftOut).toEqual([remove]);
  });
});

describe("a member that asks to leave", () => {
  /** As self_remove: the body is empty. */
  const registry = { proposals: [{ ...leaveType, readBody: () => undefined }] };

  it("asks once, and what else it proposes is another message", async () => {
    const [alice, bob] = await pair({ handshake: "public", registry });
    const before = await bob.propose({ update: {} });
    const asking = await bob.leave();
    expect(asking).not.toEqual(before);
    expect(await bob.leave()).toEqual(asking);
    const after = await bob.propose({ update: {} });
    expect(after).not.toEqual(asking);
    expect(bob.pendingProposals.map(({ proposal }) => proposal.type)).toEqual(["update", "custom", "update"]);
    for (const message of [before, asking, after]) expect((await alice.receive(message)).kind).toBe("proposal");
  });

  it("asks again by a message that can be received, where the first was private", async () => {
    const [alice, bob] = await pair({ handshake: "private", registry });
    for (let i = 0; i < 2; i++) expect((await alice.receive(await bob.leave())).kind).toBe("proposal");
  });
});

describe("what is sent", () => {
  it("counts against the epoch's limit only where it is encrypted", async () => {
    const [alice] = await pair({ handshake: "public", window: { messagesPerEpoch: 1 } });
    await alice.seal(utf8("the only one"));
    await refuses(alice, () => alice.seal(utf8("one more")), "send-limit");
    await alice.propose({ update: {} });
  });

  it("has a GroupInfo beside a commit only where that was asked for", async () => {
    const [alice] = await pair();
    for (const options of [{}, { groupInfo: false }]) {
      const pending = await alice.commit(options);
      expect(pending.groupInfo).toBeUndefined();
      pending.drop();
    }
  });

  it("is no GroupInfo with extensions that do not belong there, or twice, and none of a group that is gone", async () => {
    const [alice, bob] = await pair({ grease: false });
    const own = { type: 2, data: alice.ratchetTree() };
    const contents = (extensions: readonly Extension[], ratchetTree: boolean) => ({ extensions, ratchetTree });
    for (const [code, given] of [
      ["extension-misplaced", contents([applicationId(utf8("x"))], true)],
      ["extension-duplicate", contents([own], true)],
    ] as const) {
      await refuses(alice, () => alice.groupInfo(given), code);
    }
    await alice.groupInfo(contents([own], false));
    await commitTo([alice, bob], alice, { remove: [1] });
    // What is public of the last epoch would do for it.
    expect(await refusal(() => bob.groupInfo({ externalPub: false }))).toBe("group-gone");
  });

  it("is no GroupInfo of more extensions than these limits allow", async () => {
    const [alice] = await pair({ grease: false, limits: { extensions: 3 } });
    const unknown = [0xf001, 0xf002].map((type) => ({ type, data: utf8("x") }));
    await refuses(alice, () => alice.groupInfo({ extensions: unknown }), "limit-exceeded");
    await alice.groupInfo({ extensions: unknown.slice(1) }); // beside ratchet_tree and external_pub
  });

  it("is no Welcome that is too long for these limits", async () => {
    const keyPackage = (await keyPackageOf(await client("carol"))).keyPackage;
    const { welcome, commit } = await (await pair())[0].commit({ add: [keyPackage] });
    expect(welcome!.length).toBeGreaterThan(commit.length + 300);
    const [alice] = await pair({ limits: { messageBytes: welcome!.length - 1 } });
    await refuses(alice, () => alice.commit({ add: [keyPackage] }), "limit-exceeded");
  });

  it("is no Update that could not be signed: its key is gone", async () => {
    const [alice] = await pair();
    const live = new LiveSecrets();
    const signer = { sign: () => Promise.reject(new Error("the token was pulled out")) };
    const before = live.bytes();
    await expect(alice.propose({ update: { identity: { ...alice.identity, signer } } })).rejects.toThrow("pulled out");
    expect(live.bytes()).toEqual(before);
    live.stop();
  });

  it("is no ReInit with extensions that do not belong into a group context", async () => {
    const [alice] = await pair();
    const reinit = { groupId: utf8("next"), cipherSuite: 1, extensions: [{ type: 1, data: utf8("x") }] };
    await refuses(alice, () => alice.propose({ reinit }), "extension-misplaced");
  });

  it("is no path under the key that the leaf has already, should the randomness repeat itself (valn1208)", async () => {
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(7);
    const [alice] = (await groupOf([await client("alice")], { random })) as [Group];
    await refuses(alice, () => alice.commit({ path: true }), "leaf-encryption-key-reused");
  });
});
