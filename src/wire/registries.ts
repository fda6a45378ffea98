/**
 * The numbers of the IANA registries that RFC 9420 section 17 sets up, under the RFC's names.
 */

import { enumeration, u16, type Codec } from "../codec/codec.ts";

/** ProtocolVersion mls10, RFC 9420 section 6. */
export const mls10 = 1;

/** MLS wire formats, section 17.2. */
export const wireFormats = {
  mls_public_message: 1,
  mls_private_message: 2,
  mls_welcome: 3,
  mls_group_info: 4,
  mls_key_package: 5,
} as const;
/** The name of a wire format. */
export type WireFormat = keyof typeof wireFormats;
/** As on the wire. */
export const WireFormat: Codec<WireFormat> = enumeration<WireFormat>(u16, wireFormats);

/** MLS extension types, section 17.3. */
export const extensionTypes = {
  application_id: 1,
  ratchet_tree: 2,
  required_capabilities: 3,
  external_pub: 4,
  external_senders: 5,
} as const;

/** MLS proposal types, section 17.4. */
export const proposalTypes = {
  add: 1,
  update: 2,
  remove: 3,
  psk: 4,
  reinit: 5,
  external_init: 6,
  group_context_extensions: 7,
} as const;

/** MLS credential types, section 17.5. */
export const credentialTypes = { basic: 1, x509: 2 } as const;

/** Section 7.2: "default" extension types "MUST NOT be listed" in capabilities. */
export function isDefaultExtensionType(type: number): boolean {
  return type >= 1 && type <= 5;
}

/** Section 7.2: "default" proposal types "MUST NOT be listed" in capabilities. */
export function isDefaultProposalType(type: number): boolean {
  return type >= 1 && type <= 7;
}

/** The values reserved for GREASE in every registry, section 13.5. */
export const greaseValues: readonly number[] = Array.from({ length: 15 }, (_, i) => 0x0a0a + i * 0x1010);

/** Whether a value is reserved for GREASE, section 13.5. For senders only: receivers treat these as any unknown value. */
export function isGreaseValue(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff) && value !== 0xfafa;
}
