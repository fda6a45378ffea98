/**
 * A cipher suite that counts what it is asked to do: costs without a clock.
 */

import type { CipherSuite } from "../../src/crypto/provider.ts";

/** How often each primitive was used. `verify` counts signatures, those of `verifyAll` included. */
export interface Counts {
  hash: number;
  mac: number;
  extract: number;
  expand: number;
  seal: number;
  open: number;
  sign: number;
  verify: number;
  /** Key pairs of the KEM, the generated ones included. */
  deriveKeyPair: number;
  encap: number;
  decap: number;
  /** How many of the decapsulations were given the public key, which is computed otherwise. */
  decapWithPublicKey: number;
}

export interface CountingSuite {
  readonly suite: CipherSuite;
  readonly counts: Counts;
  reset(): void;
}

/** The suite with a counter before each of its operations. */
export function counting(of: CipherSuite): CountingSuite {
  const zero = (): Counts => ({
    hash: 0,
    mac: 0,
    extract: 0,
    expand: 0,
    seal: 0,
    open: 0,
    sign: 0,
    verify: 0,
    deriveKeyPair: 0,
    encap: 0,
    decap: 0,
    decapWithPublicKey: 0,
  });
  const counts = zero();
  const suite: CipherSuite = new Proxy(of, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]): unknown => {
        if (property === "verifyAll") counts.verify += (args[0] as readonly unknown[]).length;
        if (property === "decap" && args[2] !== undefined) counts.decapWithPublicKey++;
        if (property === "generateKemKeyPair") counts.deriveKeyPair++;
        if (property in counts) counts[property as keyof Counts]++;
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  return { suite, counts, reset: () => Object.assign(counts, zero()) };
}
