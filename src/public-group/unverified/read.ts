/**
 * Reading what a stranger sent, before anything is known of it: strictly, within limits, and without copying it.
 */

import { decode } from "../../codec/codec.ts";
import { defaultLimits, type Limits } from "../../codec/limits.ts";
import type { ReadOptions } from "../../codec/reader.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { bytes, options as optionsOf, type Shape } from "../../bytes/takes.ts";
import { prepareRegistry, registryTakes, type ExtensionRegistry } from "../../rules/registry.ts";
import { MlsMessage } from "../../wire/message.ts";
import { withDefaults } from "../options/settings-of.ts";
import { limits as someLimits, suite as aSuite } from "../options/takes.ts";

/** How bytes are read that nobody has vouched for. */
export interface UnverifiedOptions {
  /** Refused beyond these. Default: those of groups, `defaultLimits`. */
  readonly limits?: Partial<Limits>;
  /** A cipher suite beyond RFC 9420's: the KeyPackageRefs of its key packages are said, too. */
  readonly suite?: CipherSuite;
  /** Proposal types beyond RFC 9420's, whose ends could not be found without it. */
  readonly registry?: ExtensionRegistry;
}

const shape: Shape<UnverifiedOptions> = { limits: someLimits, suite: aSuite, registry: registryTakes };
const takenOptions = /* @__PURE__ */ optionsOf(shape);

/** How they are read, for the decoder. @throws TypeError where they are no bytes, or an option is not what it must be. */
export function readingOf(given: Uint8Array, options: UnverifiedOptions = {}): ReadOptions {
  bytes("bytes", given);
  takenOptions("options", options);
  const { limits, registry } = options;
  return { limits: withDefaults(defaultLimits, limits), proposals: prepareRegistry(registry).bodies };
}

/** The message of these bytes, over the bytes themselves: nothing of it may be kept. */
export function readUnverified(given: Uint8Array, options: UnverifiedOptions | undefined): MlsMessage {
  return decode(MlsMessage, given, readingOf(given, options));
}
