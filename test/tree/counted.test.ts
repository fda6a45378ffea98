import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Counted } from "../../src/tree/counted.ts";

/** The counts that each overlay should have, kept whole. */
interface Model {
  settled: Map<string, number>;
  readonly overlays: { readonly counted: Counted<string>; readonly counts: Map<string, number>; isStale: boolean }[];
}

const key = fc.constantFrom("a", "b", "c", "d", "e");
const at = fc.nat(1000);
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("add" as const, "remove" as const), at, key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("fork" as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("settle" as const), at, keep: fc.array(at, { maxLength: 2 }) }),
  },
);

function same(a: Map<string, number>, b: Map<string, number>): boolean {
  return a.size === b.size && [...a].every(([key, count]) => b.get(key) === count);
}

describe("a counted index", () => {
  test("forked, changed, dropped and settled in any order counts what a full copy counts", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80, size: "max" }), (actions) => {
        const model: Model = {
          settled: new Map(),
          overlays: [{ counted: new Counted(), counts: new Map(), isStale: false }],
        };
        for (const each of actions) {
          const overlay = model.overlays[each.at % model.overlays.length]!;
          const { counted, counts } = overlay;
          if (overlay.isStale) {
            expect(() => counted.count("a")).toThrow(TypeError);
            continue;
          }
          if (each.kind === "fork") {
            model.overlays.push({ counted: counted.fork(), counts: new Map(counts), isStale: false });
          } else if (each.kind === "settle") {
            const named = each.keep.map((at) => model.overlays[at % model.overlays.length]!);
            const kept = new Set(named.filter((other) => !other.isStale && other !== overlay));
            counted.settle([...kept].map((other) => other.counted));
            if (same(counts, model.settled)) continue;
            for (const other of model.overlays) other.isStale ||= other !== overlay && !kept.has(other);
            model.settled = new Map(counts);
          } else {
            const count = counts.get(each.key) ?? 0;
            if (each.kind === "remove" && count === 0) continue;
            counted[each.kind](each.key);
            const next = count + (each.kind === "add" ? 1 : -1);
            if (next === 0) counts.delete(each.key);
            else counts.set(each.key, next);
          }
        }
        for (const { counted, counts, isStale } of model.overlays) {
          if (isStale) continue;
          for (const name of ["a", "b", "c", "d", "e", "f"]) expect(counted.count(name)).toBe(counts.get(name) ?? 0);
          expect(new Map(counted.entries())).toEqual(counts);
          expect([...counted.entries()]).toHaveLength(counts.size);
          expect(counted.hasRepeated).toBe([...counts.values()].some((count) => count > 1));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("that was outlived says so, whatever is asked of it", () => {
    const current = new Counted<string>();
    current.add("a");
    current.settle();
    const [chosen, loser] = [current.fork(), current.fork()];
    const descendant = loser.fork();
    chosen.add("b");
    loser.add("c");
    chosen.settle();
    expect(chosen.count("b")).toBe(1);
    for (const stale of [current, loser, descendant]) {
      expect(() => stale.count("a")).toThrow(TypeError);
      expect(() => stale.add("a")).toThrow(TypeError);
      expect(() => stale.remove("a")).toThrow(TypeError);
      expect(() => stale.fork()).toThrow(TypeError);
      expect(() => stale.hasRepeated).toThrow(TypeError);
      expect(() => stale.settle()).toThrow(TypeError);
      expect(() => [...stale.entries()]).toThrow(TypeError);
    }
  });

  test("that was made of a settled one goes on where it is named, with what it changed beyond that", () => {
    const current = new Counted<string>();
    const chosen = current.fork();
    chosen.add("a");
    chosen.add("b");
    const next = chosen.fork();
    next.remove("a");
    next.add("c");
    chosen.settle([next]);
    expect(new Map(next.entries())).toEqual(
      new Map([
        ["b", 1],
        ["c", 1],
      ]),
    );
    expect(chosen.count("a")).toBe(1);
    next.settle();
    expect([next.count("a"), next.count("b"), next.count("c")]).toEqual([0, 1, 1]);
    expect(() => chosen.count("a")).toThrow(TypeError);
  });

  test("that is dropped leaves no trace", () => {
    const current = new Counted<string>();
    current.add("a");
    const dropped = current.fork();
    dropped.add("b");
    dropped.remove("a");
    expect([...current.entries()]).toEqual([["a", 1]]);
    expect([...dropped.entries()]).toEqual([["b", 1]]);
    current.settle();
    expect([...current.entries()]).toEqual([["a", 1]]);
  });
});
