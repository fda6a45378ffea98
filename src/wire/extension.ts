/**
 * Extensions and the data of those that RFC 9420 defines. Sections 7.2, 11.1, 12.1.8.1, 12.4.3.2, 13.4.
 */

import { anything, bytes, list, options, uint16, type Shape, type Takes } from "../bytes/takes.ts";
import { opaque, struct, u16, vector, type Codec } from "../codec/codec.ts";
import { Credential } from "./credential.ts";

/** RFC 9420 section 7.2 */
export interface Extension {
  /** The ExtensionType number. */
  readonly type: number;
  readonly data: Uint8Array;
  /**
   * What the data of an extension of the group context names by its hash only, by that hash in hex: every member has it, and no
   * message carries it. On the wire there is no such field.
   */
  readonly beside?: ReadonlyMap<string, Uint8Array>;
}
/** As on the wire. */
export const Extension: Codec<Extension> = struct<Pick<Extension, "type" | "data">>({ type: u16, data: opaque });
export const Extensions: Codec<readonly Extension[]> = vector(Extension, "extensions");

/** RFC 9420 section 11.1 */
export interface RequiredCapabilities {
  readonly extensionTypes: readonly number[];
  readonly proposalTypes: readonly number[];
  readonly credentialTypes: readonly number[];
}
/** As on the wire. */
export const RequiredCapabilities: Codec<RequiredCapabilities> = struct<RequiredCapabilities>({
  extensionTypes: vector(u16, "capabilities"),
  proposalTypes: vector(u16, "capabilities"),
  credentialTypes: vector(u16, "capabilities"),
});

/** RFC 9420 section 12.1.8.1 */
export interface ExternalSender {
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
}
/** As on the wire. */
export const ExternalSender: Codec<ExternalSender> = struct<ExternalSender>({
  signatureKey: opaque,
  credential: Credential,
});
export const ExternalSenders: Codec<readonly ExternalSender[]> = vector(ExternalSender, "externalSenders");

/** RFC 9420 section 12.4.3.2 */
export interface ExternalPub {
  readonly externalPub: Uint8Array;
}
export const ExternalPub: Codec<ExternalPub> = struct<ExternalPub>({ externalPub: opaque });

/** RFC 9420 section 5.3.3: `opaque application_id<V>`. Not authenticated by anybody: never rely on it. */
export const ApplicationId: Codec<Uint8Array> = opaque;

const shape: Shape<Extension> = { type: uint16, data: bytes, beside: anything };
/** A caller's extensions. */
export const someExtensions: Takes = /* @__PURE__ */ list(/* @__PURE__ */ options(shape, "type", "data"));

const numbers = /* @__PURE__ */ list(uint16);
export const capabilitiesShape: Shape<RequiredCapabilities> = {
  extensionTypes: numbers,
  proposalTypes: numbers,
  credentialTypes: numbers,
};
