/**
 * Signatures that are verified together, in parallel where the platform can.
 */

import type { CipherSuite, Verification } from "../crypto/provider.ts";
import { ofLeaf } from "./at-leaf.ts";
import { CopseError, type ErrorCode } from "../errors.ts";

/** A signature to verify, and the rule that is broken where it does not. */
export interface SignatureCheck {
  readonly verification: Verification;
  readonly code: ErrorCode;
  readonly rule: string;
  /** The leaf that signed, where it has its place. */
  readonly leafIndex?: number | undefined;
}

/**
 * Verify signatures in parallel.
 *
 * @throws CopseError with the code of the first that does not verify, or "key-invalid" where its key is none of the suite.
 */
export async function checkSignatures(suite: CipherSuite, checks: readonly SignatureCheck[]): Promise<void> {
  if (checks.length === 0) return;
  const valid = await suite.verifyAll(checks.map(({ verification }) => verification));
  for (const [i, { code, rule, verification, leafIndex }] of checks.entries()) {
    if (valid[i] === true) continue;
    const error = notVerified(suite, verification.publicKey, code, rule);
    throw leafIndex === undefined ? error : ofLeaf(error, leafIndex);
  }
}

/**
 * Why a signature did not verify. Section 5.1.1 says how a public key is written, and no signature verifies with what is
 * written otherwise: that is another fault than a wrong signature, and has another code.
 */
export function notVerified(suite: CipherSuite, publicKey: Uint8Array, code: ErrorCode, rule: string): CopseError {
  return suite.isSignaturePublicKey(publicKey)
    ? new CopseError(code, { rule })
    : new CopseError("key-invalid", { rule: "section 5.1.1" });
}
