/**
 * HPKE's key schedule with a single-stage KDF, in the base mode. No cipher suite of MLS has one: it is here so that what is
 * published for these KEMs can be verified. draft-ietf-hpke-hpke section 5.1; draft-ietf-hpke-pq section 5.
 */

import { shake128 } from "@noble/hashes/sha3.js";
import { turboshake128, turboshake256 } from "@noble/hashes/sha3-addons.js";
import { concat } from "../../bytes/concat.ts";
import { utf8 } from "../../bytes/text.ts";
import { labeledDerive, shake256Derive, uint16, type Derive } from "./labeled-derive.ts";

/** The KDFs by their numbers; Nh in bytes. */
const kdfs: Readonly<Record<number, { readonly derive: Derive; readonly nh: number }>> = {
  0x10: { derive: (ikm, length) => shake128(ikm, { dkLen: length }), nh: 32 },
  0x11: { derive: shake256Derive, nh: 64 },
  0x12: { derive: (ikm, length) => turboshake128(ikm, { dkLen: length, D: 0x1f }), nh: 32 },
  0x13: { derive: (ikm, length) => turboshake256(ikm, { dkLen: length, D: 0x1f }), nh: 64 },
};

/** What comes out of the key schedule. */
export interface SingleStageContext {
  readonly key: Uint8Array;
  readonly baseNonce: Uint8Array;
  /** Context.Export(exporter_context, L) */
  exportSecret(exporterContext: Uint8Array, length: number): Uint8Array;
}

/** Whether there is a single-stage KDF of this number. */
export function isSingleStage(kdf: number): boolean {
  return Object.hasOwn(kdfs, kdf);
}

/** CombineSecrets_OneStage(mode_base, shared_secret, info, "", ""), and Export_OneStage. */
export function singleStageSchedule(
  hpke: { readonly kem: number; readonly kdf: number; readonly aead: number },
  input: {
    readonly sharedSecret: Uint8Array;
    readonly info: Uint8Array;
    readonly keyLength: number;
    readonly nonceLength: number;
  },
): SingleStageContext {
  const kdf = kdfs[hpke.kdf];
  if (kdf === undefined) throw new TypeError("there is no single-stage KDF of this number");
  const { derive, nh } = kdf;
  const { sharedSecret, info, keyLength, nonceLength } = input;
  const suiteId = concat(utf8("HPKE"), uint16(hpke.kem), uint16(hpke.kdf), uint16(hpke.aead));
  const nothing = uint16(0); // lengthPrefixed("")
  const secrets = concat(nothing, uint16(sharedSecret.length), sharedSecret);
  const context = concat(Uint8Array.of(0), nothing, uint16(info.length), info);
  const keyed = { suiteId, label: "secret", context };
  const secret = labeledDerive(derive, secrets, keyed, keyLength + nonceLength + nh);
  const exporter = secret.subarray(keyLength + nonceLength);
  return {
    key: secret.subarray(0, keyLength),
    baseNonce: secret.subarray(keyLength, keyLength + nonceLength),
    exportSecret: (exporterContext, length) =>
      labeledDerive(derive, exporter, { suiteId, label: "sec", context: exporterContext }, length),
  };
}
