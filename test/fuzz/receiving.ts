/**
 * Targets: Group.receive, from outside and from a member that breaks rules; and Observer.receive of the same messages.
 */

import fc from "fast-check";
import { observeSecrets } from "../../src/bytes/secret.ts";
import { bytesEqual } from "../../src/bytes/compare.ts";
import { decode, encode, type Codec } from "../../src/codec/codec.ts";
import { CopseError } from "../../src/errors.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import {
  contentBodies,
  FramedContent,
  framedContentAuthData,
  type Content,
  type ContentType,
} from "../../src/wire/framing.ts";
import { LeafNode } from "../../src/wire/leaf-node.ts";
import { MlsMessage } from "../../src/wire/message.ts";
import { Proposal } from "../../src/wire/proposal.ts";
import { UpdatePath } from "../../src/wire/update-path.ts";
import { forgeCommit } from "../rfc/forging.ts";
import { reading } from "../wire/arbitraries.ts";
import { keyPairOperations, receiveKeyPairBound, receiveSymmetricBound, symmetricOperations } from "./bounds.ts";
import { fieldsOf } from "./fields.ts";
import { hold, outcome, outcomeNow, target, Tally, type Target } from "./harness.ts";
import { anyEdits, mutated, noise, rarely, type Edit } from "./mutation.ts";
import { resignedProposal } from "./resigning.ts";
import { window, type World } from "./world.ts";

/** What a message does to the victim: it is taken, or refused with a code, within bounds, and without a trace. */
async function attack(world: World, bytes: Uint8Array, tally: Tally): Promise<void> {
  const { victim, counted } = world;
  const { group } = victim;
  outcomeNow(new Tally(), () => group.inspect(bytes));
  let alive = 0;
  observeSecrets({ created: () => alive++, wiped: () => alive-- });
  counted.reset();
  const result = await outcome(tally, () => group.receive(bytes)).finally(() => {
    observeSecrets(undefined);
  });
  const receiver = { width: 16, generationGap: window.generationGap };
  const [slow, fast] = [keyPairOperations(counted.counts), symmetricOperations(counted.counts)];
  hold(slow <= receiveKeyPairBound(bytes.length, receiver), `${slow} key pair operations, ${bytes.length} bytes`);
  hold(fast <= receiveSymmetricBound(bytes.length, receiver), `${fast} symmetric operations, ${bytes.length} bytes`);
  if (result.ok) return result.value.kind === "later" ? undefined : victim.renew();
  hold(alive === 0, `${alive} secrets are left behind`);
  hold(bytesEqual(group.snapshot(), victim.snapshot), "a refused message has changed the group");
}

interface Mutation {
  readonly seed: number;
  readonly edits: readonly Edit[];
}
const mutation: fc.Arbitrary<Mutation> = fc.record({ seed: fc.nat(999), edits: anyEdits });

/** The members' side of Group.receive. */
export function receivingTargets(world: World, observer: Observer): readonly Target[] {
  const messages = world.messages.map((bytes) => fieldsOf(MlsMessage, bytes, reading));
  const contents = world.contents.map((content) => fieldsOf(FramedContent, encode(FramedContent, content), reading));
  const plain: readonly Content[] = [
    { type: "application", applicationData: noise(70, 4) },
    { type: "application", applicationData: new Uint8Array(0) },
    ...world.contents.map(({ content }) => content),
  ];
  const observed = observer.snapshot();
  let watching = observer;
  return [
    target({
      name: "receive",
      counts: "receives",
      share: 6_000,
      cases: mutation,
      run: ({ seed, edits }, tally) => attack(world, mutated(pick(messages, seed), edits), tally),
    }),
    target({
      name: "receive resigned",
      counts: "receives",
      share: 1_500,
      cases: fc.record({ mutation, who: fc.nat(2), isPublic: fc.boolean(), ahead: fc.nat(60) }),
      run: async ({ mutation: { seed, edits }, who, isPublic, ahead }, tally) => {
        const insider = pick(world.insiders, who);
        const { leafIndex } = insider.group.self;
        const content = decodable(FramedContent, mutated(pick(contents, seed), edits));
        if (content === undefined) return;
        // As the insider's own, unless the sender was what changed.
        const own = { ...content, sender: { type: "member", leafIndex } } as const;
        const sent: FramedContent = seed % 8 === 0 ? content : own;
        const format = isPublic || sent.sender.type !== "member" ? "mls_public_message" : "mls_private_message";
        const signature = await insider.sign(format, sent);
        const auth = sent.content.type === "commit" ? { signature, confirmationTag: noise(32, seed) } : { signature };
        const bytes = isPublic
          ? insider.publicMessage(sent, auth)
          : insider.privateContent(sent, auth, { leafIndex, generation: ahead });
        await attack(world, bytes, tally);
      },
    }),
    target({
      name: "receive plaintext",
      counts: "receives",
      share: 3_000,
      cases: fc.record({
        seed: fc.nat(999),
        edits: fc.option(anyEdits, { freq: 3 }),
        who: fc.nat(3),
        leaf: rarely(fc.constantFrom(0, 2, 4, 7, 8, 15, 16, 0xffff_ffff)),
        generation: fc.oneof(
          { weight: 3, arbitrary: fc.nat(6) },
          { weight: 1, arbitrary: fc.constantFrom(48, 49, 50, 51, 52, 53, 54, 1_999, 2 ** 31, 2 ** 32 - 1) },
        ),
      }),
      run: async ({ seed, edits, who, leaf, generation }, tally) => {
        const insider = pick([...world.insiders, world.before], who);
        const content = pick(plain, seed);
        const { groupId, epoch } = insider.group.groupContext;
        const self = insider.group.self.leafIndex;
        const authenticatedData = noise(seed % 5, 1);
        // Signed as it was, and then changed under the encryption.
        const signature = await insider.sign("mls_private_message", {
          groupId,
          epoch,
          sender: { type: "member", leafIndex: self },
          authenticatedData,
          content,
        });
        const codec = privateContent(content.type);
        const whole = encode(codec, { ...content, signature, confirmationTag: noise(32, 2) });
        const plaintext = edits === null ? whole : mutated(fieldsOf(codec, whole, reading), edits);
        const at = { leafIndex: leaf ?? self, generation };
        const bytes = insider.privateMessage(content.type, plaintext, at, authenticatedData);
        await attack(world, bytes, tally);
      },
    }),
    target({
      name: "receive forged commit",
      counts: "receives",
      share: 150,
      cases: fc.record({
        who: fc.nat(2),
        proposals: fc.array(fc.record({ seed: fc.nat(999), edits: rarely(anyEdits) }), { maxLength: 3 }),
        leaf: rarely(anyEdits),
        path: rarely(anyEdits),
        hasPath: fc.boolean(),
        isPublic: fc.boolean(),
      }),
      run: async (forgery, tally) => {
        const bytes = await forged(world, forgery);
        if (bytes !== undefined) await attack(world, bytes, tally);
      },
    }),
    target({
      name: "observe",
      counts: "receives",
      share: 4_000,
      cases: fc.record({ mutation, who: fc.option(fc.nat(2)) }),
      run: async ({ mutation: { seed, edits }, who }, tally) => {
        let bytes: Uint8Array;
        if (who === null) bytes = mutated(pick(messages, seed), edits);
        else {
          const insider = pick(world.insiders, who);
          const content = decodable(FramedContent, mutated(pick(contents, seed), edits));
          if (content === undefined) return;
          const signature = await insider.sign("mls_public_message", content);
          const tag = content.content.type === "commit" ? { confirmationTag: noise(32, seed) } : {};
          bytes = insider.publicMessage(content, { signature, ...tag });
        }
        const result = await outcome(tally, () => watching.receive(bytes));
        if (result.ok) {
          watching = Observer.restore({ ...world.options, suite: world.suite, snapshot: observed });
          return;
        }
        hold(bytesEqual(watching.snapshot(), observed), "a refused message has changed the observer");
      },
    }),
  ];
}

