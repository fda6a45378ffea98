/**
 * Welcome: what a new member opens with its init key. RFC 9420 section 12.4.3.1.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { Secret } from "../../bytes/secret.ts";
import { fromHex, hex } from "../../bytes/text.ts";
import { decode } from "../../codec/codec.ts";
import { encodingOf } from "../../codec/retained.ts";
import { decryptWithLabel, makeKeyPackageRef, verifyWithLabel } from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import {
  confirmationTag,
  deriveEpoch,
  deriveWelcomeSecret,
  welcomeKeyAndNonce,
  zeroSecret,
} from "../../schedule/key-schedule.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { KeyPackage } from "../../wire/key-package.ts";
import { decodeMessage } from "../../wire/message.ts";
import { GroupInfo, groupInfoTbs, GroupSecrets, type Welcome } from "../../wire/welcome.ts";
import { Difference, eachEntry, holds, same, type Verify } from "./check.ts";
import { privateKeyOf } from "./private-key.ts";

interface Entry {
  readonly cipher_suite: number;
  readonly init_priv: string;
  readonly signer_pub: string;
  readonly key_package: string;
  readonly welcome: string;
}

/** Hold an entry of welcome.json to the steps of joining, as far as they go without the tree. */
export const verifyWelcome: Verify = eachEntry<Entry>(async (entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  const { keyPackage, welcome } = messages(entry);
  const initPriv = privateKeyOf(suite, entry.init_priv);
  same("init_priv's public key", await suite.kemPublicKey(initPriv), hex(keyPackage.initKey));

  const secrets = await openSecrets(suite, { keyPackage, welcome, initPriv });
  holds("the group secrets name PSKs", secrets.psks.length === 0);
  const joinerSecret = Secret.of("joiner_secret", secrets.joinerSecret);
  const pskSecret = zeroSecret("psk_secret", suite);
  const { key, nonce } = welcomeKeyAndNonce(suite, deriveWelcomeSecret(suite, { joinerSecret, pskSecret }));
  const info = decode(GroupInfo, suite.open(key, nonce, new Uint8Array(0), welcome.encryptedGroupInfo));

  const verified = await verifyWithLabel(suite, {
    publicKey: fromHex(entry.signer_pub),
    label: "GroupInfoTBS",
    content: groupInfoTbs(info),
    signature: info.signature,
  });
  holds("the GroupInfo's signature does not verify", verified);
  const groupContext = encodingOf(GroupContext, info.groupContext);
  const { epochSecrets } = deriveEpoch(suite, { joinerSecret, pskSecret, groupContext });
  const tag = confirmationTag(suite, epochSecrets.confirmationKey, info.groupContext.confirmedTranscriptHash);
  same("confirmation_tag", tag, hex(info.confirmationTag));
});

function messages(entry: Entry): { readonly keyPackage: KeyPackage; readonly welcome: Welcome } {
  const [first, second] = [decodeMessage(fromHex(entry.key_package)), decodeMessage(fromHex(entry.welcome))];
  if (first.wireFormat !== "mls_key_package") throw new Difference("key_package is no KeyPackage");
  if (second.wireFormat !== "mls_welcome") throw new Difference("welcome is no Welcome");
  same("key_package.cipher_suite", first.keyPackage.cipherSuite, entry.cipher_suite);
  same("welcome.cipher_suite", second.welcome.cipherSuite, entry.cipher_suite);
  return { keyPackage: first.keyPackage, welcome: second.welcome };
}

/** The group secrets that a Welcome holds for a key package. */
export async function openSecrets(
  suite: CipherSuite,
  input: { readonly keyPackage: KeyPackage; readonly welcome: Welcome; readonly initPriv: Uint8Array },
): Promise<GroupSecrets> {
  const { keyPackage, welcome, initPriv } = input;
  const ref = makeKeyPackageRef(suite, encodingOf(KeyPackage, keyPackage));
  const ours = welcome.secrets.find(({ newMember }) => bytesEqual(newMember, ref));
  if (ours === undefined) throw new Difference("the Welcome has no secrets for key_package");
  const opened = await decryptWithLabel(suite, {
    privateKey: initPriv,
    label: "Welcome",
    context: welcome.encryptedGroupInfo,
    ...ours.encryptedGroupSecrets,
  });
  return decode(GroupSecrets, opened);
}
