/**
 * Files: where they are uploaded, how they are fetched, and what they may be. The component asset_policy.
 * draft-ietf-mimi-room-policy section 6.4.
 */

import { optional, struct, type Codec } from "../../codec/codec.ts";
import { MediaType } from "../../wire/media-type.ts";
import { areDistinct, domainName, listOf, must, type Format, u64, nameOf } from "./parts.ts";

/** Section 6.4 */
export type AssetUploadLocation = "unspecified" | "localProvider" | "hub";
const AssetUploadLocation: Codec<AssetUploadLocation> = nameOf({ unspecified: 0, localProvider: 1, hub: 2 });

/** Where the clients of a provider upload. */
export interface ProviderAssetUploadDomains {
  readonly provider: string;
  readonly assetUploadDestinations: readonly string[];
}

/** Section 6.4 */
export type DownloadPrivacyType = "direct" | "hubProxy" | "ohttp";
const DownloadPrivacyType: Codec<DownloadPrivacyType> = nameOf({ direct: 0, hubProxy: 1, ohttp: 2 });

/** How files are fetched. */
export interface DownloadPrivacy {
  readonly allowedDownloadTypes: readonly DownloadPrivacyType[];
  readonly forbiddenDownloadTypes: readonly DownloadPrivacyType[];
  readonly defaultDownloadType: DownloadPrivacyType;
}

/** Section 6.4. Sizes are in bytes. */
export interface AssetPolicy {
  readonly assetUploadLocation: AssetUploadLocation;
  readonly uploadDomains: readonly ProviderAssetUploadDomains[];
  readonly downloadPrivacy: DownloadPrivacy;
  readonly maxImage: bigint;
  readonly maxAudio: bigint;
  readonly maxVideo: bigint;
  readonly maxAttachment: bigint;
  readonly forbiddenMediaTypes: readonly MediaType[];
  /** "If present, `permitted_media_types` is a list": an optional list, where the struct has a list of what is optional. */
  readonly permittedMediaTypes: readonly MediaType[] | undefined;
}

const types = listOf(DownloadPrivacyType, 3);
const mediaTypes = listOf(MediaType, 256);

/** asset_policy, and its update, which replaces it whole. */
export const assetFormat: Format<AssetPolicy> = {
  codec: struct<AssetPolicy>({
    assetUploadLocation: AssetUploadLocation,
    uploadDomains: listOf(
      struct<ProviderAssetUploadDomains>({ provider: domainName, assetUploadDestinations: listOf(domainName, 64) }),
      256,
    ),
    downloadPrivacy: struct<DownloadPrivacy>({
      allowedDownloadTypes: types,
      forbiddenDownloadTypes: types,
      defaultDownloadType: DownloadPrivacyType,
    }),
    maxImage: u64,
    maxAudio: u64,
    maxVideo: u64,
    maxAttachment: u64,
    forbiddenMediaTypes: mediaTypes,
    permittedMediaTypes: optional(mediaTypes),
  }),
  most: 131_072,
  check: ({ assetUploadLocation, uploadDomains, downloadPrivacy }) => {
    must(areDistinct(uploadDomains.map(({ provider }) => provider)), "a provider twice");
    // "If the `asset_upload_location` is `hub`, only one `provider` [...] is present".
    must(assetUploadLocation !== "hub" || uploadDomains.length === 1, "more than the hub's own");
    const { allowedDownloadTypes: allowed, forbiddenDownloadTypes: forbidden, defaultDownloadType } = downloadPrivacy;
    must(areDistinct(allowed) && areDistinct(forbidden), "a type of download twice");
    must(
      allowed.every((type) => !forbidden.includes(type)) && allowed.includes(defaultDownloadType),
      "a download that is allowed and forbidden, or is to be made and is not allowed",
    );
  },
};
