import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { decode, encode } from "../../../src/codec/codec.ts";
import { makeKeyPackageRef } from "../../../src/crypto/labels.ts";
import { CopseError } from "../../../src/errors.ts";
import { Group } from "../../../src/group/group.ts";
import { proposeToJoin } from "../../../src/group/joining/propose-to-join.ts";
import { basic } from "../../../src/public-group/identity.ts";
import { readGroupInfo } from "../../../src/public-group/unverified/group-info.ts";
import { inspectMessage } from "../../../src/public-group/unverified/inspect.ts";
import { readKeyPackage } from "../../../src/public-group/unverified/read-key-package.ts";
import { KeyPackage } from "../../../src/wire/key-package.ts";
import { failure, refusal } from "../../group/refusal.ts";
import { client, groupOf, keyPackageOf, suiteOf, trusting, type Client } from "../../group/world.ts";

interface Sent {
  readonly alice: Group;
  readonly carol: Client;
  readonly keyPackage: Uint8Array;
  readonly ref: Uint8Array;
  readonly messages: Readonly<
    Record<"seal" | "propose" | "commit" | "welcome" | "groupInfo" | "external" | "newMember", Uint8Array>
  >;
}

let sent: Sent;
beforeAll(async () => {
  const [alice, bob] = await groupOf([await client("alice"), await client("bob")], { handshake: "public" });
  const carol = await client("carol");
  const bundle = await keyPackageOf(carol);
  const { keyPackage, ref } = bundle;
  const authenticatedData = utf8("seen by all");
  const propose = await alice!.propose({ update: {} }, { authenticatedData });
  const groupInfo = await alice!.groupInfo({ externalPub: true });
  const { commit, welcome } = await bob!.commit({ add: [keyPackage] });
  const external = await Group.joinExternally({ ...trusting, identity: carol.identity, groupInfo });
  const newMember = await proposeToJoin({
    groupId: alice!.id,
    epoch: 1n,
    identity: carol.identity,
    keyPackage: bundle,
  });
  const [dave] = await groupOf([await client("dave")], { groupId: utf8("dave's") });
  const seal = await dave!.seal(utf8("hello"), { authenticatedData });
  sent = {
    alice: alice!,
    carol,
    keyPackage,
    ref,
    messages: { seal, propose, commit, welcome: welcome!, groupInfo, external: external.commit, newMember },
  };
});

describe("what a message says of itself", () => {
  it("is whose group, epoch and content it is", () => {
    const { alice, messages } = sent;
    expect(inspectMessage(messages.propose)).toEqual({
      kind: "public-message",
      size: messages.propose.length,
      groupId: alice.id,
      epoch: 1n,
      contentType: "proposal",
      senderType: "member",
      sender: { type: "member", leafIndex: 0 },
      authenticatedData: utf8("seen by all"),
    });
    expect(inspectMessage(messages.commit)).toMatchObject({ contentType: "commit", sender: { leafIndex: 1 } });
    expect(inspectMessage(messages.external)).toMatchObject({ contentType: "commit", senderType: "new_member_commit" });
    expect(inspectMessage(messages.newMember)).toMatchObject({ senderType: "new_member_proposal" });
    const sealed = inspectMessage(messages.seal);
    expect(sealed).toEqual({
      kind: "private-message",
      size: messages.seal.length,
      groupId: utf8("dave's"),
      epoch: 0n,
      contentType: "application",
      authenticatedData: utf8("seen by all"),
      ciphertextSize: expect.any(Number) as number,
    });
    expect(sealed.kind === "private-message" && sealed.ciphertextSize < messages.seal.length).toBe(true);
  });

  it("is whom a Welcome is for", () => {
    const { messages, ref } = sent;
    expect(inspectMessage(messages.welcome)).toEqual({
      kind: "welcome",
      size: messages.welcome.length,
      cipherSuite: 1,
      keyPackageRefs: [ref],
      groupInfoSize: expect.any(Number) as number,
    });
  });

  it("is which epoch a GroupInfo describes, and which key package it is", () => {
    const { alice, messages, keyPackage, ref } = sent;
    expect(inspectMessage(messages.groupInfo)).toEqual({
      kind: "group-info",
      size: messages.groupInfo.length,
      groupId: alice.id,
      epoch: 1n,
      cipherSuite: 1,
      signer: 0,
      ratchetTreeSize: alice.ratchetTree().length,
    });
    expect(inspectMessage(keyPackage)).toEqual({ kind: "key-package", size: keyPackage.length, cipherSuite: 1, ref });
  });

  it("stays as it is when the bytes change afterwards, and leaves them alone", () => {
    const { messages } = sent;
    for (const bytes of Object.values(messages)) {
      const copy = Buffer.from(bytes);
      const said = inspectMessage(copy);
      expect(new Uint8Array(copy)).toEqual(bytes);
      copy.fill(0xee);
      expect(said).toEqual(inspectMessage(bytes));
    }
  });

  it("is refused where the bytes are not exactly one message, or longer than is taken", async () => {
    const { propose } = sent.messages;
    expect(await refusal(() => inspectMessage(utf8("hello")))).toBe("decode-version");
    expect(await refusal(() => inspectMessage(new Uint8Array(0)))).toBe("decode-truncated");
    expect(await refusal(() => inspectMessage(propose.subarray(0, -1)))).toBe("decode-truncated");
    expect(await refusal(() => inspectMessage(concat(propose, Uint8Array.of(0))))).toBe("decode-trailing");
    const limits = { messageBytes: propose.length - 1 };
    expect(await refusal(() => inspectMessage(propose, { limits }))).toBe("limit-exceeded");
    expect(await failure(() => inspectMessage("00010001" as never))).toBeInstanceOf(TypeError);
    expect(await failure(() => inspectMessage(undefined as never))).toMatchObject({
      message: "bytes must be a Uint8Array",
    });
  });

  it("takes the registry's word for where a custom proposal ends", async () => {
    const proposals = [
      { type: 0xf700, pathRequired: false, external: false, externalCommit: false, after: "psk" },
    ] as const;
    const [group] = await groupOf([await client("alice")], { handshake: "public", registry: { proposals } });
    const message = await group!.propose({ custom: { proposalType: 0xf700, body: Uint8Array.of(0) } });
    expect(await refusal(() => inspectMessage(message))).toBe("proposal-unknown-type");
    expect(inspectMessage(message, { registry: { proposals } })).toMatchObject({ contentType: "proposal" });
  });
});

