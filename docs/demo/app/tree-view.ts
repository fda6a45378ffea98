/**
 * The ratchet tree as a picture that changes with the group: members along the bottom, keys above them. RFC 9420
 * section 4.1
 */

import type { Group } from "copse";
import { decodeCopy } from "../../../src/codec/codec.ts";
import { RatchetTreeNodes } from "../../../src/wire/ratchet-tree.ts";
import { find } from "./dom.ts";
import { namedBy } from "./people.ts";

/** The measures of the picture. */
const leafWidth = 92;
const levelHeight = 64;
const top = 18;

const figure = find("tree", HTMLElement);

/** Draw the tree of a group's epoch. */
export function showTree(group: Group): void {
  const nodes = decodeCopy(RatchetTreeNodes, group.ratchetTree());
  const leaves = group.treeWidth;
  const levels = Math.log2(leaves);
  const own = group.self.leafIndex;
  const names = new Map([...group.members].map((member) => [member.leafIndex, namedBy(member.credential).name]));
  const width = leaves * leafWidth;
  const height = top + levels * levelHeight + 50;
  const picture = shape("svg", { viewBox: `0 0 ${String(width)} ${String(height)}`, width, role: "img" });
  const title = shape("title", {});
  title.textContent = `The tree of epoch ${String(group.epoch)}: ${[...names.values()].join(", ")}`;
  picture.append(title);

  const edges = shape("g", {});
  const places = shape("g", {});
  for (let level = levels; level >= 0; level--) {
    const span = 2 ** level;
    for (let first = 0; first < leaves; first += span) {
      const x = (first + span / 2) * leafWidth;
      const y = top + (levels - level) * levelHeight;
      const onPath = own >= first && own < first + span;
      const blank = nodes[2 * first + span - 1] === undefined;
      const kind = `${blank ? "blank" : "populated"}${onPath ? " path" : ""}`;
      if (level < levels) {
        const above = (first - (first % (2 * span)) + span) * leafWidth;
        edges.append(shape("line", { x1: x, y1: y, x2: above, y2: y - levelHeight, class: onPath ? "path" : "" }));
      }
      if (level > 0) places.append(shape("circle", { cx: x, cy: y, r: 11, class: kind }));
      else places.append(...leafShapes(x, y, kind, names.get(first) ?? ""));
    }
  }
  picture.append(edges, places);
  figure.replaceChildren(picture);
}

/** No tree. */
export function showNoTree(): void {
  figure.replaceChildren();
}

function leafShapes(x: number, y: number, kind: string, name: string): readonly SVGElement[] {
  const box = shape("rect", { x: x - 40, y: y - 15, width: 80, height: 30, rx: 7, class: kind });
  const label = shape("text", { x, y: y + 5 });
  label.textContent = name.length > 10 ? `${name.slice(0, 9)}…` : name;
  return [box, label];
}

function shape<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
