/**
 * The cipher suite of a run: RFC 9420's first, unless another is asked for.
 */

import { cipherSuite } from "../../src/crypto/choose.ts";
import { cipherSuites } from "../../src/crypto/suites/cipher-suites.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { postQuantumSuites } from "../../src/crypto/pq/suites.ts";

/** The names that may be asked for. */
export const suiteNames: readonly string[] = [...cipherSuites, ...postQuantumSuites].map(({ name }) => name);

let chosen: CipherSuite | undefined;

/** The suite that everything is measured in. */
export function runSuite(): CipherSuite {
  return (chosen ??= cipherSuite(1));
}

/** Measure in the suite of this name. The post-quantum ones are loaded for it. */
export async function chooseSuite(name: string): Promise<void> {
  if (cipherSuites.some((suite) => suite.name === name)) chosen = cipherSuite(name);
  else {
    const { withPostQuantumSuites } = await import("../../src/crypto/pq/post-quantum.ts");
    chosen = cipherSuite(name, await withPostQuantumSuites());
  }
}
