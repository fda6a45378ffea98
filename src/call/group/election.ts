/**
 * Who commits. Every member works it out from the epoch alone: one member has the first turn, and each turn that passes
 * without a commit calls twice as many. So one silent member costs one turn, and in a call of n members of which all
 * but one are silent log2(n) turns pass.
 */

/**
 * A member's turn, from 0; undefined where it is no candidate.
 *
 * @param candidates leaf indices of those who may commit, in increasing order
 */
export function turnOf(leafIndex: number, candidates: readonly number[], epoch: bigint): number | undefined {
  const position = candidates.indexOf(leafIndex);
  if (position < 0) return undefined;
  const first = Number(epoch % BigInt(candidates.length));
  const rank = (position - first + candidates.length) % candidates.length;
  return 31 - Math.clz32(rank + 1);
}
