/**
 * Tree Math: the array representation of trees. RFC 9420 appendix C.
 */

import { left, nodeWidth, parent, right, root, sibling } from "../../tree/index-math.ts";
import { eachEntry, same, type Verify } from "./check.ts";

type Indexes = readonly (number | null)[];

interface Entry {
  readonly n_leaves: number;
  readonly n_nodes: number;
  readonly root: number;
  readonly left: Indexes;
  readonly right: Indexes;
  readonly parent: Indexes;
  readonly sibling: Indexes;
}

/** Hold an entry of tree-math.json to the index math. */
export const verifyTreeMath: Verify = eachEntry<Entry>((entry) => {
  const leaves = entry.n_leaves;
  same("n_nodes", nodeWidth(leaves), entry.n_nodes);
  same("root", root(leaves), entry.root);
  const nodes = Array.from({ length: entry.n_nodes }, (_, index) => index);
  const column = (of: (index: number) => number | undefined): Indexes => nodes.map((index) => of(index) ?? null);
  same("left", column(left), entry.left);
  same("right", column(right), entry.right);
  same(
    "parent",
    column((index) => parent(index, leaves)),
    entry.parent,
  );
  same(
    "sibling",
    column((index) => sibling(index, leaves)),
    entry.sibling,
  );
});
