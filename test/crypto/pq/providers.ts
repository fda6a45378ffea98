/**
 * The providers with the post-quantum suites added.
 */

import { withPostQuantumSuites } from "../../../src/crypto/pq/post-quantum.ts";
import type { Provider } from "../../../src/crypto/provider.ts";
import { providers } from "../providers.ts";

/** node, web and noble. */
export const postQuantumProviders: readonly Provider[] = await Promise.all(
  providers.map((provider) => withPostQuantumSuites(provider)),
);
