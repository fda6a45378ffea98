/**
 * Identifiers of pre-shared keys. RFC 9420 section 8.4; those of an application's components: section 4.5 of
 * draft-ietf-mls-extensions.
 */

import { enumeration, opaque, select, struct, u16, u64, u8, type Codec } from "../codec/codec.ts";

/** RFC 9420 section 8.4 */
export type ResumptionPskUsage = "application" | "reinit" | "branch";
const Usage: Codec<ResumptionPskUsage> = enumeration(u8, { application: 1, reinit: 2, branch: 3 });

/** RFC 9420 section 8.4 */
export type PreSharedKeyId =
  | { readonly type: "external"; readonly pskId: Uint8Array; readonly pskNonce: Uint8Array }
  | {
      readonly type: "resumption";
      readonly usage: ResumptionPskUsage;
      readonly pskGroupId: Uint8Array;
      readonly pskEpoch: bigint;
      readonly pskNonce: Uint8Array;
    }
  | {
      readonly type: "application";
      /** The component of the application that knows the key: its ids are not another's. */
      readonly componentId: number;
      readonly pskId: Uint8Array;
      readonly pskNonce: Uint8Array;
    };
export type ExternalPskId = Extract<PreSharedKeyId, { type: "external" }>;
export type ResumptionPskId = Extract<PreSharedKeyId, { type: "resumption" }>;
export type ApplicationPskId = Extract<PreSharedKeyId, { type: "application" }>;
export const PreSharedKeyId: Codec<PreSharedKeyId> = select<PreSharedKeyId, "type">(
  "type",
  enumeration(u8, { external: 1, resumption: 2, application: 3 }),
  {
    external: struct<Omit<ExternalPskId, "type">>({ pskId: opaque, pskNonce: opaque }),
    resumption: struct<Omit<ResumptionPskId, "type">>({
      usage: Usage,
      pskGroupId: opaque,
      pskEpoch: u64,
      pskNonce: opaque,
    }),
    application: struct<Omit<ApplicationPskId, "type">>({ componentId: u16, pskId: opaque, pskNonce: opaque }),
  },
);

/** RFC 9420 section 8.4 */
export interface PskLabel {
  readonly id: PreSharedKeyId;
  readonly index: number;
  readonly count: number;
}
export const PskLabel: Codec<PskLabel> = struct<PskLabel>({ id: PreSharedKeyId, index: u16, count: u16 });
