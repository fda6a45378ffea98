/**
 * From a request's bytes to its answer's: read as its form says, asked of the connection, and what it throws as a refusal.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { decode, encode } from "../codec/codec.ts";
import type { Connection } from "../delivery/delivery.ts";
import { DeliveryError } from "../delivery/errors.ts";
import type { Refusal } from "../delivery/protocol/frames.ts";
import type { Answered, Asked, OperationName } from "../delivery/protocol/operation.ts";
import { operations } from "../delivery/protocol/operations.ts";
import { CopseError } from "../errors.ts";

/** The answer to a request. @throws DeliveryError, also for bytes that are no request */
export async function answerOf<Name extends OperationName>(
  connection: Connection,
  name: Name,
  body: Uint8Array,
): Promise<Bytes> {
  const { asks, answers } = operations[name];
  let asked: Asked<Name>;
  try {
    asked = decode(asks, body);
  } catch (cause) {
    if (cause instanceof CopseError) throw new DeliveryError("invalid", { detail: cause.code, cause });
    throw cause;
  }
  const ask = connection[name] as unknown as (asked: Asked<Name>) => Promise<Answered<Name>>;
  return encode(answers, await ask.call(connection, asked));
}

/** How a failure is told. The second is what the server has to look after: it was nobody's request. */
export function refusalOf(error: unknown): readonly [refusal: Refusal, fault: unknown] {
  // The form was right, and a number of it was not.
  if (error instanceof TypeError) return [{ code: "invalid" }, undefined];
  if (!(error instanceof DeliveryError)) return [{ code: "unreachable" }, error];
  const { code, detail, retryAfter, cause } = error;
  const refusal = {
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfter === undefined ? {} : { retryAfter: Math.min(retryAfter, Number.MAX_SAFE_INTEGER) }),
  };
  return [refusal, code === "unreachable" ? cause : undefined];
}
