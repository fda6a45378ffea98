/**
 * What is measured of DAVE: the names of the rows, and their figures on the terminal.
 */

import type { Figure } from "./rows.ts";

/** A row's name says what is done, with frames of how many bytes. */
export const daveRowNames = ["dave-seal-1200", "dave-open-1200"] as const;

export type DaveRowName = (typeof daveRowNames)[number];

export type DaveFigure = Figure<DaveRowName, "copse" | "davey", "frames/s">;

/** The figures for the terminal. */
export function daveText(figures: readonly DaveFigure[]): string {
  const number = (value: number): string => value.toFixed(0).padStart(8);
  return figures
    .map(({ name, peer, median: middle, min, max, unit }) =>
      [name, peer.padEnd(6), ...[middle, min, max].map(number), unit].join(" "),
    )
    .join("\n");
}
