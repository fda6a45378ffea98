/**
 * What a service refuses, as the error that it refused it with.
 */

import { DeliveryError, deliveryErrorCodes, type DeliveryErrorCode } from "../errors.ts";
import type { Refusal } from "../protocol/frames.ts";

/** A code that this version does not know is "invalid", and named. */
export function refused({ code, detail, retryAfter }: Refusal): DeliveryError {
  const words = {
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
  return isCode(code) ? new DeliveryError(code, words) : new DeliveryError("invalid", { ...words, detail: code });
}

function isCode(code: string): code is DeliveryErrorCode {
  return Object.hasOwn(deliveryErrorCodes, code);
}
