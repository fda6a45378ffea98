/**
 * What a group's leaves say of one account must go together. Whoever claims to be a user's new device under a root of their own, or under
 * an account key that is retired, is refused by every member alike, wherever a device of that user is in the group already.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { options as optionsOf, uint16 } from "../bytes/takes.ts";
import { draftNumbers } from "../extensions/app-data/numbers.ts";
import type { CommitEvent, Member } from "../public-group/events.ts";
import { userOf } from "../rooms/uri.ts";
import { statedCertificate, type AttestationOptions } from "./attestation.ts";
import type { AccountCertificate } from "./keys.ts";

const takenOptions = /* @__PURE__ */ optionsOf({ appDataDictionary: uint16 });

/**
 * Whether the leaves that a commit brings go together with the others of their users: one root a user, one account key a number, and no
 * new leaf under an account key that another leaf has left behind. It depends on the group's state and the commit alone: for `review` of
 * groups and observers.
 *
 *     const group = await Group.create({ ..., review: (change) => accountsAgree(group.members, change) });
 *
 * A user with a new root comes in with a commit that takes the leaves of the old one out.
 *
 * @param members Those before the commit.
 */
export function accountsAgree(
  members: Iterable<Member>,
  change: Pick<CommitEvent, "added" | "removed" | "updated">,
  options: Pick<AttestationOptions, "appDataDictionary"> = {},
): boolean {
  takenOptions("accountsAgree", options);
  const { appDataDictionary: type = draftNumbers.appDataDictionary } = options;
  const renewed = change.updated.filter(({ before, after }) => isRenewed(stated(before, type), stated(after, type)));
  const entering = [...change.added, ...renewed.map(({ after }) => after)];
  if (entering.length === 0) return true;
  const users = new Map<string, AccountCertificate[]>();
  for (const { credential } of entering) {
    const user = userOf(credential);
    if (user !== undefined) users.set(user, []);
  }
  const gone = new Set([...change.removed, ...renewed.map(({ before }) => before)].map(({ leafIndex }) => leafIndex));
  const certificatesOf = ({ credential }: Member): AccountCertificate[] | undefined => {
    const user = userOf(credential);
    return user === undefined ? undefined : users.get(user);
  };
  const note = (member: Member): void => {
    certificatesOf(member)?.push(...some(stated(member, type)));
  };
  for (const member of members) if (!gone.has(member.leafIndex)) note(member);
  entering.forEach(note);
  return entering.every((leaf) => {
    const certificate = stated(leaf, type);
    if (certificate === undefined) return true; // known by another scheme
    return certificatesOf(leaf)?.every((other) => goesWith(certificate, other)) ?? true;
  });
}

/** Whether a leaf may come in under this certificate beside one under the other. */
function goesWith(entering: AccountCertificate, other: AccountCertificate): boolean {
  return isSameRoot(entering, other) && (entering.number > other.number || isSameKey(entering, other));
}

function isRenewed(before: AccountCertificate | undefined, after: AccountCertificate | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  return !isSameRoot(before, after) || !isSameKey(before, after);
}

function isSameRoot(one: AccountCertificate, other: AccountCertificate): boolean {
  return one.cipherSuite === other.cipherSuite && bytesEqual(one.rootKey, other.rootKey);
}

function isSameKey(one: AccountCertificate, other: AccountCertificate): boolean {
  return one.number === other.number && bytesEqual(one.accountKey, other.accountKey);
}

function stated({ extensions }: Member, type: number): AccountCertificate | undefined {
  return statedCertificate(extensions, type);
}

function some<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
