/**
 * Choosing a cipher suite: by number or by name, of the platform's provider or of the caller's.
 */

import { checkUint } from "../bytes/numbers.ts";
import { aProvider } from "./takes.ts";
import { provider as platformProvider } from "#provider";
import { CopseError } from "../errors.ts";
import { cipherSuites } from "./suites/cipher-suites.ts";
import type { CipherSuite, Provider } from "./provider.ts";

/**
 * The cipher suite of this IANA number or name. The default provider is the platform's: `node:crypto` in Node, Deno and
 * Bun, WebCrypto elsewhere.
 *
 * @throws CopseError "suite-unsupported" where the provider has no such suite.
 */
export function cipherSuite(idOrName: number | string, provider: Provider = platformProvider): CipherSuite {
  aProvider("provider", provider);
  if (typeof idOrName !== "string") {
    checkUint("cipherSuite: idOrName", idOrName, 16);
    return provider.cipherSuite(idOrName);
  }
  const known = cipherSuites.find(({ name }) => name === idOrName)?.id;
  if (known !== undefined) return provider.cipherSuite(known);
  const own = provider.suites.find((id) => provider.cipherSuite(id).name === idOrName); // a caller's provider may have more
  if (own === undefined) {
    const names = provider.suites.map((id) => provider.cipherSuite(id).name).join(", ");
    throw new CopseError("suite-unsupported", { detail: `there are ${names}` });
  }
  return provider.cipherSuite(own);
}
