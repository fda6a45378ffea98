/**
 * What a component of the application does as a member: the half of the safe application interface that takes private keys.
 * Sections 4.1 to 4.4 of draft-ietf-mls-extensions.
 */

import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { bytes, oneOf, text, uint16 } from "../../bytes/takes.ts";
import { signWithLabel } from "../../crypto/labels.ts";
import { CopseError } from "../../errors.ts";
import { exportFrom } from "../../schedule/exporter-tree.ts";
import { componentLabel } from "../../wire/component-label.ts";
import type { HpkeCiphertext } from "../../wire/update-path.ts";
import { runTurn } from "../steps.ts";
import { openSealed, sealedFor, type ComponentPurpose } from "./open.ts";
import { checkAlive, take, type GroupState } from "../state.ts";

/** What something was encrypted for, and to which key of ours. */
export interface ComponentDecryption extends ComponentPurpose {
  /** The key of our own leaf, or that of all members in this epoch, whose public half is external_pub. Default: the leaf's. */
  readonly key?: "leaf" | "external";
}

/**
 * What one component of the application can do as this member: "a component cannot decrypt data meant for another component",
 * nor sign for it, nor have its secrets. Each call is for the epoch that the group is in at its turn.
 */
export interface GroupComponent {
  readonly id: number;
  /**
   * SafeExportSecret: a secret of KDF.Nh bytes, the same for all members. It is given once an epoch, and nothing that the group
   * holds or stores afterwards gives it again: unlike `exportSecret` it is forward secret.
   *
   * @throws CopseError "safe-export-used"; "safe-export-missing" in an epoch that an older version of this library stored.
   */
  exportSecret(): Promise<Bytes>;
  /** SafeSignWithLabel with the signature key of our leaf: others check it with `verifyForComponent`. */
  sign(label: string, content: Uint8Array): Promise<Bytes>;
  /**
   * SafeDecryptWithLabel: what `encryptForComponent` made for us, or for all members.
   *
   * @throws CopseError "component-open", whatever it is that does not fit.
   */
  decrypt(sealed: HpkeCiphertext, decryption: ComponentDecryption): Promise<Bytes>;
}

const aKey = /* @__PURE__ */ oneOf("leaf", "external");

/** A component in a group. @throws TypeError for an id that is no uint16. */
export function groupComponent(state: GroupState, id: number): GroupComponent {
  uint16("componentId", id);
  return {
    id,
    exportSecret: () => runTurn(state, () => exportOnce(state, id)),
    sign: async (label, content) => {
      text("label", label);
      bytes("content", content);
      const copy = copyBytes(content);
      const full = componentLabel(id, label);
      return runTurn(state, async () => {
        checkAlive(state);
        return asBytes(await signWithLabel(state.identity.signer, full, copy));
      });
    },
    decrypt: async (ciphertext, decryption) => {
      const sealed = sealedFor(id, ciphertext, decryption);
      const { key = "leaf" } = decryption;
      aKey("key", key);
      return runTurn(state, async () => {
        const privateKey = await privateKeyOf(state, key);
        return openSealed(state.epoch.suite, privateKey, sealed);
      });
    },
  };
}

/** The secret of a component in this epoch: it leaves when it is stored that it is gone. */
async function exportOnce(state: GroupState, componentId: number): Promise<Bytes> {
  checkAlive(state);
  const { epoch, exporter: before } = state;
  const { secret, after } = exportFrom(epoch.suite, before, componentId);
  try {
    await take(state, {
      change: { exporter: after },
      event: () => ({ kind: "exported", componentId, secret: secret.slice() }),
    });
    return asBytes(secret);
  } catch (error) {
    secret.fill(0);
    for (const [nodeIndex, node] of after) if (before.get(nodeIndex) !== node) node.wipe();
    throw error;
  }
}

/** A copy of a private key, to be wiped. */
async function privateKeyOf(state: GroupState, key: ComponentDecryption["key"]): Promise<Uint8Array> {
  checkAlive(state);
  const { suite, secrets, privateKeys } = state.epoch;
  if (key === "external") {
    return (await secrets.externalSecret.use((bytes) => suite.deriveKeyPair(bytes))).privateKey;
  }
  const own = privateKeys.get(0);
  if (own === undefined) throw new CopseError("component-open");
  return own.use((bytes) => bytes.slice());
}
