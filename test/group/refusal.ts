/**
 * All or nothing: what is refused leaves the group byte for byte as it was, and no secret behind.
 */

import { expect } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { CopseError, type ErrorCode } from "../../src/errors.ts";
import type { Group } from "../../src/group/group.ts";
import type { LiveSecrets } from "../schedule/live-secrets.ts";

/** The error that an operation ends with. */
export async function failure(operation: () => unknown): Promise<unknown> {
  try {
    await operation();
  } catch (error) {
    return error;
  }
  throw new Error("the operation was expected to fail");
}

/** The code that an operation is refused with; for what does not open, also the cause's: "private-message-open < ...". */
export async function refusal(operation: () => unknown): Promise<string> {
  const error = await failure(operation);
  if (!(error instanceof CopseError)) throw error;
  const cause = error.code === "private-message-open" ? error.cause : undefined;
  return cause instanceof CopseError ? `${error.code} < ${cause.code}` : error.code;
}

/** The operation is refused with this code, and the group is as it was: its snapshot, and the secrets that are alive. */
export async function refuses(
  group: Group,
  operation: () => unknown,
  code: ErrorCode | `private-message-open < ${ErrorCode}`,
  live?: LiveSecrets,
): Promise<void> {
  const before = { snapshot: hex(group.snapshot()), live: live?.bytes() };
  expect(await refusal(operation)).toBe(code);
  expect({ snapshot: hex(group.snapshot()), live: live?.bytes() }).toEqual(before);
}
