/**
 * What is asked of a revocation.
 */

/** How devices are revoked. */
export interface RevokeOptions {
  /** As the person types it: in either case, with blanks and hyphens anywhere, and up to three mistakes. It is used once, and kept nowhere. */
  readonly recoveryCode?: string;
}
