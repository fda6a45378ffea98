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
  readonly #names = new Map<string | number, SecretTreePartName>();

  get size(): number {
    return this.#names.size;
  }

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

/** What names are told apart by: numbers for those that every message has, strings for skipped generations. */
function keyOf(name: SecretTreePartName): string | number {
  if (name.kind === "node") return -1 - name.nodeIndex;
  const ratchet = 2 * name.leafIndex + (name.type === "handshake" ? 0 : 1);
  return name.kind === "ratchet" ? ratchet : `${String(ratchet)} ${String(name.generation)}`;
}
