/**
 * What everybody who follows a group knows of an epoch: its members, an observer, whoever joins from outside. RFC 9420
 * section 8.1
 */

import type { CipherSuite } from "../crypto/provider.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { ReInit } from "../wire/proposal.ts";

/** An epoch without its secrets. */
export interface PublicEpoch {
  readonly suite: CipherSuite;
  readonly context: GroupContext;
  readonly tree: RatchetTree;
  readonly interimTranscriptHash: Uint8Array;
  /** The tag of the commit that began the epoch. */
  readonly confirmationTag: Uint8Array;
  /** The ReInit that the commit held: the group has ended. */
  readonly reinit: ReInit | undefined;
}