describe("what a key package says of itself", () => {
  it("is what a server files it under", async () => {
    const { keyPackage, ref, carol } = sent;
    const said = readKeyPackage(keyPackage);
    expect(said).toMatchObject({
      ref,
      cipherSuite: 1,
      credential: basic("carol"),
      signatureKey: carol.identity.signatureKey,
      capabilities: { versions: [1] },
      extensions: [],
      leafExtensions: [],
    });
    expect(said.lifetime.notAfter - said.lifetime.notBefore).toBe(BigInt(90 * 24 * 60 * 60 + 3_600));
    expect(readKeyPackage(keyPackage.subarray(4))).toEqual(said); // the bare KeyPackage
    for (const id of [2, 5, 7]) {
      const bundle = await keyPackageOf(await client("x", suiteOf(id)));
      expect(readKeyPackage(bundle.keyPackage)).toMatchObject({ cipherSuite: id, ref: bundle.ref });
    }
  });

  it("has no ref where its cipher suite is not known", () => {
    const bytes = sent.keyPackage.slice();
    bytes[6] = 0xf0;
    expect(readKeyPackage(bytes)).toMatchObject({ cipherSuite: 0xf001, ref: undefined });
    expect(inspectMessage(bytes)).toMatchObject({ kind: "key-package", ref: undefined });
    // Of a suite that the caller has, it is said.
    const suite = { ...suiteOf(1), id: 0xf001 };
    const ref = makeKeyPackageRef(suite, bytes.subarray(4));
    expect(readKeyPackage(bytes, { suite })).toMatchObject({ ref });
    expect(inspectMessage(bytes, { suite })).toMatchObject({ ref });
    expect(readKeyPackage(sent.keyPackage, { suite })).toMatchObject({ ref: sent.ref });
  });

  it("is refused where it is none", async () => {
    expect(await refusal(() => readKeyPackage(sent.messages.welcome))).toMatch(/^decode-/);
    const keyPackage = decode(KeyPackage, sent.keyPackage.subarray(4));
    const leafNode = { ...keyPackage.leafNode, leafNodeSource: { type: "update" } } as const;
    const odd = encode(KeyPackage, { ...keyPackage, leafNode });
    expect(await refusal(() => readKeyPackage(odd))).toBe("leaf-source");
    expect(await refusal(() => readKeyPackage(sent.keyPackage, { limits: { messageBytes: 10 } }))).toBe(
      "limit-exceeded",
    );
    expect(await failure(() => readKeyPackage({} as never))).toBeInstanceOf(TypeError);
  });
});

describe("what a GroupInfo says of itself", () => {
  it("is what a joiner sorts by", async () => {
    const { alice, messages } = sent;
    const bytes = messages.groupInfo.slice();
    const said = readGroupInfo(bytes);
    bytes.fill(0xee);
    expect(said).toMatchObject({
      groupContext: alice.groupContext,
      groupId: alice.id,
      epoch: 1n,
      cipherSuite: 1,
      signer: 0,
      ratchetTree: alice.ratchetTree(),
    });
    expect(said.externalPub).toHaveLength(32);
    expect(said.extensions.map(({ type }) => type)).toEqual([4]);
    const bare = readGroupInfo(await alice.groupInfo({ ratchetTree: false, externalPub: false }));
    expect(bare).toMatchObject({ ratchetTree: undefined, externalPub: undefined, extensions: [] });
  });

  it("is refused where it is a message of another kind", async () => {
    expect(await refusal(() => readGroupInfo(sent.keyPackage))).toBe("not-a-group-message");
    expect(await refusal(() => readGroupInfo(sent.messages.groupInfo.subarray(1)))).toMatch(/^decode-/);
    expect(await failure(() => readGroupInfo(null as never))).toBeInstanceOf(TypeError);
  });
});

it("any bytes are answered, or refused with a code", () => {
  const valid = Object.values(sent.messages).concat(sent.keyPackage);
  const start = fc.constantFrom(1, 2, 3, 4, 5).map((format) => Uint8Array.of(0, 1, 0, format));
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(start, fc.uint8Array({ maxLength: 300 })).map(([head, rest]) => concat(head, rest)),
    fc
      .tuple(
        fc.constantFrom(...valid),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(),
      )
      .map(([bytes, changes, cut]) => {
        const changed = bytes.slice(0, cut % 3 === 0 ? cut % bytes.length : bytes.length);
        for (const [at, byte] of changes) if (changed.length > 0) changed[at % changed.length] = byte;
        return changed;
      }),
  );
  let answers = 0;
  fc.assert(
    fc.property(anything, (bytes) => {
      for (const read of [inspectMessage, readKeyPackage, readGroupInfo]) {
        try {
          read(bytes);
          answers++;
        } catch (error) {
          if (!(error instanceof CopseError)) throw error;
        }
      }
    }),
    { numRuns: 3_000 },
  );
  expect(answers).toBeGreaterThan(100);
});
