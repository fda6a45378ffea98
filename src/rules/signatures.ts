/**
 * Signatures that are verified together, in parallel where the platform can.
 */

import type { CipherSuite, Verification } from "../crypto/provider.ts";
import { CopseError, type ErrorCode } from "../errors.ts";

/** A signature to verify, and the rule that is broken where it does not. */
export interface SignatureCheck {
  readonly verification: Verification;
  readonly code: ErrorCode;
  readonly rule: string;
}

/** Verify signatures in parallel. @throws CopseError with the code of the first that does not verify. */
export async function checkSignatures(suite: CipherSuite, checks: readonly SignatureCheck[]): Promise<void> {
  if (checks.length === 0) return;
  const valid = await suite.verifyAll(checks.map(({ verification }) => verification));
  for (const [i, { code, rule }] of checks.entries()) if (valid[i] !== true) throw new CopseError(code, { rule });
}
