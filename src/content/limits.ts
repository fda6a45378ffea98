/**
 * How far content of a stranger may go. draft-ietf-mimi-content section 8.1 names most of these: what goes beyond them "most likely
 * represent[s] malicious messages".
 */

import { checkCount } from "../bytes/numbers.ts";
import { options, type Takes } from "../bytes/takes.ts";

/** Limits on what is accepted. */
export interface ContentLimits {
  /** The whole content, in bytes. */
  readonly bytes: number;
  /** Parts, those that hold others included. */
  readonly parts: number;
  /** Parts inside of one another: the outermost is the first. At most 4, which is the format's own limit. */
  readonly depth: number;
  /** Entries of the extensions map. */
  readonly extensions: number;
  /** The value of one extension, in bytes. */
  readonly extensionBytes: number;
  /** The topic, in bytes. */
  readonly topicBytes: number;
  /** A URL or a description, in bytes. */
  readonly textBytes: number;
  /** A media type, a language list or a file name, in bytes. */
  readonly nameBytes: number;
}

/** The draft's, and bounds for what it leaves open. */
export const defaultContentLimits: ContentLimits = {
  bytes: 1024 * 1024,
  parts: 1024,
  depth: 4,
  extensions: 64,
  extensionBytes: 4096,
  topicBytes: 4096,
  textBytes: 4096,
  nameBytes: 255,
};

/** "expires ... refers to a date more than a year in the future (possible with both relative and absolute expiration)". */
export const longestExpiry: number = 366 * 24 * 3600;

const count: Takes = (place, value) => {
  checkCount(place, value as number, [0, 2 ** 32]);
};
const depth: Takes = (place, value) => {
  checkCount(place, value as number, [1, 4]);
};

export const takesLimits: Takes = /* @__PURE__ */ options({
  bytes: count,
  parts: count,
  depth,
  extensions: count,
  extensionBytes: count,
  topicBytes: count,
  textBytes: count,
  nameBytes: count,
});

/** The limits with those that a caller gives. @throws TypeError */
export function limitsOf(limits: Partial<ContentLimits>): ContentLimits {
  takesLimits("limits", limits);
  return { ...defaultContentLimits, ...limits };
}
