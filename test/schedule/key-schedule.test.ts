import { afterEach, describe, expect, test } from "vitest";
import { Secret } from "../../src/bytes/secret.ts";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import {
  confirmationTag,
  deriveEpoch,
  deriveJoinerSecret,
  deriveWelcomeSecret,
  epochSecretsFrom,
  exportSecret,
  membershipTag,
  senderDataKeyAndNonce,
  welcomeKeyAndNonce,
  wipeEpochSecrets,
  zeroSecret,
  type EpochSecrets,
} from "../../src/schedule/key-schedule.ts";
import { GroupContext } from "../../src/wire/group-context.ts";
import { mls10 } from "../../src/wire/registries.ts";
import { providers } from "../crypto/providers.ts";
import { describePublished } from "../vectors/published.ts";
import { LiveSecrets } from "./live-secrets.ts";

const suite = nodeProvider.cipherSuite(1);

type Hex = string;

interface Epoch {
  readonly tree_hash: Hex;
  readonly commit_secret: Hex;
  readonly psk_secret: Hex;
  readonly confirmed_transcript_hash: Hex;
  readonly group_context: Hex;
  readonly joiner_secret: Hex;
  readonly welcome_secret: Hex;
  readonly init_secret: Hex;
  readonly sender_data_secret: Hex;
  readonly encryption_secret: Hex;
  readonly exporter_secret: Hex;
  readonly epoch_authenticator: Hex;
  readonly external_secret: Hex;
  readonly confirmation_key: Hex;
  readonly membership_key: Hex;
  readonly resumption_psk: Hex;
  readonly external_pub: Hex;
  readonly exporter: { readonly label: string; readonly context: Hex; readonly length: number; readonly secret: Hex };
}

interface KeySchedule {
  readonly cipher_suite: number;
  readonly group_id: Hex;
  readonly initial_init_secret: Hex;
  readonly epochs: readonly Epoch[];
}

describePublished("mls", "key-schedule.json", (text) => {
  const vectors = JSON.parse(text) as KeySchedule[];
  for (const provider of providers) {
    test.each(vectors)(`suite $cipher_suite, ${provider.name}`, async (vector) => {
      const suite = provider.cipherSuite(vector.cipher_suite);
      let initSecret = Secret.of("init_secret", fromHex(vector.initial_init_secret));
      for (const [number, epoch] of vector.epochs.entries()) {
        const groupContext = encode(GroupContext, {
          version: mls10,
          cipherSuite: vector.cipher_suite,
          groupId: fromHex(vector.group_id),
          epoch: BigInt(number),
          treeHash: fromHex(epoch.tree_hash),
          confirmedTranscriptHash: fromHex(epoch.confirmed_transcript_hash),
          extensions: [],
        });
        expect(hex(groupContext)).toBe(epoch.group_context);

        const commitSecret = Secret.of("commit_secret", fromHex(epoch.commit_secret));
        const pskSecret = Secret.of("psk_secret", fromHex(epoch.psk_secret));
        const joinerSecret = deriveJoinerSecret(suite, { initSecret, commitSecret, groupContext });
        expect(shown(joinerSecret)).toBe(epoch.joiner_secret);
        expect(shown(deriveWelcomeSecret(suite, { joinerSecret, pskSecret }))).toBe(epoch.welcome_secret);

        const { welcomeSecret, epochSecrets } = deriveEpoch(suite, { joinerSecret, pskSecret, groupContext });
        expect(shown(welcomeSecret)).toBe(epoch.welcome_secret);
        expect(allShown(epochSecrets)).toEqual({
          senderDataSecret: epoch.sender_data_secret,
          encryptionSecret: epoch.encryption_secret,
          exporterSecret: epoch.exporter_secret,
          externalSecret: epoch.external_secret,
          confirmationKey: epoch.confirmation_key,
          membershipKey: epoch.membership_key,
          resumptionPsk: epoch.resumption_psk,
          epochAuthenticator: epoch.epoch_authenticator,
          initSecret: epoch.init_secret,
          applicationExportSecret: expect.stringMatching(/^[0-9a-f]+$/) as string, // not in the vectors: see exporter-tree.test.ts
        });

        const external = await epochSecrets.externalSecret.use((bytes) => suite.deriveKeyPair(bytes));
        expect(hex(external.publicKey)).toBe(epoch.external_pub);
        const { label, context, length, secret } = epoch.exporter;
        const exported = exportSecret(suite, epochSecrets.exporterSecret, label, fromHex(context), length);
        expect(hex(exported)).toBe(secret);
        initSecret = epochSecrets.initSecret;
      }
    });
  }
});

