/**
 * Signed heads: what the log and the map are at one time, under the log's signature.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { asBytes } from "../bytes/bytes.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { bytes as aBytes, having, thing, type Takes } from "../bytes/takes.ts";
import { encode } from "../codec/codec.ts";
import { signWithLabel, verifyWithLabel } from "../crypto/labels.ts";
import type { CipherSuite, Signer } from "../crypto/provider.ts";
import { componentLabel } from "../wire/component-label.ts";
import { TransparencyError } from "./errors.ts";
import { decoded, formatVersion, HeadTbs, SignedHead } from "./formats.ts";

/** The log's number among components, in the range for private use: it sets its signatures apart from all others. */
export const transparencyComponentId = 0xf0ae;
const label = componentLabel(transparencyComponentId, "LogHeadTBS");

/** What everybody knows a log by. It comes with the application, or from wherever its configuration does: never from the service itself. */
export interface LogKeys {
  /** Of the signatures of heads. */
  readonly suite: CipherSuite;
  readonly publicKey: Uint8Array;
  /** The public key of the VRF, 32 bytes. */
  readonly vrfKey: Uint8Array;
}

/** A caller's keys. */
export const someKeys: Takes = /* @__PURE__ */ thing(
  "the keys of a log",
  { suite: having("a cipher suite", "verify"), publicKey: aBytes, vrfKey: aBytes },
  ["suite", "publicKey", "vrfKey"],
);

/** A head that the log has signed. */
export interface LogHead {
  /** How many entries the log has. */
  readonly size: number;
  /** When it was signed, in milliseconds since 1970, as the log says. */
  readonly at: number;
}

/** The bytes of a head. */
export async function signHead(signer: Signer, tbs: HeadTbs): Promise<Bytes> {
  const signature = await signWithLabel(signer, label, encode(HeadTbs, tbs));
  return asBytes(encode(SignedHead, { ...tbs, signature }));
}

/** @throws TransparencyError "transparency-format", "transparency-version", "head-signature" */
export async function verifiedHead({ suite, publicKey }: LogKeys, head: SignedHead): Promise<SignedHead> {
  if (head.version !== formatVersion) throw new TransparencyError("transparency-version");
  const { signature, ...tbs } = head;
  const content = encode(HeadTbs, tbs);
  if (!(await verifyWithLabel(suite, { publicKey, label, content, signature }))) {
    throw new TransparencyError("head-signature");
  }
  return head;
}

/** As `verifiedHead`, of bytes. */
export async function readHead(keys: LogKeys, bytes: Uint8Array): Promise<SignedHead> {
  return verifiedHead(keys, decoded(SignedHead, bytes));
}

/** Whether two heads are of one log and one map, whenever they were signed. */
export function isSameLog(a: HeadTbs, b: HeadTbs): boolean {
  return a.size === b.size && bytesEqual(a.logRoot, b.logRoot) && bytesEqual(a.mapRoot, b.mapRoot);
}
