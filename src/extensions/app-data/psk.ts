/**
 * Pre-shared keys of components, which enter the key schedule with a commit: "a component can use the PSK mechanism to enforce
 * that all group members have access to and agree on a password or a shared file". Section 4.5 of draft-ietf-mls-extensions.
 */

import { copyBytes } from "../../bytes/copy.ts";
import type { Secret } from "../../bytes/secret.ts";
import type { Awaitable } from "../../crypto/provider.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";

/** A pre-shared key, or undefined where there is none. */
export type Psk = Awaitable<Uint8Array | Secret<string> | undefined>;

/** Looks up a component's own pre-shared key. */
export type ComponentPsk = (pskId: Uint8Array) => Psk;

/** Looks up any pre-shared key: the `psks` option of groups. */
export type PskSource = (id: PreSharedKeyId) => Psk;

/** A component's pre-shared key to inject. */
export interface ApplicationPskChoice {
  readonly type: "application";
  readonly componentId: number;
  readonly pskId: Uint8Array;
}

/** What of a component is of concern here, by its id. */
type Keyed = ReadonlyMap<number, { readonly psk?: ComponentPsk }>;

/** A pre-shared key of a registered component. @throws TypeError for another's: nobody would find it. */
export function pskOf(components: Keyed, componentId: number, pskId: Uint8Array): ApplicationPskChoice {
  if (components.get(componentId)?.psk === undefined) {
    throw new TypeError("a pre-shared key is of a component that is registered with psk");
  }
  return { type: "application", componentId, pskId: copyBytes(pskId) };
}

/**
 * Each component is asked for its own keys and no others: "different components' contributions to the MLS key schedule will
 * not collide". An id of a component that is not known finds nothing, and the commit ends with "psk-not-found".
 */
export function pskSourceOf(components: Keyed, otherwise?: PskSource): PskSource {
  return (id) => (id.type === "application" ? components.get(id.componentId)?.psk?.(id.pskId) : otherwise?.(id));
}
