/**
 * The fuzzer for as long as it is given: rounds of every target, each over a world of its own. Run by `npm run soak`, which
 * bundles it: see test/checks/soak.js.
 *
 * Arguments: the seconds to run, and the seed.
 */

import { cpus } from "node:os";
import { allTargets } from "./targets.ts";
import { fuzz, Tally, type Found, type Target } from "./harness.ts";

/** Most worlds are of the suite that costs least; the others have a turn each. */
const suites: readonly number[] = [1, 1, 2, 1, 3, 1, 1, 5, 1, 4, 1, 1, 7, 1, 6];

const [seconds, seed] = process.argv.slice(2).map(Number) as [number, number];
const started = performance.now();
const elapsed = (): number => (performance.now() - started) / 1000;
const tallies = new Map<string, { readonly tally: Tally; readonly counts: Target["counts"]; seconds: number }>();
let found: Found | undefined;
let rounds = 0;

while (found === undefined && (rounds === 0 || elapsed() < seconds)) {
  const roundSeed = seed + rounds;
  const targets = await allTargets(roundSeed, suites[rounds % suites.length]!);
  for (const target of targets) {
    if (rounds > 0 && elapsed() >= seconds) break;
    const entry = tallies.get(target.name) ?? { tally: new Tally(), counts: target.counts, seconds: 0 };
    tallies.set(target.name, entry);
    const before = performance.now();
    found = await fuzz(target, target.share, roundSeed, entry.tally);
    entry.seconds += (performance.now() - before) / 1000;
    if (found !== undefined) break;
  }
  rounds++;
}

const count = (value: number): string => Math.round(value).toLocaleString("en").padStart(11);
console.log(
  `${"target".padEnd(24)}${"calls".padStart(11)}${"accepted".padStart(11)}${"per second".padStart(11)}  codes`,
);
for (const [name, { tally, seconds: took }] of tallies) {
  const row = [tally.calls, tally.accepted, tally.calls / Math.max(took, 1e-3)].map(count).join("");
  console.log(`${name.padEnd(24)}${row}  ${String(tally.codes.size)}`);
}
const total = (counts: Target["counts"]): number => {
  let sum = 0;
  for (const { tally, counts: of } of tallies.values()) if (of === counts) sum += tally.calls;
  return sum;
};
const codes = new Set([...tallies.values()].flatMap(({ tally }) => [...tally.codes.keys()]));
const megabytes = Math.round(process.memoryUsage.rss() / 1e6);
console.log(
  `${total("decodes").toLocaleString("en")} decodes, ${total("receives").toLocaleString("en")} receives, ` +
    `${total("others").toLocaleString("en")} others; ${String(codes.size)} codes; ${String(rounds)} rounds in ` +
    `${elapsed().toFixed(0)} s, ${String(megabytes)} MB, ${cpus()[0]?.model.trim() ?? "unknown"}; seed ${String(seed)}`,
);
if (found === undefined) console.log("nothing was found");
else {
  console.log(`FOUND: ${found.report}`);
  console.log(`again: world seed ${String(seed + rounds - 1)}; keep the case in test/fuzz/regressions/`);
  process.exitCode = 1;
}
