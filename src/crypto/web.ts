/**
 * The provider of browsers: WebCrypto for key pairs, noble for what is small and symmetric, because each call of
 * WebCrypto costs more than a short hash. X448 and Ed448, which WebCrypto lacks, and what else this browser lacks are
 * noble's; it is then loaded by `import()`.
 */

import { dhOrNoble, lazyNobleDh, lazyNobleSignatures, signaturesOrNoble } from "./native.ts";
import type { Provider } from "./provider.ts";
import { providerOf } from "./suites/suite.ts";
import * as symmetric from "./symmetric-noble.ts";
import { webDh } from "./web/dh.ts";
import { webSignatures } from "./web/signatures.ts";

/** All seven suites by WebCrypto and noble. */
export const webProvider: Provider = providerOf({
  name: "web",
  symmetric,
  dh: (name) => (name === "X448" ? lazyNobleDh(name) : dhOrNoble(webDh(name))),
  signatures: (name) => (name === "Ed448" ? lazyNobleSignatures(name) : signaturesOrNoble(name, webSignatures(name))),
});

/** What `#provider` gives where `node:crypto` is not. */
export const provider: Provider = webProvider;
