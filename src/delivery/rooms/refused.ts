/**
 * Why a publication is refused: thrown on the way, and told as what became of it.
 */

import { CopseError } from "../../errors.ts";
import type { Published } from "../delivery.ts";

type Refusal = Extract<Published, { kind: "refused" }>;

/** A publication that is refused. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(reason: Refusal["reason"], code?: string, retryAfter?: number) {
    super(reason);
    this.refusal = {
      kind: "refused",
      reason,
      ...(code === undefined ? {} : { code }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    };
  }
}

/** Another process was first: load the room and look again. */
export class Moved extends Error {}

/**
 * What a publication is refused with, where that is what an error says.
 *
 * @throws the error, where it is none of a refusal.
 */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) return error.refusal;
  if (error instanceof CopseError) {
    const { code } = error;
    if (code === "wrong-epoch" || code === "proposal-epoch") return { kind: "refused", reason: "epoch" };
    if (code === "commit-refused") return { kind: "refused", reason: "policy", code };
    // What broke is ours: nobody did anything wrong.
    if (code !== "state-unknown" && code !== "state-not-written") return { kind: "refused", reason: "invalid", code };
  }
  throw error;
}
