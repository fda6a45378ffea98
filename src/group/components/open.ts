/**
 * SafeDecryptWithLabel, with a private key of ours. Section 4.2 of draft-ietf-mls-extensions.
 */

import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { nothing } from "../../bytes/nothing.ts";
import { bytes, text, thing, type Shape } from "../../bytes/takes.ts";
import { decryptWithLabel } from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { componentLabel } from "../../wire/component-label.ts";
import type { HpkeCiphertext } from "../../wire/update-path.ts";

/** What something was encrypted for: it opens for nothing else. */
export interface ComponentPurpose {
  readonly label: string;
  /** What goes with the label. Default: empty. */
  readonly context?: Uint8Array;
}

const purposeShape: Shape<ComponentPurpose> = { label: text, context: bytes };
const aPurpose = /* @__PURE__ */ thing("an object", purposeShape, ["label"]);
const sealedShape: Shape<HpkeCiphertext> = { kemOutput: bytes, ciphertext: bytes };
const someSealed = /* @__PURE__ */ thing("an object", sealedShape, ["kemOutput", "ciphertext"]);

type Sealed = Omit<Parameters<typeof decryptWithLabel>[1], "privateKey">;

/** What was encrypted for a component, in copies. @throws TypeError */
export function sealedFor(componentId: number, ciphertexts: HpkeCiphertext, purpose: ComponentPurpose): Sealed {
  someSealed("sealed", ciphertexts);
  aPurpose("purpose", purpose);
  const { kemOutput, ciphertext } = ciphertexts;
  const { label, context = nothing } = purpose;
  return {
    label: componentLabel(componentId, label),
    context: copyBytes(context),
    kemOutput: copyBytes(kemOutput),
    ciphertext: copyBytes(ciphertext),
  };
}

/** Open it, and wipe the private key, which is a copy. @throws CopseError "component-open", whatever does not fit. */
export async function openSealed(suite: CipherSuite, privateKey: Uint8Array, sealed: Sealed): Promise<Bytes> {
  try {
    return asBytes(await decryptWithLabel(suite, { privateKey, ...sealed }));
  } catch (cause) {
    throw new CopseError("component-open", { cause });
  } finally {
    privateKey.fill(0);
  }
}
