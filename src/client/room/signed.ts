/**
 * Whether a member has signed a message whose membership tag is wrong. The group never acts on it. But a service, which has no secrets,
 * sees the signature and not the tag: it has gone on with such a commit, which any member can make.
 */

import { attemptLong } from "../../bytes/attempt.ts";
import { CopseError } from "../../errors.ts";
import type { Group } from "../../group/group.ts";
import { checkMessageSignature } from "../../rules/framing.ts";
import { framedContentTbs } from "../../wire/framing.ts";
import { decodeMessage } from "../../wire/message.ts";

/** Whether a member of the current epoch has signed it, whatever its tag is. RFC 9420 sections 6.1, 6.2 */
export async function isSignedByMember(group: Group, bytes: Uint8Array): Promise<boolean> {
  const isSigned = await attemptLong(CopseError, async () => {
    const message = decodeMessage(bytes);
    if (message.wireFormat !== "mls_public_message") return false;
    const { content, auth } = message.publicMessage;
    const member = content.sender.type === "member" ? group.member(content.sender.leafIndex) : undefined;
    if (member === undefined) return false;
    const tbs = framedContentTbs(message.wireFormat, content, group.groupContext);
    await checkMessageSignature(group.suite, { publicKey: member.signatureKey, tbs, signature: auth.signature });
    return true;
  });
  return isSigned === true;
}
