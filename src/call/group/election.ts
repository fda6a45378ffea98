/**
 * Who commits. Every member works it out from the epoch alone: one has the first turn, and as each turn passes without a
 * commit twice as many feel called. So one silent member costs one turn, and a call of n of which all but one are silent
 * log2(n) turns.
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
