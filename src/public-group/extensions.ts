/**
 * Making the extensions that RFC 9420 defines. Sections 5.3.3, 11.1, 12.1.8.1.
 */

import { bytes, list, options, thing, type Takes } from "../bytes/takes.ts";
import { encode } from "../codec/codec.ts";
import {
  ApplicationId,
  capabilitiesShape,
  ExternalSenders,
  RequiredCapabilities,
  type Extension,
  type ExternalSender,
} from "../wire/extension.ts";
import { extensionTypes } from "../wire/registries.ts";
import { credential } from "./options/takes.ts";

const capabilitiesTaken = /* @__PURE__ */ options(capabilitiesShape);
export const externalSendersTaken: Takes = /* @__PURE__ */ list(
  // a Member is one, and so is an Identity
  /* @__PURE__ */ thing("an object with signatureKey and credential", { signatureKey: bytes, credential }, [
    "signatureKey",
    "credential",
  ]),
);

/**
 * A group context extension: what every member must support. Default types need not be listed. RFC 9420 section 11.1
 *
 *     await group.commit({ extensions: [requiredCapabilities({ credentialTypes: [1] })] });
 */
export function requiredCapabilities(required: Partial<RequiredCapabilities>): Extension {
  capabilitiesTaken("requiredCapabilities", required);
  const none: RequiredCapabilities = { extensionTypes: [], proposalTypes: [], credentialTypes: [] };
  return { type: extensionTypes.required_capabilities, data: encode(RequiredCapabilities, { ...none, ...required }) };
}

/** A group context extension: who may propose from outside the group, by index. RFC 9420 section 12.1.8.1 */
export function externalSenders(senders: readonly ExternalSender[]): Extension {
  externalSendersTaken("senders", senders);
  return { type: extensionTypes.external_senders, data: encode(ExternalSenders, senders) };
}

/** A leaf node extension: an identifier that nobody authenticates. RFC 9420 section 5.3.3 */
export function applicationId(id: Uint8Array): Extension {
  bytes("id", id);
  return { type: extensionTypes.application_id, data: encode(ApplicationId, id) };
}
