/**
 * Encrypting for a component of somebody else's: SafeEncryptWithLabel. Section 4.2 of draft-ietf-mls-extensions.
 *
 *     const sealed = await encryptForComponent({
 *       suite, to: { member: group.member(3)! }, componentId: 0x8001, label: "invitation", plaintext,
 *     });
 *     // the member: group.component(0x8001).decrypt(sealed, { label: "invitation" })
 */

import { copyBytes } from "../../bytes/copy.ts";
import { nothing } from "../../bytes/nothing.ts";
import { anything, bytes, hook, options, text, thing, uint16, type Shape } from "../../bytes/takes.ts";
import { decodeCopy } from "../../codec/codec.ts";
import { encryptWithLabel } from "../../crypto/labels.ts";
import type { CipherSuite, Random } from "../../crypto/provider.ts";
import { checkedRandom, platformRandom } from "../../crypto/random.ts";
import { CopseError } from "../../errors.ts";
import { checkInitKey, checkKeyPackageSuite, keyPackageSignature } from "../../rules/key-package.ts";
import { checkSignatures } from "../../rules/signatures.ts";
import { suite as suiteTakes } from "../../public-group/options/takes.ts";
import { componentLabel } from "../../wire/component-label.ts";
import { MlsMessage } from "../../wire/message.ts";
import type { HpkeCiphertext } from "../../wire/update-path.ts";

/** Whose key it is encrypted to. It opens for them as long as they have the private key. */
export type ComponentRecipient =
  /** A member of a group, by its leaf: until it has changed its leaf. */
  | { readonly member: { readonly encryptionKey: Uint8Array } }
  /**
   * Who has published this key package, an MLSMessage: until it has joined by it. Its signature is checked; whom its credential
   * stands for is the caller's to know.
   */
  | { readonly keyPackage: Uint8Array }
  /**
   * All members of an epoch, by its external_pub (of `readGroupInfo`, which verifies nothing): until the next epoch. The draft
   * prefers it to a key that the tree's root has.
   */
  | { readonly externalPub: Uint8Array };

/** All of them, of which a caller names one. */
interface Recipients {
  readonly member?: { readonly encryptionKey: Uint8Array };
  readonly keyPackage?: Uint8Array;
  readonly externalPub?: Uint8Array;
}

/** What is encrypted for a component. */
export interface ComponentEncryption {
  readonly suite: CipherSuite;
  readonly to: ComponentRecipient;
  /** The component that is to open it: of the receiver's application. It may be another than the one that sends. */
  readonly componentId: number;
  readonly label: string;
  /** What the receiver must know beside the label to open it. Default: empty. */
  readonly context?: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly random?: Random;
}

const encryptionShape: Shape<ComponentEncryption> = {
  suite: suiteTakes,
  to: anything,
  componentId: uint16,
  label: text,
  context: bytes,
  plaintext: bytes,
  random: hook,
};
const anEncryption = /* @__PURE__ */ options(encryptionShape, ...["suite", "to", "componentId", "label", "plaintext"]);
const aRecipient = /* @__PURE__ */ options({
  member: /* @__PURE__ */ thing("a member", { encryptionKey: bytes }, ["encryptionKey"]),
  keyPackage: bytes,
  externalPub: bytes,
});

/**
 * SafeEncryptWithLabel, by HPKE's base mode: anybody can make it, so it says nothing of who has. What must be from a member is
 * signed, too: `group.component(id).sign`.
 *
 * @throws CopseError "key-invalid"; "key-package-suite", "key-package-signature" or "key-package-init-key" for a key package
 * that nobody should use, and of a `decode-` code for what is none.
 */
export async function encryptForComponent(encryption: ComponentEncryption): Promise<HpkeCiphertext> {
  anEncryption("encryptForComponent", encryption);
  aRecipient("to", encryption.to);
  if (Object.values(encryption.to).filter((key) => key !== undefined).length !== 1) {
    throw new TypeError("to is one of member, keyPackage and externalPub");
  }
  const { suite, to, componentId, label, random = platformRandom } = encryption;
  const input = {
    label: componentLabel(componentId, label),
    context: copyBytes(encryption.context ?? nothing),
    plaintext: copyBytes(encryption.plaintext),
    random: checkedRandom(random),
  };
  const publicKey = await publicKeyOf(to, suite);
  return encryptWithLabel(suite, { publicKey, ...input });
}

async function publicKeyOf(to: ComponentRecipient, suite: CipherSuite): Promise<Uint8Array> {
  const { member, externalPub, keyPackage: encoded = nothing }: Recipients = to;
  if (member !== undefined) return copyBytes(member.encryptionKey);
  if (externalPub !== undefined) return copyBytes(externalPub);
  const message = decodeCopy(MlsMessage, encoded);
  if (message.wireFormat !== "mls_key_package") {
    throw new CopseError("key-package-suite", { detail: "not a key package" });
  }
  const { keyPackage } = message;
  checkKeyPackageSuite(keyPackage, suite);
  checkInitKey(keyPackage, suite);
  await checkSignatures(suite, [keyPackageSignature(keyPackage)]);
  return keyPackage.initKey;
}
