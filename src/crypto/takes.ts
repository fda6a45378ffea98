/**
 * What is taken of a provider and of the algorithms that a caller brings.
 */

import { having, type Takes } from "../bytes/takes.ts";

export const aProvider: Takes = /* @__PURE__ */ having("a Provider", "cipherSuite");
