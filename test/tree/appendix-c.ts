/**
 * The index arithmetic of RFC 9420 appendix C, line by line from its Python.
 */

/** "The exponent of the largest power of 2 less than x." */
function log2(x: number): number {
  if (x === 0) return 0;
  let k = 0;
  while (x >> k > 0) k += 1;
  return k - 1;
}

/** "The level of a node in the tree." */
export function level(x: number): number {
  if ((x & 0x01) === 0) return 0;
  let k = 0;
  while (((x >> k) & 0x01) === 1) k += 1;
  return k;
}

/** "The number of nodes needed to represent a tree with n leaves." */
export function nodeWidth(n: number): number {
  return n === 0 ? 0 : 2 * (n - 1) + 1;
}

/** "The index of the root node of a tree with n leaves." */
export function root(n: number): number {
  return (1 << log2(nodeWidth(n))) - 1;
}

/** "The left child of an intermediate node." */
export function left(x: number): number {
  const k = level(x);
  if (k === 0) throw new Error("leaf node has no children");
  return x ^ (0x01 << (k - 1));
}

/** "The right child of an intermediate node." */
export function right(x: number): number {
  const k = level(x);
  if (k === 0) throw new Error("leaf node has no children");
  return x ^ (0x03 << (k - 1));
}

/** "The parent of a node." */
export function parent(x: number, n: number): number {
  if (x === root(n)) throw new Error("root node has no parent");
  const k = level(x);
  const b = (x >> (k + 1)) & 0x01;
  return (x | (1 << k)) ^ (b << (k + 1));
}

/** "The other child of the node's parent." */
export function sibling(x: number, n: number): number {
  const p = parent(x, n);
  return x < p ? right(p) : left(p);
}

/** "The direct path of a node, ordered from leaf to root." */
export function directPath(x: number, n: number): number[] {
  const r = root(n);
  const d: number[] = [];
  for (let at = x; at !== r;) {
    at = parent(at, n);
    d.push(at);
  }
  return d;
}

/** "The copath of a node, ordered from leaf to root." */
export function copath(x: number, n: number): number[] {
  if (x === root(n)) return [];
  return [x, ...directPath(x, n)].slice(0, -1).map((y) => sibling(y, n));
}
