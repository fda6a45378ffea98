/**
 * What a credential claims, and who is preauthorized by it. draft-ietf-mimi-room-policy section 4.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { utf8 } from "../bytes/text.ts";
import { credentialTypeOf, type Credential } from "../wire/credential.ts";
import { credentialTypes } from "../wire/registries.ts";
import type { Claim, PreAuthEntry } from "./formats/roles.ts";
import { parseUri, uriOfBytes, userUri } from "./uri.ts";

/** A claim that a credential makes, or that an entry asks for. */
export interface ClaimValue {
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * What a basic credential claims: its "uri", and the "user" and the "host" in it. The draft has claims of certificates and tokens only.
 */
export function basicClaims(credential: Credential): readonly ClaimValue[] {
  if (credential.type !== "basic") return [];
  const uri = uriOfBytes(credential.identity);
  if (uri === undefined) return [];
  const parsed = parseUri(uri);
  const user =
    parsed.kind === "user" || parsed.kind === "device" ? [claim("user", userUri(parsed.host, parsed.user))] : [];
  return [claim("uri", uri), ...user, claim("host", parsed.host)];
}

function claim(id: string, value: string): ClaimValue {
  return { id: utf8(id), value: utf8(value) };
}

/** An entry's claim of a basic credential. */
export function basicClaim(id: "uri" | "user" | "host", value: string): Claim {
  return { credentialType: credentialTypes.basic, id: utf8(id), value: utf8(value) };
}

/**
 * "A `PreAuthRoleEntry` matches for a requester when every `Claim.claim_id` has a corresponding claim in the requester's MLS
 * Credential which exactly matches the corresponding `claim_value`. When the rules [...] match multiple roles, the requesting
 * client receives the first role which matches its claims." room-policy 4
 */
export function preauthorizedRole(
  entries: readonly PreAuthEntry[],
  credential: Credential,
  claims: (credential: Credential) => readonly ClaimValue[],
): number | undefined {
  const type = credentialTypeOf(credential);
  const made = claims(credential);
  const matches = (claim: Claim): boolean =>
    claim.credentialType === type &&
    made.some(({ id, value }) => bytesEqual(id, claim.id) && bytesEqual(value, claim.value));
  return entries.find(({ claimset }) => claimset.every(matches))?.targetRole.roleIndex;
}
