/**
 * The figures as tables: on the terminal, and in Markdown.
 */

import { leftOut, peerNames, rowNames, type Figure, type PeerName, type RowName } from "./rows.ts";
import { round, verdicts } from "./targets.ts";

/** The header and the lines of a table. */
export interface Table {
  readonly title: string;
  readonly header: readonly string[];
  readonly lines: readonly (readonly string[])[];
}

const titles: { readonly [K in PeerName]: string } = {
  copse: "copse",
  "ts-mls-1": "ts-mls 1.6.4",
  "ts-mls-2": "ts-mls 2.0.0-rc.10",
  openmls: "OpenMLS 0.9.2",
  "mls-rs": "mls-rs 0.57.0",
};

/** One table a size: the median and the spread of each peer, and how many times as much the peers take. */
export function figureTables(figures: readonly Figure[]): readonly Table[] {
  return [...new Set(figures.map(({ size }) => size))].map((size) => {
    const here = figures.filter((figure) => figure.size === size);
    const peers = peerNames.filter((peer) => here.some((figure) => figure.peer === peer));
    const others = peers.includes("copse") ? peers.filter((peer) => peer !== "copse") : [];
    const rows = rowNames.filter((row) => here.some(({ name }) => name === row));
    const find = (row: RowName, peer: PeerName): Figure | undefined =>
      here.find((figure) => figure.name === row && figure.peer === peer);
    return {
      title: [`${size} members`, ...new Set(here.flatMap(({ suite }) => suite ?? []))].join(", "),
      header: ["", ...peers.map((peer) => titles[peer]), ...others.map((peer) => `${titles[peer]} / copse`)],
      lines: rows.map((row) => [
        row,
        ...peers.map((peer) => cell(find(row, peer))),
        ...others.map((peer) => ratio(find(row, "copse"), find(row, peer))),
      ]),
    };
  });
}

/** What a group writes that is stored as it changes, in one table for all sizes. */
export function storedTable(figures: readonly Figure[]): Table | undefined {
  const lines = figures
    .filter(({ bytes }) => bytes !== undefined)
    .map(({ name, size, peer, median: time, bytes, made, without, ratio: times }) => [
      name,
      String(size),
      titles[peer],
      bytes === undefined ? "-" : quantity(bytes.first, "bytes"),
      bytes === undefined ? "-" : quantity(bytes.median, "bytes"),
      bytes === undefined ? "-" : quantity(bytes.max, "bytes"),
      made === undefined ? "-" : quantity(made, "bytes"),
      quantity(time, "ms"),
      without === undefined ? "-" : quantity(without, "ms"),
      times === undefined ? "-" : `${round(times)} x`,
    ]);
  const header = ["", "members", "", "first", "median", "most", "messages made", "time", "without a store", "ratio"];
  return lines.length === 0 ? undefined : { title: "What is stored", header, lines };
}

/** What copse set out to reach, and whether it did. */
export function targetTable(figures: readonly Figure[]): Table | undefined {
  const lines = verdicts(figures).map(({ target, measured, verdict }) => [target, measured, verdict]);
  return lines.length === 0 ? undefined : { title: "Targets", header: ["target", "measured", ""], lines };
}

/** Why some figures are not there. */
export function gaps(figures: readonly Figure[], rows: ReadonlySet<RowName>): readonly string[] {
  const reasons = new Set<string>();
  for (const { size, peer } of figures) {
    for (const row of rows) {
      const reason = leftOut(row, size, peer);
      if (reason !== undefined) reasons.add(`${row}: ${reason}.`);
    }
  }
  return [...reasons];
}

/** A table for the terminal. */
export function asText({ title, header, lines }: Table): string {
  const all = [header, ...lines];
  const widths = header.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join("   ");
  return [title, ...all.map(line)].join("\n");
}

/** A table in Markdown. */
export function asMarkdown({ header, lines }: Table): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = header.map((_, i) => (i === 0 ? "---" : "--:"));
  return [row(header), row(rule), ...lines.map(row)].join("\n");
}

function cell(figure: Figure | undefined): string {
  if (figure === undefined) return "-";
  const { median, min, max, unit } = figure;
  return unit === "bytes" && min === max
    ? quantity(median, unit)
    : `${quantity(median, unit)} (${spread(min, max, unit)})`;
}

function spread(min: number, max: number, unit: Figure["unit"]): string {
  return `${quantity(min, unit, false)}-${quantity(max, unit, false)}`;
}

function quantity(value: number, unit: Figure["unit"], named = true): string {
  if (unit === "ms")
    return value < 1 ? value.toPrecision(2) + (named ? " ms" : "") : round(value) + (named ? " ms" : "");
  if (value < 10_000) return value.toFixed(0) + (named ? " B" : "");
  if (value < 10_000_000) return round(value / 1_000) + (named ? " kB" : "");
  return round(value / 1_000_000) + (named ? " MB" : "");
}

function ratio(ours: Figure | undefined, theirs: Figure | undefined): string {
  return ours === undefined || theirs === undefined ? "-" : `${round(theirs.median / ours.median)} x`;
}
