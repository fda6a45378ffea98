/**
 * Whether the service is away: what was to be done is done when it is back.
 */

import { DeliveryError } from "../delivery/errors.ts";

export function isAway(error: unknown): boolean {
  return error instanceof DeliveryError && (error.code === "unreachable" || error.code === "rate");
}

/** Whether it is the service that did not do something, whatever the reason. */
export function isDeliveryFailure(error: unknown): boolean {
  return error instanceof DeliveryError;
}
