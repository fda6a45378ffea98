/**
 * Which receipts a user wants sent.
 */

/** Which receipts are sent. */
export interface ReceiptChoice {
  /** That a message is on this user's devices. Default true. */
  readonly delivered?: boolean;
  /** That this user has read it. Default true. */
  readonly read?: boolean;
}
