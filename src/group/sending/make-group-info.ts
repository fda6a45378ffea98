/**
 * Making a GroupInfo. RFC 9420 section 12.4.3.
 */

import { nothing } from "../../bytes/nothing.ts";
import { encode } from "../../codec/codec.ts";
import { signWithLabel } from "../../crypto/labels.ts";
import { checkExtensions } from "../../rules/extensions.ts";
import { completed } from "../../rules/registry.ts";
import { ExternalPub, type Extension } from "../../wire/extension.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { extensionTypes } from "../../wire/registries.ts";
import { groupInfoTbs, GroupInfo } from "../../wire/welcome.ts";
import type { Epoch } from "../held/epoch.ts";
import { withGreaseExtension } from "../../public-group/options/grease.ts";
import type { Identity } from "../../public-group/identity.ts";
import { checkSendable } from "../../public-group/options/sendable.ts";
import type { Settings } from "../../public-group/options/settings.ts";

/** What goes into a GroupInfo beside the group context. */
export interface GroupInfoContents {
  /** Whether the whole tree is inside, so that nobody has to fetch it (section 12.4.3.3). Default true. */
  readonly ratchetTree?: boolean;
  /** Whether new members can join by an external commit with it (section 12.4.3.2). */
  readonly externalPub?: boolean;
  readonly extensions?: readonly Extension[];
}

/** A signed GroupInfo of an epoch. RFC 9420 section 12.4.3 */
export async function makeGroupInfo(
  epoch: Epoch,
  identity: Identity,
  { ratchetTree = true, externalPub = false, extensions = [] }: GroupInfoContents,
  settings: Pick<Settings, "reading" | "grease" | "registry">,
): Promise<GroupInfo> {
  const around = { context: epoch.context.extensions, grease: settings.grease };
  const list: Extension[] = [...completed(extensions, "group_info", settings.registry, around)];
  if (ratchetTree)
    list.push({ type: extensionTypes.ratchet_tree, data: encode(RatchetTreeNodes, epoch.tree.toNodes()) });
  if (externalPub) list.push({ type: extensionTypes.external_pub, data: await externalPubOf(epoch) });
  checkExtensions(list, "group_info", settings.registry);
  const unsigned: GroupInfo = {
    groupContext: epoch.context,
    extensions: withGreaseExtension(list, settings.grease),
    confirmationTag: epoch.confirmationTag,
    signer: epoch.leafIndex,
    signature: nothing,
  };
  checkSendable(GroupInfo, unsigned, settings.reading);
  const signature = await signWithLabel(identity.signer, "GroupInfoTBS", groupInfoTbs(unsigned));
  return { ...unsigned, signature };
}

/** The data of an external_pub extension: KEM.DeriveKeyPair(external_secret). RFC 9420 section 8 */
async function externalPubOf({ suite, secrets }: Epoch): Promise<Uint8Array> {
  const { privateKey, publicKey } = await secrets.externalSecret.use((bytes) => suite.deriveKeyPair(bytes));
  privateKey.fill(0);
  return encode(ExternalPub, { externalPub: publicKey });
}
