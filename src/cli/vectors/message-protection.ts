/**
 * Message Protection: proposals, commits and application data, as PublicMessage and as PrivateMessage, in both
 * directions. RFC 9420 sections 6.1 to 6.3.
 */

import { Secret } from "../../bytes/secret.ts";
import { fromHex, hex } from "../../bytes/text.ts";
import { decode, encode } from "../../codec/codec.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { platformRandom } from "../../crypto/random.ts";
import { CopseError } from "../../errors.ts";
import { beginEpoch, type Epoch } from "../../group/held/epoch.ts";
import { checkPublicSignature } from "../../public-group/gate.ts";
import type { Identity } from "../../public-group/identity.ts";
import { checkMembership, protectPrivate, protectPublic, unprotectPrivate } from "../../group/protection.ts";
import { signFramedContent } from "../../public-group/sign.ts";
import { defaultWindow } from "../../public-group/options/settings-of.ts";
import { prepareRegistry } from "../../rules/registry.ts";
import { zeroSecret } from "../../schedule/key-schedule.ts";
import { RatchetTree } from "../../tree/ratchet-tree.ts";
import { Commit } from "../../wire/commit.ts";
import type { AuthenticatedContent, Content, ContentType, FramedContent, FramingFormat } from "../../wire/framing.ts";
import type { LeafNode } from "../../wire/leaf-node.ts";
import { decodeMessage, encodeMessage, type MlsMessage } from "../../wire/message.ts";
import { Proposal } from "../../wire/proposal.ts";
import { mls10 } from "../../wire/registries.ts";
import { Difference, eachEntry, same, type Verify } from "./check.ts";
import { privateKeyOf } from "./private-key.ts";

interface Entry {
  readonly cipher_suite: number;
  readonly group_id: string;
  readonly epoch: number;
  readonly tree_hash: string;
  readonly confirmed_transcript_hash: string;
  readonly signature_priv: string;
  readonly signature_pub: string;
  readonly encryption_secret: string;
  readonly sender_data_secret: string;
  readonly membership_key: string;
  readonly proposal: string;
  readonly proposal_pub: string;
  readonly proposal_priv: string;
  readonly commit: string;
  readonly commit_pub: string;
  readonly commit_priv: string;
  readonly application: string;
  readonly application_priv: string;
}

/** What one round of an entry is about: what a content type's message carries. */
interface Round {
  readonly suite: CipherSuite;
  readonly entry: Entry;
  readonly identity: Identity;
  readonly type: ContentType;
}

/** "Use the member with LeafIndex 1 as the sender." */
const sender = 1;
/** Any tag will do for a commit of our own: the format has no key for it. */
const confirmationTag = new Uint8Array(32).fill(0xc0);

/** Hold an entry of message-protection.json to the framing: what was published opens, and so does what we protect. */
export const verifyMessageProtection: Verify = eachEntry<Entry>(async (entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  const identity: Identity = {
    suite,
    credential: { type: "basic", identity: new Uint8Array(0) },
    signatureKey: fromHex(entry.signature_pub),
    signer: await suite.signer(privateKeyOf(suite, entry.signature_priv)),
  };
  for (const type of ["proposal", "commit", "application"] as const) {
    const round = { suite, entry, identity, type };
    same(`${type}_priv`, await opened(round, entry[`${type}_priv`]), entry[type]);
    same(`${type} as our own PrivateMessage`, await opened(round, await protectedAs(round, "private")), entry[type]);
    if (type === "application") {
      await refusedAsPublic(round);
    } else {
      same(`${type}_pub`, await opened(round, entry[`${type}_pub`]), entry[type]);
      same(`${type} as our own PublicMessage`, await opened(round, await protectedAs(round, "public")), entry[type]);
    }
  }
});

/** The raw content of an encoded message, opened by the other member with a secret tree of its own. */
async function opened(round: Round, text: string): Promise<string> {
  const message = decodeMessage(fromHex(text));
  const content = await openedContent(message, epochOf(round, 0));
  same("the sender", content.sender.type === "member" ? content.sender.leafIndex : content.sender.type, sender);
  return rawOf(content.content);
}

async function openedContent(message: MlsMessage, epoch: Epoch): Promise<FramedContent> {
  if (message.wireFormat === "mls_public_message") {
    const { content, auth } = message.publicMessage;
    checkMembership(epoch, message.publicMessage);
    const authenticated = { wireFormat: "mls_public_message", content, auth } as const;
    await checkPublicSignature(epoch, authenticated, { registry: prepareRegistry() });
    return content;
  }
  if (message.wireFormat !== "mls_private_message") throw new Difference(`${message.wireFormat} frames no content`);
  const opening = { ...epoch, senderDataSecret: epoch.secrets.senderDataSecret };
  const { authenticated } = await unprotectPrivate(opening, message.privateMessage, { clock: () => 0, reading: {} });
  return authenticated.content;
}

