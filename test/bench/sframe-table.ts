/**
 * The figures of SFrame as tables, and what copse sets out to reach of the AEAD alone.
 */

import { jobOf, sframeRowNames, type SFrameFigure, type SFramePeerName, type SFrameRowName } from "./sframe-rows.ts";
import type { Table } from "./table.ts";
import { round } from "./targets.ts";

/** Whom copse is compared with, and at the least which part of its speed it wants, by the frame's length. */
const comparisons: readonly {
  readonly copse: SFramePeerName;
  readonly bare: SFramePeerName;
  /** The least program that makes such frames, where it was measured. */
  readonly floor?: SFramePeerName;
  readonly title: string;
  readonly wanted: (length: number) => number | undefined;
}[] = [
  {
    copse: "copse",
    bare: "bare-node",
    title: "SFrame in Node, beside node:crypto",
    wanted: (length) => ({ 1_200: 0.7, 20_000: 0.9 })[length],
  },
  {
    copse: "copse-browser",
    bare: "bare-browser",
    floor: "floor-browser",
    title: "SFrame in a worker of Chromium, beside WebCrypto",
    wanted: () => 0.8,
  },
];

/** A table for Node and one for the browser, as far as they were measured. */
export function sframeTables(figures: readonly SFrameFigure[]): readonly Table[] {
  return comparisons.flatMap(({ copse, bare, floor, title, wanted }) => {
    const find = (row: SFrameRowName, peer: SFramePeerName): SFrameFigure | undefined =>
      figures.find((figure) => figure.name === row && figure.peer === peer);
    const rows = sframeRowNames.filter((row) => find(row, copse) !== undefined);
    if (rows.length === 0) return [];
    const lines = rows.map((row) => {
      const job = jobOf(row);
      const [ours, theirs] = [find(row, copse), find(row, bare)];
      const share = ours === undefined || theirs === undefined ? undefined : ours.median / theirs.median;
      const aim = job.kind === "epoch-keys" ? undefined : wanted(job.length);
      const target = aim === undefined || share === undefined ? "-" : `${aim} (${share >= aim ? "" : "not "}reached)`;
      const least = floor === undefined ? [] : [cell(find(row, floor))];
      return [row, cell(ours), cell(theirs), ...least, share === undefined ? "-" : share.toFixed(2), target];
    });
    const floors = floor === undefined ? [] : ["the least SFrame"];
    return [{ title, header: ["", "copse", "the AEAD alone", ...floors, "share", "target"], lines }];
  });
}

function cell(figure: SFrameFigure | undefined): string {
  if (figure === undefined) return "-";
  const { median, min, max, unit } = figure;
  const text = (value: number): string => (unit === "ms" ? round(value) : round(value / 1_000));
  return `${text(median)}${unit === "ms" ? " ms" : "k/s"} (${text(min)}-${text(max)})`;
}
