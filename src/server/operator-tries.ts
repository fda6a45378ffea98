/**
 * Tries of the operator's secret: so many wrong ones in a minute from one address, and from all together. Beyond that it is not even compared, so that a
 * secret that is too simple is not found by trying, and whoever tries costs next to nothing.
 */

import { hmac } from "#symmetric";
import { constantTimeEqual } from "../bytes/compare.ts";
import { utf8 } from "../bytes/text.ts";
import type { ServerLimits } from "./limits.ts";
import { Bucket, Buckets } from "./paced.ts";

/** Addresses from which it was said rightly that are remembered. */
const mostKnown = 100;

/** What became of a try; with how many milliseconds to wait before the next one is looked at. */
export type Tried =
  | { readonly kind: "right" }
  /** It can't be the secret, or it is another: the second is one of those that are counted. */
  | { readonly kind: "none" | "wrong" }
  | { readonly kind: "too-many"; readonly retryAfter: number };

export class OperatorTries {
  readonly #digest: Uint8Array;
  readonly #addresses: Buckets;
  readonly #all: Bucket;
  /** From where it was said rightly: others can't use up all tries for those. */
  readonly #known = new Set<string>();

  constructor(secret: string, limits: Pick<ServerLimits, "operatorTries" | "operatorTriesOfAll">, now: number) {
    this.#digest = digestOf(secret);
    this.#addresses = new Buckets(limits.operatorTries);
    this.#all = new Bucket(limits.operatorTriesOfAll, now);
  }

  /** Somebody at this address says what it is: the value of `Authorization`. */
  try(authorization: string | undefined, address: string, now: number): Tried {
    const [, said] = /^Bearer ([A-Za-z0-9._~+/=-]{32,1000})$/.exec(authorization ?? "") ?? [];
    if (said === undefined) return { kind: "none" };
    const from = networkOf(address);
    const own = this.#addresses.of(from, now);
    const retryAfter = Math.max(own.wait(now), this.#known.has(from) ? 0 : this.#all.wait(now));
    if (retryAfter > 0) return { kind: "too-many", retryAfter };
    if (constantTimeEqual(digestOf(said), this.#digest)) {
      if (this.#known.size < mostKnown) this.#known.add(from);
      return { kind: "right" };
    }
    own.take(now);
    if (!this.#known.has(from)) this.#all.take(now);
    return { kind: "wrong" };
  }
}

/** Who has one address of IPv6 has as many as there are in its /64. */
function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const groups = (text: string): readonly string[] => (text === "" ? [] : text.split(":"));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  return [...first, ...Array.from({ length: zeros }, () => "0"), ...last].slice(0, 4).join(":");
}

/** Of one length, whatever was said. */
function digestOf(said: string): Uint8Array {
  return hmac("sha256", utf8("copse operator"), utf8(said));
}
