/**
 * The proposal of a client that asks to be added. RFC 9420 section 12.1.8.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { hook, options as optionsOf, type Shape } from "../../bytes/takes.ts";
import { checkedClock, type Clock } from "../../bytes/clock.ts";
import { proposeFromOutside, viewShape, type OutsideView } from "../../public-group/proposals/external-proposal.ts";
import type { Identity } from "../../public-group/identity.ts";
import { identity as anIdentity } from "../../public-group/options/takes.ts";
import { keyPackageBundle } from "../arguments.ts";
import { OwnKeyPackage, type KeyPackageBundle } from "./key-package-bundle.ts";
import { checkSentLifetime } from "../../public-group/validate.ts";

/** What a client that wants to be added sends. */
export interface JoinProposalOptions extends OutsideView {
  readonly identity: Identity;
  /** A fresh key package of this identity: keep it for the Welcome. */
  readonly keyPackage: KeyPackageBundle;
  readonly clock?: Clock;
}

const shape: Shape<JoinProposalOptions> = {
  ...viewShape,
  identity: anIdentity,
  keyPackage: keyPackageBundle,
  clock: hook,
};
const takenOptions = optionsOf(shape, "groupId", "epoch", "identity", "keyPackage");

/**
 * A new member's proposal to add itself: the MLSMessage for the group. RFC 9420 section 12.1.8
 *
 * @throws CopseError "leaf-lifetime" where the key package's time is over or has not come.
 */
export async function proposeToJoin(options: JoinProposalOptions): Promise<Bytes> {
  takenOptions("proposeToJoin", options);
  const { identity, keyPackage } = options;
  if (!(keyPackage instanceof OwnKeyPackage)) throw new TypeError("a key package bundle comes from createKeyPackage");
  checkSentLifetime(keyPackage.value, { clock: checkedClock(options.clock) });
  return proposeFromOutside(
    options,
    identity,
    { type: "new_member_proposal" },
    { type: "add", keyPackage: keyPackage.value },
  );
}
