/**
 * Commits. RFC 9420 section 12.4.
 */

import { enumeration, opaque, optional, select, struct, u8, vector, type Codec } from "../codec/codec.ts";
import { Proposal } from "./proposal.ts";
import { UpdatePath } from "./update-path.ts";

/** RFC 9420 section 12.4 */
export type ProposalOrRef =
  | { readonly type: "proposal"; readonly proposal: Proposal }
  | { readonly type: "reference"; readonly reference: Uint8Array };
export const ProposalOrRef: Codec<ProposalOrRef> = select<ProposalOrRef, "type">(
  "type",
  enumeration(u8, { proposal: 1, reference: 2 }),
  {
    proposal: struct<{ proposal: Proposal }>({ proposal: Proposal }),
    reference: struct<{ reference: Uint8Array }>({ reference: opaque }),
  },
);

/** RFC 9420 section 12.4 */
export interface Commit {
  readonly proposals: readonly ProposalOrRef[];
  readonly path: UpdatePath | undefined;
}
export const Commit: Codec<Commit> = struct<Commit>({
  proposals: vector(ProposalOrRef, "proposals"),
  path: optional(UpdatePath),
});
