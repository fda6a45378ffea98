/**
 * Rules for key packages. RFC 9420 sections 10, 10.1.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { signContent } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import type { Extension } from "../wire/extension.ts";
import { keyPackageTbs, type KeyPackage } from "../wire/key-package.ts";
import type { Capabilities } from "../wire/leaf-node.ts";
import { isDefaultExtensionType, mls10 } from "../wire/registries.ts";
import type { SignatureCheck } from "./signatures.ts";

/**
 * Section 10.1: "Verify that the cipher suite and protocol version of the KeyPackage match those in the GroupContext."
 * valn0201
 */
export function checkKeyPackageSuite(keyPackage: KeyPackage, suite: CipherSuite): void {
  if (keyPackage.version !== mls10 || keyPackage.cipherSuite !== suite.id) {
    throw new CopseError("key-package-suite", {
      rule: "valn0201",
      got: keyPackage.cipherSuite,
      expected: suite.id,
    });
  }
}

/** Section 10.1: "Verify that the signature on the KeyPackage is valid", with leaf_node.signature_key. valn0203 */
export function keyPackageSignature(keyPackage: KeyPackage): SignatureCheck {
  const { leafNode, signature } = keyPackage;
  const message = signContent("KeyPackageTBS", keyPackageTbs(keyPackage));
  const verification = { publicKey: leafNode.signatureKey, message, signature };
  return { verification, code: "key-package-signature", rule: "valn0203" };
}

/**
 * Section 10.1: "Verify that the value of leaf_node.encryption_key is different from the value of the init_key field."
 * valn0204
 */
export function checkInitKey(keyPackage: KeyPackage, suite: CipherSuite): void {
  if (bytesEqual(keyPackage.initKey, keyPackage.leafNode.encryptionKey)) {
    throw new CopseError("key-package-init-key", { rule: "valn0204" });
  }
  if (!suite.isKemPublicKey(keyPackage.initKey)) throw new CopseError("key-invalid", { rule: "section 10" });
}

/**
 * Section 10: extensions "MUST be included in the leaf_node.capabilities field". For those who make key packages: of
 * others' the extensions that nobody knows "MUST be ignored".
 */
export function checkKeyPackageExtensionsListed(extensions: readonly Extension[], capabilities: Capabilities): void {
  for (const { type } of extensions) {
    if (!isDefaultExtensionType(type) && !capabilities.extensions.includes(type)) {
      throw new CopseError("leaf-extension-unlisted", { rule: "section 10", type });
    }
  }
}

/**
 * Section 10: in an MLSMessage "it MUST verify that the version field of the KeyPackage has the same value as the version
 * field of the MLSMessage", which is always mls10 here. valn0205
 */
export function checkKeyPackageVersion(keyPackage: KeyPackage): void {
  if (keyPackage.version !== mls10)
    throw new CopseError("key-package-version", {
      rule: "valn0205",
      got: keyPackage.version,
      expected: mls10,
    });
}
