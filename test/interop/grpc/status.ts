/**
 * What goes wrong, as gRPC says it: a status, and in its details the code of the rule. Nothing of a request is repeated.
 */

import { status } from "@grpc/grpc-js";
import { CopseError, type ErrorCode } from "../../../src/errors.ts";

/** A request that the server refuses before the engine sees it. */
export class Refusal extends Error {
  readonly status: status;

  constructor(code: status, details: string) {
    super(details);
    this.status = code;
  }
}

/** The request could be right at another time, or in another state. */
const preconditions: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "epoch-overflow",
  "epoch-unavailable",
  "external-sender-unknown",
  "generation-gap",
  "generation-overflow",
  "group-gone",
  "group-reinitialized",
  "key-package-unknown",
  "message-key-used",
  "own-message-unknown",
  "pending-own-commit",
  "pending-proposals",
  "pending-stale",
  "proposal-not-found",
  "psk-not-found",
  "send-limit",
  "wrong-epoch",
]);

/** The server's own trouble. */
const internal: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["random-source", "secret-wiped"]);

/** The status of an error. Of what is neither a refusal nor an error of the engine, nothing more is told. */
export function statusOf(error: unknown): { readonly code: status; readonly details: string } {
  if (error instanceof Refusal) return { code: error.status, details: error.message };
  // A number that does not fit its type, say: the engine's TypeErrors name an option and nothing else.
  if (error instanceof TypeError)
    return { code: status.INVALID_ARGUMENT, details: "a value of the wrong type or range" };
  if (!(error instanceof CopseError) || internal.has(error.code)) return { code: status.INTERNAL, details: "internal" };
  const details = error.code;
  if (preconditions.has(error.code)) return { code: status.FAILED_PRECONDITION, details };
  if (error.code === "limit-exceeded") return { code: status.RESOURCE_EXHAUSTED, details };
  return { code: status.INVALID_ARGUMENT, details };
}

/** @throws Refusal: the request is wrong in itself. */
export function refuse(details: string): never {
  throw new Refusal(status.INVALID_ARGUMENT, details);
}

/** @throws Refusal: the request does not fit the state. */
export function refuseNow(details: string): never {
  throw new Refusal(status.FAILED_PRECONDITION, details);
}
