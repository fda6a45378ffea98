/**
 * Signing what is framed. RFC 9420 section 6.1.
 */

import { signWithLabel } from "../crypto/labels.ts";
import { framedContentTbs, type FramedContent, type FramingFormat } from "../wire/framing.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { Identity } from "./identity.ts";

/** Sign content as it will travel. RFC 9420 section 6.1 */
export async function signFramedContent(
  identity: Identity,
  wireFormat: FramingFormat,
  content: FramedContent,
  context: GroupContext,
): Promise<Uint8Array> {
  return signWithLabel(identity.signer, "FramedContentTBS", framedContentTbs(wireFormat, content, context));
}
