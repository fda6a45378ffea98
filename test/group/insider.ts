/**
 * A member that breaks rules: sends whatever it likes, authenticated with its real keys. What it knows it takes from a
 * snapshot of its group, so it holds exactly what a member holds.
 */

import { Secret } from "../../src/bytes/secret.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import { dataOf, dictionaryIn } from "../../src/extensions/app-data/dictionary.ts";
import { components, draftNumbers } from "../../src/extensions/app-data/numbers.ts";
import type { Group } from "../../src/group/group.ts";
import type { Identity } from "../../src/public-group/identity.ts";
import { openSenderData, protectPrivate, unprotectPrivate, type OpeningEpoch } from "../../src/group/protection.ts";
import { signFramedContent } from "../../src/public-group/sign.ts";
import { defaultWindow } from "../../src/public-group/options/settings-of.ts";
import { readSnapshot } from "../../src/group/restoring/snapshot.ts";
import type { StoredEpochSecrets, StoredPast, StoredSent } from "../../src/group/records/values.ts";
import { storedReading } from "../../src/public-group/records/record.ts";
import { membershipTag } from "../../src/schedule/key-schedule.ts";
import { SecretTree, type SecretTreeState } from "../../src/schedule/secret-tree.ts";
import type { LeafLookup } from "../../src/tree/ratchet-tree.ts";
import {
  framedContentTbs,
  type AuthenticatedContent,
  type Content,
  type FramedContent,
} from "../../src/wire/framing.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import { authenticatedContentTbm } from "../../src/wire/public-message.ts";

type Format = "mls_public_message" | "mls_private_message";

/** What of a message the insider chooses; the rest is as it should be. */
export interface Choice extends Partial<Omit<FramedContent, "content">> {
  readonly format?: Format;
  readonly confirmationTag?: Uint8Array;
  readonly signature?: Uint8Array;
  /** Who signs. Default: the member. */
  readonly identity?: Identity;
}

/** What a member holds in an epoch. */
interface EpochData {
  /** sender data, exporter, external, membership, epoch authenticator, init */
  readonly secrets: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  readonly resumptionPsk: Uint8Array;
  readonly secretTree: SecretTreeState;
  readonly privateKeys: readonly (readonly [level: number, key: Uint8Array])[];
  readonly leafIndex: number;
}

/** The plain data of a group. */
export interface GroupData extends EpochData {
  readonly context: Uint8Array;
  readonly interimTranscriptHash: Uint8Array;
  readonly confirmationTag: Uint8Array;
  /** Those of earlier epochs. */
  readonly resumption: readonly (readonly [epoch: string, psk: Uint8Array])[];
  readonly past: readonly StoredPast[];
  readonly proposals: readonly unknown[];
  readonly sent: readonly StoredSent[];
  readonly pending: (EpochData & { readonly authenticated: Uint8Array }) | null;
  readonly encrypted: number;
}

/** What a group's snapshot says. */
export function storedOf(group: Group): GroupData {
  const { epoch, secretTree, resumption, past, proposals, sent, sending, pending } = readSnapshot(group.snapshot());
  const earlier = [...resumption];
  const [, resumptionPsk] = earlier.pop()!;
  const { context, interimTranscriptHash, confirmationTag } = epoch;
  return {
    ...epochData(epoch, secretTree!, resumptionPsk),
    context,
    interimTranscriptHash,
    confirmationTag,
    resumption: earlier.map(([number, psk]) => [String(number), psk]),
    past,
    proposals: proposals.map(([, proposal]) => proposal),
    sent: sent.map(([, message]) => message),
    pending:
      pending === undefined
        ? null
        : {
            ...epochData(pending, pending.secretTree, pending.resumptionPsk),
            authenticated: pending.authenticated,
          },
    encrypted: sending.encrypted,
  };
}

function epochData(stored: StoredEpochSecrets, secretTree: SecretTreeState, resumptionPsk: Uint8Array): EpochData {
  const { senderData, exporter, external, membership, epochAuthenticator, init } = stored.secrets;
  return {
    secrets: [senderData, exporter, external, membership, epochAuthenticator, init],
    resumptionPsk,
    secretTree,
    privateKeys: Object.entries(stored.privateKeys).map(([level, key]) => [Number(level), key]),
    leafIndex: stored.leafIndex,
  };
}

