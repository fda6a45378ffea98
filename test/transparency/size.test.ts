/**
 * How many bytes a look-up has.
 */

import { expect, it } from "vitest";
import { decode, encode } from "../../src/codec/codec.ts";
import { Lookup } from "../../src/transparency/lookup.ts";
import { account, alice, aLog, crowd } from "./world.ts";

/** Beside how many others an index of a map of n has a hash, at the mean. */
function meanHashes(n: number): number {
  let mean = 0;
  for (let depth = 1; depth <= 256; depth++) mean += -Math.expm1(n * Math.log1p(-(2 ** -depth)));
  return mean;
}

/** A look-up whose path has so many hashes. */
async function lookupOf(hashes: number): Promise<number> {
  const { log } = await aLog();
  await log.append([{ user: alice, account: account(0n) }]);
  const lookup = decode(Lookup, await log.lookup(alice));
  const siblings = Array.from({ length: hashes }, () => new Uint8Array(32).fill(1));
  return encode(Lookup, { ...lookup, mapProof: { siblings, other: undefined } }).length;
}

it("has at most 2,000 bytes in a log of 10^7 entries, and 1,200 at the mean", async () => {
  const n = 10_000_000;
  const most = 50;
  expect(await lookupOf(most)).toBeLessThanOrEqual(2_000);
  // More hashes than that would need somebody beside the path deeper than that: one index in a hundred million has it.
  expect(n * 2 ** -most).toBeLessThan(1e-8);
  expect(meanHashes(n)).toBeLessThan(25);
  expect(await lookupOf(25)).toBeLessThanOrEqual(1_200);
});

it("has as many hashes in a log of 1,000 as that calculation says", async () => {
  const { log } = await aLog();
  await crowd(log, 0, 1_000);
  let sum = 0;
  for (let i = 0; i < 50; i++) {
    const lookup = decode(Lookup, await log.lookup(`mimi://example.org/u/user${String(i * 20)}`));
    sum += lookup.mapProof.siblings.filter((sibling) => sibling.some((byte) => byte !== 0)).length;
  }
  expect(Math.abs(sum / 50 - meanHashes(1_000))).toBeLessThan(0.7);
});
