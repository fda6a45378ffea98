/**
 * A pending commit as its caller holds it: the messages to publish, and ways to store it or to give it up. RFC 9420
 * section 14.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { encode } from "../codec/codec.ts";
import { CopseError } from "../errors.ts";
import { RatchetTreeNodes } from "../wire/ratchet-tree.ts";
import { messagesOf, type Pending, type PendingCommit } from "./held/pending.ts";
import { pendingToBytes } from "./restoring/snapshot.ts";
import { checkAlive, dropPending, type GroupState } from "./state.ts";
import { stepSoon } from "./steps.ts";

/** The tree of an epoch as `ratchet_tree` lists it. RFC 9420 section 12.4.3.3 */
export function encodeTree({ tree }: Pick<GroupState["epoch"], "tree">): Bytes {
  return encode(RatchetTreeNodes, tree.toNodes(), 300 * tree.size);
}

/** A pending commit of a group. */
export function pendingOf(state: GroupState, pending: PendingCommit, leftOut: Pending["leftOut"]): Pending {
  return {
    ...messagesOf(pending),
    change: pending.change,
    leftOut,
    ratchetTree: () => encodeTree(pending.next),
    toBytes: () => {
      if (state.pending !== pending) throw new CopseError("pending-stale");
      checkAlive(state);
      return pendingToBytes(pending);
    },
    drop: () => {
      stepSoon(state, () => {
        if (state.pending === pending && !state.gone) return dropPending(state, pending);
      });
    },
  };
}
