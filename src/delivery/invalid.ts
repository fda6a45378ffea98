/**
 * What clients send that can't be read, or breaks a rule: "invalid", with the engine's error as its cause.
 */

import { CopseError } from "../errors.ts";
import { DeliveryError } from "./errors.ts";

/** @throws DeliveryError "too-large" for more bytes than a limit. */
export function within(bytes: Uint8Array, most: number): void {
  if (bytes.length > most) throw new DeliveryError("too-large");
}

/** @throws DeliveryError "invalid" where the operation throws a CopseError. */
export async function asInvalid<T>(operation: () => T | Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    if (cause instanceof CopseError) throw new DeliveryError("invalid", { detail: cause.code, cause });
    throw cause;
  }
}
