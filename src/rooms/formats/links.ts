/**
 * Links into a room, and links in its messages: join_link_policy, join_links, link_preview_policy. draft-ietf-mimi-room-policy
 * sections 6.2, 6.3.
 */

import { empty, select, struct, type Codec } from "../../codec/codec.ts";
import { hex } from "../../bytes/text.ts";
import { anyUri, areDistinct, bool, bytesOf, joined, listOf, must, Optionality, type Format, u32 } from "./parts.ts";

/** Section 6.2. The text calls `join_link` "link_requests": where a link can be asked for. */
export interface JoinLinkPolicy {
  readonly onRequest: boolean;
  readonly joinLink: string;
  readonly multiuser: boolean;
  /** Seconds for which a new link is valid. */
  readonly expiration: number;
}
export const joinLinkPolicyFormat: Format<JoinLinkPolicy> = {
  codec: struct<JoinLinkPolicy>({ onRequest: bool, joinLink: anyUri, multiuser: bool, expiration: u32 }),
  most: 2064,
};

/** A link: what somebody who has it shows. "struct { opaque join_link; }": one vector. */
const JoinLink: Codec<Uint8Array> = bytesOf(512);

/** The links of a room. A short one would be guessed. */
export const joinLinksFormat: Format<readonly Uint8Array[]> = {
  codec: listOf(JoinLink, 256),
  most: 131_072,
  check: (links) => {
    must(areDistinct(links.map(hex)), "a link twice");
    must(
      links.every((link) => link.length >= 16),
      "a link of less than 16 bytes",
    );
  },
};

/** Section 6.2: indexes are those of the links before the commit. */
export interface JoinLinksUpdate {
  readonly removedIndices: readonly number[];
  readonly addedLinks: readonly Uint8Array[];
}
export const joinLinksUpdateFormat: Format<JoinLinksUpdate> = {
  codec: struct<JoinLinksUpdate>({ removedIndices: listOf(u32, 256), addedLinks: listOf(JoinLink, 256) }),
  most: 131_072,
  check: ({ removedIndices, addedLinks }) => {
    must(areDistinct(removedIndices), "a link is removed twice");
    must(removedIndices.length + addedLinks.length > 0, "nothing is changed");
  },
};

/** The links after all updates of a commit. @throws RoomError "malformed" */
export function applyJoinLinks(
  current: readonly Uint8Array[],
  updates: readonly JoinLinksUpdate[],
): readonly Uint8Array[] {
  const removed = updates.flatMap(({ removedIndices }) => removedIndices);
  must(areDistinct(removed) && removed.every((index) => index < current.length), "a link that is not there");
  const gone = new Set(removed);
  return [...current.filter((_, index) => !gone.has(index)), ...updates.flatMap(({ addedLinks }) => addedLinks)];
}

interface Preview {
  readonly autodetectHyperlinksInText: Optionality;
  readonly sendLinkPreviews: Optionality;
  readonly automaticLinkPreviews: Optionality;
}
interface Proxies {
  readonly linkPreviewProxy: readonly string[];
}
type ProxyUse =
  | { readonly linkPreviewProxyUse: "forbidden" }
  | ({ readonly linkPreviewProxyUse: "optional" } & Proxies)
  | ({ readonly linkPreviewProxyUse: "required" } & Proxies);
/** Section 6.3 */
export type LinkPreviewPolicy = Preview & ProxyUse;
const proxies: Codec<Proxies> = struct<Proxies>({ linkPreviewProxy: listOf(anyUri, 16) });
export const linkPreviewFormat: Format<LinkPreviewPolicy> = {
  codec: joined(
    struct<Preview>({
      autodetectHyperlinksInText: Optionality,
      sendLinkPreviews: Optionality,
      automaticLinkPreviews: Optionality,
    }),
    select<ProxyUse, "linkPreviewProxyUse">("linkPreviewProxyUse", Optionality, {
      optional: proxies,
      required: proxies,
      forbidden: empty,
    }),
  ),
  most: 32_768,
  check: (policy) => {
    // "The value of `autodetect_hyperlinks_in_text` MUST NOT be `mandatory`."
    must(policy.autodetectHyperlinksInText !== "required", "links are not always found");
    if (policy.linkPreviewProxyUse === "forbidden") return;
    // "The `link_preview_proxy` setting MUST include the URI of a link preview proxy"
    const { linkPreviewProxy: list } = policy;
    must(list.length > 0 && list.every((uri) => uri !== ""), "no proxy");
  },
};
