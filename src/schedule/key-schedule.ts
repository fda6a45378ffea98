/**
 * The key schedule: from one epoch's init secret to all secrets of the next. RFC 9420 section 8.
 *
 *                         init_secret_[n-1]
 *                               |
 *                               V
 *         commit_secret --> KDF.Extract
 *                               |
 *                               V
 *                       ExpandWithLabel(., "joiner", GroupContext_[n], KDF.Nh)
 *                               |
 *                               V
 *                          joiner_secret
 *                               |
 *                               V
 *     psk_secret (or 0) --> KDF.Extract
 *                               |
 *                               +--> DeriveSecret(., "welcome")
 *                               |    = welcome_secret
 *                               V
 *                       ExpandWithLabel(., "epoch", GroupContext_[n], KDF.Nh)
 *                               |
 *                               V
 *                          epoch_secret
 *                               |
 *                               +--> DeriveSecret(., <label>)
 *                               |    = <secret>
 *                               V
 *                         DeriveSecret(., "init")
 *                               |
 *                               V
 *                         init_secret_[n]
 *
 * KDF.Extract takes its salt from the top and its input keying material from the left.
 */

import { nothing } from "../bytes/nothing.ts";
import { Secret } from "../bytes/secret.ts";
import { deriveSecret, expandWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";

/** What an epoch lives on. RFC 9420 section 8, table "Epoch-Derived Secrets", and the init secret for the next epoch. */
export interface EpochSecrets {
  readonly senderDataSecret: Secret<"sender_data_secret">;
  readonly encryptionSecret: Secret<"encryption_secret">;
  readonly exporterSecret: Secret<"exporter_secret">;
  readonly externalSecret: Secret<"external_secret">;
  readonly confirmationKey: Secret<"confirmation_key">;
  readonly membershipKey: Secret<"membership_key">;
  readonly resumptionPsk: Secret<"resumption_psk">;
  readonly epochAuthenticator: Secret<"epoch_authenticator">;
  readonly initSecret: Secret<"init_secret">;
  /** Of draft-ietf-mls-extensions, section 4.4: the root of the exporter tree. */
  readonly applicationExportSecret: Secret<"application_export_secret">;
}

/** A key and a nonce for the suite's AEAD, for one use: `sealOnce` and `openOnce` wipe them. */
export interface KeyAndNonce {
  /** Of AEAD.Nk bytes. */
  readonly key: Uint8Array;
  /** Of AEAD.Nn bytes. */
  readonly nonce: Uint8Array;
}

/**
 * The joiner secret of an epoch, from the epoch before it. Neither secret is wiped: they end when the commit is
 * accepted, which is for the caller to know.
 */
export function deriveJoinerSecret(
  suite: CipherSuite,
  input: {
    readonly initSecret: Secret<"init_secret">;
    readonly commitSecret: Secret<"commit_secret">;
    /** The encoded GroupContext of the new epoch. */
    readonly groupContext: Uint8Array;
  },
): Secret<"joiner_secret"> {
  const { initSecret, commitSecret, groupContext } = input;
  return withExtracted(suite, initSecret, commitSecret, (extracted) =>
    Secret.of("joiner_secret", expandWithLabel(suite, extracted, "joiner", groupContext, suite.hashLength)),
  );
}

/**
 * The welcome secret alone: a new member needs it to read the GroupInfo, and with it the GroupContext. Neither secret
 * that goes in is wiped.
 */
export function deriveWelcomeSecret(
  suite: CipherSuite,
  input: { readonly joinerSecret: Secret<"joiner_secret">; readonly pskSecret: Secret<"psk_secret"> },
): Secret<"welcome_secret"> {
  return withExtracted(suite, input.joinerSecret, input.pskSecret, (extracted) =>
    Secret.of("welcome_secret", deriveSecret(suite, extracted, "welcome")),
  );
}

/** All secrets of an epoch from its joiner secret. Neither secret that goes in is wiped; the epoch secret is. */
export function deriveEpoch(
  suite: CipherSuite,
  input: {
    readonly joinerSecret: Secret<"joiner_secret">;
    /** Without PSKs, `zeroSecret("psk_secret", suite)`. */
    readonly pskSecret: Secret<"psk_secret">;
    /** The encoded GroupContext of the new epoch. */
    readonly groupContext: Uint8Array;
  },
): { readonly welcomeSecret: Secret<"welcome_secret">; readonly epochSecrets: EpochSecrets } {
  const { joinerSecret, pskSecret, groupContext } = input;
  return withExtracted(suite, joinerSecret, pskSecret, (extracted) => {
    const epochSecret = expandWithLabel(suite, extracted, "epoch", groupContext, suite.hashLength);
    return {
      welcomeSecret: Secret.of("welcome_secret", deriveSecret(suite, extracted, "welcome")),
      epochSecrets: epochSecretsFrom(suite, Secret.of("epoch_secret", epochSecret)),
    };
  });
}

/**
 * The secrets that an epoch secret stands for. When a group is created the epoch secret is random (section 11).
 * The epoch secret is wiped: by section 9.2 it is consumed as soon as anything derived from it is.
 */
export function epochSecretsFrom(suite: CipherSuite, epochSecret: Secret<"epoch_secret">): EpochSecrets {
  const secrets = epochSecret.use((bytes): EpochSecrets => {
    const derive = <Name extends string>(name: Name, label: string): Secret<Name> =>
      Secret.of(name, deriveSecret(suite, bytes, label));
    return {
      senderDataSecret: derive("sender_data_secret", "sender data"),
      encryptionSecret: derive("encryption_secret", "encryption"),
      exporterSecret: derive("exporter_secret", "exporter"),
      externalSecret: derive("external_secret", "external"),
      confirmationKey: derive("confirmation_key", "confirm"),
      membershipKey: derive("membership_key", "membership"),
      resumptionPsk: derive("resumption_psk", "resumption"),
      epochAuthenticator: derive("epoch_authenticator", "authentication"),
      initSecret: derive("init_secret", "init"),
      applicationExportSecret: derive("application_export_secret", "application_export"),
    };
  });
  epochSecret.wipe();
  return secrets;
}

/** Wipe every secret of an epoch, those that someone else has taken over and wiped included. */
export function wipeEpochSecrets(secrets: EpochSecrets): void {
  for (const secret of Object.values(secrets) as Secret<string>[]) secret.wipe();
}

/**
 * "`0` represents an all-zero byte string of length KDF.Nh": the commit secret of a commit without a path, the PSK
 * secret without PSKs.
 */
export function zeroSecret<Name extends string>(name: Name, suite: CipherSuite): Secret<Name> {
  return Secret.of(name, new Uint8Array(suite.hashLength));
}

/** What the GroupInfo in a Welcome is encrypted with. RFC 9420 section 12.4.3.1. */
export function welcomeKeyAndNonce(suite: CipherSuite, welcomeSecret: Secret<"welcome_secret">): KeyAndNonce {
  return keyAndNonce(suite, welcomeSecret, nothing);
}

/**
 * What the sender data of a message is encrypted with. RFC 9420 section 6.3.2: the context is "the first KDF.Nh bytes
 * of the ciphertext", or the whole of a shorter one.
 */
export function senderDataKeyAndNonce(
  suite: CipherSuite,
  senderDataSecret: Secret<"sender_data_secret">,
  ciphertext: Uint8Array,
): KeyAndNonce {
  return keyAndNonce(suite, senderDataSecret, ciphertext.subarray(0, suite.hashLength));
}

/** RFC 9420 section 6.1: confirmation_tag = MAC(confirmation_key, GroupContext.confirmed_transcript_hash). */
export function confirmationTag(
  suite: CipherSuite,
  confirmationKey: Secret<"confirmation_key">,
  confirmedTranscriptHash: Uint8Array,
): Uint8Array {
  return confirmationKey.use((key) => suite.mac(key, confirmedTranscriptHash));
}

/** RFC 9420 section 6.2: membership_tag = MAC(membership_key, AuthenticatedContentTBM). */
export function membershipTag(
  suite: CipherSuite,
  membershipKey: Secret<"membership_key">,
  authenticatedContentTbm: Uint8Array,
): Uint8Array {
  return membershipKey.use((key) => suite.mac(key, authenticatedContentTbm));
}

/**
 * RFC 9420 section 8.5: MLS-Exporter(Label, Context, Length). The result is the caller's, to wipe when it is used.
 *
 * @param length in bytes, at most 255 * KDF.Nh, which is the most that HKDF-Expand gives
 * @throws TypeError where an argument has the wrong type, or the length is out of range.
 */
export function exportSecret(
  suite: CipherSuite,
  exporterSecret: Secret<"exporter_secret">,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  if (typeof label !== "string") throw new TypeError("the label of an exported secret is a string");
  if (!(context instanceof Uint8Array)) throw new TypeError("the context of an exported secret is a Uint8Array");
  const most = Math.min(255 * suite.hashLength, 0xffff); // KDFLabel.length is a uint16
  if (!Number.isInteger(length) || length < 0 || length > most) {
    throw new TypeError(`the length of an exported secret is an integer from 0 to ${most}`);
  }
  const derived = exporterSecret.use((bytes) => deriveSecret(suite, bytes, label));
  const exported = expandWithLabel(suite, derived, "exported", suite.hash(context), length);
  derived.fill(0);
  return exported;
}

/** AEAD encryption, after which key and nonce are wiped, also where it fails. */
export function sealOnce(
  suite: CipherSuite,
  { key, nonce }: KeyAndNonce,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  try {
    return suite.seal(key, nonce, associatedData, plaintext);
  } finally {
    key.fill(0);
    nonce.fill(0);
  }
}

/** AEAD decryption, after which key and nonce are wiped, also where it fails. @throws CopseError "aead-open" */
export function openOnce(
  suite: CipherSuite,
  { key, nonce }: KeyAndNonce,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  try {
    return suite.open(key, nonce, associatedData, ciphertext);
  } finally {
    key.fill(0);
    nonce.fill(0);
  }
}

function keyAndNonce(suite: CipherSuite, secret: Secret<string>, context: Uint8Array): KeyAndNonce {
  return secret.use((bytes) => ({
    key: expandWithLabel(suite, bytes, "key", context, suite.keyLength),
    nonce: expandWithLabel(suite, bytes, "nonce", context, suite.nonceLength),
  }));
}

/** What `derive` makes of KDF.Extract(salt, ikm), which is wiped after it. */
function withExtracted<Result>(
  suite: CipherSuite,
  salt: Secret<string>,
  ikm: Secret<string>,
  derive: (extracted: Uint8Array) => Result,
): Result {
  const extracted = salt.use((top) => ikm.use((left) => suite.extract(top, left)));
  try {
    return derive(extracted);
  } finally {
    extracted.fill(0);
  }
}
