/**
 * Reading what a stranger sent, before anything is known of it: strictly, within limits, and without copying it.
 */

import { decode } from "../../codec/codec.ts";
import { defaultLimits, type Limits } from "../../codec/limits.ts";
import type { ReadOptions } from "../../codec/reader.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { prepareRegistry, type ExtensionRegistry } from "../../rules/registry.ts";
import { MlsMessage } from "../../wire/message.ts";

/** How bytes are read that nobody has vouched for. */
export interface UnverifiedOptions {
  /** Refused beyond these. Default: those of groups, `defaultLimits`. */
  readonly limits?: Partial<Limits>;
  /** A cipher suite beyond RFC 9420's: the KeyPackageRefs of its key packages are said, too. */
  readonly suite?: CipherSuite;
  /** Proposal types beyond RFC 9420's, whose ends could not be found without it. */
  readonly registry?: ExtensionRegistry;
}

/** How they are read, for the decoder. */
export function readingOf({ limits, registry }: UnverifiedOptions = {}): ReadOptions {
  return { limits: { ...defaultLimits, ...limits }, proposals: prepareRegistry(registry).bodies };
}

/** The message of these bytes, over the bytes themselves: nothing of it may be kept. */
export function readUnverified(bytes: Uint8Array, options: UnverifiedOptions | undefined): MlsMessage {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("a message is a Uint8Array");
  return decode(MlsMessage, bytes, readingOf(options));
}
