/**
 * Shamir's secret sharing over GF(2^8), a byte at a time. Shamir, "How to Share a Secret", 1979.
 *
 * A share is as long as the secret, and every byte string of that length is one: whoever opens a masked share under a wrong
 * mask can't tell. That is why it is not done over the scalars of a curve, whose encodings are recognised, and why nothing is
 * committed to but the whole: a commitment to one share would let one server alone try all PINs.
 */

import type { Random } from "../../crypto/provider.ts";
import { randomBytes } from "../../crypto/random.ts";

/** A point of the polynomials: at x, which is 1 to 255, a byte for each byte of the secret. */
export interface Share {
  readonly x: number;
  readonly bytes: Uint8Array;
}

/** Shares at x = 1 to `count`, of which any `threshold` give the secret and fewer say nothing of it. */
export function split(random: Random, secret: Uint8Array, threshold: number, count: number): readonly Share[] {
  // The polynomial of each byte: its constant is the secret's byte, and the others are random.
  const coefficients = [secret, ...Array.from({ length: threshold - 1 }, () => randomBytes(random, secret.length))];
  const shares = Array.from({ length: count }, (_, place) => {
    const x = place + 1;
    const bytes = new Uint8Array(secret.length);
    for (const coefficient of [...coefficients].reverse()) {
      for (let i = 0; i < bytes.length; i++) bytes[i] = multiply(bytes[i]!, x) ^ coefficient[i]!;
    }
    return { x, bytes };
  });
  for (const coefficient of coefficients.slice(1)) coefficient.fill(0);
  return shares;
}

/** The secret of `threshold` shares with different x: another byte string where one of them is wrong. */
export function combine(shares: readonly Share[]): Uint8Array {
  const secret = new Uint8Array(shares[0]?.bytes.length ?? 0);
  for (const { x, bytes } of shares) {
    // The Lagrange basis polynomial of x, at 0: the product of x' / (x' - x), where minus is exclusive or.
    let basis = 1;
    for (const other of shares) {
      if (other.x !== x) basis = multiply(basis, multiply(other.x, inverse(other.x ^ x)));
    }
    for (let i = 0; i < secret.length; i++) secret[i]! ^= multiply(bytes[i]!, basis);
  }
  return secret;
}

/** The product modulo x^8 + x^4 + x^3 + x + 1, without a table or a branch that its factors decide. */
export function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0, factor = a; bit < 8; bit++) {
    product ^= factor & -((b >> bit) & 1);
    factor = ((factor << 1) ^ (0x11b & -(factor >> 7))) & 0xff;
  }
  return product;
}

/** a^254, which is 1 / a. */
function inverse(a: number): number {
  let power = a;
  let product = 1;
  for (let bit = 1; bit < 8; bit++) {
    power = multiply(power, power);
    product = multiply(product, power);
  }
  return product;
}
