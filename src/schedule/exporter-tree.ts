/**
 * The exporter tree: one secret of an epoch for each component of the application, given once. Section 4.4 of
 * draft-ietf-mls-extensions.
 *
 *     application_export_secret = DeriveSecret(epoch_secret, "application_export")    the root
 *     SafeExportSecret(ComponentID) = tree_node_[LeafIndex(ComponentID)]_secret
 *
 * "An Exporter Tree always has 2^16 leaves, corresponding to the 16 bits of a ComponentID value." As in the secret tree a node
 * has a secret until its children's are derived: what was exported can't be derived again, nor what was not from what was.
 */

import { Secret } from "../bytes/secret.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import { derivePath, leavesUnder } from "./tree-path.ts";

/**
 * The nodes that have a secret, by index, in increasing order. It never changes: an export gives another. Without any, nothing
 * can be exported: the epoch was stored by a version of this library that had no safe exporter, or the group is over. (Or all
 * 65,536 components have exported, which nobody does.)
 */
export type ExporterTree = ReadonlyMap<number, ExporterSecret>;
export type ExporterSecret = Secret<"application_export_secret" | "tree_node_secret">;

const width = 2 ** 16;
const root = width - 1;

/** The tree of an epoch from which nothing has been exported. Its secret is the tree's from now on. */
export function exporterTree(secret: Secret<"application_export_secret"> | undefined): ExporterTree {
  return new Map(secret === undefined ? [] : [[root, secret]]);
}

/**
 * The secret of a component, and the tree without it. The tree that was given has not changed: "Upon generating an exported
 * secret for a component, the MLS implementation MUST regard that component's exported secret as "consumed", and delete any
 * source key material", which the caller does by wiping what only that tree has.
 *
 * @param componentId a uint16
 * @throws CopseError "safe-export-missing", "safe-export-used".
 */
export function exportFrom(
  suite: CipherSuite,
  tree: ExporterTree,
  componentId: number,
): { readonly secret: Uint8Array; readonly after: ExporterTree } {
  const path = derivePath(suite, tree, width, componentId);
  if (path === undefined) throw new CopseError(tree.size === 0 ? "safe-export-missing" : "safe-export-used");
  const { consumed, nodes, secret } = path;
  const rest = [...tree].filter(([nodeIndex]) => nodeIndex !== consumed);
  return { secret, after: inOrder([...rest, ...nodes]) };
}

/**
 * A tree that was stored. Its secrets are copied.
 *
 * @throws CopseError "snapshot-damaged" where a suite has no such tree: with a node beyond its leaves, a secret of another
 * length, or two nodes above one leaf, which would be exported twice.
 */
export function restoreExporterTree(
  suite: CipherSuite,
  stored: readonly (readonly [nodeIndex: number, secret: Uint8Array])[],
): ExporterTree {
  let covered = 0;
  let isTree = stored.every(([, secret]) => secret.length === suite.hashLength);
  for (const [first, span] of stored.map(([nodeIndex]) => leavesUnder(nodeIndex)).sort(([a], [b]) => a - b)) {
    isTree &&= first >= covered;
    covered = first + span;
  }
  if (!isTree || covered > width) throw new CopseError("snapshot-damaged");
  return inOrder(
    stored.map(([nodeIndex, secret]) => {
      const name: ExporterSecret["name"] = nodeIndex === root ? "application_export_secret" : "tree_node_secret";
      return [nodeIndex, Secret.of(name, secret.slice())] as const;
    }),
  );
}

function inOrder(nodes: (readonly [number, ExporterSecret])[]): ExporterTree {
  return new Map(nodes.sort(([a], [b]) => a - b));
}
