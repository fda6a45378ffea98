/**
 * Types beyond RFC 9420 that an application brings: extensions, proposals and credentials, each with its declared rules.
 * Sections 13.1 to 13.4.
 */

import { checkUints } from "../bytes/numbers.ts";
import type { Reader } from "../codec/reader.ts";
import type { Sender } from "../wire/framing.ts";

/** Where an extension may stand. RFC 9420 section 13.4 */
export type ExtensionPlace = "leaf_node" | "key_package" | "group_info" | "group_context";

/** An extension type of the application. */
export interface CustomExtension {
  readonly type: number;
  /** The lists in which it is allowed. */
  readonly places: readonly ExtensionPlace[];
  /** Whether the data is well formed: true or false, anything else is a TypeError. Without it, any data is. */
  readonly isValid?: (data: Uint8Array, place: ExtensionPlace) => boolean;
}

/** The step of section 12.3 after which a custom proposal is applied. */
export type ProposalStep = "group_context_extensions" | "update" | "remove" | "add" | "psk";

/** A proposal type of the application. Every rule that RFC 9420 asks of a new type is declared here. */
export interface CustomProposalType {
  readonly type: number;
  /** Section 12.4: "New proposal types MUST state whether they require a path." */
  readonly pathRequired: boolean;
  /** Section 12.1.8: "New proposal types defined in the future MUST define whether they may be sent by external senders." */
  readonly external: boolean;
  /** Whether an external commit may refer to it, which section 12.4.3.2 denies to the RFC's own types. */
  readonly externalCommit: boolean;
  /** Section 12.3: where it is applied. */
  readonly after: ProposalStep;
  /** Whether it removes the member that sent it, as self_remove does. */
  readonly removesSender?: boolean;
  /** Reads to the end of the body. Without it, the body is one `opaque data<V>`. */
  readonly readBody?: (input: Reader) => unknown;
  /** Whether the proposal is valid, application policy included: true or false, anything else is a TypeError. Without it, any is. */
  readonly isValid?: (body: Uint8Array, sender: Sender) => boolean;
}

/** The types that an application understands beyond RFC 9420's. */
export interface ExtensionRegistry {
  readonly extensions?: readonly CustomExtension[];
  readonly proposals?: readonly CustomProposalType[];
  /** Credential types besides basic and x509, whose body is one `opaque data<V>`. */
  readonly credentials?: readonly number[];
}

/** A registry ready for look-up. */
export interface Registry {
  readonly extensions: ReadonlyMap<number, CustomExtension>;
  readonly proposals: ReadonlyMap<number, CustomProposalType>;
  readonly credentials: readonly number[];
  /** How the decoder finds the end of each custom proposal. */
  readonly bodies: ReadonlyMap<number, (input: Reader) => unknown>;
}

/** Prepare a registry. @throws TypeError for a type that RFC 9420 defines, or one given twice. */
export function prepareRegistry({
  extensions = [],
  proposals = [],
  credentials = [],
}: ExtensionRegistry = {}): Registry {
  checkUints("registry.credentials", credentials, 16);
  const registry = { extensions: byType(extensions, 5), proposals: byType(proposals, 7), credentials };
  const bodies = new Map(proposals.map(({ type, readBody }) => [type, readBody ?? readOpaque]));
  return { ...registry, bodies };
}

function readOpaque(input: Reader): unknown {
  return input.vectorBytes();
}

function byType<T extends { readonly type: number }>(types: readonly T[], lastDefault: number): ReadonlyMap<number, T> {
  const map = new Map<number, T>();
  for (const entry of types) {
    const { type } = entry;
    if (!Number.isInteger(type) || type <= lastDefault || type > 0xffff) {
      throw new TypeError(`${String(type)} is no number for a custom type`);
    }
    if (map.has(type)) throw new TypeError(`the type ${String(type)} is registered twice`);
    map.set(type, entry);
  }
  return map;
}
