/**
 * The provider for everywhere: plain JavaScript by @noble/curves, @noble/hashes and @noble/ciphers. It needs nothing of
 * the platform, not even a random source where the caller injects one.
 */

import { nobleDh } from "./noble/dh.ts";
import { nobleSignatures } from "./noble/signatures.ts";
import type { Provider } from "./provider.ts";
import { providerOf } from "./suites/suite.ts";
import * as symmetric from "./symmetric-noble.ts";

/** All seven suites without native code. */
export const nobleProvider: Provider = providerOf({
  name: "noble",
  symmetric,
  dh: nobleDh,
  signatures: nobleSignatures,
});

/** What `#provider` gives in React Native, whose engine has neither `node:crypto` nor WebCrypto. */
export const provider: Provider = nobleProvider;
