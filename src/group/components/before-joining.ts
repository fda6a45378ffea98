/**
 * What a component can open before its client has joined: what was encrypted to the init key of a key package. Section 4.2 of
 * draft-ietf-mls-extensions.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { uint16 } from "../../bytes/takes.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import type { HpkeCiphertext } from "../../wire/update-path.ts";
import { OwnKeyPackage, type KeyPackageBundle } from "../joining/key-package-bundle.ts";
import { openSealed, sealedFor, type ComponentPurpose } from "./open.ts";

/** What one component of the application can do with a key package of ours. */
export interface KeyPackageComponent {
  readonly id: number;
  /**
   * SafeDecryptWithLabel: what `encryptForComponent` made for this key package.
   *
   * @throws CopseError "component-open", whatever does not fit; "secret-wiped" after a join by it.
   */
  decrypt(sealed: HpkeCiphertext, purpose: ComponentPurpose): Promise<Bytes>;
}

/**
 * A component of the client that made a key package: as `group.component(id)`, for what comes before the group. "The init_key
 * in a KeyPackage and the corresponding secret key [...] is deleted immediately after it is used to join a group."
 *
 * @throws TypeError for an id that is no uint16, or what is no bundle of `createKeyPackage`.
 */
export function keyPackageComponent(
  suite: CipherSuite,
  bundle: KeyPackageBundle,
  componentId: number,
): KeyPackageComponent {
  uint16("componentId", componentId);
  if (!(bundle instanceof OwnKeyPackage)) throw new TypeError("a key package bundle comes from createKeyPackage");
  return {
    id: componentId,
    decrypt: async (ciphertext, purpose) => {
      const sealed = sealedFor(componentId, ciphertext, purpose);
      const privateKey = bundle.initPrivateKey.use((bytes) => bytes.slice());
      return openSealed(suite, privateKey, sealed);
    },
  };
}
