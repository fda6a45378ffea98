/**
 * The cost of four operations against the size of the group, both axes logarithmic, as SVG.
 */

import { scriptPeerNames, type Figure, type RowName, type ScriptPeerName } from "./rows.ts";

const panels: readonly (readonly [row: RowName, title: string])[] = [
  ["commit-process", "process a commit, populated tree"],
  ["commit-create", "create a commit, populated tree"],
  ["join-populated", "join a populated group"],
  ["add-many", "add all others in one commit"],
];
const lines: { readonly [K in ScriptPeerName]: { readonly title: string; readonly colour: string } } = {
  copse: { title: "copse", colour: "#1a7f37" },
  "ts-mls-1": { title: "ts-mls 1.6.4", colour: "#bc4c00" },
  "ts-mls-2": { title: "ts-mls 2.0.0-rc.10", colour: "#8250df" },
};
const panel = { width: 450, height: 290, left: 80, right: 30, top: 34, bottom: 36 } as const;
const header = 34;

/** The whole picture. */
export function plot(figures: readonly Figure[]): string {
  const width = 2 * panel.width;
  const height = header + 2 * panel.height;
  const shown = panels.map(([row, title], i) => {
    const points = figures.filter(({ name }) => name === row);
    return group((i % 2) * panel.width, header + Math.floor(i / 2) * panel.height, drawPanel(title, points));
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>Milliseconds against members, both logarithmic</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    legend(),
    ...shown,
    "</svg>",
    "",
  ].join("\n");
}

function legend(): string {
  const entries = scriptPeerNames.map((peer, i) => {
    const { title, colour } = lines[peer];
    const x = panel.left + i * 160;
    return `<path d="M${x} 20h24" stroke="${colour}" stroke-width="2.5"/><text x="${x + 30}" y="24">${title}</text>`;
  });
  return entries.join("\n");
}

/** One operation: milliseconds, against the number of members. */
function drawPanel(title: string, points: readonly Figure[]): string {
  const parts = [`<text x="${panel.left}" y="22" font-weight="600">${title}</text>`];
  if (points.length === 0)
    return [...parts, `<text x="${panel.left}" y="60" fill="#57606a">not measured</text>`].join("\n");
  const x = axis(
    points.map(({ size }) => size),
    panel.left,
    panel.width - panel.right,
  );
  const y = axis(
    points.map(({ median }) => median),
    panel.height - panel.bottom,
    panel.top,
  );
  for (const decade of x.decades) {
    const at = x.place(decade);
    parts.push(rule(at, panel.top, at, panel.height - panel.bottom));
    parts.push(
      `<text x="${at}" y="${panel.height - panel.bottom + 16}" text-anchor="middle" fill="#57606a">${label(decade)}</text>`,
    );
  }
  for (const decade of y.decades) {
    const at = y.place(decade);
    parts.push(rule(panel.left, at, panel.width - panel.right, at));
    parts.push(`<text x="${panel.left - 6}" y="${at + 4}" text-anchor="end" fill="#57606a">${label(decade)} ms</text>`);
  }
  for (const peer of scriptPeerNames) {
    const own = points.filter((point) => point.peer === peer).sort((a, b) => a.size - b.size);
    if (own.length === 0) continue;
    const places = own.map(({ size, median }) => [x.place(size), y.place(median)] as const);
    const { colour } = lines[peer];
    const path = places.map(([px, py], i) => `${i === 0 ? "M" : "L"}${px} ${py}`).join("");
    parts.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="2.5"/>`);
    for (const [px, py] of places) parts.push(`<circle cx="${px}" cy="${py}" r="3.5" fill="${colour}"/>`);
  }
  return parts.join("\n");
}

/** A logarithmic axis over whole decades, from one place to another. */
function axis(
  values: readonly number[],
  from: number,
  to: number,
): { readonly decades: readonly number[]; readonly place: (value: number) => number } {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    decades: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
    place: (value) => Number((from + ((Math.log10(value) - low) / (high - low)) * (to - from)).toFixed(1)),
  };
}

function label(decade: number): string {
  return decade >= 1 ? decade.toLocaleString("en") : String(Number(decade.toPrecision(1)));
}

function rule(x1: number, y1: number, x2: number, y2: number): string {
  return `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="#d0d7de"/>`;
}

function group(x: number, y: number, content: string): string {
  return `<g transform="translate(${x} ${y})">\n${content}\n</g>`;
}
