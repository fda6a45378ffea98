/**
 * The roles of a room: what each of them may, how many may have it, and who may be moved from which to which. The components
 * roles_list and preauth_list. draft-ietf-mimi-room-policy sections 3, 4.
 */

import { optional, struct, type Codec } from "../../codec/codec.ts";
import { capabilities, capabilityOf, type Capability } from "./capabilities.ts";
import { areDistinct, bytesOf, listOf, must, textOf, type Format, u16, u32 } from "./parts.ts";

/** Section 3: where a role may be changed from, and what to. 0 is who is not in the list of participants. */
export interface RoleChange {
  readonly from: number;
  readonly to: readonly number[];
}

/** Section 3: "struct { uint32 from_role_index; uint32 target_role_indexes<V>; } SingleSourceRoleChangeTargets" */
const RoleChange: Codec<RoleChange> = struct<RoleChange>({ from: u32, to: listOf(u32, 256) });

/** A role. Section 3 */
export interface Role {
  readonly roleIndex: number;
  readonly roleName: string;
  readonly roleDescription: string;
  /** By their numbers, known or not. */
  readonly roleCapabilities: readonly number[];
  readonly minimumParticipants: number;
  /** Undefined: as many as like. */
  readonly maximumParticipants: number | undefined;
  readonly minimumActive: number;
  /** Undefined: as many as like. 0: nobody of this role has a client in the group. */
  readonly maximumActive: number | undefined;
  readonly authorizedRoleChanges: readonly RoleChange[];
}

/** As on the wire. */
export const Role: Codec<Role> = struct<Role>({
  roleIndex: u32,
  roleName: textOf(256),
  roleDescription: textOf(4096),
  roleCapabilities: listOf(u16, 256),
  minimumParticipants: u32,
  maximumParticipants: optional(u32),
  minimumActive: u32,
  maximumActive: optional(u32),
  authorizedRoleChanges: listOf(RoleChange, 256),
});

/** Section 3: "The `role_index` zero is reserved to refer to a participant that does not (yet) or no longer appears" */
export const noRole = 0;
/** Section 8.1: "The "banned" role always has `role_index` = 1 and `role_name` = "banned" (without quotes)." */
export const bannedRole = 1;

/** roles_list, and its update, which replaces it whole. */
export const rolesFormat: Format<readonly Role[]> = {
  codec: listOf(Role, 256),
  most: 262_144,
  check: (roles) => {
    must(areDistinct(roles.map(({ roleIndex }) => roleIndex)), "a role twice");
    for (const role of roles) checkRole(role);
  },
};

function checkRole(role: Role): void {
  const { roleIndex, roleName, roleCapabilities, authorizedRoleChanges } = role;
  must((roleIndex === bannedRole) === (roleName === "banned"), 'role 1 is named "banned", and no other is');
  must(areDistinct(roleCapabilities), "a capability twice");
  must(areDistinct(authorizedRoleChanges.map(({ from }) => from)), "two lists of changes from one role");
  // Section 8.1: "`canOpenJoin` MUST NOT appear in any non-zero role."
  must(roleIndex === noRole || !may(role, "canOpenJoin"), "canOpenJoin of another role than 0");
}

/** Whether a role has a capability. */
export function may(role: Role, capability: Capability): boolean {
  return role.roleCapabilities.includes(capabilities[capability]);
}

/** Whether a role may change somebody's role from one to another. */
export function mayMove(role: Role, from: number, to: number): boolean {
  return role.authorizedRoleChanges.some((change) => change.from === from && change.to.includes(to));
}

/** The names of a role's capabilities that copse knows. */
export function capabilitiesOf(role: Role): readonly Capability[] {
  return role.roleCapabilities.map(capabilityOf).filter((name) => name !== undefined);
}

/** A claim of a credential. Section 4 */
export interface Claim {
  /** The CredentialType that it is a claim of. */
  readonly credentialType: number;
  /** "the binary representation of an X.509 OID, a JWT claim name string, or the CBOR map claim key" */
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}
const Claim: Codec<Claim> = struct<Claim>({ credentialType: u16, id: bytesOf(256), value: bytesOf(4096) });

/** Who gets a role by what its credential says. Section 4 */
export interface PreAuthEntry {
  readonly claimset: readonly Claim[];
  /** The draft has the whole role here and means which it is: only its index counts, and the role is as roles_list has it. */
  readonly targetRole: Role;
}

/** preauth_list, and its update, which replaces it whole. Of an empty set of claims everybody would have all. */
export const preauthFormat: Format<readonly PreAuthEntry[]> = {
  codec: listOf(struct<PreAuthEntry>({ claimset: listOf(Claim, 16), targetRole: Role }), 256),
  most: 262_144,
  check: (entries) => {
    must(
      entries.every(({ claimset }) => claimset.length > 0),
      "an entry without a claim",
    );
    must(
      entries.every(({ targetRole }) => targetRole.roleIndex > bannedRole),
      "nobody is preauthorized to be nobody, or banned",
    );
  },
};
