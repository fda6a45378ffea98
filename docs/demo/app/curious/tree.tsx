/**
 * The ratchet tree of a chat, drawn: a square for each device, a circle for each key that those below it share. What is new since the last
 * epoch that the drawer has shown is marked: the path of whoever made the commit.
 */

import type { JSX } from "preact";
import type { RoomTree, RoomTreeNode } from "copse/client";
import { toHex } from "../components/hex.ts";
import { nameOf } from "../state/names.ts";
import { deviceNameIn, userOfDevice } from "../state/service.ts";

/** Wider trees are not drawn: nobody would see anything. */
const mostLeaves = 64;
const step = 34;
const rise = 46;

/** The tree. */
export function Tree({
  tree,
  before,
}: {
  readonly tree: RoomTree;
  readonly before: RoomTree | undefined;
}): JSX.Element {
  const { nodes, own } = tree;
  const leaves = (nodes.length + 1) / 2;
  const devices = nodes.filter((node) => node?.kind === "leaf").length;
  const isNew = nodes.map((node, place) => before !== undefined && keyOf(node) !== keyOf(before.nodes[place]));
  const what = `${String(devices)} ${devices === 1 ? "device" : "devices"} on ${String(leaves)} ${leaves === 1 ? "leaf" : "leaves"}`;
  if (leaves > mostLeaves) return <p class="hint">{what}: too wide to be drawn here.</p>;
  const top = levelOf((nodes.length - 1) / 2);
  const at = (place: number): readonly [number, number] => [(place + 1) * step, 20 + (top - levelOf(place)) * rise];
  const width = (nodes.length + 1) * step;
  const height = 70 + top * rise;
  return (
    <figure class="tree" tabIndex={0} aria-label="The ratchet tree">
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${String(width)} ${String(height)}`}
        role="img"
        aria-label={what}
      >
        {nodes.map((_, place) =>
          childrenOf(place).map((child) => (
            <Line
              key={`${String(place)} ${String(child)}`}
              from={at(place)}
              to={at(child)}
              isNew={isNew[child] === true && isNew[place] === true}
            />
          )),
        )}
        {nodes.map((node, place) => {
          const [x, y] = at(place);
          const look = `${node === undefined ? "blank" : ""} ${isNew[place] === true ? "path" : ""}`;
          return place % 2 === 0 ? (
            <g key={place}>
              <title>{titleOf(node)}</title>
              <rect class={look} x={x - 11} y={y - 11} width={22} height={22} rx={4} />
              <text x={x} y={y + 28}>
                {node?.kind === "leaf" ? `${short(node)}${place === own ? " (you)" : ""}` : ""}
              </text>
            </g>
          ) : (
            <g key={place}>
              <title>{titleOf(node)}</title>
              <circle class={look} cx={x} cy={y} r={11} />
            </g>
          );
        })}
      </svg>
      <figcaption class="hint">
        {what}. Dashed: a blank node. {before !== undefined && `Green: new since epoch ${String(before.epoch)}.`}
      </figcaption>
    </figure>
  );
}

function Line({
  from: [x1, y1],
  to: [x2, y2],
  isNew,
}: {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly isNew: boolean;
}): JSX.Element {
  return <line class={isNew ? "path" : ""} x1={x1} y1={y1 + 11} x2={x2} y2={y2 - 11} />;
}

/** How far above the leaves a place is: as many as it has ones at its end. RFC 9420 appendix C */
function levelOf(place: number): number {
  let level = 0;
  for (let rest = place; rest % 2 === 1; rest = (rest - 1) / 2) level++;
  return level;
}

function childrenOf(place: number): readonly number[] {
  const level = levelOf(place);
  return level === 0 ? [] : [place - 2 ** (level - 1), place + 2 ** (level - 1)];
}

function keyOf(node: RoomTreeNode | undefined): string {
  return node === undefined ? "" : toHex(node.encryptionKey);
}

function titleOf(node: RoomTreeNode | undefined): string {
  if (node === undefined) return "blank";
  const key = `public key ${keyOf(node).slice(0, 16)}…`;
  if (node.kind === "parent")
    return node.unmerged.length === 0
      ? key
      : `${key}, not known to ${String(node.unmerged.length)} of the leaves below`;
  return `${node.device === undefined ? "an unknown device" : deviceNameIn(node.device)}, ${key}`;
}

function short({ device }: { readonly device: string | undefined }): string {
  const name = device === undefined ? "?" : nameOf(userOfDevice(device));
  const signs = Array.from(name);
  return signs.length > 7 ? `${signs.slice(0, 6).join("")}…` : name;
}