/** The published content, protected by us: the encoded message. */
async function protectedAs(round: Round, how: "public" | "private"): Promise<string> {
  const epoch = epochOf(round, sender);
  const authenticated = await authenticate(round, epoch, how);
  const message: MlsMessage =
    how === "public"
      ? { wireFormat: "mls_public_message", publicMessage: protectPublic(epoch, authenticated) }
      : {
          wireFormat: "mls_private_message",
          privateMessage: protectPrivate(epoch, authenticated, { padding: { kind: "none" }, random: platformRandom }),
        };
  return hex(encodeMessage(message));
}

/** "For the application message, instead verify that protecting as a PublicMessage fails." */
async function refusedAsPublic(round: Round): Promise<void> {
  try {
    await protectedAs(round, "public");
  } catch (error) {
    if (error instanceof CopseError) {
      same("the refusal of application data as PublicMessage", error.code, "application-public");
      return;
    }
    throw error;
  }
  throw new Difference("application data is protected as PublicMessage, and must not be");
}

async function authenticate(
  { entry, identity, type }: Round,
  { context }: Epoch,
  how: "public" | "private",
): Promise<AuthenticatedContent> {
  const wireFormat: FramingFormat = how === "public" ? "mls_public_message" : "mls_private_message";
  const content: FramedContent = {
    groupId: context.groupId,
    epoch: context.epoch,
    sender: { type: "member", leafIndex: sender },
    authenticatedData: new Uint8Array(0),
    content: contentOf(type, fromHex(entry[type])),
  };
  const signature = await signFramedContent(identity, wireFormat, content, context);
  return { wireFormat, content, auth: type === "commit" ? { signature, confirmationTag } : { signature } };
}

/** The epoch of an entry, as the member at a leaf sees it: what is not published is never looked at. */
function epochOf({ suite, entry }: Round, leafIndex: number): Epoch {
  const tree = RatchetTree.create(suite, leafOf(new Uint8Array(0)));
  tree.add(leafOf(fromHex(entry.signature_pub)));
  const context = {
    version: mls10,
    cipherSuite: entry.cipher_suite,
    groupId: fromHex(entry.group_id),
    epoch: BigInt(entry.epoch),
    treeHash: fromHex(entry.tree_hash),
    confirmedTranscriptHash: fromHex(entry.confirmed_transcript_hash),
    extensions: [],
  };
  return beginEpoch(
    {
      suite,
      context,
      tree,
      interimTranscriptHash: new Uint8Array(0),
      confirmationTag,
      reinit: undefined,
      leafIndex,
      privateKeys: new Map(),
    },
    {
      encryptionSecret: Secret.of("encryption_secret", fromHex(entry.encryption_secret)),
      senderDataSecret: Secret.of("sender_data_secret", fromHex(entry.sender_data_secret)),
      membershipKey: Secret.of("membership_key", fromHex(entry.membership_key)),
      exporterSecret: zeroSecret("exporter_secret", suite),
      externalSecret: zeroSecret("external_secret", suite),
      confirmationKey: zeroSecret("confirmation_key", suite),
      resumptionPsk: zeroSecret("resumption_psk", suite),
      epochAuthenticator: zeroSecret("epoch_authenticator", suite),
      initSecret: zeroSecret("init_secret", suite),
      applicationExportSecret: zeroSecret("application_export_secret", suite),
    },
    defaultWindow,
  );
}

/** A leaf that nobody has signed. */
export function leafOf(signatureKey: Uint8Array): LeafNode {
  return {
    encryptionKey: signatureKey,
    signatureKey,
    credential: { type: "basic", identity: signatureKey },
    capabilities: { versions: [], cipherSuites: [], extensions: [], proposals: [], credentials: [] },
    leafNodeSource: { type: "update" },
    extensions: [],
    signature: new Uint8Array(0),
  };
}

function contentOf(type: ContentType, raw: Uint8Array): Content {
  switch (type) {
    case "proposal":
      return { type, proposal: decode(Proposal, raw) };
    case "commit":
      return { type, commit: decode(Commit, raw) };
    case "application":
      return { type, applicationData: raw };
  }
}

function rawOf(content: Content): string {
  switch (content.type) {
    case "proposal":
      return hex(encode(Proposal, content.proposal));
    case "commit":
      return hex(encode(Commit, content.commit));
    case "application":
      return hex(content.applicationData);
  }
}
