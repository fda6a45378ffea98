/**
 * The messages of a group of our own: messages.json, welcome.json and tree-validation.json.
 */

import { hex, fromHex } from "../../../bytes/text.ts";
import { decode, encode } from "../../../codec/codec.ts";
import type { CipherSuite } from "../../../crypto/provider.ts";
import type { Change } from "../../../public-group/proposals/changes.ts";
import type { TreeNode } from "../../../tree/node.ts";
import { RatchetTree } from "../../../tree/ratchet-tree.ts";
import { resolution } from "../../../tree/resolution.ts";
import { Commit } from "../../../wire/commit.ts";
import { decodeMessage, encodeMessage } from "../../../wire/message.ts";
import { Proposal } from "../../../wire/proposal.ts";
import type { PublicMessage } from "../../../wire/public-message.ts";
import { RatchetTreeNodes } from "../../../wire/ratchet-tree.ts";
import { openSecrets } from "../welcome.ts";
import { GroupSecrets } from "../../../wire/welcome.ts";
import { Party, person, psk } from "./people.ts";

/** An entry of welcome.json. */
export async function welcome(suite: CipherSuite): Promise<readonly object[]> {
  const party = await Party.of(suite, 3);
  const joining = await person(suite, "newcomer");
  const init_priv = joining.bundle.initPrivateKey.use(hex);
  const { welcome: message } = await party.commit({ by: 1, joining: [joining] });
  return [
    {
      cipher_suite: suite.id,
      init_priv,
      signer_pub: hex(party.member(1).self.signatureKey),
      key_package: hex(joining.bundle.keyPackage),
      welcome: hex(message!),
    },
  ];
}

/** An entry of messages.json: every struct, taken from a group's life. */
export async function messages(suite: CipherSuite): Promise<readonly object[]> {
  const party = await Party.of(suite, 4);
  const joining = await person(suite, "newcomer");
  const secretKey = joining.bundle.initPrivateKey.use((key) => key.slice());
  const added = await party.commit({ by: 0, joining: [joining], commit: { path: true } });
  const opened = decodeMessage(added.welcome!);
  if (opened.wireFormat !== "mls_welcome") throw new TypeError("a Welcome is no Welcome");
  const secrets = await openSecrets(suite, {
    keyPackage: joining.bundle.value,
    welcome: opened.welcome,
    initPriv: secretKey,
  });
  const sealed = await party.member(0).seal(new TextEncoder().encode("a message"));

  const proposals = await proposalsOf(party, (await person(suite, "another")).bundle.keyPackage);
  const update = publicMessage(await party.member(2).propose({ update: {} }));
  const { commit } = await party.step({ by: 1, commit: { path: true, pending: "none" } });
  const committed = publicMessage(fromHex(commit));
  if (committed.content.content.type !== "commit") throw new TypeError("a commit is no commit");
  const external = await party.joinExternally("somebody else");
  return [
    {
      mls_welcome: hex(added.welcome!),
      mls_group_info: hex(await party.member(0).groupInfo()),
      mls_key_package: hex(joining.bundle.keyPackage),
      ratchet_tree: hex(party.member(0).ratchetTree()),
      group_secrets: hex(encode(GroupSecrets, secrets)),
      ...proposals,
      update_proposal: proposalBody(update),
      external_init_proposal: externalInit(publicMessage(fromHex(external.commit))),
      commit: hex(encode(Commit, committed.content.content.commit)),
      public_message_application: hex(asApplication(update)),
      public_message_proposal: hex(encodeMessage({ wireFormat: "mls_public_message", publicMessage: update })),
      public_message_commit: commit,
      private_message: hex(sealed),
    },
  ];
}

/** The bodies of the proposals that a member can make, by their names in the format. */
async function proposalsOf(party: Party, keyPackage: Uint8Array): Promise<Readonly<Record<string, string>>> {
  const { suite } = party;
  const changes: Readonly<Record<string, Change>> = {
    add_proposal: { add: keyPackage },
    remove_proposal: { remove: 1 },
    pre_shared_key_proposal: { psk: { type: "external", pskId: psk.id } },
    re_init_proposal: { reinit: { groupId: psk.id, cipherSuite: suite.id } },
    group_context_extensions_proposal: { extensions: [] },
  };
  const bodies: Record<string, string> = {};
  for (const [name, change] of Object.entries(changes)) {
    bodies[name] = proposalBody(publicMessage(await party.member(3).propose(change)));
  }
  return bodies;
}

function publicMessage(bytes: Uint8Array): PublicMessage {
  const message = decodeMessage(bytes);
  if (message.wireFormat !== "mls_public_message") throw new TypeError("a handshake is not public");
  return message.publicMessage;
}

function proposalBody({ content }: PublicMessage): string {
  if (content.content.type !== "proposal") throw new TypeError("a proposal is no proposal");
  return body(content.content.proposal);
}

/** Without its type, which is two bytes long: so the format has it. */
function body(proposal: Proposal): string {
  return hex(encode(Proposal, proposal).subarray(2));
}

function externalInit({ content }: PublicMessage): string {
  if (content.content.type !== "commit") throw new TypeError("a commit is no commit");
  for (const proposal of content.content.commit.proposals) {
    if (proposal.type === "proposal" && proposal.proposal.type === "external_init") return body(proposal.proposal);
  }
  throw new TypeError("an external commit has no ExternalInit");
}

/** No member may send an application message in clear, but the struct can hold one. */
function asApplication({ content, auth: { signature }, membershipTag }: PublicMessage): Uint8Array {
  const application = { type: "application", applicationData: content.authenticatedData } as const;
  return encodeMessage({
    wireFormat: "mls_public_message",
    publicMessage: {
      content: { ...content, content: application },
      auth: { signature },
      ...(membershipTag === undefined ? {} : { membershipTag }),
    },
  });
}

/** Entries of tree-validation.json: a tree as it grows, is filled, loses members and gains others. */
export async function treeValidation(suite: CipherSuite): Promise<readonly object[]> {
  const party = await Party.of(suite, 7);
  const entries = [treeEntry(party)];
  for (const by of [2, 6, 0]) await party.step({ by, commit: { path: true } });
  entries.push(treeEntry(party));
  await party.step({ by: 0, commit: { remove: [3, 5] } });
  entries.push(treeEntry(party));
  await party.step({ by: 1, joining: [await person(suite, "newcomer")] });
  entries.push(treeEntry(party));
  return entries;
}

function treeEntry({ suite, members: [member] }: Party): object {
  const bytes = member!.ratchetTree();
  const tree = RatchetTree.fromNodes(suite, decode(RatchetTreeNodes, bytes));
  const nodes = [...inOrder(tree.root)];
  return {
    cipher_suite: suite.id,
    tree: hex(bytes),
    group_id: hex(member!.groupContext.groupId),
    resolutions: nodes.map((node) => Array.from(resolution(node), indexOf)),
    tree_hashes: nodes.map((node) => hex(node.hash(suite))),
  };
}

function* inOrder(node: TreeNode): Iterable<TreeNode> {
  if (!node.isLeaf) yield* inOrder(node.left);
  yield node;
  if (!node.isLeaf) yield* inOrder(node.right);
}

/** The place of a node in the array representation. RFC 9420 appendix C */
function indexOf({ firstLeaf, level }: { readonly firstLeaf: number; readonly level: number }): number {
  return 2 * firstLeaf + 2 ** level - 1;
}