/** A message with this content, signed, and protected with the member's keys of the current epoch. */
export async function forge(group: Group, content: Content, choice: Choice = {}): Promise<Uint8Array> {
  const { format = "mls_private_message", confirmationTag, signature, identity = group.identity, ...fields } = choice;
  const { groupContext } = group;
  const framed: FramedContent = {
    groupId: groupContext.groupId,
    epoch: groupContext.epoch,
    sender: { type: "member", leafIndex: group.self.leafIndex },
    authenticatedData: saidBy(groupContext),
    ...fields,
    content,
  };
  const signed = signature ?? (await signFramedContent(identity, format, framed, groupContext));
  const auth = confirmationTag === undefined ? { signature: signed } : { signature: signed, confirmationTag };
  return protect(group, { wireFormat: format, content: framed, auth });
}

/** Authenticated data that says nothing: a SafeAAD without items, where the group has safe_aad. */
export function saidBy({ extensions }: Group["groupContext"]): Uint8Array {
  const isFramed = dataOf(dictionaryIn(extensions, draftNumbers.appDataDictionary), components.safe_aad) !== undefined;
  return new Uint8Array(isFramed ? 1 : 0);
}

/** Authenticated content as a message of this member. */
export function protect(group: Group, authenticated: AuthenticatedContent): Uint8Array {
  const stored = storedOf(group);
  const { suite, groupContext: context } = group;
  const { wireFormat, content, auth } = authenticated;
  const [senderData, , , membership] = stored.secrets;
  if (wireFormat === "mls_public_message") {
    const tbm = authenticatedContentTbm(framedContentTbs(wireFormat, content, context), content, auth);
    const key = Secret.of("membership_key", membership);
    const tag = membershipTag(suite, key, tbm);
    key.wipe();
    return encodeMessage({ wireFormat, publicMessage: { content, auth, membershipTag: tag } });
  }
  const secretTree = SecretTree.restore(suite, stored.secretTree, defaultWindow);
  const senderDataSecret = Secret.of("sender_data_secret", senderData);
  const epoch = { suite, secretTree, secrets: { senderDataSecret } };
  const options = { padding: { kind: "none" }, random: platformRandom } as const;
  const privateMessage = protectPrivate(epoch, authenticated, options);
  secretTree.wipe();
  senderDataSecret.wipe();
  return encodeMessage({ wireFormat, privateMessage });
}

/** What a message holds, with everything that authenticates it, as another member reads it, who keeps its key. */
export async function contentOf(reader: Group, message: Uint8Array): Promise<AuthenticatedContent> {
  const decoded = decodeMessage(message);
  if (decoded.wireFormat === "mls_public_message") return { wireFormat: decoded.wireFormat, ...decoded.publicMessage };
  if (decoded.wireFormat !== "mls_private_message") throw new TypeError("a message of a group was expected");
  const { suite, groupContext: context } = reader;
  const stored = storedOf(reader);
  const secretTree = SecretTree.restore(suite, stored.secretTree, defaultWindow);
  const senderDataSecret = Secret.of("sender_data_secret", stored.secrets[0]);
  const tree = { suite, leaf: (leafIndex: number) => reader.member(leafIndex) } as unknown as OpeningEpoch["tree"];
  const reading = { clock: () => 0, reading: storedReading };
  const opened = await unprotectPrivate(
    { context, tree, senderDataSecret, secretTree },
    decoded.privateMessage,
    reading,
  );
  secretTree.wipe();
  senderDataSecret.wipe();
  return opened.authenticated;
}

/** The generation of the sender's ratchet that a private message of the current epoch was sealed with. */
export function generationOf(group: Group, message: Uint8Array): number {
  const decoded = decodeMessage(message);
  if (decoded.wireFormat !== "mls_private_message") throw new TypeError("a private message was expected");
  const senderDataSecret = Secret.of("sender_data_secret", storedOf(group).secrets[0]);
  const tree = { suite: group.suite } as LeafLookup;
  const { generation } = openSenderData(
    { context: group.groupContext, tree, senderDataSecret },
    decoded.privateMessage,
  );
  senderDataSecret.wipe();
  return generation;
}
