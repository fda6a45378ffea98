/**
 * A ratchet tree as a picture, in SVG: the root on top, the members along the bottom. RFC 9420 sections 4.1, 4.2, 7.1.
 */

import { hex } from "../../bytes/text.ts";
import type { Credential } from "../../wire/credential.ts";
import type { Node, RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { leafCount, treeSummary } from "./draw-tree.ts";
import { credentialText, nameText } from "./words.ts";

/** The measures of the picture, in pixels. */
const leafWidth = 96;
const levelHeight = 84;
const margin = { side: 28, top: 68, bottom: 144 };
const narrowest = 640;
const radius = 13;
const leafHeight = 34;

const style = `
    text { font-family: system-ui, "DejaVu Sans", sans-serif; font-size: 12px; fill: #1f2933; text-anchor: middle }
    .title { font-size: 17px; font-weight: 600; text-anchor: start }
    .note, .explanation { text-anchor: start }
    .note { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round }
    .small { font-size: 10px; fill: #52606d }
    .edge { stroke: #9aa5b1; stroke-width: 1.5 }
    .edge.own { stroke: #d9730d; stroke-width: 4 }
    .populated { fill: #3e7cb1; stroke: #1d4e74; stroke-width: 1.5 }
    .leaf.populated { fill: #e3eef7 }
    .blank { fill: #ffffff; stroke: #9aa5b1; stroke-width: 1.5; stroke-dasharray: 4 3 }
    .own { stroke: #d9730d; stroke-width: 4; stroke-dasharray: none }
    .blank.own { stroke-dasharray: 4 3 }
    .unmerged { fill: #b3261e; font-weight: 600 }
    .leaf.waiting { fill: #fbe4e2; stroke: #b3261e }`;

/** One node of the picture. */
interface Place {
  /** In the array representation. */
  readonly index: number;
  readonly node: Node | undefined;
  readonly x: number;
  readonly y: number;
  readonly own: boolean;
}

/**
 * The picture's text.
 *
 * @param leaf whose direct path is marked, by leaf index
 */
export function svgTree(nodes: RatchetTreeNodes, leaf?: number): string {
  const leaves = Math.max(leafCount(nodes), 1);
  const levels = Math.log2(leaves);
  const width = Math.max(leaves * leafWidth + 2 * margin.side, narrowest);
  const bottom = margin.top + levels * levelHeight + leafHeight;
  const height = bottom + margin.bottom;
  const left = (width - leaves * leafWidth) / 2;
  const place = (level: number, first: number): Place => {
    const span = 2 ** level;
    const index = 2 * first + span - 1;
    return {
      index,
      node: nodes[index],
      x: left + (first + span / 2) * leafWidth,
      y: margin.top + (levels - level) * levelHeight + radius,
      own: leaf !== undefined && leaf >= first && leaf < first + span,
    };
  };
  const waiting = new Set(nodes.flatMap((node) => (node?.type === "parent" ? node.parentNode.unmergedLeaves : [])));

  const edges: string[] = [];
  const shapes: string[] = [];
  for (let level = levels; level >= 0; level--) {
    const span = 2 ** level;
    for (let first = 0; first < leaves; first += span) {
      const here = place(level, first);
      if (level === 0) {
        shapes.push(leafShape(here, waiting.has(first)));
        continue;
      }
      shapes.push(parentShape(here));
      for (const child of [place(level - 1, first), place(level - 1, first + span / 2)]) edges.push(edge(here, child));
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `  <style>${style}\n  </style>`,
    `  <rect width="100%" height="100%" fill="#ffffff"/>`,
    `  <text class="title" x="${margin.side}" y="32">Ratchet tree: ${escaped(treeSummary(nodes))}</text>`,
    ...edges.toSorted(ownLast),
    ...shapes,
    ...legend(bottom + 28, leaf),
    "</svg>\n",
  ].join("\n");
}

/** What is marked is drawn over the rest. */
function ownLast(a: string, b: string): number {
  return Number(a.includes("own")) - Number(b.includes("own"));
}

function edge(from: Place, to: Place): string {
  return `  <line class="edge${to.own ? " own" : ""}" x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}"/>`;
}

function parentShape({ index, node, x, y, own }: Place): string {
  const kind = node === undefined ? "blank" : "populated";
  const title = `node ${index}: ${kind}`;
  const shape = `  <circle class="parent ${kind}${own ? " own" : ""}" cx="${x}" cy="${y}" r="${radius}"><title>${title}</title></circle>`;
  if (node?.type !== "parent") return shape;
  const { encryptionKey, unmergedLeaves } = node.parentNode;
  const at = x + radius + 7;
  const lines = [`  <text class="note small" x="${at}" y="${y + 4}">key ${hex(encryptionKey.subarray(0, 3))}…</text>`];
  if (unmergedLeaves.length > 0) {
    const which = clipped(unmergedLeaves.join(", "), 24);
    lines.push(`  <text class="note small unmerged" x="${at}" y="${y + 17}">unmerged: ${which}</text>`);
  }
  return [shape, ...lines].join("\n");
}

function leafShape({ index, node, x, y, own }: Place, waiting: boolean): string {
  const kind = node === undefined ? "blank" : `populated${waiting ? " waiting" : ""}`;
  const half = leafWidth / 2 - 6;
  const top = y - radius;
  const box = `x="${x - half}" y="${top}" width="${2 * half}" height="${leafHeight}" rx="7"`;
  const name = node?.type === "leaf" ? clipped(nameOf(node.leafNode.credential), 12) : "";
  return [
    `  <rect class="leaf ${kind}${own ? " own" : ""}" ${box}/>`,
    `  <text x="${x}" y="${top + 21}">${escaped(name)}</text>`,
    `  <text class="small" x="${x}" y="${top + leafHeight + 16}">leaf ${index / 2}</text>`,
  ].join("\n");
}

/** What the shapes mean, each beside an example of itself. */
function legend(top: number, leaf: number | undefined): readonly string[] {
  const entries: readonly (readonly [shape: string, words: string])[] = [
    [`<circle class="populated" cx="12" cy="0" r="9"/>`, "a key pair that all members below it know"],
    [`<circle class="blank" cx="12" cy="0" r="9"/>`, "blank: no key, or nobody at that leaf"],
    [
      `<rect class="leaf populated waiting" x="1" y="-9" width="22" height="18" rx="5"/>`,
      "an unmerged leaf: it does not know the keys of the nodes that name it",
    ],
    ...(leaf === undefined
      ? []
      : [[`<line class="edge own" x1="1" y1="0" x2="23" y2="0"/>`, `the path of leaf ${leaf} to the root`] as const]),
  ];
  return entries.map(
    ([shape, words], row) =>
      `  <g transform="translate(${margin.side} ${top + 14 + row * 26})">${shape}<text class="explanation" x="36" y="4">${words}</text></g>`,
  );
}

/** Short, because there is little room: a name without its quotes. */
function nameOf(credential: Credential): string {
  return credential.type === "basic"
    ? nameText(credential.identity).replaceAll(/^"|"$/g, "")
    : credentialText(credential);
}

function clipped(text: string, length: number): string {
  const letters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join("")}…`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