interface ForgedCommit {
  readonly who: number;
  readonly proposals: readonly { readonly seed: number; readonly edits: readonly Edit[] | null }[];
  readonly leaf: readonly Edit[] | null;
  readonly path: readonly Edit[] | null;
  readonly hasPath: boolean;
  readonly isPublic: boolean;
}

/** A commit in which everything is right but what was changed; undefined where the forger can't make one of it. */
async function forged(world: World, forgery: ForgedCommit): Promise<Uint8Array | undefined> {
  const { group } = pick(world.insiders, forgery.who);
  const position = { groupId: group.id, leafIndex: group.self.leafIndex };
  const valid = world.contents.flatMap(({ content }) => (content.type === "proposal" ? [content.proposal] : []));
  const proposals: Proposal[] = [];
  for (const { seed, edits } of forgery.proposals) {
    const bytes = encode(Proposal, pick(valid, seed));
    const changed = edits === null ? bytes : mutated(fieldsOf(Proposal, bytes, reading), edits);
    const proposal = decodable(Proposal, changed);
    if (proposal !== undefined) proposals.push(await resignedProposal(world.identities, proposal, position));
  }
  try {
    return await forgeCommit(group, {
      proposals,
      path: forgery.hasPath,
      format: forgery.isPublic ? "mls_public_message" : "mls_private_message",
      leaf: (leaf) => {
        if (forgery.leaf === null) return {};
        const whole = { ...leaf, signature: noise(64, 3) };
        const { encryptionKey, signatureKey, credential, capabilities, leafNodeSource, extensions } = change(
          LeafNode,
          whole,
          forgery.leaf,
        );
        return { encryptionKey, signatureKey, credential, capabilities, leafNodeSource, extensions };
      },
      update: (path) => (forgery.path === null ? path : change(UpdatePath, path, forgery.path)),
    });
  } catch (error) {
    // No tree or no key schedule comes of these proposals.
    if (error instanceof CopseError || error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A value after edits; the value itself where it can't be decoded any more. */
function change<T>(codec: Codec<T>, value: T, edits: readonly Edit[]): T {
  return decodable(codec, mutated(fieldsOf(codec, encode(codec, value), reading), edits)) ?? value;
}

/** The value of bytes that may be anything. */
export function decodable<T>(codec: Codec<T>, bytes: Uint8Array): T | undefined {
  try {
    return decode(codec, bytes, reading);
  } catch (error) {
    if (error instanceof CopseError) return undefined;
    throw error;
  }
}

/** One of a list, by any number. */
export function pick<T>(list: readonly T[], n: number): T {
  return list[n % list.length]!;
}

/** PrivateMessageContent before its padding, of one content type. */
function privateContent(type: ContentType): Codec<object> {
  const body = contentBodies[type] as Codec<object>;
  const auth = framedContentAuthData(type) as Codec<object>;
  return {
    write: (out, value) => {
      body.write(out, value);
      auth.write(out, value);
    },
    read: (input) => ({ ...body.read(input), ...auth.read(input) }),
  };
}
