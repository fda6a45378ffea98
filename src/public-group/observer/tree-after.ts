/**
 * The ratchet tree that a commit makes, while it is written: whoever stores it for new members does so in the same transaction.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { decode, encode } from "../../codec/codec.ts";
import { Node, RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { parseName } from "../records/names.ts";
import type { StateChanges } from "../records/persist.ts";
import { bytesRecord, storedReading } from "../records/record.ts";
import type { Observer } from "./observer.ts";

/** The tree of an observer, with these changes of its records, as `ratchet_tree` lists it. */
export function ratchetTreeAfter(observer: Observer, { puts, deletes }: Pick<StateChanges, "puts" | "deletes">): Bytes {
  const nodes: (Node | undefined)[] = [...decode(RatchetTreeNodes, observer.ratchetTree(), storedReading)];
  const set = (name: string, node: Node | undefined): void => {
    const index = name.startsWith("node/") ? parseName(name) : undefined;
    if (index?.kind !== "node") return;
    while (nodes.length <= index.number) nodes.push(undefined);
    nodes[index.number] = node;
  };
  for (const name of deletes) set(name, undefined);
  for (const [name, value] of puts) {
    if (name.startsWith("node/")) set(name, decode(Node, bytesRecord.read(value), storedReading));
  }
  while (nodes.length > 0 && nodes[nodes.length - 1] === undefined) nodes.pop();
  return encode(RatchetTreeNodes, nodes);
}
