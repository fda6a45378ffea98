/**
 * What a joiner requires of the group that it is led to. A Welcome or a GroupInfo says by itself which group it is of; only
 * the joiner knows which one it waits for. RFC 9420 sections 8.4, 12.4.3.1, 12.4.3.2.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { copyBytes } from "../bytes/copy.ts";
import {
  anything,
  bytes,
  hook,
  list,
  oneOf,
  options,
  uint16,
  uint64,
  variants,
  type Shape,
  type Takes,
} from "../bytes/takes.ts";
import type { Awaitable } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { PreSharedKeyId } from "../wire/pre-shared-key.ts";
import type { LeafIndex, Member } from "./events.ts";
import { memberAt, membersOf } from "./member.ts";

/**
 * A pre-shared key that must be in the key schedule of the group's epoch. Nobody who does not have it has made the Welcome,
 * and nobody who does not have it can read what is said in that epoch.
 */
export type PskRequirement =
  | { readonly type: "external"; readonly pskId: Uint8Array }
  | { readonly type: "application"; readonly componentId: number; readonly pskId: Uint8Array }
  | {
      readonly type: "resumption";
      /** The group whose resumption PSK it is. */
      readonly groupId: Uint8Array;
      /** Default "application". */
      readonly usage?: "application" | "reinit" | "branch";
      /** The oldest epoch that will do: that of the last removal, for example. Default: any whose key is still there. */
      readonly since?: bigint;
    };

/** A group that a joiner is led to. Everything that RFC 9420 asks a joiner to check of it has been checked. */
export interface OfferedGroup {
  /** Read only. */
  readonly groupContext: GroupContext;
  readonly members: Iterable<Member>;
  /** The member that signed the GroupInfo. */
  readonly signer: Member;
}

/** What a GroupInfo must lead to. Whatever is missing here is not asked for. */
export interface GroupInfoRequirements {
  readonly groupId?: Uint8Array;
  readonly epoch?: bigint;
  /** Whether this is a group to be in; asked last. */
  readonly group?: (group: OfferedGroup) => Awaitable<boolean>;
}

/** What a Welcome must lead to. Whatever is missing here is not asked for. */
export interface WelcomeRequirements extends GroupInfoRequirements {
  /** Pre-shared keys, of each of which the key schedule must hold one: checked before any key is looked up. */
  readonly psks?: readonly PskRequirement[];
}

const groupInfoShape: Shape<GroupInfoRequirements> = { groupId: bytes, epoch: uint64, group: hook };
const welcomeShape: Shape<WelcomeRequirements> = {
  ...groupInfoShape,
  psks: list(
    variants("type", {
      external: options({ type: anything, pskId: bytes }, "pskId"),
      application: options({ type: anything, componentId: uint16, pskId: bytes }, "componentId", "pskId"),
      resumption: options(
        { type: anything, groupId: bytes, usage: oneOf("application", "reinit", "branch"), since: uint64 },
        "groupId",
      ),
    }),
  ),
};

/** A name that nobody knows is refused: who misspells a requirement would be let in anywhere. */
export const groupInfoRequirements: Takes = options(groupInfoShape);
export const welcomeRequirements: Takes = options(welcomeShape);

/** The requirements as the caller gave them, copied. */
export function copyRequirements({ groupId, epoch, group, psks }: WelcomeRequirements = {}): WelcomeRequirements {
  return {
    ...(groupId && { groupId: copyBytes(groupId) }),
    ...(epoch !== undefined && { epoch }),
    ...(group && { group }),
    ...(psks && { psks: psks.map(copyOf) }),
  };
}

function copyOf(psk: PskRequirement): PskRequirement {
  if (psk.type !== "resumption") return { ...psk, pskId: copyBytes(psk.pskId) };
  return { ...psk, groupId: copyBytes(psk.groupId) };
}

/** @throws CopseError "join-requirement" where the Welcome lists none for one of them. */
export function checkRequiredPsks({ psks = [] }: WelcomeRequirements, ids: readonly PreSharedKeyId[]): void {
  if (!psks.every((psk) => ids.some((id) => meets(id, psk))))
    throw new CopseError("join-requirement", { detail: "psks" });
}

function meets(id: PreSharedKeyId, psk: PskRequirement): boolean {
  if (psk.type === "external") return id.type === "external" && bytesEqual(id.pskId, psk.pskId);
  if (psk.type === "application") {
    return id.type === "application" && id.componentId === psk.componentId && bytesEqual(id.pskId, psk.pskId);
  }
  const { groupId, usage = "application", since = 0n } = psk;
  return id.type === "resumption" && id.usage === usage && bytesEqual(id.pskGroupId, groupId) && id.pskEpoch >= since;
}

/** @throws CopseError "join-requirement" */
export function checkRequiredContext({ groupId, epoch }: GroupInfoRequirements, context: GroupContext): void {
  if (groupId !== undefined && !bytesEqual(groupId, context.groupId)) {
    throw new CopseError("join-requirement", { detail: "groupId" });
  }
  if (epoch !== undefined && epoch !== context.epoch) throw new CopseError("join-requirement", { detail: "epoch" });
}

/** @throws CopseError "join-requirement"; TypeError where the answer is neither true nor false. */
export async function checkRequiredGroup(
  { group }: GroupInfoRequirements,
  groupContext: GroupContext,
  tree: RatchetTree,
  signerIndex: LeafIndex,
): Promise<void> {
  const signer = memberAt(tree, signerIndex);
  if (group === undefined || signer === undefined) return;
  const answer: unknown = await group({ groupContext, members: membersOf(tree), signer });
  if (typeof answer !== "boolean") throw new TypeError("require.group answers true or false");
  if (!answer) throw new CopseError("join-requirement", { detail: "group" });
}
