/**
 * Explaining the five kinds of MLSMessage. RFC 9420 sections 6, 12.4.3.
 */

import type { Content, Sender } from "../../wire/framing.ts";
import type { GroupContext } from "../../wire/group-context.ts";
import type { KeyPackage } from "../../wire/key-package.ts";
import type { PrivateMessage } from "../../wire/private-message.ts";
import type { PublicMessage } from "../../wire/public-message.ts";
import type { GroupInfo, Welcome } from "../../wire/welcome.ts";
import { commitLines, proposalLine } from "./handshake.ts";
import { extensionsLine, keyPackageLines } from "./members.ts";
import { bytesText, count, credentialText, line, nameText, suiteName, versionName, type Line } from "./words.ts";

/** What is said of a value: a sentence, and lines below it. */
export interface Explanation {
  readonly sentence: string;
  readonly lines: readonly Line[];
}

/** A KeyPackage. */
export function explainKeyPackage(keyPackage: KeyPackage): Explanation {
  const { credential } = keyPackage.leafNode;
  return {
    sentence: `KeyPackage: what others need to add this client, ${credentialText(credential)}, to a group`,
    lines: keyPackageLines(keyPackage),
  };
}

/** A GroupInfo. */
export function explainGroupInfo(info: GroupInfo): Explanation {
  return {
    sentence: `GroupInfo: the public state of a group in epoch ${info.groupContext.epoch}, signed by the member at leaf ${info.signer}`,
    lines: [
      line("group context", "", groupContextLines(info.groupContext)),
      extensionsLine(info.extensions),
      line("confirmation tag", bytesText(info.confirmationTag)),
      line("signer", `leaf ${info.signer}`),
      line("signature", bytesText(info.signature)),
    ],
  };
}

/** The lines of a GroupContext. */
function groupContextLines(context: GroupContext): readonly Line[] {
  return [
    line("version", versionName(context.version)),
    line("cipher suite", suiteName(context.cipherSuite)),
    line("group id", nameText(context.groupId)),
    line("epoch", context.epoch),
    line("tree hash", bytesText(context.treeHash)),
    line("confirmed transcript hash", bytesText(context.confirmedTranscriptHash)),
    extensionsLine(context.extensions),
  ];
}

/** A Welcome. */
export function explainWelcome({ cipherSuite, secrets, encryptedGroupInfo }: Welcome): Explanation {
  return {
    sentence: `Welcome: lets ${count(secrets.length, "new member")} into a group; each opens its own part with its init key`,
    lines: [
      line("cipher suite", suiteName(cipherSuite)),
      line(
        "for key packages",
        secrets.length,
        secrets.map(({ newMember, encryptedGroupSecrets }, index) =>
          line(
            String(index),
            `reference ${bytesText(newMember)}, ${encryptedGroupSecrets.ciphertext.length} bytes sealed`,
          ),
        ),
      ),
      line("group info", `encrypted, ${count(encryptedGroupInfo.length, "byte")}`),
    ],
  };
}

/** A PrivateMessage. */
export function explainPrivateMessage(message: PrivateMessage): Explanation {
  return {
    sentence: `PrivateMessage: encrypted ${contentNames[message.contentType]}; only members of the group's epoch ${message.epoch} can see what it says and who sent it`,
    lines: [
      line("group id", nameText(message.groupId)),
      line("epoch", message.epoch),
      line("content type", message.contentType),
      line("authenticated data", bytesText(message.authenticatedData)),
      line("encrypted sender data", bytesText(message.encryptedSenderData)),
      line("ciphertext", bytesText(message.ciphertext)),
    ],
  };
}

/** A PublicMessage. */
export function explainPublicMessage({ content, auth, membershipTag }: PublicMessage): Explanation {
  const { type } = content.content;
  return {
    sentence: `PublicMessage: ${contentNames[type]} that anyone can read, signed by ${senderText(content.sender)}, in epoch ${content.epoch}`,
    lines: [
      line("group id", nameText(content.groupId)),
      line("epoch", content.epoch),
      line("sender", senderText(content.sender)),
      line("authenticated data", bytesText(content.authenticatedData)),
      line("content", type, contentLines(content.content)),
      line("signature", bytesText(auth.signature)),
      ...(auth.confirmationTag === undefined ? [] : [line("confirmation tag", bytesText(auth.confirmationTag))]),
      ...(membershipTag === undefined ? [] : [line("membership tag", bytesText(membershipTag))]),
    ],
  };
}

const contentNames = { application: "application data", proposal: "a proposal", commit: "a commit" } as const;

function contentLines(content: Content): readonly Line[] {
  switch (content.type) {
    case "application":
      return [line("application data", bytesText(content.applicationData))];
    case "proposal":
      return [proposalLine(content.proposal)];
    case "commit":
      return commitLines(content.commit);
  }
}

function senderText(sender: Sender): string {
  switch (sender.type) {
    case "member":
      return `the member at leaf ${sender.leafIndex}`;
    case "external":
      return `external sender ${sender.senderIndex}`;
    case "new_member_proposal":
      return "a new member that asks to be added";
    case "new_member_commit":
      return "a new member that joins by itself";
  }
}
