/**
 * What a commit would refer to a published proposal by.
 */

import { attempt } from "../../bytes/attempt.ts";
import { hex } from "../../bytes/text.ts";
import { encode } from "../../codec/codec.ts";
import type { ReadOptions } from "../../codec/reader.ts";
import { makeProposalRef } from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { AuthenticatedContent } from "../../wire/framing.ts";
import { decodeMessage } from "../../wire/message.ts";

/** The ProposalRef of a PublicMessage, in hex; undefined of what is no proposal. RFC 9420 section 5.2 */
export function proposalReference(message: Uint8Array, suite: CipherSuite, reading: ReadOptions): string | undefined {
  return attempt(CopseError, () => {
    const decoded = decodeMessage(message, reading);
    if (decoded.wireFormat !== "mls_public_message") return undefined;
    const { content, auth } = decoded.publicMessage;
    if (content.content.type !== "proposal") return undefined;
    const { wireFormat } = decoded;
    return hex(makeProposalRef(suite, encode(AuthenticatedContent, { wireFormat, content, auth })));
  });
}
