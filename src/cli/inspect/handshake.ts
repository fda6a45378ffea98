/**
 * Explaining proposals and commits. RFC 9420 sections 12.1, 12.4.
 */

import type { Commit, ProposalOrRef } from "../../wire/commit.ts";
import type { Proposal } from "../../wire/proposal.ts";
import type { UpdatePath } from "../../wire/update-path.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import { customLine } from "./app-data.ts";
import { extensionsLine, keyPackageLines, leafNodeLine } from "./members.ts";
import {
  bytesText,
  componentName,
  count,
  credentialText,
  line,
  nameText,
  suiteName,
  versionName,
  type Line,
} from "./words.ts";

/** The line of a proposal. */
export function proposalLine(proposal: Proposal): Line {
  switch (proposal.type) {
    case "add":
      return line("Add", credentialText(proposal.keyPackage.leafNode.credential), keyPackageLines(proposal.keyPackage));
    case "update":
      return line("Update", credentialText(proposal.leafNode.credential), [leafNodeLine(proposal.leafNode)]);
    case "remove":
      return line("Remove", `the member at leaf ${proposal.removed}`);
    case "psk":
      return line("PreSharedKey", pskText(proposal.psk));
    case "reinit":
      return line("ReInit", `the group begins anew as ${nameText(proposal.groupId)}`, [
        line("version", versionName(proposal.version)),
        line("cipher suite", suiteName(proposal.cipherSuite)),
        extensionsLine(proposal.extensions),
      ]);
    case "external_init":
      return line("ExternalInit", `KEM output ${bytesText(proposal.kemOutput)}`);
    case "group_context_extensions":
      return line("GroupContextExtensions", "the group's extensions become", [extensionsLine(proposal.extensions)]);
    case "custom":
      return customLine(proposal);
  }
}

/** The lines of a Commit. */
export function commitLines({ proposals, path }: Commit): readonly Line[] {
  return [
    line("proposals", proposals.length === 0 ? "none" : proposals.length, proposals.map(proposalOrRefLine)),
    path === undefined ? line("path", "none: no key of the committer changes") : pathLine(path),
  ];
}

/** The line of an UpdatePath. */
function pathLine({ leafNode, nodes }: UpdatePath): Line {
  return line("path", `new keys for the committer's leaf and ${count(nodes.length, "node")} above it`, [
    leafNodeLine(leafNode),
    ...nodes.map(({ encryptionKey, encryptedPathSecret }, index) =>
      line(
        `node ${index}`,
        `key ${bytesText(encryptionKey)}, secret sealed ${count(encryptedPathSecret.length, "time")}`,
      ),
    ),
  ]);
}

/** A pre-shared key's identifier in one line. */
function pskText(id: PreSharedKeyId): string {
  if (id.type === "external") return `external, id ${nameText(id.pskId)}`;
  if (id.type === "application") return `of component ${componentName(id.componentId)}, id ${nameText(id.pskId)}`;
  return `resumption (${id.usage}) of group ${nameText(id.pskGroupId)}, epoch ${id.pskEpoch}`;
}

function proposalOrRefLine(item: ProposalOrRef): Line {
  return item.type === "proposal" ? proposalLine(item.proposal) : line("by reference", bytesText(item.reference));
}
