/**
 * Post-quantum algorithms for a provider: what is native where the runtime has it, and noble's where not; the
 * Diffie-Hellman half of a hybrid is the provider's own.
 */

import { options, uint16 } from "../../bytes/takes.ts";
import { aProvider } from "../takes.ts";
import { nativeOr } from "#post-quantum";
import { provider as platformProvider } from "#provider";
import { withCipherSuites } from "../suites/added-suites.ts";
import type { Kem } from "../hpke/kem.ts";
import { lazyNobleDh } from "../native.ts";
import type { Dh, Provider } from "../provider.ts";
import type { SignatureScheme } from "../signatures.ts";
import { hybridKem } from "./hybrid.ts";
import { mlDsaScheme } from "./ml-dsa.ts";
import { pureKem } from "./ml-kem.ts";
import { hybrids, isHybrid, mlDsas, mlKems, type MlDsaName, type PostQuantumKemName } from "./names.ts";
import { loadNoble } from "./noble.ts";
import type { Primitives } from "./primitives.ts";
import { postQuantumSuites, type PostQuantumSuiteName } from "./suites.ts";

/** The algorithms, for suites of one's own: see `withCipherSuites`. */
export interface PostQuantum {
  /** A KEM of draft-ietf-hpke-pq. */
  kem(name: PostQuantumKemName): Kem;
  /** A signature scheme of FIPS 204, with the empty context. A private key is the seed of 32 bytes. */
  signatures(name: MlDsaName): SignatureScheme;
}

/**
 * The post-quantum algorithms of a provider, by default the platform's.
 *
 *     const { kem } = await postQuantum(nobleProvider);
 *     const provider = withCipherSuites(nobleProvider, [{ ...mySuite, kem: kem("MLKEM768-X25519") }]);
 *
 * @throws CopseError "suite-unsupported" where the package @noble/post-quantum is not installed.
 */
export async function postQuantum(provider: Provider = platformProvider): Promise<PostQuantum> {
  aProvider("provider", provider);
  const noble = await loadNoble();
  const primitives: Primitives = provider.name === "node" ? nativeOr(noble) : noble;
  const dhOf = (name: Dh["name"]): Dh => provider.dh?.(name) ?? lazyNobleDh(name);
  return {
    kem(name) {
      if (!isHybrid(name)) {
        if (!Object.hasOwn(mlKems, name)) throw new TypeError("there is no post-quantum KEM of this name");
        return pureKem(name, primitives.mlKem(name));
      }
      const { mlKem, dh } = hybrids[name];
      return hybridKem(name, primitives.mlKem(mlKem), dhOf(dh));
    },
    signatures(name) {
      if (!Object.hasOwn(mlDsas, name)) throw new TypeError("there is no post-quantum signature scheme of this name");
      return mlDsaScheme(name, primitives.mlDsa(name));
    },
  };
}

/**
 * A provider, by default the platform's, that has the suites of draft-ietf-mls-pq-ciphersuites, too. IANA has not given them numbers yet: those of
 * `postQuantumSuites` are copse's own, and `numbers` may give others to some of them.
 *
 *     const provider = await withPostQuantumSuites();
 *     const suite = cipherSuite("MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519", provider);
 *
 * @throws TypeError for a name that is no suite's, and for a number that is taken, reserved or none. CopseError
 * "suite-unsupported" where the package @noble/post-quantum is not installed, or the provider lacks an algorithm.
 */
export async function withPostQuantumSuites(
  provider: Provider = platformProvider,
  numbers: Readonly<Partial<Record<PostQuantumSuiteName, number>>> = {},
): Promise<Provider> {
  options(Object.fromEntries(postQuantumSuites.map(({ name }) => [name, uint16] as const)))("numbers", numbers);
  const { kem, signatures } = await postQuantum(provider);
  return withCipherSuites(
    provider,
    postQuantumSuites.map(({ name, id, kem: kemName, signature, ...symmetric }) => ({
      ...symmetric,
      name,
      id: numbers[name] ?? id,
      kem: kem(kemName),
      signature: isMlDsa(signature) ? signatures(signature) : signature,
    })),
  );
}

function isMlDsa(name: string): name is MlDsaName {
  return Object.hasOwn(mlDsas, name);
}
