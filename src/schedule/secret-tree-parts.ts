/**
 * What a secret tree remembers, part by part, for whoever stores it: only the parts that a step changes are written.
 */

/** The two ratchets of a sender: one for proposals and commits, one for application data. */
export type RatchetType = "handshake" | "application";

/** Names a part: a node's secret, a ratchet, or the key of a skipped generation. */
export type SecretTreePartName =
  | { readonly kind: "node"; readonly nodeIndex: number }
  | { readonly kind: "ratchet"; readonly leafIndex: number; readonly type: RatchetType }
  | { readonly kind: "key"; readonly leafIndex: number; readonly type: RatchetType; readonly generation: number };

/** What a part holds: secrets all of them, in copies. */
export type SecretTreePartValue =
  | { readonly kind: "node"; readonly secret: Uint8Array }
  /** The next generation, and its secret: empty after the last. */
  | { readonly kind: "ratchet"; readonly generation: number; readonly secret: Uint8Array }
  | { readonly kind: "key"; readonly keyAndNonce: Uint8Array; readonly keptAt: number };

/** A part that has changed. Without a value it is gone. */
export interface SecretTreePart {
  readonly name: SecretTreePartName;
  readonly value: SecretTreePartValue | undefined;
}

/** The names of the parts that were changed in place, until they have been stored. */
export class TouchedParts {
  readonly #names = new Map<string, SecretTreePartName>();

  add(name: SecretTreePartName): void {
    this.#names.set(keyOf(name), name);
  }

  values(): Iterable<SecretTreePartName> {
    return this.#names.values();
  }

  clear(): void {
    this.#names.clear();
  }
}

function keyOf(name: SecretTreePartName): string {
  if (name.kind === "node") return String(name.nodeIndex);
  const ratchet = `${String(name.leafIndex)} ${name.type}`;
  return name.kind === "ratchet" ? ratchet : `${ratchet} ${String(name.generation)}`;
}
