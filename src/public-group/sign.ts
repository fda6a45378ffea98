/**
 * Signing what is framed. RFC 9420 section 6.1.
 */

import { signWithLabel } from "../crypto/labels.ts";
import type { Awaitable } from "../crypto/provider.ts";
import { writeFramedContentTbs, type FramedContent, type FramingFormat } from "../wire/framing.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { Identity } from "./identity.ts";

/** Sign content as it will travel. RFC 9420 section 6.1 */
export function signFramedContent(
  identity: Identity,
  wireFormat: FramingFormat,
  content: FramedContent,
  context: GroupContext,
): Awaitable<Uint8Array> {
  return signWithLabel(identity.signer, "FramedContentTBS", (out) => {
    writeFramedContentTbs(out, wireFormat, content, context);
  });
}
