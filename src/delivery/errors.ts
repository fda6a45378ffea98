/**
 * The errors of deliveries: one class, and one list of codes. What becomes of a publication is no error: `Published` says it.
 */

/** What each code means, and what to do. */
export const deliveryErrorCodes = {
  unreachable:
    "the service does not answer, or the connection is closed: connect and ask again, writes under the same id",
  "not-allowed": "the service does not let this device do that",
  incarnation: "the device was opened elsewhere, or from an older copy of its store: nothing must be encrypted from it",
  "no-consent": "the user has not agreed to be written to: ask for it",
  "not-found": "there is no such user, room or blob",
  "id-taken": "another write had this id: make a new one",
  "too-large": "it is larger than the service takes",
  rate: "too much in too short a time: wait",
  invalid: "the service can't read it, or it contradicts itself",
  unsupported: "the service does not know this request, or this version of the protocol: one of the two is older",
} as const;

/** A literal code, stable within a major version. */
export type DeliveryErrorCode = keyof typeof deliveryErrorCodes;

/** What may be said beside the code. */
export interface DeliveryErrorDetail {
  /** In words, without content. */
  readonly detail?: string;
  /** Of "rate": when to come again, in milliseconds from now. */
  readonly retryAfter?: number;
  /** Of "incarnation": how often the service knows the device to have been opened. */
  readonly incarnation?: bigint;
  readonly cause?: unknown;
}

/** Every failure of a delivery that is not the caller's wrong argument, which is a TypeError. Branch on `code`. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  readonly code: DeliveryErrorCode;
  readonly detail: string | undefined;
  readonly retryAfter: number | undefined;
  readonly incarnation: bigint | undefined;

  constructor(code: DeliveryErrorCode, { detail, retryAfter, incarnation, cause }: DeliveryErrorDetail = {}) {
    super(
      `${code}: ${deliveryErrorCodes[code]}${detail === undefined ? "" : `: ${detail}`}`,
      cause === undefined ? {} : { cause },
    );
    this.code = code;
    this.detail = detail;
    this.retryAfter = retryAfter;
    this.incarnation = incarnation;
  }
}
