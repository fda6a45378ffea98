/**
 * What a GroupInfo says of itself, before anybody checks it. RFC 9420 section 12.4.3.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { CopseError } from "../../errors.ts";
import { externalPub, findExtension } from "../../rules/extensions.ts";
import { detached } from "../../tree/detached.ts";
import type { Extension } from "../../wire/extension.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { extensionTypes } from "../../wire/registries.ts";
import type { LeafIndex } from "../events.ts";
import { readUnverified, type UnverifiedOptions } from "./read.ts";

/** What a GroupInfo says of itself. Nothing of it is verified: neither its signature nor its tree. */
export interface UnverifiedGroupInfo {
  readonly groupContext: GroupContext;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** The IANA number of the cipher suite. */
  readonly cipherSuite: number;
  /** Who says that it signed it. */
  readonly signer: LeafIndex;
  /** The GroupInfo's own, but for the tree. */
  readonly extensions: readonly Extension[];
  /** The ratchet tree, where it holds one: what `ratchetTree` options take. */
  readonly ratchetTree: Uint8Array | undefined;
  /** The key for external joins, where it holds one. RFC 9420 section 12.4.3.2 */
  readonly externalPub: Uint8Array | undefined;
}

/**
 * What a GroupInfo says of itself: the MLSMessage. Nothing of it is verified; joining by it, or following, does that.
 *
 *     const { groupId, epoch, externalPub } = readGroupInfo(bytes);
 *
 * @throws CopseError of a `decode-` code, "limit-exceeded", "extension-malformed", or "not-a-group-message" for a message of
 * another kind.
 */
export function readGroupInfo(bytes: Uint8Array, options?: UnverifiedOptions): UnverifiedGroupInfo {
  const message = readUnverified(bytes, options);
  if (message.wireFormat !== "mls_group_info")
    throw new CopseError("not-a-group-message", { detail: "not a GroupInfo" });
  const { extensions, signer } = message.groupInfo;
  const groupContext = detached(GroupContext, message.groupInfo.groupContext);
  const { groupId, epoch, cipherSuite } = groupContext;
  const tree = findExtension(extensions, extensionTypes.ratchet_tree);
  const pub = externalPub(extensions);
  return {
    groupContext,
    groupId,
    epoch,
    cipherSuite,
    signer,
    extensions: extensions
      .filter(({ type }) => type !== extensionTypes.ratchet_tree)
      .map(({ type, data }) => ({ type, data: copyBytes(data) })),
    ratchetTree: tree && copyBytes(tree),
    externalPub: pub && copyBytes(pub),
  };
}
