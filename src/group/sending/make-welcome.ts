/**
 * Making a Welcome: the group's secrets for each new member, and the GroupInfo under a key of the joiner secret. RFC 9420
 * section 12.4.3.1.
 */

import { nothing } from "../../bytes/nothing.ts";
import type { Secret } from "../../bytes/secret.ts";
import { encode } from "../../codec/codec.ts";
import { encodingOf } from "../../codec/retained.ts";
import { encryptorWithLabel, makeKeyPackageRef } from "../../crypto/labels.ts";
import type { CipherSuite, Random } from "../../crypto/provider.ts";
import { sealOnce, welcomeKeyAndNonce } from "../../schedule/key-schedule.ts";
import type { PathStep } from "../../tree/ratchet-tree.ts";
import { commonAncestorOn, type FreshPath } from "../../tree/treekem.ts";
import { KeyPackage } from "../../wire/key-package.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import { GroupInfo, GroupSecrets, type EncryptedGroupSecrets, type Welcome } from "../../wire/welcome.ts";
import type { AddedLeaf } from "../../public-group/proposals/apply-proposals.ts";

/** What a Welcome carries. */
export interface WelcomeContents {
  readonly groupInfo: GroupInfo;
  readonly joinerSecret: Secret<"joiner_secret">;
  readonly welcomeSecret: Secret<"welcome_secret">;
  readonly psks: readonly PreSharedKeyId[];
  readonly added: readonly AddedLeaf[];
  /** The committer's path, where the commit has one. */
  readonly path: { readonly steps: readonly PathStep[]; readonly fresh: FreshPath } | undefined;
}

/** One Welcome for every new member of a commit. */
export async function makeWelcome(suite: CipherSuite, contents: WelcomeContents, random: Random): Promise<Welcome> {
  const { groupInfo, joinerSecret, welcomeSecret, psks, added, path } = contents;
  const plain = encodingOf(GroupInfo, groupInfo);
  const encryptedGroupInfo = sealOnce(suite, welcomeKeyAndNonce(suite, welcomeSecret), nothing, plain);
  const encrypt = encryptorWithLabel(suite, "Welcome", encryptedGroupInfo);
  const secrets = await Promise.all(
    added.map(async ({ leafIndex, keyPackage }): Promise<EncryptedGroupSecrets> => {
      const plaintext = joinerSecret.use((joiner) =>
        withPathSecret(path, leafIndex, (pathSecret) =>
          encode(GroupSecrets, { joinerSecret: joiner, pathSecret: pathSecret && { pathSecret }, psks }),
        ),
      );
      try {
        const encryptedGroupSecrets = await encrypt({ publicKey: keyPackage.initKey, plaintext, random });
        return { newMember: makeKeyPackageRef(suite, encodingOf(KeyPackage, keyPackage)), encryptedGroupSecrets };
      } finally {
        plaintext.fill(0);
      }
    }),
  );
  return { cipherSuite: suite.id, secrets, encryptedGroupInfo };
}

/** The path secret of "the lowest common ancestor in the tree of the new member's leaf node and the member sending". */
function withPathSecret<Result>(
  path: WelcomeContents["path"],
  leafIndex: number,
  borrow: (pathSecret: Uint8Array | undefined) => Result,
): Result {
  const node = path?.fresh.nodes[commonAncestorOn(path.steps, leafIndex)];
  return node === undefined ? borrow(undefined) : node.pathSecret.use(borrow);
}
