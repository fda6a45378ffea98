/**
 * Which member a KID names: the list of its epoch's members says so, and frames of our own leaf are not opened. RFC
 * 9605 section 5.2.
 */

import { splitMlsKid } from "../../sframe/mls-kid.ts";
import type { EngineEpoch } from "./epochs.ts";
import type { DropCause } from "./protocol.ts";

/** Another member, as a KID names it. */
export interface KidMember {
  readonly participant: number;
  readonly context: bigint;
}

/** The member of a KID in the epoch that its low bits stand for, or why its frames are dropped. */
export function memberOf(kid: bigint, epoch: EngineEpoch, epochBits: number): KidMember | DropCause {
  const { leafIndex, context } = splitMlsKid(kid, { epochBits, treeWidth: epoch.treeWidth });
  if (leafIndex === epoch.leafIndex) return "own";
  const participant = epoch.members.get(leafIndex);
  return participant === undefined ? "not-a-member" : { participant, context };
}
