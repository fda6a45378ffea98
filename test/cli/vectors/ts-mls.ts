/**
 * ts-mls 1.6.4 as a reader of vectors: docs/interop.md lists its faults.
 */

import {
  acceptAll,
  bytesToBase64,
  ciphersuites,
  decodeMlsMessage,
  encodeMlsMessage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  makePskIndex,
  processPrivateMessage,
  processPublicMessage,
  type CiphersuiteImpl,
  type CiphersuiteName,
  type MLSMessage,
} from "ts-mls";
import { decodeCommit, encodeCommit } from "ts-mls/commit.js";
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from "ts-mls/groupInfo.js";
import { decodeGroupSecrets, encodeGroupSecrets } from "ts-mls/groupSecrets.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { decodeProposal, encodeProposal } from "ts-mls/proposal.js";
import { decodeRatchetTree, encodeRatchetTree } from "ts-mls/ratchetTree.js";

import { decryptGroupInfo, decryptGroupSecrets } from "ts-mls/welcome.js";
import { fromHex, hex } from "../../../src/bytes/text.ts";
import type { PassiveClient } from "../../../src/cli/vectors/generate/passive-client.ts";
import { proposalTypes } from "../../../src/wire/registries.ts";

export type MessagesEntry = Readonly<Record<string, string>>;

export type PassiveEntry = PassiveClient;

export interface WelcomeEntry {
  readonly cipher_suite: number;
  readonly init_priv: string;
  readonly signer_pub: string;
  readonly key_package: string;
  readonly welcome: string;
}

async function suiteOf(id: number): Promise<CiphersuiteImpl> {
  const name = (Object.keys(ciphersuites) as CiphersuiteName[]).find((candidate) => ciphersuites[candidate] === id);
  if (name === undefined) throw new TypeError("not a cipher suite of ts-mls");
  return getCiphersuiteImpl(getCiphersuiteFromName(name));
}

function messageOf(text: string): MLSMessage {
  const bytes = fromHex(text);
  const [message, length] = decodeMlsMessage(bytes, 0) ?? [];
  if (message === undefined || length !== bytes.length) throw new TypeError("ts-mls does not read this message");
  return message;
}

function messageAs<Format extends MLSMessage["wireformat"]>(text: string, format: Format) {
  const message = messageOf(text);
  if (message.wireformat !== format) throw new TypeError(`not of ${format}`);
  return message as Extract<MLSMessage, { readonly wireformat: Format }>;
}

/** Read with a decoder, and written again with its encoder, in hex. */
function again<T>(
  text: string,
  read: (bytes: Uint8Array, offset: number) => readonly [T, number] | undefined,
  write: (value: T) => Uint8Array,
): string {
  const [value] = read(fromHex(text), 0) ?? [];
  return value === undefined ? "not read" : hex(write(value));
}

/** An entry of messages.json as ts-mls writes it, once it has read it. */
export function readMessages(entry: MessagesEntry): MessagesEntry {
  const written: Record<string, string> = {};
  for (const [name, text] of Object.entries(entry)) {
    if (name === "ratchet_tree") written[name] = again(text, decodeRatchetTree, encodeRatchetTree);
    else if (name === "group_secrets") written[name] = again(text, decodeGroupSecrets, encodeGroupSecrets);
    else if (name === "commit") written[name] = again(text, decodeCommit, encodeCommit);
    else if (name.endsWith("_proposal") && name in bodies) {
      const type = proposalTypes[bodies[name]!].toString(16).padStart(4, "0");
      written[name] = again(type + text, decodeProposal, encodeProposal).slice(type.length);
    } else written[name] = hex(encodeMlsMessage(messageOf(text)));
  }
  return written;
}

/** The fields that hold a proposal without its type. */
const bodies: Readonly<Record<string, keyof typeof proposalTypes>> = {
  add_proposal: "add",
  update_proposal: "update",
  remove_proposal: "remove",
  pre_shared_key_proposal: "psk",
  re_init_proposal: "reinit",
  external_init_proposal: "external_init",
  group_context_extensions_proposal: "group_context_extensions",
};

/** What an entry of welcome.json says, as far as ts-mls can verify it. */
export async function readWelcome(entry: WelcomeEntry): Promise<{ signature: boolean; confirmationTag: boolean }> {
  const suite = await suiteOf(entry.cipher_suite);
  const { keyPackage } = messageAs(entry.key_package, "mls_key_package");
  const { welcome } = messageAs(entry.welcome, "mls_welcome");
  const initKey = await suite.hpke.importPrivateKey(fromHex(entry.init_priv));
  const ref = await makeKeyPackageRef(keyPackage, suite.hash);
  const secrets = await decryptGroupSecrets(initKey, ref, welcome, suite.hpke);
  if (secrets === undefined) throw new TypeError("ts-mls does not read the group secrets");
  const psk = new Uint8Array(suite.kdf.size);
  const info = await decryptGroupInfo(welcome, secrets.joinerSecret, psk, suite);
  if (info === undefined) throw new TypeError("ts-mls does not read the GroupInfo");
  return {
    signature: await verifyGroupInfoSignature(info, fromHex(entry.signer_pub), suite.signature),
    confirmationTag: await verifyGroupInfoConfirmationTag(info, secrets.joinerSecret, psk, suite),
  };
}

/** Join by an entry's Welcome and follow its commits: the epoch authenticators on the way. */
export async function follow(entry: PassiveEntry): Promise<readonly string[]> {
  const suite = await suiteOf(entry.cipher_suite);
  const external = entry.external_psks.map(
    ({ psk_id, psk }) => [bytesToBase64(fromHex(psk_id)), fromHex(psk)] as const,
  );
  const psks = Object.fromEntries(external);
  const { keyPackage } = messageAs(entry.key_package, "mls_key_package");
  let state = await joinGroup(
    messageAs(entry.welcome, "mls_welcome").welcome,
    keyPackage,
    {
      initPrivateKey: fromHex(entry.init_priv),
      hpkePrivateKey: fromHex(entry.encryption_priv),
      signaturePrivateKey: fromHex(entry.signature_priv),
    },
    makePskIndex(undefined, psks),
    suite,
    entry.ratchet_tree === null ? undefined : decodeRatchetTree(fromHex(entry.ratchet_tree), 0)?.[0],
  );
  const seen = [hex(state.keySchedule.epochAuthenticator)];
  for (const { proposals, commit } of entry.epochs) {
    for (const text of [...proposals, commit]) {
      const message = messageOf(text);
      const index = makePskIndex(state, psks);
      // Not processMessage: it forgets the PSKs of a commit in a PrivateMessage.
      if (message.wireformat === "mls_public_message") {
        state = (await processPublicMessage(state, message.publicMessage, index, suite, acceptAll)).newState;
      } else if (message.wireformat === "mls_private_message") {
        state = (await processPrivateMessage(state, message.privateMessage, index, suite, acceptAll)).newState;
      } else throw new TypeError("not a handshake");
    }
    seen.push(hex(state.keySchedule.epochAuthenticator));
  }
  return seen;
}
