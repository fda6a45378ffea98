/**
 * What the benchmarks of servers measure.
 */

import { median } from "./rows.ts";

/** One figure: a median of its rounds, and its spread. */
export interface ServerFigure {
  readonly name: string;
  readonly unit: "per second" | "ratio" | "ms" | "kB";
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
  readonly target: string;
}

export function figure(
  name: string,
  unit: ServerFigure["unit"],
  values: readonly number[],
  target: string,
): ServerFigure {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return { name, unit, median: median(values), min, max, runs: values.length, target };
}
