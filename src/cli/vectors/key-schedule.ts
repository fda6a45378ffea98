/**
 * Key Schedule: a chain of epochs, each from the init secret of the one before. RFC 9420 sections 8, 8.5.
 */

import { Secret } from "../../bytes/secret.ts";
import { fromHex } from "../../bytes/text.ts";
import { encode } from "../../codec/codec.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { deriveEpoch, deriveJoinerSecret, exportSecret, type EpochSecrets } from "../../schedule/key-schedule.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { mls10 } from "../../wire/registries.ts";
import { eachEntry, holds, same, type Verify } from "./check.ts";

interface Epoch {
  readonly tree_hash: string;
  readonly commit_secret: string;
  readonly psk_secret: string;
  readonly confirmed_transcript_hash: string;
  readonly group_context: string;
  readonly joiner_secret: string;
  readonly welcome_secret: string;
  readonly init_secret: string;
  readonly sender_data_secret: string;
  readonly encryption_secret: string;
  readonly exporter_secret: string;
  readonly epoch_authenticator: string;
  readonly external_secret: string;
  readonly confirmation_key: string;
  readonly membership_key: string;
  readonly resumption_psk: string;
  readonly external_pub: string;
  readonly exporter: {
    readonly label: string;
    readonly context: string;
    readonly length: number;
    readonly secret: string;
  };
}

interface Entry {
  readonly cipher_suite: number;
  readonly group_id: string;
  readonly initial_init_secret: string;
  readonly epochs: readonly Epoch[];
}

/** The secrets of RFC 9420: the vectors have no others. */
export type Published = Exclude<keyof EpochSecrets, "applicationExportSecret">;

/** The published name of each secret of an epoch. */
export const names: Readonly<Record<Published, string>> = {
  senderDataSecret: "sender_data_secret",
  encryptionSecret: "encryption_secret",
  exporterSecret: "exporter_secret",
  externalSecret: "external_secret",
  confirmationKey: "confirmation_key",
  membershipKey: "membership_key",
  resumptionPsk: "resumption_psk",
  epochAuthenticator: "epoch_authenticator",
  initSecret: "init_secret",
} satisfies Record<Published, keyof Epoch>;

/** Hold an entry of key-schedule.json to the key schedule, one epoch after another. */
export const verifyKeySchedule: Verify = eachEntry<Entry>(async (entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  holds("an entry without epochs", entry.epochs.length > 0);
  let initSecret = Secret.of("init_secret", fromHex(entry.initial_init_secret));
  for (const [index, epoch] of entry.epochs.entries()) {
    const groupContext = encode(GroupContext, {
      version: mls10,
      cipherSuite: entry.cipher_suite,
      groupId: fromHex(entry.group_id),
      epoch: BigInt(index),
      treeHash: fromHex(epoch.tree_hash),
      confirmedTranscriptHash: fromHex(epoch.confirmed_transcript_hash),
      extensions: [],
    });
    same(`epoch ${index}: group_context`, groupContext, epoch.group_context);
    initSecret = await verifyEpoch(suite, { index, epoch, groupContext, initSecret });
  }
});

async function verifyEpoch(
  suite: CipherSuite,
  input: {
    readonly index: number;
    readonly epoch: Epoch;
    readonly groupContext: Uint8Array;
    readonly initSecret: Secret<"init_secret">;
  },
): Promise<Secret<"init_secret">> {
  const { index, epoch, groupContext, initSecret } = input;
  const sameSecret = (name: keyof Epoch, secret: Secret<string>): void => {
    secret.use((bytes) => same(`epoch ${index}: ${name}`, bytes, epoch[name] as string));
  };
  const commitSecret = Secret.of("commit_secret", fromHex(epoch.commit_secret));
  const joinerSecret = deriveJoinerSecret(suite, { initSecret, commitSecret, groupContext });
  sameSecret("joiner_secret", joinerSecret);
  const pskSecret = Secret.of("psk_secret", fromHex(epoch.psk_secret));
  const { welcomeSecret, epochSecrets } = deriveEpoch(suite, { joinerSecret, pskSecret, groupContext });
  sameSecret("welcome_secret", welcomeSecret);
  for (const name of Object.keys(names) as Published[]) sameSecret(names[name] as keyof Epoch, epochSecrets[name]);

  const { publicKey } = await epochSecrets.externalSecret.use((bytes) => suite.deriveKeyPair(bytes));
  same(`epoch ${index}: external_pub`, publicKey, epoch.external_pub);
  const { label, context, length, secret } = epoch.exporter;
  const exported = exportSecret(suite, epochSecrets.exporterSecret, label, fromHex(context), length);
  same(`epoch ${index}: exporter.secret`, exported, secret);
  return epochSecrets.initSecret;
}
