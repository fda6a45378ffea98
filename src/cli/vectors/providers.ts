/**
 * The providers under test, each loaded when it is asked for.
 */

import type { Provider } from "../../crypto/provider.ts";

const loaders = {
  node: async (): Promise<Provider> => (await import("../../crypto/node.ts")).nodeProvider,
  web: async (): Promise<Provider> => (await import("../../crypto/web.ts")).webProvider,
  noble: async (): Promise<Provider> => (await import("../../crypto/noble.ts")).nobleProvider,
} as const;

export type ProviderName = keyof typeof loaders;

/** The names, in the order in which they are reported. */
export const providerNames: readonly ProviderName[] = ["node", "web", "noble"];

/** The provider of this name. */
export function loadProvider(name: ProviderName): Promise<Provider> {
  return loaders[name]();
}
