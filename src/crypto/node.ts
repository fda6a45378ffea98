/**
 * The provider of Node, Deno and Bun: `node:crypto`.
 */

import { dhOrNoble, signaturesOrNoble } from "./native.ts";
import { nodeDh } from "./node/dh.ts";
import { nodeSignatures } from "./node/signatures.ts";
import type { Provider } from "./provider.ts";
import { providerOf } from "./suites/suite.ts";
import * as symmetric from "./symmetric-node.ts";

/** All seven suites by `node:crypto`, and by noble what the runtime's version of it lacks. */
export const nodeProvider: Provider = providerOf({
  name: "node",
  symmetric,
  dh: (name) => dhOrNoble(nodeDh(name)),
  signatures: (name) => signaturesOrNoble(name, nodeSignatures(name)),
});

/** What `#provider` gives where `node:crypto` is. */
export const provider: Provider = nodeProvider;
