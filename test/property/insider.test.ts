import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { CopseError } from "../../src/errors.ts";
import { requiredCapabilities } from "../../src/public-group/extensions.ts";
import { Group } from "../../src/group/group.ts";
import { signLeaf } from "../../src/public-group/leaf.ts";
import type { ExtensionRegistry } from "../../src/rules/registry.ts";
import type { ProposalOrRef } from "../../src/wire/commit.ts";
import { AuthenticatedContent, FramedContent } from "../../src/wire/framing.ts";
import { decodeMessage } from "../../src/wire/message.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import type { UpdatePath } from "../../src/wire/update-path.ts";
import { contentOf, forge } from "../group/insider.ts";
import { client, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "../group/world.ts";

const registry: ExtensionRegistry = {
  proposals: [
    { type: 0xf000, pathRequired: false, external: true, externalCommit: true, after: "psk" },
    { type: 0xf001, pathRequired: true, external: true, externalCommit: true, after: "update", removesSender: true },
  ],
};

let mallory: Group;
let bob: Group;
let pool: readonly ProposalOrRef[];
let paths: readonly (UpdatePath | undefined)[];
let genuine: readonly Uint8Array[];

/** The pieces of commits, each of them right somewhere. */
beforeAll(async () => {
  const options = { registry, handshake: "public", psks: () => utf8("psk") } as const;
  const clients = await Promise.all(["mallory", "bob", "carol", "dave", "erin"].map((name) => client(name)));
  const groups = await groupOf(clients, options);
  [mallory, bob] = groups as [Group, Group];
  const changes = [
    [2, { update: {} }],
    [2, { update: {} }],
    [3, { remove: 2 }],
    [3, { custom: { proposalType: 0xf001, body: new Uint8Array([0]) } }],
    [1, { update: {} }],
    [0, { remove: 1 }],
  ] as const;
  for (const [by, change] of changes) await deliver(await groups[by]!.propose(change), groups, groups[by]);
  const references = mallory.pendingProposals.map(({ ref }): ProposalOrRef => ({ type: "reference", reference: ref }));

  const newcomer = await client("newcomer");
  const keyPackages = await Promise.all([
    keyPackageOf(newcomer, { registry }),
    keyPackageOf(newcomer, { registry }),
    keyPackageOf(await client("poor")),
    keyPackageOf(clients[2]!, { registry }),
    keyPackageOf(await client("other suite", suiteOf(3)), { registry }),
  ]);
  const { identity, self } = mallory;
  const own = await signLeaf(
    identity,
    { ...self, encryptionKey: bob.self.encryptionKey, leafNodeSource: { type: "update" } },
    { groupId: mallory.id, leafIndex: 0 },
  );
  const pskNonce = new Uint8Array(32);
  const proposals: readonly Proposal[] = [
    ...[0, 1, 2, 3, 4, 5, 0xffff_ffff].map((removed): Proposal => ({ type: "remove", removed })),
    ...keyPackages.map(({ keyPackage }): Proposal => {
      const message = decodeMessage(keyPackage);
      if (message.wireFormat !== "mls_key_package") throw new TypeError("a key package was expected");
      return { type: "add", keyPackage: message.keyPackage };
    }),
    { type: "update", leafNode: own },
    { type: "psk", psk: { type: "external", pskId: utf8("id"), pskNonce } },
    { type: "psk", psk: { type: "external", pskId: utf8("id"), pskNonce: utf8("short") } },
    {
      type: "psk",
      psk: { type: "resumption", usage: "application", pskGroupId: mallory.id, pskEpoch: 1n, pskNonce },
    },
    { type: "psk", psk: { type: "resumption", usage: "branch", pskGroupId: mallory.id, pskEpoch: 1n, pskNonce } },
    { type: "reinit", groupId: utf8("next"), version: 1, cipherSuite: 1, extensions: [] },
    { type: "reinit", groupId: utf8("next"), version: 0, cipherSuite: 0xffff, extensions: [] },
    { type: "external_init", kemOutput: new Uint8Array(32) },
    { type: "group_context_extensions", extensions: [] },
    { type: "group_context_extensions", extensions: [requiredCapabilities({ proposalTypes: [0xf000] })] },
    { type: "group_context_extensions", extensions: [{ type: 0xabcd, data: utf8("x") }] },
    { type: "group_context_extensions", extensions: [{ type: 5, data: utf8("x") }] },
    { type: "custom", proposalType: 0xf000, body: new Uint8Array([0]) },
    { type: "custom", proposalType: 0xf001, body: new Uint8Array([0]) },
  ];
  pool = [
    ...proposals.map((proposal): ProposalOrRef => ({ type: "proposal", proposal })),
    ...references,
    { type: "reference", reference: new Uint8Array(32) },
    { type: "reference", reference: new Uint8Array(100) },
  ];

  const made: UpdatePath[] = [];
  const saved: Uint8Array[] = [];
  for (const change of [{}, { remove: [3] }, { remove: [4] }, { remove: [2, 3, 4] }]) {
    const pending = await mallory.commit({ ...change, pending: "none", path: true });
    const authenticated = await contentOf(bob, pending.commit);
    const { content } = authenticated.content;
    if (content.type === "commit" && content.commit.path !== undefined) made.push(content.commit.path);
    saved.push(encode(AuthenticatedContent, authenticated));
    pending.drop();
  }
  genuine = saved;
  const [first] = made as [UpdatePath];
  paths = [
    undefined,
    ...made,
    { ...first, nodes: [] },
    { ...first, nodes: first.nodes.slice(1) },
    { ...first, nodes: [...first.nodes, ...first.nodes] },
    { ...first, nodes: first.nodes.map((node) => ({ ...node, encryptedPathSecret: [] })) },
    { ...first, nodes: first.nodes.map((node) => ({ ...node, encryptionKey: new Uint8Array(32) })) },
    { ...first, nodes: first.nodes.map((node) => ({ ...node, encryptionKey: utf8("short") })) },
    { ...first, leafNode: own },
  ];
});

/** The commit is refused in order, and the group has not changed. */
async function refused(message: Uint8Array, before: string): Promise<string> {
  const outcome: unknown = await bob.receive(message).catch((error: unknown) => error);
  if (!(outcome instanceof CopseError)) throw outcome instanceof Error ? outcome : new Error("it was accepted");
  expect(hex(bob.snapshot())).toBe(before);
  return outcome.code;
}

describe("a member that sends what it likes, signed with its own key", () => {
  it("is refused, and nothing has changed: any proposals with any path", async () => {
    const before = hex(bob.snapshot());
    const confirmationTag = new Uint8Array(32);
    const codes = new Set<string>();
    const choice = fc.record({
      entries: fc.array(fc.nat(), { maxLength: 5 }),
      path: fc.nat(),
      isPrivate: fc.boolean(),
    });
    const property = fc.asyncProperty(choice, async ({ entries, path, isPrivate }) => {
      const commit = {
        proposals: entries.map((index) => pool[index % pool.length]!),
        path: paths[path % paths.length],
      };
      const format = isPrivate ? "mls_private_message" : "mls_public_message";
      const message = await forge(mallory, { type: "commit", commit }, { confirmationTag, format });
      codes.add(await refused(message, before));
    });
    await fc.assert(property, { seed: 9420, numRuns: 600 });
    // It got everywhere.
    expect(codes.size).toBeGreaterThan(20);
    expect(codes).toContain("confirmation-tag");
  });

  it("is refused, and nothing has changed: commits with any bytes changed before they are signed", async () => {
    const before = hex(bob.snapshot());
    const edit = fc.record({ at: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) });
    const choice = fc.record({ which: fc.nat(), edits: fc.array(edit, { minLength: 1, maxLength: 3 }) });
    let signed = 0;
    const property = fc.asyncProperty(choice, async ({ which, edits }) => {
      const bytes = genuine[which % genuine.length]!.slice();
      for (const { at, byte } of edits) bytes[at % bytes.length]! ^= byte;
      let authenticated: AuthenticatedContent;
      try {
        authenticated = decode(AuthenticatedContent, bytes);
      } catch {
        return;
      }
      const { content, auth } = authenticated;
      const original = decode(AuthenticatedContent, genuine[which % genuine.length]!);
      const same = ({ epoch }: FramedContent): FramedContent => ({ ...content, epoch });
      const isGenuine =
        hex(encode(FramedContent, same(original.content))) === hex(encode(FramedContent, original.content)) &&
        hex(auth.confirmationTag ?? utf8("")) === hex(original.auth.confirmationTag!);
      if (content.content.type !== "commit" || isGenuine) return;
      signed++;
      const { groupId, sender, authenticatedData } = content;
      const confirmationTag = auth.confirmationTag!;
      const choices = { format: "mls_public_message", groupId, sender, authenticatedData, confirmationTag } as const;
      await refused(await forge(mallory, content.content, choices), before);
    });
    await fc.assert(property, { seed: 9420, numRuns: 600 });
    expect(signed).toBeGreaterThan(100);
  });

  it("can propose nothing that stops the others from committing", async () => {
    const everything = { ...trusting, registry, psks: () => utf8("psk"), identity: bob.identity };
    const property = fc.asyncProperty(fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), async (entries) => {
      const group = await Group.restore({ ...everything, snapshot: bob.snapshot() });
      for (const index of entries) {
        const entry = pool[index % pool.length]!;
        if (entry.type === "reference") continue;
        const message = await forge(mallory, { type: "proposal", proposal: entry.proposal });
        const outcome: unknown = await group.receive(message).catch((error: unknown) => error);
        if (outcome instanceof Error && !(outcome instanceof CopseError)) throw outcome;
      }
      const pending = await group.commit();
      await group.apply(pending);
      group.wipe();
    });
    await fc.assert(property, { seed: 9420, numRuns: 60 });
  });
});
