/**
 * Array-based index math: for the published vectors and for what is numbered on the wire. The tree itself is made of
 * objects and needs none of it. RFC 9420 appendix C.
 */

/** The level of a node: 0 for leaves, one more than its children's for parents. */
export function level(index: number): number {
  return index % 2 === 0 ? 0 : 31 - Math.clz32(~index & (index + 1));
}

/** The number of nodes of a tree with this many leaves. */
export function nodeWidth(leaves: number): number {
  return leaves === 0 ? 0 : 2 * leaves - 1;
}

/** The root's index in a tree with this many leaves, a power of two. */
export function root(leaves: number): number {
  return leaves - 1;
}

/** The left child, or undefined for a leaf. */
export function left(index: number): number | undefined {
  const k = level(index);
  return k === 0 ? undefined : index - 2 ** (k - 1);
}

/** The right child, or undefined for a leaf. */
export function right(index: number): number | undefined {
  const k = level(index);
  return k === 0 ? undefined : index + 2 ** (k - 1);
}

/** The parent in a tree with this many leaves, or undefined for its root. */
export function parent(index: number, leaves: number): number | undefined {
  if (index === root(leaves)) return undefined;
  const k = level(index);
  const span = 2 ** (k + 1);
  return Math.floor(index / (2 * span)) * 2 * span + span - 1;
}

/** The other child of the parent, or undefined for the root. */
export function sibling(index: number, leaves: number): number | undefined {
  const above = parent(index, leaves);
  if (above === undefined) return undefined;
  return index < above ? right(above) : left(above);
}