describe("what an epoch leaves behind", () => {
  let alive: LiveSecrets | undefined;
  afterEach(() => alive?.stop());

  test("deriving an epoch keeps its inputs, and wipes what lies between", () => {
    const initSecret = secretOf("init_secret", 1);
    const commitSecret = secretOf("commit_secret", 2);
    const pskSecret = zeroSecret("psk_secret", suite);
    alive = new LiveSecrets();
    const groupContext = new Uint8Array([1, 2, 3]);
    const joinerSecret = deriveJoinerSecret(suite, { initSecret, commitSecret, groupContext });
    const { welcomeSecret, epochSecrets } = deriveEpoch(suite, { joinerSecret, pskSecret, groupContext });

    for (const input of [initSecret, commitSecret, pskSecret, joinerSecret]) expect(input.isWiped).toBe(false);
    expect(alive.names()).toEqual(
      ["joiner_secret", "welcome_secret", ...Object.values(epochSecrets).map(nameOf)].sort(),
    );
    joinerSecret.wipe();
    welcomeSecret.wipe();
    wipeEpochSecrets(epochSecrets);
    expect(alive.count).toBe(0);
  });

  test("the epoch secret is consumed by its first use", () => {
    const epochSecret = secretOf("epoch_secret", 3);
    const expected = allShown(epochSecretsFrom(suite, epochSecret.copy()));
    expect(allShown(epochSecretsFrom(suite, epochSecret))).toEqual(expected);
    expect(new Set(Object.values(expected)).size).toBe(10);
    expect(epochSecret.isWiped).toBe(true);
    expect(() => epochSecretsFrom(suite, epochSecret)).toThrow(expect.objectContaining({ code: "secret-wiped" }));
  });

  test("a zero secret has the length of a hash", () => {
    expect(shown(zeroSecret("commit_secret", suite))).toBe("00".repeat(32));
    expect(zeroSecret("psk_secret", nodeProvider.cipherSuite(7)).length).toBe(48);
  });
});

describe("what an epoch's secrets are for", () => {
  test("the welcome key and nonce fit the AEAD, and each welcome secret has its own", () => {
    const one = welcomeKeyAndNonce(suite, secretOf("welcome_secret", 1));
    const two = welcomeKeyAndNonce(suite, secretOf("welcome_secret", 2));
    expect([one.key.length, one.nonce.length]).toEqual([suite.keyLength, suite.nonceLength]);
    expect(one.key).not.toEqual(two.key);
    expect(one.nonce).not.toEqual(two.nonce);
  });

  test("sender data is keyed by the first KDF.Nh bytes of the ciphertext, or by all of a shorter one", () => {
    const secret = secretOf("sender_data_secret", 1);
    const ciphertext = Uint8Array.from({ length: 64 }, (_, i) => i);
    const whole = senderDataKeyAndNonce(suite, secret, ciphertext);
    expect(senderDataKeyAndNonce(suite, secret, ciphertext.subarray(0, 32))).toEqual(whole);
    expect(senderDataKeyAndNonce(suite, secret, ciphertext.subarray(0, 31))).not.toEqual(whole);
  });

  test("tags are HMACs of the suite", () => {
    const message = new Uint8Array([1, 2, 3]);
    const expected = suite.mac(new Uint8Array(32).fill(5), message);
    expect(confirmationTag(suite, secretOf("confirmation_key", 5), message)).toEqual(expected);
    expect(membershipTag(suite, secretOf("membership_key", 5), message)).toEqual(expected);
  });

  test("an exported secret depends on its label, its context and its length", () => {
    const exporter = secretOf("exporter_secret", 1);
    const context = new Uint8Array([1]);
    const secrets = [
      exportSecret(suite, exporter, "a", context, 16),
      exportSecret(suite, exporter, "b", context, 16),
      exportSecret(suite, exporter, "a", new Uint8Array([2]), 16),
      exportSecret(suite, exporter, "a", context, 17).subarray(0, 16),
    ];
    expect(new Set(secrets.map(hex)).size).toBe(4);
  });

  test("an exported secret is as long as HKDF can make it, and no longer", () => {
    const exporter = secretOf("exporter_secret", 1);
    const context = new Uint8Array(0);
    expect(exportSecret(suite, exporter, "a", context, 0).length).toBe(0);
    expect(exportSecret(suite, exporter, "a", context, 255 * 32).length).toBe(255 * 32);
    for (const length of [255 * 32 + 1, -1, 1.5, NaN, Infinity]) {
      const exporting = (): unknown => exportSecret(suite, exporter, "a", context, length);
      expect(exporting).toThrow(new TypeError("the length of an exported secret is an integer from 0 to 8160"));
    }
    const wrongLabel = (): unknown => exportSecret(suite, exporter, 1 as unknown as string, context, 1);
    expect(wrongLabel).toThrow(new TypeError("the label of an exported secret is a string"));
    const wrongContext = (): unknown => exportSecret(suite, exporter, "a", "context" as unknown as Uint8Array, 1);
    expect(wrongContext).toThrow(new TypeError("the context of an exported secret is a Uint8Array"));
  });
});

function secretOf<Name extends string>(name: Name, byte: number): Secret<Name> {
  return Secret.of(name, new Uint8Array(32).fill(byte));
}

function shown(secret: Secret<string>): string {
  return secret.use(hex);
}

function allShown(secrets: EpochSecrets): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, secret]: [string, Secret<string>]) => [name, shown(secret)]),
  );
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
