/**
 * The provider of Node, Deno and Bun: `node:crypto`.
 */

import { nodeDh } from "./node-dh.ts";
import { nodeSignatures } from "./node-signatures.ts";
import type { Provider } from "./provider.ts";
import { providerOf } from "./suite.ts";
import * as symmetric from "./symmetric-node.ts";

/** All seven suites by `node:crypto`. */
export const nodeProvider: Provider = providerOf({
  name: "node",
  symmetric,
  dh: nodeDh,
  signatures: nodeSignatures,
});

/** What `#provider` gives where `node:crypto` is. */
export const provider: Provider = nodeProvider;
