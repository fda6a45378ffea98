/**
 * What new members are sent: GroupInfo and Welcome. RFC 9420 sections 12.4.3, 12.4.3.1.
 */

import { opaque, optional, struct, u16, u32, vector, type Codec } from "../codec/codec.ts";
import { encodingOf, retained } from "../codec/retained.ts";
import { Extensions, type Extension } from "./extension.ts";
import { GroupContext } from "./group-context.ts";
import { withoutSignature } from "./leaf-node.ts";
import { PreSharedKeyId } from "./pre-shared-key.ts";
import { HpkeCiphertext } from "./update-path.ts";

/** RFC 9420 section 12.4.3 */
export interface GroupInfo {
  readonly groupContext: GroupContext;
  readonly extensions: readonly Extension[];
  readonly confirmationTag: Uint8Array;
  /** The leaf index of the signer. */
  readonly signer: number;
  /** SignWithLabel(., "GroupInfoTBS", GroupInfoTBS) */
  readonly signature: Uint8Array;
}
export const GroupInfo: Codec<GroupInfo> = retained(
  struct<GroupInfo>({
    groupContext: GroupContext,
    extensions: Extensions,
    confirmationTag: opaque,
    signer: u32,
    signature: opaque,
  }),
);

/** The encoded GroupInfoTBS: "all the fields in the GroupInfo above signature". RFC 9420 section 12.4.3 */
export function groupInfoTbs(groupInfo: GroupInfo): Uint8Array {
  return withoutSignature(encodingOf(GroupInfo, groupInfo), groupInfo.signature);
}

/** RFC 9420 section 12.4.3.1 */
export interface PathSecret {
  readonly pathSecret: Uint8Array;
}
const PathSecret: Codec<PathSecret> = struct<PathSecret>({ pathSecret: opaque });

/** RFC 9420 section 12.4.3.1 */
export interface GroupSecrets {
  readonly joinerSecret: Uint8Array;
  readonly pathSecret: PathSecret | undefined;
  readonly psks: readonly PreSharedKeyId[];
}
export const GroupSecrets: Codec<GroupSecrets> = struct<GroupSecrets>({
  joinerSecret: opaque,
  pathSecret: optional(PathSecret),
  psks: vector(PreSharedKeyId, "psks"),
});

/** RFC 9420 section 12.4.3.1 */
export interface EncryptedGroupSecrets {
  /** A KeyPackageRef. */
  readonly newMember: Uint8Array;
  readonly encryptedGroupSecrets: HpkeCiphertext;
}
export const EncryptedGroupSecrets: Codec<EncryptedGroupSecrets> = struct<EncryptedGroupSecrets>({
  newMember: opaque,
  encryptedGroupSecrets: HpkeCiphertext,
});

/** RFC 9420 section 12.4.3.1 */
export interface Welcome {
  readonly cipherSuite: number;
  readonly secrets: readonly EncryptedGroupSecrets[];
  readonly encryptedGroupInfo: Uint8Array;
}
export const Welcome: Codec<Welcome> = struct<Welcome>({
  cipherSuite: u16,
  secrets: vector(EncryptedGroupSecrets, "leaves"),
  encryptedGroupInfo: opaque,
});
