/**
 * The providers with the post-quantum suites added.
 */

import { withPostQuantumSuites } from "../../../src/crypto/pq/post-quantum.ts";
import { postQuantumSuites, type PostQuantumSuiteName } from "../../../src/crypto/pq/suites.ts";
import type { CipherSuite, Provider } from "../../../src/crypto/provider.ts";
import { providers } from "../providers.ts";

/** node, web and noble. */
export const postQuantumProviders: readonly Provider[] = await Promise.all(
  providers.map((provider) => withPostQuantumSuites(provider)),
);

/** The suite of this name, by default of node. */
export function postQuantumSuite(
  name: PostQuantumSuiteName,
  provider: Provider = postQuantumProviders[0]!,
): CipherSuite {
  const { id } = postQuantumSuites.find((suite) => suite.name === name)!;
  return provider.cipherSuite(id);
}
