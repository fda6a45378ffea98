/**
 * Proposals and commits: who sends them, and what belongs to a commit.
 */

import { hex } from "../../bytes/text.ts";
import { decode } from "../../codec/codec.ts";
import { encodingOf } from "../../codec/retained.ts";
import { makeKeyPackageRef } from "../../crypto/labels.ts";
import type { CommitEvent } from "../../public-group/events.ts";
import type { Observer } from "../../public-group/observer/observer.ts";
import type { Settings as GroupSettings } from "../../public-group/options/settings.ts";
import { deviceOf } from "../../rooms/uri.ts";
import type { Commit } from "../../wire/commit.ts";
import type { Credential } from "../../wire/credential.ts";
import { ExternalSenders } from "../../wire/extension.ts";
import type { FramedContent } from "../../wire/framing.ts";
import { KeyPackage } from "../../wire/key-package.ts";
import { decodeMessage, encodeMessage } from "../../wire/message.ts";
import { extensionTypes } from "../../wire/registries.ts";
import type { FollowedRoom } from "./followed-rooms.ts";
import { Refused } from "./refused.ts";

/**
 * The device that a handshake says it is from. Nothing is verified yet: the engine finds a wrong signature, and that the device is
 * the one that is connected is asked here, before any work.
 */
export function senderOf({ sender, content }: FramedContent, observer: Observer): string | undefined {
  switch (sender.type) {
    case "member":
      return named(observer.member(sender.leafIndex)?.credential);
    case "new_member_commit":
      return named(content.type === "commit" ? content.commit.path?.leafNode.credential : undefined);
    case "new_member_proposal":
      return content.type === "proposal" && content.proposal.type === "add"
        ? named(content.proposal.keyPackage.leafNode.credential)
        : undefined;
    case "external": {
      const data = observer.groupContext.extensions.find(({ type }) => type === extensionTypes.external_senders)?.data;
      return named(data && decode(ExternalSenders, data)[sender.senderIndex]?.credential);
    }
  }
}

function named(credential: Credential | undefined): string | undefined {
  return credential && deviceOf(credential);
}

/** Who a commit adds by a key package: by its KeyPackageRef in hex. */
export function addedBy({ pending, suite }: FollowedRoom, commit: Commit): ReadonlyMap<string, string> {
  const added = new Map<string, string>();
  for (const entry of commit.proposals) {
    const proposal = entry.type === "proposal" ? entry.proposal : pending.get(hex(entry.reference))?.proposal;
    if (proposal?.type !== "add") continue;
    const { keyPackage } = proposal;
    const device = deviceOf(keyPackage.leafNode.credential);
    // Whoever has no device here has no queue, and would never come to know that it is a member.
    if (device === undefined) throw new Refused("invalid", "device");
    added.set(hex(makeKeyPackageRef(suite, encodingOf(KeyPackage, keyPackage))), device);
  }
  return added;
}

/**
 * The devices that a member adds by itself: those of a commit's Adds by value, or of a proposal. What a commit adds by reference was asked of who
 * proposed it.
 */
export function addedByItself({ content, sender }: FramedContent): readonly string[] {
  if (sender.type !== "member") return [];
  const proposals =
    content.type === "commit"
      ? content.commit.proposals.flatMap((entry) => (entry.type === "proposal" ? [entry.proposal] : []))
      : content.type === "proposal"
        ? [content.proposal]
        : [];
  return proposals.flatMap((each) =>
    each.type === "add" ? (deviceOf(each.keyPackage.leafNode.credential) ?? []) : [],
  );
}

/**
 * A Welcome, split: each device gets its own secrets and nobody else's, so that what it downloads does not grow with their number. A
 * Welcome is not signed.
 *
 * @throws Refused "invalid" where it is not for those who are added, all of them.
 */
export function splitWelcome(
  welcome: Uint8Array | undefined,
  added: ReadonlyMap<string, string>,
  { suite }: Pick<FollowedRoom, "suite">,
  { reading }: Pick<GroupSettings, "reading">,
): readonly { readonly device: string; readonly welcome: Uint8Array }[] {
  if (welcome === undefined) {
    // RFC 9420 section 12.4.3.1: "the committer MUST [...] construct a Welcome" for new members.
    if (added.size > 0) throw new Refused("invalid", "welcome");
    return [];
  }
  const message = decodeMessage(welcome, reading);
  if (message.wireFormat !== "mls_welcome") throw new Refused("invalid", "welcome");
  const { cipherSuite, secrets } = message.welcome;
  const refs = new Set(secrets.map(({ newMember }) => hex(newMember)));
  if (cipherSuite !== suite.id || secrets.length !== added.size || refs.size !== added.size) {
    throw new Refused("invalid", "welcome");
  }
  return secrets.map((secret) => {
    const device = added.get(hex(secret.newMember));
    if (device === undefined) throw new Refused("invalid", "welcome");
    const own = encodeMessage({ wireFormat: "mls_welcome", welcome: { ...message.welcome, secrets: [secret] } });
    return { device, welcome: own };
  });
}

/** Which devices are members from now on, and which are no longer; how many leaves each has then. */
export function changedDevices(
  before: ReadonlyMap<string, number>,
  change: CommitEvent,
): { readonly devices: Map<string, number>; readonly joined: readonly string[]; readonly left: readonly string[] } {
  const devices = new Map(before);
  const touched = new Set<string>();
  const count = (credential: Credential, by: number): void => {
    const device = deviceOf(credential);
    if (device === undefined) throw new Refused("invalid", "device");
    touched.add(device);
    const leaves = (devices.get(device) ?? 0) + by;
    if (leaves > 0) devices.set(device, leaves);
    else devices.delete(device);
  };
  for (const { credential } of change.removed) count(credential, -1);
  for (const { credential } of change.added) count(credential, 1);
  // A leaf stays its device's: nobody hands its place on. From outside somebody comes in place of its own old leaf alone.
  for (const updated of change.updated) {
    if (deviceOf(updated.before.credential) !== deviceOf(updated.after.credential))
      throw new Refused("invalid", "device");
  }
  if (change.external) {
    const own = deviceOf(change.committer.credential);
    const others = change.removed.filter((member) => !change.left.includes(member));
    if (others.some(({ credential }) => deviceOf(credential) !== own)) throw new Refused("invalid", "device");
  }
  // Two leaves of one device would be read by one cursor: whoever comes back comes in place of its old leaf.
  for (const device of touched) if ((devices.get(device) ?? 0) > 1) throw new Refused("invalid", "device-twice");
  const joined = [...touched].filter((device) => devices.has(device) && !before.has(device));
  const left = [...touched].filter((device) => before.has(device) && !devices.has(device));
  return { devices, joined, left };
}
