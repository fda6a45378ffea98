/**
 * The providers that every test of cryptography runs under.
 */

import { webProvider } from "../../src/crypto/web.ts";
import { nobleProvider } from "../../src/crypto/noble.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import type { Provider } from "../../src/crypto/provider.ts";

export const providers: readonly Provider[] = [nodeProvider, webProvider, nobleProvider];
